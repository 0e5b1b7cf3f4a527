"""Asking: an answer as JSON, or its stages as events; kept if a conversation is named."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

from flask import Blueprint, Response, request, stream_with_context

from index.documents import Filters
from index.errors import InvalidFilter
from index.retrieval import Retrieval
from qa.answers import AnswerSet, Question
from qa.conversations import UnknownConversation
from qa.errors import InvalidQuestion, InvalidRequest
from qa.render import to_json
from web import guard
from web.current import answering, conversations, pipeline, settings
from web.errors import problem_in_stream, problem_of
from web.operations import EVENTS, Example, Operation, operation
from web.schemas.answers import AnswerSet as AnswerSetValue
from web.schemas.answers import BatchAnswers
from web.schemas.asking import Ask, AskBatch, BatchQuestion

blueprint = Blueprint("asking", __name__)
log = logging.getLogger(__name__)

_QUESTION = "who denied the volunteer reports?"
_ASKING = ("invalid-filter", "question-too-long", "library-damaged", "library-unusable")


@blueprint.post("/api/v1/ask")
@operation(
    Operation(
        tag="Asking",
        summary="Ask a question",
        body=Ask,
        returns={200: AnswerSetValue},
        media={
            EVENTS: "Server-sent events, each with JSON: searching, passages, answer (an "
            "AnswerSet), done; or error (a Problem)."
        },
        problems=(*_ASKING, "unknown-conversation"),
        example=Example(body={"question": _QUESTION}),
    )
)
def ask(body: Ask) -> dict[str, Any] | Response:
    """Each answer is a verbatim span of a document, with the place it is from. Where the documents
    do not say, `answered` is false; that is no error. With `Accept: text/event-stream` the stages
    are told as they are reached."""
    if body.conversation is not None:
        guard.check_private()
        guard.check_change()
    question, filters = _question(body), body.to_filters()
    pipeline().checked(question)  # before a stream begins, in which an error is an event
    pipeline().limit(body.top_k)
    if request.accept_mimetypes.best_match(["application/json", EVENTS]) == EVENTS:
        return _streamed(body, question, filters)
    return _kept(body, question, pipeline().answer(question, body.top_k, filters))


@blueprint.post("/api/v1/ask/batch")
@operation(
    Operation(
        tag="Asking",
        summary="Ask several questions",
        body=AskBatch,
        returns={200: BatchAnswers},
        problems=("library-damaged", "library-unusable"),
        example=Example(
            body={
                "questions": [
                    {"id": "first", "question": _QUESTION},
                    {"id": "second", "question": "What is the capital of Peru?", "top_k": 5},
                ]
            }
        ),
    )
)
def ask_batch(body: AskBatch) -> dict[str, Any]:
    """One after the other, at most 100 (the setting `max_batch`). A question that cannot be asked
    (empty, too long, a range of dates that ends before it begins …) gets a problem, and the others
    their answers. A field that is missing, unknown or of the wrong type refuses the whole batch
    before any is answered; `errors` says in which question it is."""
    most = settings().max_batch
    if len(body.questions) > most:
        detail = f"List has {len(body.questions):,} questions; at most {most:,} are taken at once"
        raise InvalidRequest([{"at": "questions", "detail": detail}])
    return {"results": [_one(question, body) for question in body.questions]}


def _one(asked: BatchQuestion, batch: AskBatch) -> dict[str, Any]:
    said = {name: getattr(batch, name) for name in AskBatch.model_fields if name != "questions"}
    missing = {name: value for name, value in said.items() if getattr(asked, name) is None}
    asked = asked.model_copy(update=missing)
    item: dict[str, Any] = {"id": asked.id, "answer_set": None, "problem": None}
    try:
        answered = pipeline().answer(asked.to_question(), asked.top_k, asked.to_filters())
    except (InvalidQuestion, InvalidFilter) as error:
        return item | {"problem": problem_of(error)}
    return item | {"answer_set": to_json(answered) | _filtered(asked)}


def _question(asked: Ask) -> Question:
    question = asked.to_question()
    if asked.conversation is None:
        return question
    # Also where it is not used: a conversation that is not there is no reason to search first.
    history = conversations().history(asked.conversation, settings().max_history)
    return question if asked.history is not None else replace(question, history=history)


def _kept(asked: Ask, question: Question, result: AnswerSet) -> dict[str, Any]:
    """The answer set as JSON; ``conversation`` and ``turn`` say where it is kept, if it is."""
    value = to_json(result) | _filtered(asked)
    if asked.conversation is None:
        return value
    try:
        turn = conversations().append(asked.conversation, question.text, value)
    except UnknownConversation:  # deleted while the answer was looked for
        return value | {"conversation": None, "turn": None}
    return value | {"conversation": asked.conversation, "turn": turn}


def _filtered(asked: Ask | BatchQuestion) -> dict[str, Any]:
    """The filters that were in force, so that a kept answer can be understood later."""
    given = asked.model_dump(include={"document_ids", "sources", "date_from", "date_to"})
    in_force = {name: value for name, value in given.items() if value}
    return {"filters": in_force} if in_force else {}


def _streamed(asked: Ask, question: Question, filters: Filters) -> Response:
    """Server-sent events: ``searching``, ``passages``, ``answer``, ``done``; or ``error``."""

    def events() -> Iterator[str]:
        yield _event("searching", {"question": question.text})
        found: SimpleQueue[dict[str, Any]] = SimpleQueue()

        def tell(searched: str, retrieval: Retrieval) -> None:
            found.put({"searched": searched, "passages": len(retrieval.passages)})

        work = answering().submit(pipeline().answer, question, asked.top_k, filters, tell)
        work.add_done_callback(lambda _: found.put({}))
        if retrieved := found.get():
            yield _event("passages", retrieved)
        try:
            value = _kept(asked, question, work.result())
        except Exception as error:
            yield _event("error", problem_in_stream(error))
            return
        yield _event("answer", value)
        yield _event("done", {"took_ms": value["took_ms"]})

    response = Response(stream_with_context(events()), mimetype=EVENTS)
    response.headers["X-Accel-Buffering"] = "no"  # a proxy is to pass on each event at once
    return response


def _event(name: str, value: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n"
