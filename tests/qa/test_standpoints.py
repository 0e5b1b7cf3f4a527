"""Each source's position on a claim, cited, once."""

from __future__ import annotations

import dataclasses

import pytest

from index.indexing import Indexer
from qa.answers import Question, Reason, Relation, Standpoint
from qa.pipeline import Pipeline
from qa.positions import Stance
from qa.reader import PassageSpan, Reading
from tests.qa.parts import document

QUESTION = Question("Will Karst send workers to Norvia?")


def taken(pipeline: Pipeline) -> list[tuple[Stance, str]]:
    examined = pipeline.examine(QUESTION, pipeline.limit(None))  # not from memory
    positions: tuple[Standpoint, ...] = examined.result.positions
    return [(s.stance, s.who.text if s.who else "") for s in positions]


def test_one_speaker_of_one_source_takes_a_stance_once(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    indexer.add_document(
        document(
            "Ada Lind denied that Karst will send workers to Norvia. Lind also rejected reports "
            "that Karst will send workers to Norvia by ship. Otto Berg said Karst will send "
            "workers to Norvia."
        )
    )
    assert taken(pipeline) == [(Stance.DENIES, "Ada Lind"), (Stance.SAYS, "Otto Berg")]


def test_a_near_copy_takes_none_of_its_own_another_source_does(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    text = (
        "Ada Lind denied that Karst will send workers to Norvia. It rained in all of Karst on "
        "that day, and the ships stayed in the harbour until the evening came and the wind fell."
    )
    indexer.add_document(document(text, "/texts/one.txt"))
    indexer.add_document(document(text + " So it was.", "/texts/copy.txt"))
    assert len(taken(pipeline)) == 1
    other = "Workers: Ada Lind denied that Karst will send any to Norvia."
    indexer.add_document(document(other, "/texts/two.txt"))
    assert taken(pipeline) == [(Stance.DENIES, "Ada Lind")] * 2


def test_no_more_than_five_are_shown(pipeline: Pipeline, indexer: Indexer) -> None:
    for number, name in enumerate(("Ada", "Bert", "Carl", "Dora", "Emil", "Frida")):
        text = f"{name} Lind{number} denied that Karst will send workers to Norvia."
        indexer.add_document(document(text, f"/texts/{number}.txt"))
    assert len(taken(pipeline)) == 5


def test_without_a_position_the_question_is_answered_like_any_other(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    indexer.add_document(document("Otto asks this. will workers be sent to norvia?"))
    result = pipeline.answer(Question("Will workers be sent to Norvia?"))
    assert result.positions == ()
    assert [answer.text for answer in result.answers] == ["Otto"]


def test_without_anything_that_the_reader_finds_there_are_no_positions(
    pipeline: Pipeline, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexer.add_document(document("Ada Lind denied that Karst will send workers to Norvia."))
    assert taken(pipeline) == [(Stance.DENIES, "Ada Lind")]
    monkeypatch.setattr(pipeline.reader, "read", lambda _, texts: [Reading((), 0.0)] * len(texts))
    assert taken(pipeline) == []


def test_a_claim_about_others_is_not_answered(pipeline: Pipeline, indexer: Indexer) -> None:
    indexer.add_document(document("Ada Lind denied that Karst will send workers to Norvia."))
    result = pipeline.answer(Question("Will Zembla send workers to Norvia?"))
    assert (result.answered, result.positions) == (False, ())
    assert result.reason is Reason.BELOW_THRESHOLD


def test_who_denied_is_answered_with_who_denies_where_the_reader_is_not_sure(
    pipeline: Pipeline, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexer.add_document(document("Ada Lind denied that Karst sends workers to Norvia."))
    indexer.add_document(document("Otto Berg said Karst sends workers to Norvia.", "/texts/2.txt"))
    readings = [Reading((PassageSpan(0, 8, -0.8),), 0.0)]
    monkeypatch.setattr(pipeline.reader, "read", lambda _, texts: readings * len(texts))
    result = pipeline.answer(Question("Who denied that Karst sends workers to Norvia?"))
    assert result.relation is Relation.POSITIONS
    assert [(s.stance, s.who.text if s.who else "") for s in result.positions] == [
        (Stance.DENIES, "Ada Lind")
    ]
    for text in (
        "Who denied that Zembla sends workers to Norvia?",
        "Who sends workers to Norvia?",
        "Why did Ada Lind deny that Karst sends workers to Norvia?",
    ):
        assert not pipeline.answer(Question(text)).answered


def test_who_denies_something_else_comes_last_and_with_little_confidence(
    pipeline: Pipeline, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = "Ada Lind denied that Karst will send workers to Norvia."
    far = "Otto Berg rejected the accusation that boots of Karst were stolen in Norvia."
    for number, text in enumerate((far, near)):
        indexer.add_document(document(text, f"/texts/{number}.txt"))
    readings = [Reading((PassageSpan(0, 8, -0.8),), 0.0)]
    monkeypatch.setattr(pipeline.reader, "read", lambda _, texts: readings * len(texts))
    result = pipeline.examine(DENIED, pipeline.limit(None)).result
    assert [answer.text for answer in result.answers] == ["Ada Lind", "Otto Berg"]
    first, last = (answer.confidence for answer in result.answers)
    assert last < 0.2 < 0.5 < first
    assert [p.citation.confidence for p in result.positions] == [first, last]


DENIED = Question("Who denied that Karst will send workers to Norvia?")


def test_who_denied_is_answered_by_the_name_and_not_by_the_pronoun(
    pipeline: Pipeline, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Ada Lind came late. She denied that Karst will send workers to Norvia."
    indexer.add_document(document(text))
    # Sure enough of the place, not of the answer.
    settings = dataclasses.replace(pipeline.settings, min_confidence=0.999_999_9)
    monkeypatch.setattr(pipeline, "settings", settings)
    result = pipeline.examine(DENIED, pipeline.limit(None)).result
    assert result.relation is Relation.POSITIONS
    assert [answer.text for answer in result.answers] == ["Ada Lind"]
    assert result.positions[0].citation.quote.startswith("She denied")
    assert result.answers[0].citations[0].sentence.text == text  # the name and what she denied


def test_half_a_claim_is_another_claim(pipeline: Pipeline, indexer: Indexer) -> None:
    indexer.add_document(document("Ada Lind denied that Karst will send workers to Norvia."))
    for text in (
        "Will Karst sell ovens, chairs and books to Norvia?",
        "Did Karst paint churches and bridges?",
    ):
        result = pipeline.examine(Question(text), pipeline.limit(None)).result
        assert result.positions == ()
