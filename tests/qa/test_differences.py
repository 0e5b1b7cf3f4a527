"""What each source says, asked alone, beside the best answer."""

from __future__ import annotations

from dataclasses import replace

from index.documents import RetrievedPassage
from qa.differences import by_source, differing
from qa.ranking import Candidate, Scored
from tests.qa.parts import candidate, margin_calibrator, retrieved, scored

QUESTION = "How many houses burned?"


def told(text: str, voice: int) -> RetrievedPassage:
    item = retrieved(text, document_id=voice)
    return replace(item, passage=replace(item.passage, voice=voice))


WIRE = told("The fire burned 140 houses on Monday.", 1)
BLOG = told("My guess is 400 houses by now.", 2)
LOCAL = told("The bridge cost 9 million crowns.", 3)
REPRINT = retrieved("The fire burned 150 houses on Monday.", document_id=9)
COPY = replace(REPRINT, passage=replace(REPRINT.passage, voice=1))


def quotes_of(best: Candidate, *others: Candidate) -> list[str]:
    alone = by_source(QUESTION, [best, *others], margin_calibrator())
    first = next(item for item in alone if item.candidate is best)
    found = differing(QUESTION, first, alone)
    return [item.candidate.quote for item in found]


def test_another_source_with_another_number_of_the_same_unit_differs() -> None:
    assert quotes_of(candidate(WIRE, "140", 5.0), candidate(BLOG, "400", 1.0)) == ["400"]


def test_the_same_number_a_copy_and_another_unit_do_not() -> None:
    best = candidate(WIRE, "140", 5.0)
    same = candidate(told("It took 140 houses.", 4), "140 houses", 3.0)
    assert quotes_of(best, same, candidate(LOCAL, "9 million crowns", 3.0)) == []
    assert quotes_of(best, candidate(COPY, "150", 3.0)) == []


def test_what_a_source_hardly_says_is_left_out() -> None:
    assert quotes_of(candidate(WIRE, "140", 5.0), candidate(BLOG, "400", -3.0)) == []


def test_a_number_without_a_unit_needs_to_be_liked_better_than_one_of_the_unit_asked_for() -> None:
    best = scored(WIRE, "140 houses", 0.9)
    for quote, found in (("400 houses", ["400 houses"]), ("400", [])):
        liked = candidate(told("My guess is 400 houses.", 2), quote, -2.5)
        text = told("My guess is 400 so far.", 2)
        liked = liked if found else candidate(text, quote, -2.5)
        differences = differing(QUESTION, best, [best, Scored(liked, 0.5)])
        assert [item.candidate.quote for item in differences] == found


def test_what_is_told_of_somebody_else_is_no_difference() -> None:
    best = scored(told("The fire in Tarn burned 140 houses.", 1), "140 houses", 0.9)
    other = scored(told("The fire in Oslo burned 400 houses.", 2), "400 houses", 0.9)
    assert differing("How many houses burned in Tarn?", best, [best, other]) == []
    near = scored(told("By now 400 houses in Tarn are gone.", 3), "400 houses", 0.9)
    assert differing("How many houses burned in Tarn?", best, [best, near]) == [near]


def test_a_name_has_no_measure() -> None:
    best = scored(told("It was Otto Lang.", 1), "Otto Lang", 0.9)
    other = scored(told("It was Ada Falk.", 2), "Ada Falk", 0.9)
    assert differing(QUESTION, best, [best, other]) == []


def test_nothing_is_asked_of_nobody() -> None:
    assert by_source(QUESTION, [], margin_calibrator()) == []
