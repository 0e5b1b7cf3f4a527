"""One shape for every error: problem details (RFC 9457)."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from index.errors import (
    DiskFull,
    InvalidFilter,
    LibraryBusy,
    LibraryError,
    UnknownDocument,
    UnknownJob,
)
from qa.conversations import UnknownConversation
from qa.errors import InvalidQuestion
from web.removed import NotRestorable

log = logging.getLogger(__name__)

_UNEXPECTED = "The server failed; its log says why. Nothing was lost."

_STATUS: dict[type[LibraryError], HTTPStatus] = {
    InvalidQuestion: HTTPStatus.UNPROCESSABLE_ENTITY,
    InvalidFilter: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownDocument: HTTPStatus.NOT_FOUND,
    UnknownJob: HTTPStatus.NOT_FOUND,
    UnknownConversation: HTTPStatus.NOT_FOUND,
    NotRestorable: HTTPStatus.NOT_FOUND,
    DiskFull: HTTPStatus.INSUFFICIENT_STORAGE,
    LibraryBusy: HTTPStatus.SERVICE_UNAVAILABLE,
}


def register(app: Flask) -> None:
    app.register_error_handler(LibraryError, _library_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def problem(status: HTTPStatus, detail: str) -> Response:
    return Response(
        json.dumps(_body(status, detail), ensure_ascii=False),
        status.value,
        mimetype="application/problem+json",
    )


def problem_of(error: Exception) -> dict[str, Any]:
    """The problem's body, for where a response has begun already."""
    if isinstance(error, LibraryError):
        return _body(*_of_library(error))
    log.error("Unexpected error.", exc_info=error)
    return _body(HTTPStatus.INTERNAL_SERVER_ERROR, _UNEXPECTED)


def _body(status: HTTPStatus, detail: str) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }


def _library_error(error: LibraryError) -> Response:
    return problem(*_of_library(error))


def _of_library(error: LibraryError) -> tuple[HTTPStatus, str]:
    for kind, status in _STATUS.items():
        if isinstance(error, kind):
            return status, str(error)
    log.error("The library cannot answer.", exc_info=error)
    return HTTPStatus.SERVICE_UNAVAILABLE, str(error)


def _http_error(error: HTTPException) -> Response:
    response = problem(HTTPStatus(error.code or 500), error.description or error.name)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response


def _unexpected(error: Exception) -> Response:
    log.error("Unexpected error.", exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, _UNEXPECTED)
