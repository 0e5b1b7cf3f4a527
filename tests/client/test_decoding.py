"""JSON becomes the library's dataclasses, strictly."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest

from qa.answers import Question, Relation
from qa.client import UnexpectedAnswer, decoding
from qa.pipeline import Pipeline
from qa.render import to_json

QUESTIONS = (
    "Who called the reports about the volunteers fake?",
    "How many volunteers?",
    "Is it true that North Korea will send 100,000 volunteers?",
    "Who is the king of Spain?",
)


@pytest.mark.models
@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_set_comes_back_as_it_was(seeds_pipeline: Pipeline, question: str) -> None:
    told = to_json(seeds_pipeline.answer(Question(question)))
    assert to_json(decoding.answer_set(told)) == told


def example() -> dict[str, Any]:
    piece = {"start": 0, "end": 5, "text": "Marta"}
    citation = {
        "document_id": 1,
        "title": "A title",
        "source": "a.txt",
        "date": None,
        "author": None,
        "page": None,
        "version": "v",
        "voice": 1,
        "start": 0,
        "end": 5,
        "quote": "Marta",
        "before": "",
        "after": "",
        "sentence": piece,
        "confidence": 0.5,
        "attribution": {"speaker": piece, "verb": piece, "kind": "denies", "quoted": True},
    }
    passage = {"document_id": 1, "title": "A", "source": "a", "start": 0, "end": 5, "text": "Marta"}
    return {
        "question": "Who?",
        "searched": "Who?",
        "answered": True,
        "reason": None,
        "generation": 1,
        "took_ms": {"retrieve": 1, "read": 2.5, "total": 3.5},
        "relation": "positions",
        "answers": [
            {"text": "Marta", "confidence": 0.5, "sources": 1, "citations": [citation]},
        ],
        "positions": [{"stance": "denies", "who": None, "citation": citation}],
        "suggested_filters": [{"date_from": "2022-08-01", "date_to": None, "label": "in August"}],
        "passages": [passage | {"score": 0.5, "cosine": 0.25, "bm25": 3, "date": None}],
    }


def test_what_a_later_version_adds_is_ignored() -> None:
    value = example()
    value["mood"] = "good"
    value["answers"][0]["citations"][0]["mood"] = "good"
    result = decoding.answer_set(value)
    assert result == decoding.answer_set(example())
    assert result.relation is Relation.POSITIONS
    assert result.positions[0].citation == result.answers[0].citations[0]


def test_what_an_earlier_version_does_not_tell_of_a_passage_is_not_made_up() -> None:
    value = example()
    [item] = decoding.answer_set(value).passages
    assert (item.cosine, item.bm25, item.passage.date) == (0.25, 3.0, None)
    for name in ("cosine", "bm25", "date"):
        del value["passages"][0][name]
    [item] = decoding.answer_set(value).passages
    assert (item.passage.id, item.passage.date, item.bm25) == (0, None, None)
    assert math.isnan(item.cosine)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("generation",), "1"),
        (("generation",), True),
        (("generation",), 1.5),
        (("question",), None),
        (("relation",), "friends"),
        (("reason",), "because"),
        (("answers",), {}),
        (("answers", 0), None),
        (("answers", 0, "confidence"), "0.5"),
        (("answers", 0, "citations"), "none"),
        (("answers", 0, "citations", 0), []),
        (("answers", 0, "citations", 0, "start"), -0.5),
        (("answers", 0, "citations", 0, "sentence"), "Marta"),
        (("answers", 0, "citations", 0, "attribution", "kind"), "hums"),
        (("positions", 0, "citation"), None),
        (("passages", 0, "score"), None),
        (("passages", 0), 3),
        (("took_ms",), []),
    ],
)
def test_what_has_another_type_is_refused(path: tuple[str | int, ...], wrong: Any) -> None:
    value = copy.deepcopy(example())
    at: Any = value
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = wrong
    with pytest.raises(UnexpectedAnswer, match="The answer's "):
        decoding.answer_set(value)


@pytest.mark.parametrize("missing", ["question", "answers", "took_ms", "generation"])
def test_what_is_missing_is_named(missing: str) -> None:
    value = example()
    del value[missing]
    with pytest.raises(UnexpectedAnswer, match=missing):
        decoding.answer_set(value)


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_what_is_no_object_is_refused(value: Any) -> None:
    for decode in (decoding.answer_set, decoding.found, decoding.job, decoding.status):
        with pytest.raises(UnexpectedAnswer):
            decode(value)
    with pytest.raises(UnexpectedAnswer, match="'next'"):
        decoding.number_or_none(value, "next")
