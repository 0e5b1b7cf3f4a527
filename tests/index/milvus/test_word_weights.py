"""What words weigh by Milvus' own scores, while other threads bring its collection up to date."""

from __future__ import annotations

import pytest

from index.milvus.word_weights import WordWeights


def hits(terms: list[str]) -> list[list[dict]]:
    return [[{"distance": 2.0, "entity": {"lex": f"{term} other"}}] for term in terms]


def test_what_is_forgotten_meanwhile_is_still_weighed() -> None:
    asked: list[list[str]] = []

    def best(terms: list[str]) -> list[list[dict]]:
        asked.append(terms)
        weights.forget()  # as another thread does that brought the collection up to date
        return hits(terms)

    weights = WordWeights(None, best)
    first = weights.of(['"river"'], 10, 2.0)
    both = weights.of(['"river"', '"lake"'], 10, 2.0)
    assert len(both) == 2
    assert both | first == both
    assert asked == [["river"], ["river", "lake"]]  # what was learned of the past is not kept


def test_a_word_is_asked_for_once_and_one_that_nothing_holds_weighs_nothing() -> None:
    asked: list[list[str]] = []

    def best(terms: list[str]) -> list[list[dict]]:
        asked.append(terms)
        return [
            [] if term == "unicorn" else found
            for term, found in zip(terms, hits(terms), strict=True)
        ]

    weights = WordWeights(None, best)
    for _ in range(2):
        assert list(weights.of(['"river"', '"unicorn"'], 10, 2.0)) == [("river",)]
    assert asked == [["river", "unicorn"]]


@pytest.mark.parametrize("kept", [0, 1])
def test_a_full_memory_loses_no_word_of_the_question(
    monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr("index.milvus.word_weights._WEIGHTS_KEPT", kept)
    weights = WordWeights(None, hits)
    for question in (['"river"'], ['"river"', '"lake"'], ['"river"', '"lake"', '"sea"']):
        assert len(weights.of(question, 10, 2.0)) == len(question)
