"""Two numbers in one source, the one set against the other."""

from __future__ import annotations

import pytest

from qa.contrasts import contrasted
from tests.qa.parts import retrieved, scored


def beside(text: str, quote: str) -> list[str]:
    return [item.candidate.quote for item in contrasted([scored(retrieved(text), quote, 0.8)])]


@pytest.mark.parametrize(
    ("text", "quote", "other"),
    [
        ("The toll is 34, not 40 as reported earlier.", "34", "40"),
        ("It went at 94 kilometres an hour and not at 128, as was said.", "94", "128"),
        ("There were 12 guards rather than 20 guards.", "12 guards", "20"),
        ("Not 40 but 34 people had died.", "34", "40"),
        ("We wrote that two machines stood still. It was one.", "two", "one"),
    ],
)
def test_the_other_number_is_found_and_is_a_slice(text: str, quote: str, other: str) -> None:
    assert beside(text, quote) == [other]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Of 46 hurt people five are in hospital.", "46"),
        ("The toll is 34. It cost 40 million crowns, not 50 million.", "34"),
        ("In 2027 there were 140 pages, not in 2028.", "140"),
        ("The toll is 34, not 34 as reported.", "34"),
        ("The early shift starts at 6:15 instead of 5:45 from June on.", "6:15"),
    ],
)
def test_numbers_that_merely_stand_beside_are_none(text: str, quote: str) -> None:
    assert beside(text, quote) == []


def test_what_is_known_already_is_not_found_again() -> None:
    text = "The toll is 34, not 40 as reported earlier."
    items = [scored(retrieved(text), quote, 0.8) for quote in ("34", "40")]
    assert contrasted(items) == []
