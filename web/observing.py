"""What is noted of every request: its id, a line in the log, and the metrics."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, request

from qa.answers import AnswerSet
from qa.pipeline import Pipeline
from web import logs, metrics
from web.current import settings
from web.keys import Caller
from web.limits import Gate
from web.problems import OF_STATUS

log = logging.getLogger(__name__)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"/healthz", "/readyz", "/metrics", "/static/<path:filename>"})
_NO_ROUTE = "(none)"


@dataclass(slots=True)
class Noted:
    """What is known of a request under way; answers may come from another thread."""

    request_id: str
    began: float = field(default_factory=time.perf_counter)
    answers: list[AnswerSet] = field(default_factory=list)
    problem: str = ""
    ended: bool = False


_noted: ContextVar[Noted | None] = ContextVar("noted", default=None)


class Carrying(ThreadPoolExecutor):
    """Threads that know which request they work for."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return super().submit(copy_context().run, fn, *args, **kwargs)


def register(app: Flask, pipeline: Pipeline) -> None:
    """Before everything else is registered: what refuses a request is noted, too."""
    pipeline.observers.append(_answered)
    app.before_request(_begin)
    app.after_request(_end)


def watch(gate: Gate) -> None:
    """Let the metrics tell how many questions are under way."""
    gate.on_change = lambda gate: metrics.set_questions(gate.inside, gate.waiting)


def note_problem(kind: str) -> None:
    """What went wrong. A stream's status does not tell, nor does a body of another shape."""
    noted = _noted.get()
    if noted is not None:
        noted.problem = kind


def _begin() -> None:
    g.request_id = logs.take_request_id(request.headers.get(logs.HEADER))
    _noted.set(Noted(g.request_id))
    metrics.IN_FLIGHT.inc()


def _answered(result: AnswerSet) -> None:
    metrics.count_answer(result)
    noted = _noted.get()
    if noted is not None:
        noted.answers.append(result)


def _end(response: Response) -> Response:
    noted = _noted.get()
    if noted is None:  # it was refused before it began
        return response
    response.headers[logs.HEADER] = noted.request_id
    route = request.url_rule.rule if request.url_rule else _NO_ROUTE
    method = request.method if request.method in _METHODS else "OTHER"
    fields: dict[str, Any] = {"method": method, "route": route, "status": response.status_code}
    if settings().log_text:
        fields["path"] = request.full_path.rstrip("?")
    caller: Caller | None = g.get("caller")
    if caller is not None and caller.key is not None:
        fields["key"] = caller.key.name
    if response.status_code >= HTTPStatus.BAD_REQUEST and not noted.problem:
        kind = OF_STATUS.get(response.status_code)
        noted.problem = kind.name if kind else str(response.status_code)

    def finished() -> None:
        if noted.ended:
            return
        noted.ended = True
        seconds = time.perf_counter() - noted.began
        metrics.IN_FLIGHT.dec()
        metrics.count_request(method, route, response.status_code, seconds)
        if noted.problem:
            metrics.count_problem(noted.problem)
            fields["problem"] = noted.problem
        fields["duration_ms"] = round(1000 * seconds, 1)
        told = fields | _of_answers(noted.answers, text="path" in fields)
        log.log(_level(route, response.status_code), "request", extra={"fields": told})
        _noted.set(None)
        logs.end_request()

    if response.direct_passthrough:  # a file, whose end nobody tells
        finished()
    response.call_on_close(finished)  # of a stream: when its last event is sent
    return response


def _of_answers(answers: list[AnswerSet], *, text: bool) -> dict[str, Any]:
    if not answers:
        return {}
    told: dict[str, Any] = {
        "questions": len(answers),
        "answered": sum(bool(result.answers) for result in answers),
        "stages_ms": {
            "searching": round(sum(result.took_ms.retrieve for result in answers), 1),
            "reading": round(sum(result.took_ms.read for result in answers), 1),
        },
        "generation": answers[-1].generation,
    }
    if text:
        told["asked"] = [result.question for result in answers]
    return told


def _level(route: str, status: int) -> int:
    if status >= 500:
        return logging.WARNING if status == 503 else logging.ERROR
    return logging.DEBUG if route in _QUIET else logging.INFO
