"""Lists in one span are told apart into their members, and nothing else is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import Span
from qa.members import members


def named(text: str, quote: str | None = None) -> list[str]:
    start = text.index(quote) if quote else 0
    span = Span(start, start + len(quote)) if quote else Span(0, len(text))
    return [text[member.start : member.end] for member in members(text, span)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("the Rungna Bureau, the Ministry of Fisheries, and the Ministry of Railways", 3),
        ("Germany, Italy and Spain", 3),
        ("apples, pears and plums", 3),
        ("both Ada Lind and Otto Berg", 2),
        ("the mayor and the chief of police", 2),
        ("Germany (and, partly, France), Italy and Spain.", 3),
        ("its director, Ada Lind, and the mayor", 2),
        ("Ada Lind, Mayor of Tarn, and Otto Berg", 2),
        ("Tarn, Norway; Velm, Sweden; and Orrin, Denmark", 3),
        ("Élodie Øst, Łukasz Żak and Öyvind Berg", 3),
        ("Élodie Øst and Łukasz Żak", 2),
        ("Mayor Ada Lind, General Otto Berg and Karl Denk", 3),
    ],
)
def test_a_list_has_members(text: str, parts: int) -> None:
    assert len(named(text)) == parts


def test_numbers_before_members_are_no_part_of_them() -> None:
    assert named("1. apples\n2. pears\n 3) plums") == ["apples", "pears", "plums"]
    assert named("Ada Lind, 1. FC Tarn and Otto Berg") == ["Ada Lind", "1. FC Tarn", "Otto Berg"]


@pytest.mark.parametrize(
    "text",
    [
        *("Ada Lind", "the director, Ada Lind", "search and rescue teams", "100,000 men"),
        *("the Ministry of Trade and Industry", "Lind, 40", "He said it, and she left"),
    ],
)
def test_what_is_no_list_has_none(text: str) -> None:
    assert named(text) == []


def test_members_beside_the_quote_belong_to_its_list() -> None:
    text = "He said the Rungna Bureau, the Ministry of Fish, and the Ministry of Rails have left."
    whole = ["the Rungna Bureau", "the Ministry of Fish", "the Ministry of Rails"]
    assert named(text, "the Ministry of Fish, and the Ministry of Rails") == whole
    assert named(text, "the Rungna Bureau") == whole


@pytest.mark.parametrize(
    ("text", "quote", "parts"),
    [
        (
            "Present: Ada Lind (chair), Otto Berg (finance, acting) and Karl Denk (minutes).",
            "Ada Lind",
            ["Ada Lind (chair)", "Otto Berg (finance, acting)", "Karl Denk (minutes)"],
        ),
        (
            "Bidders: Almeda Castings (EUR 74,500), Brunn & Sons (EUR 71,000), Corva.\nIt went on.",
            "Brunn & Sons",
            ["Almeda Castings (EUR 74,500)", "Brunn & Sons (EUR 71,000)", "Corva"],
        ),
        ("Present: Aurich, Achterberg, Sahin, Quast", "Aurich", 4),
        ("Present: Aurich, Achterberg, Sahin, Quast. All agreed.", "Sahin", 4),
        ("It was shown in Tarn, Norway. Nobody came.", "Tarn", 0),
    ],
)
def test_a_list_goes_on_past_brackets_and_needs_no_and(
    text: str, quote: str, parts: list[str] | int
) -> None:
    found = named(text, quote)
    assert (len(found) if isinstance(parts, int) else found) == parts


@given(st.text("Aa ,;()and\n“”.é\u0301🙂", max_size=80), st.integers(0, 80), st.integers(1, 80))
def test_members_are_slices_in_order_whatever_the_text(text: str, start: int, more: int) -> None:
    span = Span(min(start, len(text)), min(start + more, len(text)))
    found = members(text, span)
    assert len(found) != 1
    assert all(0 <= member.start < member.end <= len(text) for member in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
