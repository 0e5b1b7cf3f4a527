"""JSON and JSON Lines: objects with a text are documents, all else is rendered as one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from index.errors import UnreadableDocument
from index.loaders.limits import Limits
from index.loaders.loaded import Loaded, Part
from index.loaders.records import document, fields_of, is_document, rendered, without_text
from index.text import decode

_MEDIA_TYPE = "application/json"
_LINES_MEDIA_TYPE = "application/jsonl"
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str)
_BROKEN_SHARE = 0.5  # with more such lines it is no JSON Lines at all


class NotJson(UnreadableDocument):
    """It does not parse, neither as a whole nor line by line."""


def load(data: bytes, charset: str | None, limits: Limits) -> Iterator[Part]:
    """One document, or one for each object with a text; lines that do not parse are named.

    Numbers stay as they are written.

    Raises:
        NotJson: it is none.
        UnreadableDocument: it is nested too deeply, or too long.
    """
    text = decode(data, charset)
    try:
        return _whole(text, limits)
    except json.JSONDecodeError as error:
        return _by_line(text, error, limits)
    except RecursionError as error:
        raise UnreadableDocument("it is nested too deeply to be read") from error


def _whole(text: str, limits: Limits) -> Iterator[Part]:
    value = _parse(text)
    if is_document(value):
        return iter([("", _document(value, "", _MEDIA_TYPE, limits)[1])])
    lists = _lists_of_documents(value)
    if not lists:
        return iter([("", _rendered(value, _MEDIA_TYPE, limits))])
    return _documents(_items(lists), _MEDIA_TYPE, limits)


def _items(lists: Mapping[str, list[Any]]) -> Iterator[tuple[str, Any]]:
    """Each with its place; of several lists all but the first are named."""
    for number, (name, values) in enumerate(lists.items()):
        for place, item in enumerate(values, 1):
            yield f"{name} item {place}" if number else f"item {place}", item


def _by_line(text: str, not_whole: json.JSONDecodeError, limits: Limits) -> Iterator[Part]:
    values: list[tuple[str, Any]] = []
    broken: list[Part] = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            if line.strip():
                values.append((f"line {number}", _parse(line)))
        except (json.JSONDecodeError, RecursionError) as error:
            broken.append((f"line {number}", _reason(error, of_line=True)))
    if len(broken) > _BROKEN_SHARE * (len(broken) + len(values)):
        raise NotJson(_reason(not_whole)) from not_whole
    if any(is_document(value) for _, value in values):
        return chain(broken, _documents(values, _LINES_MEDIA_TYPE, limits))
    whole = _rendered([value for _, value in values], _LINES_MEDIA_TYPE, limits)
    return iter([*broken, ("", whole)])


def _reason(error: json.JSONDecodeError | RecursionError, *, of_line: bool = False) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply to be read"
    line = "" if of_line else f"line {error.lineno:,}, "  # the line has its number as its name
    return f"it is not JSON: {error.msg} at {line}column {error.colno:,}"


def _parse(text: str) -> Any:
    return _DECODER.decode(text.strip("\ufeff \t\r\n"))


def _lists_of_documents(value: Any) -> dict[str, list[Any]]:
    """The value, or those of its fields, that are lists with documents in them, by their names."""
    candidates = value if isinstance(value, dict) else {"": value}
    return {
        name: candidate
        for name, candidate in candidates.items()
        if isinstance(candidate, list) and any(map(is_document, candidate))
    }


def _rendered(value: Any, media_type: str, limits: Limits) -> Loaded:
    rows = isinstance(value, list) and len(value) > 1 and all(isinstance(v, dict) for v in value)
    return Loaded(rendered(value, limits), media_type, is_table=rows)


def _documents(
    values: Iterable[tuple[str, Any]], media_type: str, limits: Limits
) -> Iterator[Part]:
    empty: list[str] = []
    for place, value in values:
        if is_document(value):
            yield _document(value, place, media_type, limits)
        else:
            empty.append(place)
    if empty:
        yield "", without_text(empty)


def _document(
    value: dict[str, Any], place: str, media_type: str, limits: Limits
) -> tuple[str, Loaded]:
    fields = fields_of(tuple(value))
    if fields is None:
        raise ValueError(f"no field of {place or 'the object'} holds a text")
    return document(value, fields, place, media_type, limits)
