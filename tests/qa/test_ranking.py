"""From what was read to candidates with places in their documents."""

from __future__ import annotations

import pytest

from index.documents import Span
from qa.ranking import candidates, drop_overlaps
from qa.reader import PassageSpan, Reading
from tests.qa.parts import quotes, retrieved, scored

WHOLE = "Anna met Otto Lang in Oslo."
FIRST = retrieved(WHOLE[:18])  # "Anna met Otto Lang"
SECOND = retrieved(WHOLE[9:], offset=9)  # "Otto Lang in Oslo."


def test_a_candidate_stands_where_its_passage_stands_in_the_document() -> None:
    reading = Reading((PassageSpan(0, 9, 5.0), PassageSpan(13, 17, 1.0)), no_answer_logit=2.0)
    found = candidates("who?", [SECOND], [reading])
    assert [(c.span, c.quote) for c in found] == [
        (Span(9, 18), "Otto Lang"),
        (Span(22, 26), "Oslo"),
    ]
    assert all(WHOLE[c.span.start : c.span.end] == c.quote for c in found)


def test_numbers_and_addresses_are_quoted_whole() -> None:
    text = "All twenty-one pay finance@tarn.example."
    start = text.index("tarn.")
    spans = PassageSpan(start, start + 4, 5.0), PassageSpan(11, 14, 1.0)
    found = candidates("what?", [retrieved(text)], [Reading(spans, no_answer_logit=2.0)])
    assert [c.quote for c in found] == ["finance@tarn.example", "twenty-one"]


def test_a_name_ends_with_its_sentence() -> None:
    text = "It burned, said Ada Lind. She left. So did Dr. Otto Lang."
    spans = PassageSpan(16, 34, 5.0), PassageSpan(43, 56, 1.0)
    for question, quoted in (
        ("who?", ["Ada Lind", "Dr. Otto Lang"]),
        ("what?", ["Ada Lind. She left", "Dr. Otto Lang"]),
    ):
        found = candidates(question, [retrieved(text)], [Reading(spans, no_answer_logit=2.0)])
        assert [c.quote for c in found] == quoted


def test_the_margin_is_the_logit_above_the_one_of_no_answer() -> None:
    found = candidates("who?", [SECOND], [Reading((PassageSpan(0, 9, 5.0),), no_answer_logit=2.0)])
    assert (found[0].logit, found[0].margin) == (5.0, 3.0)


def test_readings_belong_to_passages_one_by_one() -> None:
    reading = Reading((PassageSpan(0, 4, 1.0),), 0.0)
    assert [c.quote for c in candidates("who?", [FIRST, SECOND], [reading, reading])] == [
        "Anna",
        "Otto",
    ]
    assert candidates("who?", [FIRST], [Reading((), 3.0)]) == []
    with pytest.raises(ValueError, match="argument 2"):
        candidates("who?", [FIRST, SECOND], [reading])


def test_the_same_place_read_in_two_overlapping_passages_is_kept_once() -> None:
    kept = drop_overlaps([scored(FIRST, "Otto Lang", 0.4), scored(SECOND, "Otto Lang", 0.7)])
    assert len(kept) == 1
    assert kept[0].confidence == 0.7


def test_of_overlapping_spans_of_overlapping_passages_the_surest_is_kept() -> None:
    kept = drop_overlaps([scored(FIRST, "met Otto", 0.6), scored(SECOND, "Otto Lang", 0.5)])
    assert quotes(kept) == ["met Otto"]


def test_spans_that_touch_do_not_overlap() -> None:
    kept = drop_overlaps([scored(FIRST, "met ", 0.6), scored(SECOND, "Otto", 0.5)])
    assert quotes(kept) == ["met ", "Otto"]


def test_equal_offsets_in_two_documents_are_two_places() -> None:
    other = retrieved(WHOLE, document_id=2)
    kept = drop_overlaps([scored(FIRST, "Otto", 0.6), scored(other, "Otto", 0.5)])
    assert [item.candidate.retrieved.passage.document_id for item in kept] == [1, 2]


def test_the_surest_comes_first() -> None:
    kept = drop_overlaps([scored(FIRST, "Anna", 0.2), scored(SECOND, "Oslo", 0.9)])
    assert quotes(kept) == ["Oslo", "Anna"]


def test_what_the_text_only_asks_is_no_candidate_unless_a_question_is_asked_for() -> None:
    text = "Who mends the lift? Ring 3.5 times for Otto Lang. He asked: Is it Ada Lind?"
    spans = [(text.index(word), word) for word in ("lift", "Otto Lang", "Ada Lind")]
    reading = Reading(tuple(PassageSpan(at, at + len(w), 5.0) for at, w in spans), 0.0)

    def quoted(question: str) -> list[str]:
        return [c.quote for c in candidates(question, [retrieved(text)], [reading])]

    assert quoted("Whom do I call?") == ["Otto Lang"]
    ended = Reading((PassageSpan(0, 5, 5.0),), 0.0)
    found = candidates("Who came?", [retrieved("Lind. Who else?")], [ended])
    assert [c.quote for c in found] == ["Lind."]
    assert quoted("Whom did he ask for?") == ["lift", "Otto Lang", "Ada Lind"]


def test_a_span_that_only_repeats_the_question_is_no_candidate() -> None:
    reading = Reading((PassageSpan(0, 9, 5.0), PassageSpan(13, 17, 1.0)), 0.0)
    assert [c.quote for c in candidates("Where was otto Lang?", [SECOND], [reading])] == ["Oslo"]
    everything = candidates("Was it Otto Lang or Anna?", [SECOND], [reading])
    assert [c.quote for c in everything] == ["Otto Lang", "Oslo"]


def test_a_pronoun_is_no_candidate() -> None:
    reading = Reading((PassageSpan(0, 3, 5.0),), 0.0)
    assert candidates("Who came?", [retrieved("She came.")], [reading]) == []


@pytest.mark.parametrize(
    ("question", "text", "quote", "kept"),
    [
        ("Is alcohol reimbursed?", "Alcohol is not reimbursed.", "not", True),
        ("Is alcohol reimbursed?", "Alcohol is not reimbursed.", "Alcohol is not reimbursed", True),
        ("Is there a raft?", "There is no raft.", "no raft", True),
        ("Is it safe?", "It isn't safe.", "isn't safe", True),
        ("Is alcohol reimbursed?", "Alcohol is reimbursed.", "Alcohol is reimbursed", False),
        ("Is it not safe?", "It is not safe.", "not safe", False),
        ("Why is alcohol reimbursed?", "Alcohol is not reimbursed.", "not reimbursed", False),
    ],
)
def test_where_it_is_asked_if_a_thing_is_so_no_is_no_repetition(
    question: str, text: str, quote: str, kept: bool
) -> None:
    start = text.index(quote)
    reading = Reading((PassageSpan(start, start + len(quote), 5.0),), 0.0)
    found = candidates(question, [retrieved(text)], [reading])
    assert [c.quote for c in found] == [quote] * kept


def test_the_day_of_an_update_is_no_day_of_what_is_told() -> None:
    text = f"{'It rained. ' * 40}\n\nUpdate, 7 March: The plant was not raided."
    start = text.index("7 March")
    readings = [Reading((PassageSpan(start, start + 7, 5.0),), no_answer_logit=2.0)]
    assert candidates("When was the plant raided?", [retrieved(text)], readings) == []
    assert candidates("When was the post updated?", [retrieved(text)], readings)


def test_the_days_of_a_life_are_no_dateline() -> None:
    text = "Eleanor Whitlock (12 March 1871 - 4 November 1948) was a baker."
    start = text.index("12")
    reading = Reading((PassageSpan(start, start + len("12 March 1871"), 5.0),), 0.0)
    found = candidates("When was Eleanor Whitlock born?", [retrieved(text)], [reading])
    assert [c.quote for c in found] == ["12 March 1871"]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Deadline: 11 August 2022\n", True),
        ("Deadline: Thursday, 11 August 2022\n", True),
        ("Invoice date: 11 August 2022", True),
        ("Newsletter deadline = 11 August 2022\n", True),
        ("- The launch is on 11 August 2022\n", True),
        ("Ada Lind was born on 11 August 2022 - a Thursday.", True),
        ("TARN, 11 August 2022 — The bridge opened.", False),
        ("TARN, Thursday, 11 August 2022\n", False),
        ("11 August 2022\n", False),
        ("By Ada Lind, on 11 August 2022\n", False),
        ("Published on 11 August 2022\n", False),
        ("This article was last changed on 11 August 2022\n", False),
        ("Last updated: 11 August 2022\n", False),
        ("Author: Ada Lind | Updated: 11 August 2022\n", False),
        ("Date: 11 August 2022\n", False),
        ("Tarn Courier | 11 August 2022\n", False),
    ],
)
@pytest.mark.parametrize("opening", ["", "A headline\n"])
@pytest.mark.parametrize("with_on", [False, True])
def test_a_date_that_its_line_tells_of_is_no_dateline(
    line: str, kept: bool, opening: str, with_on: bool
) -> None:
    text = opening + line
    quote = "on 11 August 2022" if with_on and " on 11" in line else "11 August 2022"
    start = text.index(quote)
    reading = Reading((PassageSpan(start, start + len(quote), 5.0),), 0.0)
    found = candidates("When is it?", [retrieved(text)], [reading])
    assert [c.quote for c in found] == [quote] * kept
