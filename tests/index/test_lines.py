"""Lines and paragraphs."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given

from index.lines import paragraphs, physical_lines
from tests.index.texts import THOROUGH, hostile_texts

WRAPPED = [
    "A paragraph that was wrapped at some forty",
    "columns goes on over several lines, until",
    "it ends.",
]


def texts_of(spans, text: str) -> list[str]:
    return [text[span.start : span.end] for span in spans]


@THOROUGH
@given(hostile_texts)
def test_physical_lines_are_the_lines_that_are_not_blank(text):
    spans = physical_lines(text)
    assert texts_of(spans, text) == [line.strip() for line in text.split("\n") if line.strip()]
    assert all(one.end < next_one.start for one, next_one in pairwise(spans))


@THOROUGH
@given(hostile_texts)
def test_paragraphs_are_runs_of_whole_lines(text):
    lines, found = physical_lines(text), paragraphs(text)
    assert all(one.end < next_one.start for one, next_one in pairwise(found))
    assert {p.start for p in found} <= {line.start for line in lines}
    assert {p.end for p in found} <= {line.end for line in lines}
    assert all(any(p.start <= x.start and x.end <= p.end for p in found) for x in lines)


def test_only_a_line_feed_ends_a_line():
    assert texts_of(physical_lines("a\u2028b\x0bc\n\n d \n"), "a\u2028b\x0bc\n\n d \n") == [
        "a\u2028b\x0bc",
        "d",
    ]


def test_hard_wrapped_lines_are_one_paragraph():
    text = "\n".join(WRAPPED)
    assert texts_of(paragraphs(text), text) == [text]


def test_a_short_line_ends_a_paragraph_of_wrapped_lines():
    text = "\n".join(WRAPPED + WRAPPED)
    assert texts_of(paragraphs(text), text) == ["\n".join(WRAPPED)] * 2


@pytest.mark.parametrize("gap", ["\n\n", "\n \n", "\n\t\n\xa0\n"])
def test_a_blank_line_ends_a_paragraph(gap):
    first, second = "\n".join(WRAPPED[:2] * 2), "\n".join(WRAPPED)
    text = first + gap + second
    assert texts_of(paragraphs(text), text) == [first, second]


@pytest.mark.parametrize(
    "text",
    [
        "Heading\nA sentence below it.",
        "Two lines\nof a verse",
        "word " * 21 + "\n" + "short\nlines",
    ],
)
def test_lines_of_a_text_that_is_not_wrapped_are_paragraphs(text):
    assert texts_of(paragraphs(text), text) == [line.strip() for line in text.split("\n")]
