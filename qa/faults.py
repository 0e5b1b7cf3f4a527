"""What is wrong with a field, in the words of whoever sent it: nothing here speaks of Python."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_SHOWN_AT_MOST = 80  # characters of a value
_SAID = {  # by pydantic's name for what is wrong
    "missing": "Field required",
    "extra_forbidden": "Is not known here",
    "model_type": "Must be an object",
    "list_type": "Must be a list",
    "string_type": "Must be a text",
    "string_unicode": "Must not hold half a surrogate pair",
    "bool_type": "Must be true or false",
    "int_type": "Must be a whole number",
    "float_type": "Must be a number",
    "float_parsing": "Must be a number",
    "finite_number": "Must be a number",
    "too_short": "Must not be empty",
}


def fault_of(error: Mapping[str, Any]) -> dict[str, str]:
    """One of `pydantic.ValidationError.errors`: where it is, and what is wrong there."""
    where = ".".join(str(part) for part in error["loc"]) or "the request"
    got = "" if error["type"] == "missing" else f" (got {as_json(error['input'])})"
    return {"at": where, "detail": f"{_said(error)}{got}"}


def as_json(value: Any) -> str:
    """A value as it was sent, shortened; half a surrogate pair stays spelt out."""
    try:
        text = json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
    except RecursionError:  # read where there was a little more room for nesting
        return "..."
    return text if len(text) <= _SHOWN_AT_MOST else text[: _SHOWN_AT_MOST - 3] + "..."


def _said(error: Mapping[str, Any]) -> str:
    """Ours; of checks that are our own, their own words."""
    more = error.get("ctx", {})
    match error["type"]:
        case "literal_error":
            return f"Must be {more['expected']}".replace("'", '"')
        case "greater_than_equal":
            return f"Must be at least {int(more['ge']):,}"
        case "less_than_equal":
            return f"Must be at most {int(more['le']):,}"
        case "too_long":
            what = "characters" if isinstance(error["input"], str) else "items"
            return f"Must have at most {more['max_length']:,} {what}, not {more['actual_length']:,}"
        case kind:
            return _SAID.get(kind) or str(error["msg"])
