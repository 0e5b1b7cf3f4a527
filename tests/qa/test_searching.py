"""A follow-up is searched with two wordings, any other question with one."""

from __future__ import annotations

import pytest

from index.documents import Filters
from index.indexing import Indexer
from qa.conversation import Resolved
from qa.pipeline import Pipeline
from qa.searching import searching
from tests.doubles import HashingEmbedder
from tests.qa.parts import BRIDGE, MILL, document

BOTH = Resolved("When did it burn?", "When did the harbour bridge open?")


def found(pipeline: Pipeline, asked: Resolved, limit: int = 5) -> list[str]:
    with searching(pipeline.retriever, asked, limit, Filters()) as retrieval:
        scores = [item.score for item in retrieval.passages]
        assert scores == sorted(scores, reverse=True)
        return [item.passage.source for item in retrieval.passages]


@pytest.fixture
def filled(pipeline: Pipeline, indexer: Indexer) -> Pipeline:
    indexer.add_document(document(BRIDGE, "/texts/bridge.txt"))
    indexer.add_document(document(MILL.replace("burned", "did burn"), "/texts/mill.txt"))
    return pipeline


def test_a_plain_question_is_embedded_once(filled: Pipeline, embedder: HashingEmbedder) -> None:
    embedder.embedded.clear()
    found(filled, Resolved("When did it burn?", "When did it burn?"))
    assert embedder.embedded == ["When did it burn?"]


def test_both_wordings_bring_their_passages(filled: Pipeline) -> None:
    assert set(found(filled, BOTH)) == {"/texts/bridge.txt", "/texts/mill.txt"}
    assert len(found(filled, BOTH, limit=1)) == 1


def test_another_generation_is_not_mixed_in(
    filled: Pipeline, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library may change between the two searches."""
    search = filled.retriever.search

    def then_removed(*args: object) -> object:
        retrieval = search(*args)  # type: ignore[arg-type]
        indexer.remove("/texts/mill.txt")
        return retrieval

    monkeypatch.setattr(filled.retriever, "search", then_removed)
    assert found(filled, BOTH) == ["/texts/bridge.txt"]
