"""Reading a request's body."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType


def json_body() -> Any:
    """The body, parsed; says in the parser's own words what is wrong with it."""
    if not request.is_json:
        raise UnsupportedMediaType(
            f"The body is {request.mimetype or 'of no type'}; send application/json."
        )
    try:
        return request.get_json()
    except BadRequest as error:
        raise BadRequest(f"The body is not valid JSON: {_reason(error)}.") from error
    except RecursionError as error:
        raise BadRequest("The body is not valid JSON: it is nested too deep.") from error


def _reason(error: BadRequest) -> str:
    """The parser's own words, where it has any."""
    cause = error.__cause__ or error.__context__
    return str(cause) if isinstance(cause, ValueError) else "it cannot be parsed"
