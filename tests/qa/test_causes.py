"""What a sentence names as the cause is a candidate of questions that ask why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import Span
from qa.causes import LIKED, causes, with_causes
from qa.ranking import Candidate
from qa.reader import Reading
from qa.spans import PassageSpan
from tests.qa.parts import retrieved

WHY = "What caused the fire at the mill?"


def named(text: str, question: str = WHY) -> list[str]:
    return [text[span.start : span.end] for span in causes(question, retrieved(text))]


@pytest.mark.parametrize(
    ("sentence", "cause"),
    [
        ("The fire at the mill was caused by a broken lamp.", "a broken lamp"),
        ("The fire was probably started by boys, said a guard.", "boys"),
        ("It was set off by two boys who had crossed the yard, police said.", None),
        ("The fire at the mill was due to neglect.", "neglect"),
        ("A broken lamp is seen as the probable cause.", "A broken lamp"),
        ("Neglect is to blame, said the director.", "Neglect"),
        ("The main reason was a lamp that nobody had checked, the auditors wrote.", None),
        ("Experts found that a broken lamp had caused the fire.", "a broken lamp"),
        ("The cause of the fire at the mill was a broken lamp.", "a broken lamp"),
        ("The police blamed the fire on a broken lamp.", "a broken lamp"),
        ("The fire broke out because the lamp had fallen over.", "the lamp had fallen over"),
        ("What failed was a lamp.", "a lamp"),
    ],
)
def test_what_the_sentence_names_is_found_whole(sentence: str, cause: str | None) -> None:
    found = named(f"A fire destroyed the mill. {sentence}")
    if cause is None:
        assert len(found) == 1
        assert "," not in found[0]
        assert len(found[0].split()) > 3
    else:
        assert found == [cause]


@pytest.mark.parametrize(
    "sentence",
    [
        "The fire at the mill was not caused by a broken lamp.",
        "We can no longer say that boys caused the fire.",
        "The flood was caused by a broken lamp.",
        "It was caused by it.",
        "The fire caused panic in the town.",
        "The fire at the mill was put out by noon.",
    ],
)
def test_what_was_not_the_cause_or_not_of_this_is_none(sentence: str) -> None:
    assert named(f"A fire destroyed the mill. {sentence}") == []


def test_a_text_of_something_else_names_no_cause() -> None:
    assert named("Neglect is to blame, said the director of the bank.") == []


def test_other_questions_are_left_alone() -> None:
    item = retrieved("The fire at the mill was caused by a broken lamp.")
    known = [Candidate(item, Span(0, 8), "The fire", 1.0, 1.0)]
    reading = Reading((PassageSpan(0, 8, 1.0),), 0.0)
    assert with_causes("Where was the fire?", [item], [reading], known) == known


def test_the_cause_takes_the_place_of_what_the_reader_found_in_it() -> None:
    text = "The fire at the mill was caused by a broken lamp. The guard slept."
    item = retrieved(text)
    spans = (PassageSpan(37, 48, 2.0), PassageSpan(50, 59, 1.0))
    known = [
        Candidate(item, Span(s.passage_start, s.passage_end), "", s.logit, s.logit - 0.5)
        for s in spans
    ]
    found = with_causes(WHY, [item], [Reading(spans, 0.5)], known)
    assert [c.quote for c in found] == ["a broken lamp", ""]
    assert found[0].named
    assert found[0].logit == 2.0 + LIKED
    assert found[0].margin == found[0].logit - 0.5
    assert found[1] is known[1]


def test_a_cause_that_the_reader_missed_is_liked_more_than_the_least_it_found() -> None:
    item = retrieved("The guard slept. The fire at the mill was caused by a broken lamp.")
    reading = Reading((PassageSpan(0, 9, -3.0),), 1.0)
    (found,) = with_causes(WHY, [item], [reading], [])
    assert found.margin == -4.0 + LIKED


@given(st.text(alphabet="ab ,.;-'’fire mill was caused by because due to the reason", max_size=200))
def test_causes_are_slices_of_any_text(text: str) -> None:
    for span in causes(WHY, retrieved(f"fire mill {text}")):
        assert 0 <= span.start < span.end <= len(text) + 10
