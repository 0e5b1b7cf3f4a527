"""Times in a question, as filters that are offered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import Filters
from qa.answers import SuggestedFilter
from qa.times import suggested_filters

DATES = ["2022-09-12", "2022-08-31", "2021-01-01", None]


@pytest.mark.parametrize(
    ("question", "first", "last", "label"),
    [
        ("What burned in October?", "2022-10-01", "2022-10-31", "in October"),
        ("Who left before August 2022?", None, "2022-07-31", "before August 2022"),
        ("Who came after 11 August 2022?", "2022-08-12", None, "after 11 August 2022"),
        ("What changed since 2020?", "2020-01-01", None, "since 2020"),
        ("Who won until March 3, 2021", None, "2021-03-03", "until March 3, 2021"),
        ("What was said on Aug. 11?", "2022-08-11", "2022-08-11", "on Aug. 11"),
        ("Who wrote on 2022-08-11?", "2022-08-11", "2022-08-11", "on 2022-08-11"),
        (
            "What burned between June and August 2022?",
            "2022-06-01",
            "2022-08-31",
            "between June and August 2022",
        ),
        ("Who left by the end of 2021?", None, "2021-12-31", "by the end of 2021"),
        ("how many in february 2024", "2024-02-01", "2024-02-29", "in february 2024"),
    ],
)
def test_a_time_becomes_a_range(
    question: str, first: str | None, last: str | None, label: str
) -> None:
    assert suggested_filters(question, DATES) == (SuggestedFilter(first, last, label),)


@pytest.mark.parametrize(
    "question",
    [
        "Who denied the report?",
        "May I ask who may leave?",
        "Who marched in Marlow?",
        "What happened on 31 February 2022?",
        "Was it sold for 2022 crowns?",
        "Who left between August 2022 and June 2022 in Oslo?",
    ],
)
def test_no_time_or_an_impossible_one_is_no_filter(question: str) -> None:
    found = suggested_filters(question, DATES)
    assert found == () or all("between" not in item.label for item in found)


def test_a_month_without_a_year_needs_a_dated_document() -> None:
    assert suggested_filters("What burned in October?", [None]) == ()


def test_each_time_is_offered_once() -> None:
    found = suggested_filters("Who came in June 2022, in June 2022 or in July 2022?", [])
    assert [item.label for item in found] == ["in June 2022", "in July 2022"]


@given(st.text(alphabet="0123456789 ,.-beforinsceJuyAugtMa", max_size=60))
def test_whatever_is_offered_is_a_filter(text: str) -> None:
    for item in suggested_filters(f"What was {text}?", DATES):
        assert Filters(date_from=item.date_from, date_to=item.date_to)
        assert item.label in f"What was {text}?"
