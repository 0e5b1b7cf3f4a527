"""One shape for every error: problem details (RFC 9457); see `web.problems` for the kinds."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from index.errors import (
    CorruptIndex,
    DatabaseLost,
    DiskFull,
    InvalidFilter,
    LibraryBusy,
    LibraryError,
    UnknownDocument,
    UnknownJob,
)
from index.removed import NotRestorable, PlaceTaken
from qa.conversations import UnknownConversation
from qa.errors import InvalidQuestion, InvalidRequest, QuestionTooLong
from web import observing
from web.current import settings
from web.logs import request_id
from web.operations import limit_in_force
from web.problems import KINDS, OF_STATUS, PATH, Kind, kind_of

log = logging.getLogger(__name__)

MIMETYPE = "application/problem+json"
_UNEXPECTED = "The server failed; its log says why. Nothing was lost."
_PATH_AT_MOST = 80  # characters of a path that an error repeats
_BUSY_SECONDS = 2
_KINDS: dict[type[LibraryError], Kind] = {  # the first that fits
    QuestionTooLong: KINDS["question-too-long"],
    InvalidQuestion: KINDS["invalid-request"],
    InvalidFilter: KINDS["invalid-filter"],
    UnknownDocument: KINDS["unknown-document"],
    UnknownJob: KINDS["unknown-job"],
    UnknownConversation: KINDS["unknown-conversation"],
    NotRestorable: KINDS["not-restorable"],
    PlaceTaken: KINDS["conflict"],
    DiskFull: KINDS["disk-full"],
    LibraryBusy: KINDS["library-busy"],
    CorruptIndex: KINDS["library-damaged"],
    LibraryError: KINDS["library-unusable"],
}


def register(app: Flask) -> None:
    app.register_error_handler(LibraryError, _library_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def problem(status: HTTPStatus, detail: str) -> Response:
    return _response(_body(OF_STATUS[status.value], detail))


def problem_of(error: Exception) -> dict[str, Any]:
    """The problem's body, for where a response has begun already or tells of several requests."""
    if isinstance(error, LibraryError):
        kind = _kind_of(error)
        more = {"errors": list(error.faults)} if isinstance(error, InvalidRequest) else {}
        return _body(kind, str(error), more=more)
    if isinstance(error, HTTPException):
        return _body(kind_of(error), _detail(error), status=error.code)
    log.error("Unexpected error.", exc_info=error)
    return _body(KINDS["server-fault"], _UNEXPECTED)


def problem_in_stream(error: Exception) -> dict[str, Any]:
    """As `problem_of`, where it ends a stream: the request has failed, whatever its status says."""
    return _noted(problem_of(error))


def _noted(body: dict[str, Any]) -> dict[str, Any]:
    observing.note_problem(str(body["type"]).removeprefix(PATH))
    return body


def _body(kind: Kind, detail: str, status: int | None = None, more: Any = None) -> dict[str, Any]:
    told = request_id()
    return {
        "type": kind.type,
        "title": kind.title,
        "status": status or kind.status.value,
        "detail": detail,
        **(more or {}),
        **({"request_id": told} if told else {}),
    }


def _response(body: dict[str, Any]) -> Response:
    told = json.dumps(_noted(body), ensure_ascii=False)
    return Response(told, body["status"], mimetype=MIMETYPE)


def _library_error(error: LibraryError) -> Response:
    response = _response(problem_of(error))
    if isinstance(error, LibraryBusy | DatabaseLost):
        response.headers["Retry-After"] = str(_BUSY_SECONDS)
    return response


def _kind_of(error: LibraryError) -> Kind:
    kind = next(kind for base, kind in _KINDS.items() if isinstance(error, base))
    if kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, LibraryBusy):
        log.error("The library cannot answer.", exc_info=error)
    return kind


def _http_error(error: HTTPException) -> Response:
    response = _response(problem_of(error))
    for name, value in error.get_headers():  # Allow, Retry-After, WWW-Authenticate
        if name.lower() != "content-type":
            response.headers.add(name, value)
    return response


def _detail(error: HTTPException) -> str:
    """Its own words, or ours where it has none but werkzeug's."""
    if error.description and error.description != type(error).description:
        return error.description
    path = request.path if len(request.path) <= _PATH_AT_MOST else f"{request.path[:79]}…"
    match error.code:
        case 404:
            return f"There is nothing at {path!r}. All paths of the API are listed at /docs."
        case 405:
            methods = error.valid_methods if isinstance(error, MethodNotAllowed) else None
            return f"{request.method} is not taken at {path!r}; {_listed(methods or ())}."
        case 413:
            return _too_large()
        case _:
            return kind_of(error).meaning


def _listed(methods: Any) -> str:
    several = sorted(methods)
    return f"what is taken: {', '.join(several)}" if several else "no method is"


def _too_large() -> str:
    name = limit_in_force()
    most, size = getattr(settings(), name), request.content_length
    if size is not None and size <= most:
        return "The form has too many parts, or parts that are too large. Send fewer files at once."
    found = "The body is larger" if size is None else f"The body has {size:,} bytes, more"
    return f"{found} than the {most:,} bytes that are taken here (QA_{name.upper()})."


def _unexpected(error: Exception) -> Response:
    return _response(problem_of(error))
