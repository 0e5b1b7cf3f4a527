"""What all requests and all responses have in common."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

_DIGITS_AT_MOST = 18  # what SQLite can compare


class Request(BaseModel):
    """A body: an unknown field is refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid")


class Query(BaseModel):
    """The parameters after the ``?``; an unknown one is refused."""

    model_config = ConfigDict(extra="forbid")


class Value(BaseModel):
    """What the service returns. The tests hold every response to its model."""

    # Deferred: a server that starts has no need of them.
    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


def _whole(value: Any) -> Any:
    """Parameters are text; what else Python takes for a number (``1_0``, ``٣``) is none here."""
    if not isinstance(value, str):
        return value
    number = value.removeprefix("-")
    if not (number.isascii() and number.isdecimal() and len(number) <= _DIGITS_AT_MOST):
        raise PydanticCustomError("number", "Must be a whole number")
    return int(value)


WHOLE = BeforeValidator(_whole)  # the limits go before it
_MOST = 10**_DIGITS_AT_MOST - 1
FromOne = Annotated[int, Field(ge=1, le=_MOST), WHOLE]
FromZero = Annotated[int, Field(ge=0, le=_MOST), WHOLE]


class Nothing(Query):
    """No parameters."""


class Fault(Value):
    """What is wrong with a field."""

    at: str = Field(description="Where it is: “history.0.question”.")
    detail: str = Field(description="What is wrong with it, and its value.")


class Problem(Value):
    """An error, as RFC 9457 has it."""

    type: str = Field(
        description="/problems/NAME: a kind of problem, for programs; a page explains it.",
        pattern="^/problems/[a-z-]+$",
        examples=["/problems/unknown-document"],
    )
    title: str = Field(description="The kind of problem in words; the same for all of its kind.")
    status: int = Field(description="The HTTP status.", ge=400, le=599, examples=[404])
    detail: str = Field(description="What is wrong here: the value at fault, and what is right.")
    errors: list[Fault] | None = Field(None, description="Each field that is at fault by itself.")
    request_id: str | None = Field(
        None, description="As in the header X-Request-ID, and in the server's log."
    )
