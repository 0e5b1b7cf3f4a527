"""What is read before the search has ended is read once, and the same."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from index.documents import Passage
from index.errors import CorruptIndex
from index.indexing import Indexer
from qa.answers import Question
from qa.errors import QuestionTooLong
from qa.pipeline import Pipeline
from qa.reader import Reading
from qa.reading_ahead import ReadingAhead
from tests.doubles import CapitalReader
from tests.qa.parts import BRIDGE, BRIDGE_AGAIN, MILL, document

TEXTS = [BRIDGE, MILL, BRIDGE_AGAIN, BRIDGE]
QUESTION = "Who opened the harbour bridge?"


class Watched(CapitalReader):
    """Tells which texts it read; waits for ``go`` before each."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.began = threading.Event()
        self.go = threading.Event()

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        self.began.set()
        assert self.go.wait(10)
        self.texts += passages
        return super().read(question, passages)


@pytest.mark.parametrize("begun", [[], [MILL], TEXTS, ["nothing that is wanted"]])
@pytest.mark.parametrize("threads", [0, 1, 3])
def test_what_is_found_is_the_same(begun: list[str], threads: int) -> None:
    with ReadingAhead(CapitalReader(), threads).of(QUESTION) as ahead:
        ahead.begin(begun)
        assert ahead.read(TEXTS) == CapitalReader().read(QUESTION, TEXTS)


def test_a_passage_that_is_being_read_is_not_read_again() -> None:
    reader = Watched()
    with ReadingAhead(reader, 1).of(QUESTION) as ahead:
        ahead.begin([MILL, BRIDGE])
        assert reader.began.wait(10)
        reader.go.set()
        ahead.read(TEXTS)
    assert reader.texts.count(MILL) == 1


def test_nobody_waits_for_a_passage_that_none_has_begun_to_read() -> None:
    reader = Watched()
    pool = ReadingAhead(reader, 1)
    with pool.of("Who slept?") as other, pool.of(QUESTION) as ahead:
        other.begin([MILL])
        assert reader.began.wait(10)  # the only thread is taken
        ahead.begin([BRIDGE])
        reader.go.set()
        assert ahead.read([BRIDGE]) == CapitalReader().read(QUESTION, [BRIDGE])
    assert reader.texts.count(BRIDGE) == 1


def test_what_the_reader_refuses_is_refused() -> None:
    class Refusing(CapitalReader):
        def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
            raise QuestionTooLong("too long")

    with ReadingAhead(Refusing(), 1).of(QUESTION) as ahead:
        ahead.begin([MILL])
        with pytest.raises(QuestionTooLong):
            ahead.read([MILL])


def test_a_pipeline_that_reads_ahead_answers_the_same(pipeline: Pipeline, indexer: Indexer) -> None:
    for number, text in enumerate((BRIDGE, BRIDGE_AGAIN, MILL)):
        indexer.add_document(document(text, f"/texts/{number}.txt"))
    begun: list[str] = []
    ahead = Pipeline(
        pipeline.store,
        pipeline.retriever,
        pipeline.reader,
        pipeline.calibrator,
        pipeline.settings,
        ahead=2,
    )
    of = ahead._ahead.of

    def noted(question: str) -> object:
        found = of(question)
        begin = found.begin
        found.begin = lambda texts: (begun.extend(texts), begin(texts))  # type: ignore[method-assign, assignment, return-value]
        return found

    ahead._ahead.of = noted  # type: ignore[method-assign, assignment]
    question = Question(QUESTION)
    assert ahead.answer(question).answers == pipeline.answer(question).answers
    assert len(begun) == 2


def test_damage_of_a_passage_that_is_not_found_stops_nothing(
    pipeline: Pipeline, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexer.add_document(document(BRIDGE, "/texts/bridge.txt"))
    passages = pipeline.store.passages
    asked = iter([True])

    def damaged(ids: Sequence[int]) -> dict[int, Passage]:
        if next(asked, False):
            raise CorruptIndex("damaged")
        return passages(ids)

    monkeypatch.setattr(pipeline.store, "passages", damaged)
    assert pipeline.answer(Question(QUESTION)).answers
