"""Errors under ``/v1`` in OpenAI's shape, whoever raised them: its clients know no other."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request

from web.errors import MIMETYPE
from web.problems import PATH as PROBLEMS

PREFIX = "/v1/"
_CODES = {
    "key-needed": "invalid_api_key",
    "question-too-long": "context_length_exceeded",
    "too-many-requests": "rate_limit_exceeded",
}
_TYPES = {
    HTTPStatus.UNAUTHORIZED: "authentication_error",
    HTTPStatus.FORBIDDEN: "permission_error",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
}


def register(app: Flask) -> None:
    app.after_request(_in_their_shape)


def error_body(
    status: int, message: str, *, code: str | None = None, param: str | None = None
) -> dict[str, Any]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        kind = "server_error"
    else:
        kind = _TYPES.get(HTTPStatus(status), "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def of_problem(problem: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """The same said in OpenAI's shape, and its status; see `web.errors`."""
    status = int(problem["status"])
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:  # which OpenAI does not know
        status = HTTPStatus.BAD_REQUEST.value
    name = str(problem["type"]).removeprefix(PROBLEMS)
    faults = problem.get("errors") or [{}]
    code = _CODES.get(name, name.replace("-", "_"))
    body = error_body(status, problem["detail"], code=code, param=faults[0].get("at"))
    return body, status


def _in_their_shape(response: Response) -> Response:
    if not request.path.startswith(PREFIX):
        return response
    response.headers["Cache-Control"] = "no-store"
    if response.mimetype != MIMETYPE:
        return response
    body, status = of_problem(json.loads(response.get_data()))
    response.set_data(json.dumps(body, ensure_ascii=False))
    response.status_code = status
    response.mimetype = "application/json"
    return response
