"""Server-sent events as stages of an answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from qa.client import decoding
from qa.client.errors import UnexpectedAnswer, error_of, problem_of
from qa.client.results import Reading, Searching, Stage


def stages(lines: Iterable[bytes]) -> Iterator[Stage]:
    """The stages, of which the answer set is the last; events of other names are passed over.

    Raises `ProblemError` where the service fails on the way.
    """
    for name, value in _events(lines):
        match name:
            case "searching":
                yield Searching(decoding.text(value, "question"))
            case "passages":
                searched = decoding.text(value, "searched")
                yield Reading(searched, decoding.number(value, "passages"))
            case "answer":
                yield decoding.answer_set(value)
            case "error":
                raise error_of(problem_of(decoding.number(value, "status"), value))
            case "done":
                return
    raise UnexpectedAnswer("The answer ended before it was whole.")


def _events(lines: Iterable[bytes]) -> Iterator[tuple[str, Any]]:
    """Name and value of each event (the HTML standard's event stream, as far as it is used)."""
    name, data = "message", []
    for line in lines:
        field, _, value = line.decode("utf-8", "replace").rstrip("\r\n").partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif not field and not value and data:
            yield name, _parsed("\n".join(data))
            name, data = "message", []


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnexpectedAnswer("An event of the answer is not JSON.") from error
