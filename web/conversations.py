"""The REST API of what is kept of asking: conversations, and judgements on answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal
from urllib.parse import quote

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt
from werkzeug.exceptions import BadRequest

from qa.conversation_export import to_document, to_markdown
from qa.conversations import UNDO_SECONDS, StoredTurn, Summary, mark_gone
from qa.feedback import Judgement
from qa.render import json_text
from qa.requests import Label, Text, parse
from web import guard
from web.body import json_body
from web.current import conversations, feedback, pipeline

blueprint = Blueprint("conversations", __name__)

_LIST_AT_MOST = 200
_TURNS_AT_MOST = 200
_DETAIL_AT_MOST = 10_000  # characters of what a judgement holds


class TitleRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Label = ""


class NewTitleRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[Label, Field(min_length=1)]


class FeedbackRequest(BaseModel):
    """A judgement on an answer.

    Attributes:
        answer: its text; null where the question was declined.
        right: null takes an earlier judgement back.
    """

    model_config = ConfigDict(extra="forbid")

    question: Annotated[Text, Field(min_length=1, max_length=_DETAIL_AT_MOST)]
    answer: Annotated[Text, Field(max_length=_DETAIL_AT_MOST)] | None
    right: StrictBool | None
    conversation: Label | None = None
    turn: StrictInt | None = None
    searched: Annotated[Text, Field(max_length=_DETAIL_AT_MOST)] | None = None
    confidence: Annotated[StrictFloat | StrictInt, Field(ge=0, le=1)] | None = None
    generation: StrictInt | None = None
    source: Label | None = None
    version: Label | None = None
    start: Annotated[StrictInt, Field(ge=0)] | None = None
    end: Annotated[StrictInt, Field(ge=0)] | None = None

    def to_judgement(self) -> Judgement:
        details = self.model_dump(
            exclude={"question", "answer", "right", "conversation", "turn"}, exclude_none=True
        )
        return Judgement(
            self.question, self.answer, self.right, self.conversation, self.turn, details
        )


@blueprint.before_request
def _private() -> None:
    guard.check_private()


@blueprint.get("/api/v1/conversations")
def listed() -> dict[str, Any]:
    page = conversations().find(
        request.args.get("search", ""),
        cursor=_number("cursor"),
        limit=_number("limit", most=_LIST_AT_MOST) or 50,
    )
    return {"conversations": [asdict(item) for item in page.conversations], "next": page.next}


@blueprint.post("/api/v1/conversations")
def create() -> tuple[dict[str, Any], int]:
    asked = parse(TitleRequest, json_body())
    return asdict(conversations().create(asked.title)), 201


@blueprint.get("/api/v1/conversations/<conversation_id>")
def read(conversation_id: str) -> dict[str, Any]:
    """The last turns; ``earlier`` says whether there are others before them."""
    limit = _number("limit", most=_TURNS_AT_MOST) or _TURNS_AT_MOST
    summary = conversations().get(conversation_id)
    turns = conversations().turns(conversation_id, before=_number("before"), limit=limit)
    value = to_document(summary, mark_gone(turns, pipeline().store))
    judged = feedback().of_conversation(conversation_id)
    return {
        **{name: value[name] for name in value if name != "turns"},
        "questions": summary.turns,
        "turns": value["turns"],
        "earlier": bool(turns) and turns[0].number > 1,
        "feedback": [{"turn": t, "answer": a, "right": r} for t, a, r in judged],
    }


@blueprint.patch("/api/v1/conversations/<conversation_id>")
def rename(conversation_id: str) -> dict[str, Any]:
    asked = parse(NewTitleRequest, json_body())
    return asdict(conversations().rename(conversation_id, asked.title))


@blueprint.delete("/api/v1/conversations/<conversation_id>")
def delete(conversation_id: str) -> dict[str, Any]:
    conversations().delete(conversation_id)
    return {"deleted": conversation_id, "restorable_seconds": UNDO_SECONDS}


@blueprint.post("/api/v1/conversations/<conversation_id>/restore")
def restore(conversation_id: str) -> dict[str, Any]:
    return asdict(conversations().restore(conversation_id))


@blueprint.get("/api/v1/conversations/<conversation_id>/export")
def export(conversation_id: str) -> Response:
    form = request.args.get("format", "markdown")
    summary = conversations().get(conversation_id)
    turns = mark_gone(conversations().turns(conversation_id), pipeline().store)
    if form == "markdown":
        return _file(to_markdown(summary, turns), "text/markdown", f"{_stem(summary)}.md")
    if form == "json":
        return _file(_json(summary, turns), "application/json", f"{_stem(summary)}.json")
    raise BadRequest(f"format is {form!r}; it can be markdown or json.")


@blueprint.post("/api/v1/feedback")
def judge() -> dict[str, Any]:
    asked = parse(FeedbackRequest, json_body())
    feedback().give(asked.to_judgement())
    return {"right": asked.right}


@blueprint.get("/api/v1/feedback")
def judgements() -> Response:
    """JSON Lines, one judgement each."""
    lines = "".join(f"{json_text(line)}\n" for line in feedback().lines())
    return _file(lines, "application/jsonl", "feedback.jsonl")


@blueprint.delete("/api/v1/feedback")
def forget_judgements() -> dict[str, Any]:
    return {"forgotten": feedback().clear()}


def _number(name: str, *, most: int | None = None) -> int | None:
    """A number of the query; None where it is not given."""
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 19 and int(text) > 0):
        raise BadRequest(f"{name} is {text[:40]!r}; it must be a whole number from 1.")
    return int(text) if most is None else min(int(text), most)


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
