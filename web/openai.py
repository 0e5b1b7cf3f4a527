"""Chat completions in OpenAI's shape, so that its many clients can ask; see docs/clients.md.

``POST /v1/chat/completions`` and ``GET /v1/models``. The content is the answer in the documents'
own words, with numbered citations; ``annotations`` lead to their places in the page, and the field
``verbatim`` has what OpenAI's shape has no room for.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, request, stream_with_context

from index.documents import Filters
from qa.answers import AnswerSet, Question
from qa.pipeline import Pipeline
from qa.plain_text import PlainAnswer, to_plain
from qa.requests import parse
from web import openai_errors
from web.body import json_body
from web.current import pipeline, settings
from web.errors import problem_in_stream
from web.openai_content import beside_content
from web.openai_errors import error_body
from web.openai_requests import ChatRequest, Unsupported

MODEL = "verbatim"
blueprint = Blueprint("openai", __name__, url_prefix="/v1")

_PARAGRAPHS = re.compile(r"(?<=\n\n)")


def register(app: Flask) -> None:
    app.register_blueprint(blueprint)
    openai_errors.register(app)


@blueprint.get("/models")
def models() -> dict[str, Any]:
    return {"object": "list", "data": [_model()]}


@blueprint.get("/models/<name>")
def model(name: str) -> tuple[dict[str, Any], int]:
    return (_model(), 200) if name == MODEL else _no_model(name)


@blueprint.post("/chat/completions")
def complete() -> Response | dict[str, Any] | tuple[dict[str, Any], int]:
    asked = parse(ChatRequest, json_body())
    if asked.model != MODEL:
        return _no_model(asked.model)
    try:
        question = asked.to_question(settings().max_history)
    except Unsupported as error:
        [fault] = error.faults
        code = "unsupported_parameter"
        return error_body(400, str(error), code=code, param=fault["at"]), HTTPStatus.BAD_REQUEST
    filters = asked.verbatim.to_filters()
    parts = pipeline()
    parts.checked(question)  # before a stream begins, in which an error is an event
    parts.limit(asked.verbatim.top_k)
    work = _Completion(parts, asked, question, filters, request.host_url)
    return _streamed(work) if asked.stream else work.whole()


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}


def _no_model(name: str) -> tuple[dict[str, Any], int]:
    message = f"There is no model {name[:80]!r} here; the only one is {MODEL!r}."
    body = error_body(404, message, code="model_not_found", param="model")
    return body, HTTPStatus.NOT_FOUND


@dataclass(frozen=True, slots=True)
class _Completion:
    """One question on its way to being a completion, whole or in chunks."""

    pipeline: Pipeline
    asked: ChatRequest
    question: Question
    filters: Filters
    host: str
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self) -> dict[str, Any]:
        result, plain = self._answered()
        told = {"role": "assistant", "content": plain.content, "refusal": None}
        message = told | beside_content(result, plain, self.host)
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return self._head("chat.completion") | {"choices": [choice], "usage": self._usage(plain)}

    def chunks(self) -> Iterator[dict[str, Any]]:
        """The role at once, then the content by paragraphs, then the citations."""
        yield self._chunk({"role": "assistant", "content": ""})
        result, plain = self._answered()
        for paragraph in _PARAGRAPHS.split(plain.content):
            yield self._chunk({"content": paragraph})
        yield self._chunk(beside_content(result, plain, self.host), finish_reason="stop")
        if self.asked.with_usage:
            usage = {"choices": [], "usage": self._usage(plain)}
            yield self._head("chat.completion.chunk") | usage

    def _answered(self) -> tuple[AnswerSet, PlainAnswer]:
        result = self.pipeline.answer(self.question, self.asked.verbatim.top_k, self.filters)
        return result, to_plain(result)

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": MODEL}

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        usage = {"usage": None} if self.asked.with_usage else {}
        return self._head("chat.completion.chunk") | {"choices": [choice]} | usage

    def _usage(self, plain: PlainAnswer) -> dict[str, int]:
        """Tokens of the messages and of the content, as the embedder's tokenizer counts them."""
        count = self.pipeline.retriever.embedder.count_tokens
        sent = sum(count(message.content or "") for message in self.asked.messages)
        told = count(plain.content)
        return {
            "prompt_tokens": sent,
            "completion_tokens": told,
            "total_tokens": sent + told,
        }


def _streamed(work: _Completion) -> Response:
    """Server-sent events, each a chunk; ``[DONE]`` is the last, or an error."""

    def events() -> Iterator[str]:
        try:
            for chunk in work.chunks():
                yield _event(chunk)
        except Exception as error:
            body, _ = openai_errors.of_problem(problem_in_stream(error))
            yield _event(body)
            return
        yield "data: [DONE]\n\n"

    response = Response(stream_with_context(events()), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"  # a proxy is to pass on each event at once
    return response


def _event(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
