"""What an operation of the API takes and returns: said once, checked and documented from there."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import current_app, request
from pydantic import BaseModel

from index.documents import LARGEST_ID
from index.errors import UnknownDocument
from qa.errors import InvalidRequest
from qa.faults import as_json
from qa.requests import parse
from web.body import json_body
from web.current import settings
from web.schemas.base import Nothing, Query

View = TypeVar("View", bound=Callable[..., Any])

FORM = "multipart/form-data"
EVENTS = "text/event-stream"

_USUAL = "max_body_bytes"


@dataclass(frozen=True, slots=True)
class Example:
    """A call that works as it is written, on a library that holds the texts of ``seeds/``.

    Attributes:
        path, query: values of the parameters.
        files: names of files that are sent as a form.
    """

    path: Mapping[str, str | int] = field(default_factory=dict)
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Any = None
    files: tuple[str, ...] = ()
    accept: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What the documentation says of an operation, and what the decorator checks.

    Attributes:
        tag: the section of the documentation.
        returns: model of each status's JSON body.
        media: what else can be returned with 200, by media type: what it holds.
        problems: names of the kinds (`web.problems`) of its own; those of its checks are added.
        query, body: what is parsed and handed to the view by these names.
        form: whether files can be sent as a form instead of the body.
        most: the setting that limits the body, where it is not the usual one.
        tagged: whether the response has an ETag.
        example: see `Example`.
    """

    tag: str
    summary: str
    returns: Mapping[int, type[BaseModel]] = field(default_factory=dict)
    media: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    query: type[Query] = Nothing
    body: type[BaseModel] | None = None
    form: bool = False
    most: str = _USUAL
    tagged: bool = False
    example: Example = field(default_factory=Example)

    def arguments(self) -> dict[str, Any]:
        """Parse what the request brings. Raises `qa.errors.InvalidRequest`."""
        found: dict[str, Any] = {}
        query = parse(self.query, _parameters())
        if self.query is not Nothing:
            found["query"] = query
        if self.body is not None:
            request.max_content_length = getattr(settings(), self.limit())
            found["body"] = None if self.takes_form() else parse(self.body, json_body())
        return found

    def takes_form(self) -> bool:
        """Whether the request is a form, and may be one."""
        return self.form and request.mimetype == FORM

    def limit(self) -> str:
        """The setting that limits the request's body."""
        return "max_upload_bytes" if self.takes_form() else self.most


def operation(described: Operation) -> Callable[[View], Callable[..., Any]]:
    """Let a view be called with its query and body parsed; `operation_of` finds it again."""

    def decorate(view: View) -> Callable[..., Any]:
        @functools.wraps(view)
        def checked(**path: Any) -> Any:
            if path.get("document_id", 0) > LARGEST_ID:
                raise UnknownDocument("No document can have so large an id.")
            return view(**path, **described.arguments())

        checked.operation = described  # type: ignore[attr-defined]
        return checked

    return decorate


def operation_of(view: Callable[..., Any]) -> Operation | None:
    found = getattr(view, "operation", None)
    return found if isinstance(found, Operation) else None


def limit_in_force() -> str:
    """The setting that limits the body of the present request, whatever it is for."""
    view = current_app.view_functions.get(request.endpoint or "")
    described = operation_of(view) if view else None
    return described.limit() if described else _USUAL


def _parameters() -> dict[str, str]:
    """Raises `InvalidRequest` where one is sent twice: which of both is meant, nobody can know."""
    given = request.args.to_dict(flat=False)
    if several := [name for name, values in given.items() if len(values) > 1]:
        detail = "Is given more than once (got {})"
        faults = [{"at": name, "detail": detail.format(as_json(given[name]))} for name in several]
        raise InvalidRequest(faults)
    return {name: value for name, [value] in given.items()}
