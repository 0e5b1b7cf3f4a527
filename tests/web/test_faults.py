"""What is told of a field is told to somebody who sends JSON and has never seen Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from qa.additions import AddRequest
from qa.errors import InvalidRequest
from qa.faults import as_json
from qa.requests import AskRequest, BatchRequest, CitationRequest, ExplainRequest, parse
from web.openai_requests import ChatRequest
from web.schemas.asking import Ask, AskBatch, Search
from web.schemas.base import Query
from web.schemas.conversations import Begin, ExportQuery, FindQuery, Judge, Rename
from web.schemas.documents import BulkAdd, BulkDelete, ListQuery, OriginalQuery, RangeQuery
from web.schemas.jobs import WaitQuery

MODELS: list[type[BaseModel]] = [
    *(AddRequest, AskRequest, BatchRequest, CitationRequest, ExplainRequest, ChatRequest, Ask),
    *(AskBatch, Search, Begin, ExportQuery, FindQuery, Judge, Rename, BulkAdd, BulkDelete),
    *(ListQuery, OriginalQuery, RangeQuery, WaitQuery),
]
WRONG: list[Any] = [
    *(None, True, -1, 1.5, 10**20, float("inf"), "", "x\ud800", "x" * 10_001, [], [[]] * 1_001),
    *({}, {"question": []}, [{}], [None], ["\ud800"], [{"role": "x", "content": [1]}]),
]
NOT_OURS = ("Input", "instance", "Value ", "List ", "valid ", "None", "True", "dict", "string", "'")


def faults(model: type[BaseModel], value: Any) -> list[dict[str, str]]:
    try:
        parse(model, value)
    except InvalidRequest as error:
        return list(error.faults)
    return []


def wrong_values(model: type[BaseModel]) -> Iterator[Any]:
    yield from (None, True, 5, "x", [], {}, {"nonsense": 1}, {"\ud800": 1})
    sent = (str, list) if issubclass(model, Query) else object  # parameters are texts
    for name in model.model_fields:
        yield from ({name: wrong} for wrong in WRONG if isinstance(wrong, sent))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_no_fault_speaks_of_python_or_of_how_it_is_checked(model: type[BaseModel]) -> None:
    for value in wrong_values(model):
        for fault in faults(model, value):
            said, _, _got = fault["detail"].partition(" (got ")
            assert not [word for word in NOT_OURS if word in said], fault
            assert not set(fault["at"]) & set("()[]"), fault


@pytest.mark.parametrize(
    ("model", "value", "at", "detail"),
    [
        (AskRequest, None, "the request", "Must be an object (got null)"),
        (AskRequest, [], "the request", "Must be an object (got [])"),
        (
            AskRequest,
            {"question": "x", "top_k": True},
            "top_k",
            "Must be a whole number (got true)",
        ),
        (
            AskRequest,
            {"question": "x", "date_from": "2022-02-30"},
            "date_from",
            'Must be a day, such as 2022-08-31 (got "2022-02-30")',
        ),
        *(
            (
                model,
                said | {name: []},
                name,
                "Is empty; leave it out to search all documents (got [])",
            )
            for model, said in (
                (AskRequest, {"question": "x"}),
                (AskBatch, {"questions": [{"question": "x"}]}),
                (Search, {"query": "x"}),
            )
            for name in ("document_ids", "sources")
        ),
        (
            AskRequest,
            {"question": "x", "history": [4]},
            "history.0",
            "Must be a question, or an object that holds one (got 4)",
        ),
        (
            AskBatch,
            {"questions": [{"question": "x"}, {"question": "x", "id": 1.5}]},
            "questions.1.id",
            "Must be a text or a whole number (got 1.5)",
        ),
        (Rename, {"title": ""}, "title", 'Must not be empty (got "")'),
        (Rename, {"title": " \n"}, "title", 'Must not be empty (got " \\n")'),
        (WaitQuery, {"wait": "soon"}, "wait", 'Must be a number (got "soon")'),
        (WaitQuery, {"wait": "nan"}, "wait", 'Must be a number (got "nan")'),
        (
            Rename,
            {"title": "x" * 1_001},
            "title",
            f'Must have at most 1,000 characters, not 1,001 (got "{"x" * 76}...)',
        ),
        (BulkDelete, {"ids": [-1]}, "ids.0", "Must be at least 0 (got -1)"),
        (
            BulkDelete,
            {"ids": [2**63]},
            "ids.0",
            "Must be at most 9,223,372,036,854,775,807 (got 9223372036854775808)",
        ),
        (ExportQuery, {"format": "x"}, "format", 'Must be "markdown" or "json" (got "x")'),
    ],
    ids=str,
)
def test_a_fault_says_where_it_is_what_would_be_right_and_what_was_sent(
    model: type[BaseModel], value: Any, at: str, detail: str
) -> None:
    assert faults(model, value) == [{"at": at, "detail": detail}]


def test_half_a_surrogate_pair_is_spelt_out_as_it_was_sent() -> None:
    assert as_json(["ä\ud800"]) == '["ä\\ud800"]'


def test_a_value_that_is_nested_too_deep_to_be_shown_is_not_shown() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert as_json(deep) == "..."
