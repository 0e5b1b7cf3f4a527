"""Answers are remembered, and never beyond the library that they were given of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from index.documents import Filters
from index.indexing import Indexer
from index.retrieval import Retrieval
from qa.answers import Question, Reason, Turn
from qa.pipeline import Pipeline
from qa.reader import Reading
from qa.remembered import Asked, Given, Remembered
from qa.settings import Settings
from tests.qa.parts import BRIDGE, document

SETTINGS = Settings()


def asked(text: str = "Who?", **other: Any) -> Asked:
    return replace(Asked(Question(text), 12, None, SETTINGS), **other)


def given() -> Given:
    nothing: Any = None
    return Given("Who?", nothing, nothing)


def test_what_was_put_is_found_again() -> None:
    kept, one = Remembered(2), given()
    kept.put("state", asked(), one)
    assert kept.get("state", asked()) is one


@pytest.mark.parametrize(
    "other",
    [
        asked("Whose?"),
        asked(limit=11),
        asked(filters=Filters(document_ids=(1,))),
        asked(question=Question("Who?", (Turn("Who came?"),))),
        asked(settings=replace(SETTINGS, answers_shown=1)),
    ],
)
def test_a_question_that_differs_in_anything_is_another(other: Asked) -> None:
    kept = Remembered(2)
    kept.put("state", asked(), given())
    assert kept.get("state", other) is None


def test_nothing_outlives_its_state() -> None:
    kept = Remembered(2)
    kept.put("first", asked(), given())
    assert kept.get("second", asked()) is None
    kept.put("second", asked("Whose?"), given())
    assert kept.get("first", asked()) is None
    assert len(kept) == 1


def test_a_library_without_a_state_is_not_remembered() -> None:
    kept = Remembered(2)
    kept.put("", asked(), given())
    assert kept.get("", asked()) is None


def test_the_one_not_asked_for_longest_goes_first() -> None:
    kept = Remembered(2)
    for text in ("a", "b"):
        kept.put("state", asked(text), given())
    assert kept.get("state", asked("a"))
    kept.put("state", asked("c"), given())
    assert [bool(kept.get("state", asked(text))) for text in "abc"] == [True, False, True]


def test_none_are_kept_where_none_are_wanted() -> None:
    kept = Remembered(0)
    kept.put("state", asked(), given())
    assert len(kept) == 0


@pytest.fixture
def counted(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that the reader reads."""
    read: list[str] = []
    reading = pipeline.reader.read

    def counting(question: str, passages: Sequence[str]) -> list[Reading]:
        read.append(question)
        return reading(question, passages)

    monkeypatch.setattr(pipeline.reader, "read", counting)
    return read


WHO = Question("Who opened the harbour bridge?")


def test_the_same_question_is_read_once(
    pipeline: Pipeline, indexer: Indexer, counted: list[str]
) -> None:
    indexer.add_document(document(BRIDGE))
    first, second = pipeline.answer(WHO), pipeline.answer(WHO)
    assert len(counted) == 1
    assert first.answered and replace(second, took_ms=first.took_ms) == first


def test_after_any_change_it_is_answered_anew(
    pipeline: Pipeline, indexer: Indexer, counted: list[str]
) -> None:
    indexer.add_document(document(BRIDGE))
    assert [a.text for a in pipeline.answer(WHO).answers] == ["Marta"]
    indexer.add_document(document(BRIDGE.replace("Marta", "Otto")))
    assert [a.text for a in pipeline.answer(WHO).answers] == ["Otto"]
    pipeline.store.discard(pipeline.store.document_ids())
    assert pipeline.answer(WHO).reason is Reason.LIBRARY_EMPTY
    assert len(counted) == 3


def test_what_was_found_is_told_from_memory_too(
    pipeline: Pipeline, indexer: Indexer, counted: list[str]
) -> None:
    indexer.add_document(document(BRIDGE))
    told: list[tuple[str, int]] = []
    for _ in range(2):
        pipeline.answer(WHO, on_retrieved=lambda s, r: told.append((s, len(r.passages))))
    assert told == [(WHO.text, 1)] * 2
    assert len(counted) == 1


def test_one_who_was_not_told_leaves_nothing_behind(
    pipeline: Pipeline, indexer: Indexer, counted: list[str]
) -> None:
    indexer.add_document(document(BRIDGE))

    def gone(_searched: str, _retrieval: Retrieval) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        pipeline.answer(WHO, on_retrieved=gone)
    assert pipeline.answer(WHO).answered
    assert len(counted) == 1


def test_explaining_looks_again(pipeline: Pipeline, indexer: Indexer, counted: list[str]) -> None:
    indexer.add_document(document(BRIDGE))
    for _ in range(2):
        pipeline.examine(pipeline.checked(WHO), 3)
    assert len(counted) == 2
