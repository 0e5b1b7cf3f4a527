"""Which answers are given, in which order, and what they are to each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from index.documents import RetrievedPassage
from index.indexing import Indexer
from qa.answers import Relation
from qa.citations import Citer
from qa.confidence import FEATURES, Calibrator
from qa.conversation import Resolved
from qa.findings import Findings, find
from qa.pipeline import Pipeline
from qa.ranking import Candidate, Scored, drop_overlaps
from tests.qa.parts import candidate, document, margin_calibrator, quotes, retrieved


def stored(pipeline: Pipeline, indexer: Indexer, *texts: str) -> list[RetrievedPassage]:
    """Each text in a document of its own, all of it one passage."""
    items = []
    for number, text in enumerate(texts):
        source = f"/texts/{number}.txt"
        indexer.add_document(document(text, source))
        row = next(d for d in pipeline.store.documents() if d.source == source)
        item = retrieved(text, document_id=row.id)
        items.append(replace(item, passage=replace(item.passage, voice=row.voice)))
    return items


def found(
    pipeline: Pipeline, question: str, *read: Candidate, other_than: tuple[str, ...] = ()
) -> Findings:
    calibrator = margin_calibrator()
    scored = drop_overlaps(calibrator.score(question, read))
    asked = Resolved(question, question, other_than)
    citer = Citer(pipeline.store)
    return find(asked, scored, read, citer, calibrator, min_confidence=0.5)


def told(findings: Findings) -> list[list[str]]:
    return [quotes(group) for group in findings.groups]


DENIAL = "Ada Lind denied that the mill was sold."
CLAIM = "Otto Lang confirmed that the mill was sold."


@pytest.mark.parametrize(
    ("question", "first"),
    [("Who denied that the mill was sold?", "Ada Lind"), ("Who confirmed it?", "Otto Lang")],
)
def test_the_verb_asked_by_decides_between_two_that_are_about_as_sure(
    pipeline: Pipeline, indexer: Indexer, question: str, first: str
) -> None:
    one, two = stored(pipeline, indexer, DENIAL, CLAIM)
    read = [candidate(one, "Ada Lind", 2.0), candidate(two, "Otto Lang", 2.1)]
    assert told(found(pipeline, question, *read))[0] == [first]
    surer = [candidate(one, "Ada Lind", 2.0), candidate(two, "Otto Lang", 6.0)]
    assert told(found(pipeline, question, *surer))[0] == ["Otto Lang"]


def test_who_says_the_opposite_of_the_verb_asked_by_stands_behind(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    one, two = stored(pipeline, indexer, "The mill was never sold: Ada Lind.", CLAIM)
    read = [candidate(one, "Ada Lind", 2.0), candidate(two, "Otto Lang", 2.5)]
    assert told(found(pipeline, "Who denied it?", *read))[0] == ["Ada Lind"]
    assert told(found(pipeline, "Who sold it?", *read))[0] == ["Otto Lang"]


def test_of_several_asked_for_each_is_a_member(pipeline: Pipeline, indexer: Indexer) -> None:
    one, two = stored(pipeline, indexer, DENIAL, CLAIM)
    read = [candidate(one, "Ada Lind", 2.0), candidate(two, "Otto Lang", 2.1)]
    assert found(pipeline, "Who commented on the mill?", *read).relation is Relation.LIST
    assert found(pipeline, "Who commented on it?", read[0]).relation is Relation.ONE


def test_another_number_of_another_source_differs(pipeline: Pipeline, indexer: Indexer) -> None:
    one, two = stored(pipeline, indexer, "The fire burned 140 houses.", "It burned 400 houses.")
    read = [candidate(one, "140", 5.0), candidate(two, "400", -1.0)]
    findings = found(pipeline, "How many houses burned?", *read)
    assert (told(findings), findings.relation) == ([["140"], ["400"]], Relation.DIFFER)
    hardly = [candidate(one, "140", 5.0), candidate(two, "400", -12.0)]
    assert found(pipeline, "How many houses burned?", *hardly).relation is Relation.ONE


def test_a_difference_that_was_sure_by_itself_is_there_once(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    one, two = stored(pipeline, indexer, "The fire burned 140 houses.", "It burned 400 houses.")
    read = [candidate(one, "140", 5.0), candidate(two, "400", 4.0)]
    findings = found(pipeline, "How many houses burned?", *read)
    assert (told(findings), findings.relation) == ([["140"], ["400"]], Relation.DIFFER)


def test_sources_that_outdo_each_other_are_both_shown(pipeline: Pipeline, indexer: Indexer) -> None:
    """Neither leads by enough to be sure; each would be, were it not for the other."""
    one, two = stored(
        pipeline, indexer, "The fire burned 140 houses and cows.", "It burned 400 houses and pigs."
    )
    count, lead = len(FEATURES), FEATURES.index("lead")
    calibrator = Calibrator(
        np.zeros(count), np.ones(count), np.eye(count)[lead], -3.0, threshold=0.5
    )
    asked = Resolved("How many houses burned?", "How many houses burned?")

    def findings(*read: Candidate) -> Findings:
        scored = drop_overlaps(calibrator.score(asked.resolved, read))
        citer = Citer(pipeline.store)
        return find(asked, scored, read, citer, calibrator, min_confidence=0.5)

    many, others = candidate(one, "140", 2.0), candidate(two, "400", 1.9)
    less = candidate(one, "cows", -4.0), candidate(two, "pigs", -4.0)
    torn = findings(many, others, *less)
    assert (told(torn), torn.relation) == ([["140"], ["400"]], Relation.DIFFER)
    hardly = candidate(two, "400", -12.0), candidate(two, "pigs", 1.8)
    assert findings(many, less[0], *hardly).groups == ()


def test_whose_word_is_asked_for_goes_first_and_others_are_no_difference(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    one, two = stored(
        pipeline,
        indexer,
        "The fire burned 140 houses, the mayor said.",
        "It burned 400 houses, according to Ada Lind.",
    )
    read = [candidate(one, "140", 5.0), candidate(two, "400", 4.0)]
    question = "How many houses burned according to {}?"
    for speaker, quotes_first in (("Lind", "400"), ("the mayor", "140"), ("Otto", "140")):
        findings = found(pipeline, question.format(speaker), *read)
        assert told(findings)[0] == [quotes_first]
        assert findings.relation is Relation.ONE


def test_what_was_answered_already_is_left_out(pipeline: Pipeline, indexer: Indexer) -> None:
    one, two = stored(pipeline, indexer, DENIAL, CLAIM)
    read = [candidate(one, "Ada Lind", 2.0), candidate(two, "Otto Lang", 2.1)]
    findings = found(pipeline, "Who else spoke?", *read, other_than=("Mr Otto Lang",))
    assert told(findings) == [["Ada Lind"]]


def test_nothing_sure_is_no_answer(pipeline: Pipeline, indexer: Indexer) -> None:
    (one,) = stored(pipeline, indexer, DENIAL)
    findings = found(pipeline, "Who denied it?", candidate(one, "Ada Lind", -1.0))
    assert findings == Findings((), Relation.ONE)


def test_confidence_is_not_touched_by_the_order(pipeline: Pipeline, indexer: Indexer) -> None:
    one, two = stored(pipeline, indexer, DENIAL, CLAIM)
    read = [candidate(one, "Ada Lind", 2.0), candidate(two, "Otto Lang", 2.1)]
    plain = {s.candidate.quote: s for s in margin_calibrator().score("Who denied it?", read)}
    shown: list[Scored] = [s for g in found(pipeline, "Who denied it?", *read).groups for s in g]
    assert [plain[s.candidate.quote].confidence for s in shown] == [s.confidence for s in shown]
