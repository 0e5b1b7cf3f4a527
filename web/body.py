"""Reading a request's body."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType


def json_body() -> Any:
    """The body, parsed; says in the parser's own words what is wrong with it."""
    if not request.is_json:
        raise UnsupportedMediaType(
            f"The body is {request.mimetype or 'of no type'}; send application/json."
        )
    check_encoding()
    sent = request.get_data()
    if request.content_length is None:  # in chunks, of which werkzeug takes as many as may be
        request.stream.read(1)  # it refuses the next
    try:
        return json.loads(sent, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise _invalid(str(error)) from error
    except UnicodeDecodeError as error:
        raise _invalid(f"byte {error.start} is no {error.encoding}") from error
    except RecursionError as error:
        raise _invalid("it is nested too deep") from error
    except ValueError as error:  # Python's own limit, which its message says how to raise
        raise _invalid("a number has too many digits") from error


def check_encoding() -> None:
    """Nothing is unpacked here: a few bytes could become more than any limit lets in."""
    encoding = request.headers.get("Content-Encoding", "")
    if encoding.strip().lower() not in {"", "identity"}:
        raise UnsupportedMediaType(
            f"The body is compressed ({encoding[:80]}); send it as it is, without Content-Encoding."
        )


def _no_number(name: str) -> NoReturn:
    """Python would take these; JSON has no such numbers."""
    raise _invalid(f"{name} is no number of JSON")


def _invalid(reason: str) -> BadRequest:
    return BadRequest(f"The body is not valid JSON: {reason}.")
