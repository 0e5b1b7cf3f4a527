"""Headings stay with what they are about."""

from __future__ import annotations

import pytest

from index.documents import Span
from index.headings import begins_anew, trailing_headings

BODY = "The zone has 96,000 households."


@pytest.mark.parametrize(
    "heading",
    [
        "### Lower Tarn",
        "Lower Tarn",
        "2.3 Hours of rest",
        "13. FORFEITURE",
        "84/23 Grants",
        "SECTION 4 - CONCLUSIONS",
        "Part 2: Costs",
        "## Supply zones\n\n### Lower Tarn",
        "To the Nordic Register:",
    ],
)
def test_a_heading_at_the_end_is_found(heading: str) -> None:
    text = f"{BODY}\n\n{heading}"
    assert text[trailing_headings(text, Span(0, len(text))) :] == heading


@pytest.mark.parametrize(
    "last",
    [
        "It was closed.",
        "and what the council\nTold the Mayor",
        "the second half of a sentence",
        "Anna\n\nOtto\n\nAda\n\nEwa\n\nUlf",
        "Roof          £4,500",
        "| Roof | £4,500 |",
        "13 November    7.5",
        "A line" + " that goes on and on" * 5,
    ],
)
def test_what_is_none_stays(last: str) -> None:
    text = f"{BODY}\n\n{last}"
    assert trailing_headings(text, Span(0, len(text))) == len(text)


def test_a_heading_begins_anew_but_not_within_a_list() -> None:
    text = f"{BODY}\n\nLower Tarn\n\n{BODY}"
    start = text.index("Lower")
    assert begins_anew(text, Span(0, len(BODY)), Span(start, len(text)))
    assert not begins_anew(text, Span(0, len(BODY)), Span(start + 12, len(text)))
    listed = "Risks:\n\nFire\n\nFlood\n\nStorm\n\nRiot"
    assert not begins_anew(listed, Span(0, 20), Span(22, len(listed)))
