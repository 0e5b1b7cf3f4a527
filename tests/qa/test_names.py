"""Which spans name the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.names import name_of


@pytest.mark.parametrize(
    "text",
    [
        "Ivan Nechaev",
        "Ivan Nechaev, deputy director of the press department of the Russian Foreign Ministry",
        "deputy director Ivan Nechaev",
        "its deputy director, Ivan Nechaev",
        "Foreign Minister Ivan Nechaev",
        "Ivan Nechaev of Quayside Bank",
        "Ivan Nechaev, 34, who lives there",
    ],
)
def test_the_person_is_found_in_what_is_said_of_them(text: str) -> None:
    found = name_of(text)
    assert found is not None
    assert found.words == ("ivan", "nechaev")


@pytest.mark.parametrize(
    "text",
    ["the ministry", "Two officials", "a leaked letter", "the foreign ministry of Karst", "7"],
)
def test_a_span_without_a_name_of_its_own_has_none(text: str) -> None:
    assert name_of(text) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Nechaev", "Ivan Nechaev", True),
        ("I. Nechaev", "Ivan Nechaev", True),
        ("Halden", "Halden Foods", True),
        ("IRF", "International Running Federation", True),
        ("Rafael Ondo", "Raphael Ondo", True),
        ("Maria Silva", "Mario Silva", False),
        ("Igor Nechaev", "Ivan Nechaev", False),
        ("Korea", "North Korea", False),
        ("Foreign Ministry", "Russian Foreign Ministry", False),
        ("Ministry of Fisheries", "Ministry of Railways", False),
        ("Luhansk", "Donetsk and Luhansk", False),
        ("T3", "T5", False),
        ("Channel", "Channel 4", False),
    ],
)
def test_forms_of_one_name_meet(one: str, other: str, same: bool) -> None:
    first, second = name_of(one), name_of(other)
    assert first and second
    assert first.meets(second) == second.meets(first) == same


@given(st.text(max_size=120))
def test_no_text_is_too_strange(text: str) -> None:
    name_of(text)
