"""What each source says of what a question asks to be so."""

from __future__ import annotations

import numpy as np
import pytest

from index.indexing import Indexer
from qa import yes_no
from qa.answers import AnswerSet, Question, Relation
from qa.pipeline import Pipeline
from qa.positions import Stance
from tests.qa.parts import document

QUESTION = "Will Karst send workers to Norvia?"


def said(pipeline: Pipeline, text: str = QUESTION) -> AnswerSet:
    return pipeline.examine(Question(text), pipeline.limit(None)).result  # not from memory


def test_each_source_is_heard_before_one_is_heard_twice(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    indexer.add_document(
        document(
            "Ada Lind denied that Karst will send workers to Norvia. "
            "Otto Berg denied that Karst will send workers to Norvia."
        )
    )
    indexer.add_document(
        document("Emil Holt said that Karst may send workers to Norvia.", "/texts/2.txt")
    )
    sources = [p.citation.source for p in said(pipeline).positions]
    assert sorted(sources[:2]) == ["/texts/2.txt", "/texts/bridge.txt"]
    assert sources[2:] == ["/texts/bridge.txt"]


def test_the_confidence_is_how_likely_the_sentence_speaks_to_the_claim(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    indexer.add_document(
        document("Ada Lind denied that Karst will send workers to Norvia. The ships went on.")
    )
    result = said(pipeline)
    assert result.relation is Relation.POSITIONS
    [taken] = result.positions
    assert taken.stance is Stance.DENIES
    assert 0.5 < taken.citation.confidence == result.answers[0].confidence <= 1


def test_a_claim_of_which_nothing_surely_speaks_gets_no_positions(
    pipeline: Pipeline, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexer.add_document(document("Ada Lind denied that Karst will send workers to Norvia."))
    assert said(pipeline).positions
    monkeypatch.setattr(yes_no, "SPEAKS_OF_IT", 3.1)
    assert said(pipeline).positions == ()


def test_a_higher_bar_for_answers_is_one_for_positions(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    indexer.add_document(document("Ada Lind denied that Karst will send workers to Norvia."))
    assert said(pipeline).positions
    object.__setattr__(pipeline.settings, "min_confidence", 0.999_999)
    assert said(pipeline).positions == ()


def test_the_head_of_an_article_takes_no_position(pipeline: Pipeline, indexer: Indexer) -> None:
    denied = "Ada Lind denied that Karst will send workers to Norvia."
    indexer.add_document(document(f"Karst Norvia Workers Post, 7 May 2031\n\n{denied}"))
    assert [p.citation.quote for p in said(pipeline).positions] == [denied]


def test_a_headline_that_asks_is_nobodys_position(pipeline: Pipeline, indexer: Indexer) -> None:
    headline = "Karst to send workers to Norvia?"
    denied = "Ada Lind denied that Karst will send workers to Norvia."
    text = f"rain fell all day.\n\n{headline}\n\n{denied}"
    indexer.add_document(document(text))
    quotes = [p.citation.quote for p in said(pipeline).positions]
    assert quotes == [denied]


def test_who_hardly_speaks_to_the_claim_does_not_go_before_what_does(
    pipeline: Pipeline, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    denied = "Ada Lind denied that the bridge is closed."
    text = f"{denied} Karst will send workers to Norvia in May."
    indexer.add_document(document(text))
    monkeypatch.setattr(yes_no, "likely", lambda matrix: np.array([0.1, 0.5]))
    quotes = [p.citation.quote for p in said(pipeline).positions]
    assert quotes == ["Karst will send workers to Norvia in May."]
