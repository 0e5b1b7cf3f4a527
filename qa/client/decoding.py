"""From JSON to dataclasses: every field of its type or an error; fields not known are ignored.

The service names a citation's offsets ``start`` and ``end``, and tells passages flat. What it does
not tell of a passage is 0 (its id), NaN (its cosine) or None.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from functools import cache
from math import nan
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from index.anchors import Resolved
from index.documents import DocumentSummary
from index.jobs import Job
from qa.answers import AnswerSet
from qa.client.errors import Problem, UnexpectedAnswer, problem_of
from qa.client.results import Found, ServedDocument, Status, Verified
from qa.conversations import Summary

Kind = TypeVar("Kind")
_OFFSETS = {"start": "document_start", "end": "document_end"}
_UNTOLD = {"id": 0, "date": None}
_UNTOLD_WHY = {"cosine": nan, "bm25": None}


def answer_set(value: Any) -> AnswerSet:
    return _decoded(
        AnswerSet, _with(value, answers=_answer, positions=_position, passages=_passage)
    )


def found(value: Any) -> Found:
    return _decoded(Found, _with(value, passages=_passage))


def document(value: Any) -> ServedDocument:
    return _decoded(ServedDocument, value)


def documents(value: Any) -> tuple[DocumentSummary, ...]:
    return _decoded(tuple[DocumentSummary, ...], value)


def resolved(value: Any) -> Resolved:
    return _decoded(Resolved, value)


def conversation(value: Any) -> Summary:
    return _decoded(Summary, value)


def conversations(value: Any) -> tuple[Summary, ...]:
    return _decoded(tuple[Summary, ...], value)


def job(value: Any) -> Job:
    return _decoded(Job, value)


def jobs(value: Any) -> tuple[Job, ...]:
    return _decoded(tuple[Job, ...], value)


def status(value: Any) -> Status:
    return _decoded(Status, value)


def verified(value: Any) -> Verified:
    return _decoded(Verified, value)


def batch(value: Any) -> list[AnswerSet | Problem]:
    """Each question's answer set or problem, in order."""
    return [_batch_item(item) for item in _decoded(list[dict[str, Any]], value)]


def number(value: Any, name: str) -> int:
    return _decoded(int, field(value, name))


def numbers(value: Any, name: str) -> list[int]:
    return _decoded(list[int], field(value, name))


def number_or_none(value: Any, name: str) -> int | None:
    return _decoded_or_none(int, field(value, name))


def text(value: Any, name: str) -> str:
    return _decoded(str, field(value, name))


def field(value: Any, name: str) -> Any:
    if isinstance(value, Mapping) and name in value:
        return value[name]
    raise UnexpectedAnswer(f"The answer has no field {name!r}; is this address the service's?")


def _batch_item(item: dict[str, Any]) -> AnswerSet | Problem:
    if item.get("answer_set") is not None:
        return answer_set(item["answer_set"])
    told = field(item, "problem")
    return problem_of(number(told, "status"), told)


def _decoded(kind: type[Kind], value: Any) -> Kind:
    try:
        # By way of JSON: only there lists become tuples, and texts enumerations, and nothing else.
        checked: Kind = _adapter(cast(Hashable, kind)).validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise UnexpectedAnswer(f"The answer's {where or 'body'}: {first['msg']}") from error
    return checked


def _decoded_or_none(kind: type[Kind], value: Any) -> Kind | None:
    return None if value is None else _decoded(kind, value)


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(type[Any], kind))


def _answer(value: Any) -> Any:
    return _with(value, citations=_citation)


def _position(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {**value, "citation": _citation(value.get("citation"))}


def _citation(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {_OFFSETS.get(name, name): item for name, item in value.items()}


def _passage(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    told = {**_UNTOLD, **_UNTOLD_WHY, **value}
    why = {name: told.pop(name) for name in ("score", *_UNTOLD_WHY) if name in told}
    return {"passage": _citation(told), **why}


def _with(value: Any, **of_lists: Callable[[Any], Any]) -> Any:
    """The object with each item of these lists rewritten; what is no list is left for the check."""
    if not isinstance(value, Mapping):
        return value
    changed = {
        name: [rewrite(item) for item in value[name]]
        for name, rewrite in of_lists.items()
        if isinstance(value.get(name), list)
    }
    return {**value, **changed}
