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
from index.retrieval import Retrieval
from qa.answers import AnswerSet, Question
from qa.conversations import UnknownConversation
from qa.render import to_json
from qa.requests import AskRequest, Text, parse
from web import guard
from web.body import json_body
from web.current import answering, conversations, pipeline, settings
from web.errors import problem_of

blueprint = Blueprint("asking", __name__)
log = logging.getLogger(__name__)

_EVENTS = "text/event-stream"


class AskInConversation(AskRequest):
    """A question that may belong to a kept conversation.

    Attributes:
        conversation: its id. Earlier turns are taken from it where ``history`` is not given.
    """

    conversation: Text | None = None


@blueprint.post("/api/v1/ask")
def ask() -> dict[str, Any] | Response:
    asked = parse(AskInConversation, json_body())
    if asked.conversation is not None:
        guard.check_private()
        guard.check_change()
    question, filters = _question(asked), asked.to_filters()
    pipeline().checked(question)  # before a stream begins, in which an error is an event
    pipeline().limit(asked.top_k)
    if request.accept_mimetypes.best_match(["application/json", _EVENTS]) == _EVENTS:
        return _streamed(asked, question, filters)
    return _kept(asked, question, pipeline().answer(question, asked.top_k, filters))


def _question(asked: AskInConversation) -> Question:
    question = asked.to_question()
    if asked.conversation is None:
        return question
    # Also where it is not used: a conversation that is not there is no reason to search first.
    history = conversations().history(asked.conversation, settings().max_history)
    return question if asked.history is not None else replace(question, history=history)


def _kept(asked: AskInConversation, question: Question, result: AnswerSet) -> dict[str, Any]:
    """The answer set as JSON; ``conversation`` and ``turn`` say where it is kept, if it is."""
    value = to_json(result) | _filtered(asked)
    if asked.conversation is None:
        return value
    try:
        turn = conversations().append(asked.conversation, question.text, value)
    except UnknownConversation:  # deleted while the answer was looked for
        return value | {"conversation": None, "turn": None}
    return value | {"conversation": asked.conversation, "turn": turn}


def _filtered(asked: AskInConversation) -> dict[str, Any]:
    """The filters that were in force, so that a kept answer can be understood later."""
    given = asked.model_dump(include={"document_ids", "sources", "date_from", "date_to"})
    in_force = {name: value for name, value in given.items() if value}
    return {"filters": in_force} if in_force else {}


def _streamed(asked: AskInConversation, question: Question, filters: Filters) -> Response:
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
            yield _event("error", problem_of(error))
            return
        yield _event("answer", value)
        yield _event("done", {"took_ms": value["took_ms"]})

    response = Response(stream_with_context(events()), mimetype=_EVENTS)
    response.headers["X-Accel-Buffering"] = "no"  # a proxy is to pass on each event at once
    return response


def _event(name: str, value: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n"
