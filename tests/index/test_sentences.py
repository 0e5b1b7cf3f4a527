"""Sentences are exact spans."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.documents import Span
from index.lines import paragraphs
from index.sentences import sentence_around, sentence_spans
from tests.index.texts import THOROUGH, hostile_texts


def sentences_of(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentence_spans(text)]


def around(text: str, words: str) -> str:
    start = text.index(words)
    found = sentence_around(text, Span(start, start + len(words)))
    return text[found.start : found.end]


@THOROUGH
@given(hostile_texts)
def test_sentences_are_trimmed_slices_in_order_within_paragraphs(text):
    spans = sentence_spans(text)
    for span in spans:
        piece = text[span.start : span.end]
        assert piece
        assert piece == piece.strip()
    assert all(one.end <= next_one.start for one, next_one in pairwise(spans))
    blocks = paragraphs(text)
    assert all(any(b.start <= s.start and s.end <= b.end for b in blocks) for s in spans)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("date 2022-08-11 The ministry denied it. It did.", 3),
        ("Published on: 2022-08-11 “It is fake,” he said.", 2),
        ("2022-08-11 Pump replaced.", 1),
        ("Updated 2022-08-11 by the editor.", 1),
    ],
)
def test_a_labelled_date_is_no_part_of_the_first_sentence(text: str, count: int) -> None:
    assert len(sentences_of(text)) == count


@THOROUGH
@given(hostile_texts)
def test_sentences_leave_out_nothing_but_white_space(text):
    covered = {i for span in sentence_spans(text) for i in range(span.start, span.end)}
    assert all(c.isspace() for i, c in enumerate(text) if i not in covered)


@THOROUGH
@given(hostile_texts, st.data())
@example("", None)
def test_the_sentence_around_a_span_holds_the_span(text, data):
    start = data.draw(st.integers(0, len(text))) if data else 0
    end = data.draw(st.integers(start, len(text))) if data else 0
    found = sentence_around(text, Span(start, end))
    assert found.start <= start
    assert end <= found.end <= len(text)


@THOROUGH
@given(hostile_texts)
def test_the_sentence_around_part_of_a_sentence_is_that_sentence(text):
    if "\n" in text:  # a window of a text may look hard-wrapped where the whole does not
        text = text.replace("\n", " ")
    for span in sentence_spans(text):
        assert sentence_around(text, span) == span


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One came. Two went!", ["One came.", "Two went!"]),
        ("Dr. Smith left at 5 p.m. with Mr. Jones.", ["Dr. Smith left at 5 p.m. with Mr. Jones."]),
        ("1. First do this. 2. Then that.", ["1. First do this.", "2. Then that."]),
        ("A heading\n\nA sentence.", ["A heading", "A sentence."]),
        ("A heading\nA sentence.", ["A heading", "A sentence."]),
        ("  \n ", []),
    ],
)
def test_where_sentences_end(text, sentences):
    assert sentences_of(text) == sentences


def test_a_hard_wrapped_sentence_is_one():
    lines = [
        "The first line of a paragraph that",
        "somebody wrapped at about forty",
        "columns ends here.",
    ]
    assert sentences_of("\n".join(lines)) == ["\n".join(lines)]


def test_a_lone_list_marker_is_kept():
    assert sentences_of("2.") == ["2."]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("world", "Hello world."),
        ("Hello", "Hello world."),
        ("again", "Bye again."),
        ("world. Bye", "Hello world. Bye again."),
        ("Last", "Last paragraph"),
    ],
)
def test_sentence_around_words(words, sentence):
    assert around("Hello world. Bye again.\n\nLast paragraph\n\nEnd.", words) == sentence


def test_sentence_around_the_end_of_a_very_long_line():
    text = "Filler words stand here. " * 2_000 + "The needle is found at the end."
    assert around(text, "needle") == "The needle is found at the end."


def test_white_space_has_no_sentence():
    assert sentence_around("One.   Two.", Span(5, 6)) == Span(5, 6)
