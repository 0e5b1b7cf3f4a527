"""The REST API of what is kept of asking: conversations, and judgements on answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal
from urllib.parse import quote

from flask import Blueprint, Response

from qa.conversation_export import to_document, to_markdown
from qa.conversations import UNDO_SECONDS, StoredTurn, Summary, mark_gone
from qa.errors import InvalidRequest
from qa.render import json_text
from web import guard
from web.current import conversations, feedback, pipeline
from web.operations import Example, Operation, operation
from web.schemas.conversations import (
    Begin,
    Conversation,
    ConversationList,
    ConversationRow,
    Deleted,
    ExportQuery,
    FindQuery,
    Judge,
    JudgementsForgotten,
    Judgment,
    Rename,
    TurnsQuery,
)

blueprint = Blueprint("conversations", __name__)

_PATH = "/api/v1/conversations"
_ONE = Example(path={"conversation_id": "$CONVERSATION"})


@blueprint.before_request
def _private() -> None:
    guard.check_private()


@blueprint.get(_PATH)
@operation(
    Operation(
        tag="Conversations",
        summary="List or search the conversations",
        query=FindQuery,
        returns={200: ConversationList},
        example=Example(query={"search": "volunteer", "limit": 10}),
    )
)
def listed(query: FindQuery) -> dict[str, Any]:
    """The latest first. Conversations are kept on this machine, for those who may write."""
    page = conversations().find(query.search, cursor=query.cursor, limit=query.limit)
    return {"conversations": [asdict(item) for item in page.conversations], "next": page.next}


@blueprint.post(_PATH)
@operation(
    Operation(
        tag="Conversations",
        summary="Begin a conversation",
        body=Begin,
        returns={201: ConversationRow},
        example=Example(body={"title": "Volunteers"}),
    )
)
def create(body: Begin) -> tuple[dict[str, Any], int]:
    """Its `id` goes into the `conversation` of a question that it is to keep."""
    return asdict(conversations().create(body.title)), 201


@blueprint.get(f"{_PATH}/<conversation_id>")
@operation(
    Operation(
        tag="Conversations",
        summary="Read a conversation",
        query=TurnsQuery,
        returns={200: Conversation},
        problems=("unknown-conversation",),
        example=_ONE,
    )
)
def read(conversation_id: str, query: TurnsQuery) -> dict[str, Any]:
    """The last turns; `earlier` says whether there are others before them."""
    summary = conversations().get(conversation_id)
    turns = conversations().turns(conversation_id, before=query.before, limit=query.limit)
    value = to_document(summary, mark_gone(turns, pipeline().store))
    judged = feedback().of_conversation(conversation_id)
    return {
        **{name: value[name] for name in value if name != "turns"},
        "questions": summary.turns,
        "turns": value["turns"],
        "earlier": bool(turns) and turns[0].number > 1,
        "feedback": [{"turn": t, "answer": a, "right": r} for t, a, r in judged],
    }


@blueprint.patch(f"{_PATH}/<conversation_id>")
@operation(
    Operation(
        tag="Conversations",
        summary="Rename a conversation",
        body=Rename,
        returns={200: ConversationRow},
        problems=("unknown-conversation",),
        example=Example(
            path={"conversation_id": "$CONVERSATION"}, body={"title": "The volunteer reports"}
        ),
    )
)
def rename(conversation_id: str, body: Rename) -> dict[str, Any]:
    """Its place in the list stays."""
    return asdict(conversations().rename(conversation_id, body.title))


@blueprint.delete(f"{_PATH}/<conversation_id>")
@operation(
    Operation(
        tag="Conversations",
        summary="Delete a conversation",
        returns={200: Deleted},
        problems=("unknown-conversation",),
        example=_ONE,
    )
)
def delete(conversation_id: str) -> dict[str, Any]:
    """`restore` undoes it for ten minutes; then the next change of any conversation wipes it."""
    conversations().delete(conversation_id)
    return {"deleted": conversation_id, "restorable_seconds": UNDO_SECONDS}


@blueprint.post(f"{_PATH}/<conversation_id>/restore")
@operation(
    Operation(
        tag="Conversations",
        summary="Undo the deletion of a conversation",
        returns={200: ConversationRow},
        problems=("unknown-conversation",),
        example=_ONE,
    )
)
def restore(conversation_id: str) -> dict[str, Any]:
    """It is as it was."""
    return asdict(conversations().restore(conversation_id))


@blueprint.get(f"{_PATH}/<conversation_id>/export")
@operation(
    Operation(
        tag="Conversations",
        summary="Save a conversation as a file",
        query=ExportQuery,
        media={
            "text/markdown": "Questions, answers and citations, to read and pass on.",
            "application/json": "All that is kept.",
        },
        problems=("unknown-conversation",),
        example=Example(path={"conversation_id": "$CONVERSATION"}, query={"format": "markdown"}),
    )
)
def export(conversation_id: str, query: ExportQuery) -> Response:
    """Markdown or JSON."""
    summary = conversations().get(conversation_id)
    turns = mark_gone(conversations().turns(conversation_id), pipeline().store)
    if query.format == "markdown":
        return _file(to_markdown(summary, turns), "text/markdown", f"{_stem(summary)}.md")
    return _file(_json(summary, turns), "application/json", f"{_stem(summary)}.json")


@blueprint.post("/api/v1/feedback")
@operation(
    Operation(
        tag="Feedback",
        summary="Judge an answer",
        body=Judge,
        returns={200: Judgment},
        problems=("unknown-conversation",),
        example=Example(
            body={
                "question": "who denied the volunteer reports?",
                "answer": "Ministry of Foreign Affairs",
                "right": True,
            }
        ),
    )
)
def judge(body: Judge) -> dict[str, Any]:
    """In place of an earlier judgement on the same answer of the same turn. `python -m qa
    calibrate` fits the confidence to what was judged."""
    if body.conversation is not None:
        _check_turn(conversations().get(body.conversation), body.turn)
    feedback().give(body.to_judgement())
    return {"right": body.right}


@blueprint.get("/api/v1/feedback")
@operation(
    Operation(
        tag="Feedback",
        summary="Read all judgements",
        media={"application/jsonl": "A judgement a line, the oldest first."},
    )
)
def judgements() -> Response:
    """JSON Lines, one judgement each."""
    lines = "".join(f"{json_text(line)}\n" for line in feedback().lines())
    return _file(lines, "application/jsonl", "feedback.jsonl")


@blueprint.delete("/api/v1/feedback")
@operation(
    Operation(tag="Feedback", summary="Forget all judgements", returns={200: JudgementsForgotten})
)
def forget_judgements() -> dict[str, Any]:
    """For good."""
    return {"forgotten": feedback().clear()}


def _check_turn(conversation: Summary, turn: int | None) -> None:
    """Turns are numbered from 1, and none is ever taken out."""
    most = conversation.turns
    if turn is not None and not 1 <= turn <= most:
        has = f"The conversation has {most:,} turn{'' if most == 1 else 's'}"
        raise InvalidRequest([{"at": "turn", "detail": f"{has} (got {turn})"}])


def _json(summary: Summary, turns: tuple[StoredTurn, ...]) -> str:
    return json_text(to_document(summary, turns), indent=1) + "\n"


def _stem(summary: Summary) -> str:
    """A file name of the title's letters and digits."""
    kept = "".join(c if c.isalnum() else " " for c in summary.title)
    return "-".join(kept.split())[:60] or "conversation"


def _file(
    text: str,
    mimetype: Literal["text/markdown", "application/json", "application/jsonl"],
    name: str,
) -> Response:
    ascii_name = "".join(c for c in name if c.isascii())
    disposition = f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name)}"
    return Response(text, mimetype=mimetype, headers={"Content-Disposition": disposition})
