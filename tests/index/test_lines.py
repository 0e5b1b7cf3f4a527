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


def test_a_sentence_that_was_wrapped_once_is_one_paragraph():
    text = (
        "The cook was thrown against the range and suffered burns of the arm and a\n"
        "fracture of the hip.\n\nThe End"
    )
    assert texts_of(paragraphs(text), text) == [text[:-9], "The End"]


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
        "The first of two lines that are both as long\nas the second of a verse in small letters.",
        "What the store on the ground floor has for sale:\nclay and glazes",
        "- the first of the points that were told at length\n- the second of them",
    ],
)
def test_lines_of_a_text_that_is_not_wrapped_are_paragraphs(text):
    assert texts_of(paragraphs(text), text) == [line.strip() for line in text.split("\n")]


@pytest.mark.parametrize(
    "lines",
    [
        [
            "- Weight without battery: 2.6 kg",
            "- Noise level: 89 dB(A), measured",
            "- Charging time: 65 min",
        ],
        [
            "1. Fit the gaskets with 35 Nm.",
            "2. Connect the ground first.",
            "3. Open all the valves slowly.",
        ],
        [
            "• the first of the points, as told",
            "• the second of the points, told",
            "• the third of the points",
        ],
        [
            "Operating temperature: 60 °C",
            "Maximum pressure: 16 bar",
            "Supply voltage: 24 V, and so on",
        ],
        [
            "E02  supply voltage much too low",
            "E07  memory fault on board",
            "E11  temperature out of range",
        ],
        [
            "green, steady | the normal operation",
            "yellow | pipe not filled at all",
            "red | call the service now",
        ],
        [
            "Anna Lind, head of the sales team",
            "Peter Moe, head of the workshop",
            "Ruth Aas, chair of the board",
        ],
    ],
)
def test_items_fields_and_rows_are_paragraphs_however_alike_their_length(lines):
    text = "\n".join(lines)
    assert texts_of(paragraphs(text), text) == lines


@pytest.mark.parametrize(
    "lines",
    [
        [
            "> thank you for your message of last week. We have",
            "> seen Anna Lind of the Harbour Board on",
            "> Monday; she asks whether you come.",
        ],
        [
            'As used herein, "this License" refers to version 3 of the GNU Lesser',
            'General Public License, and the "GNU GPL" refers to version 3 of the GNU',
            "General Public License.",
        ],
        [
            "THE PROGRAM IS PROVIDED WITHOUT WARRANTY OF ANY KIND, EITHER",
            "EXPRESSED OR IMPLIED, TO THE EXTENT PERMITTED BY THE LAW THAT",
            "APPLIES TO IT.",
        ],
        [
            "Nobody had seen the ship since it left the port on the evening of March",
            "16. The owner told the newspaper that a search had begun at once, and",
            "London: no word came.",
        ],
        [
            "The pump was late by two weeks, which nobody had foreseen – the works",
            "– they are in Porto – had been closed, and the agent of the firm, one Mr",
            "Duarte Pinho, was away.",
        ],
        [
            "Lines that are set flush on  both of the sides",
            "hold spaces  in many places, to  end where the",
            "one above ends,  and are no  table for all the",
            "gaps in them.",
        ],
        [
            "This is a sentence with an odd  space, and some",
            "more words, which are  no columns, although the",
            "spaces are wide here and there, which happens",
            "where a text was edited and nobody looked.",
            "It goes on.",
        ],
    ],
)
def test_wrapped_prose_stays_whole_where_a_line_begins_like_an_item(lines):
    text = "\n".join(lines)
    assert texts_of(paragraphs(text), text) == [text]


def test_an_item_that_was_wrapped_is_one_paragraph():
    items = [
        "- the first item is so long that it goes on\n  in the line below it",
        "- the second item is as long, and it goes on\n  in another line, too",
    ]
    text = "\n".join(items)
    assert texts_of(paragraphs(text), text) == items


def test_a_sentence_with_room_left_behind_it_is_not_joined_to_a_capital():
    text = (
        "Ask the desk for a key and sign the list\nNo visitors are let in after six\n"
        "please leave all keys at the desk, where they are kept in a cupboard\nover night."
    )
    assert "Ask the desk for a key and sign the list" in texts_of(paragraphs(text), text)
