"""Dates and times of day as texts write them."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.dates import Moment, moment

THURSDAY = datetime.date(2023, 9, 14)


@pytest.mark.parametrize(
    "text",
    [
        *("11 August 2022", "August 11, 2022", "Aug. 11, 2022", "2022-08-11", "11.08.2022"),
        *(
            "11\u00a0August\u00a02022",
            "11\nAugust 2022",
            "August  11,\n2022",
            "on\u202f11 August 2022",
        ),
        *("11. August 2022", "2022/08/11"),
        *("the 11th of August, 2022", "on Thursday, 11 August 2022", "(August 11, 2022)"),
    ],
)
def test_one_day_is_read_however_it_is_written(text: str) -> None:
    assert moment(text) == Moment(2022, 8, 11, 3)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("11 August", Moment(month=8, day=11)),
        ("Sept. 20", Moment(month=9, day=20)),
        ("in August 2022", Moment(2022, 8)),
        ("1987", Moment(1987)),
        ("in 1902³", Moment(1902)),  # the mark of a note
        ("13/08/2022", Moment(2022, 8, 13, 5)),
        ("Tuesday", Moment(weekday=1)),
    ],
)
def test_only_what_is_stated_is_known(text: str, found: Moment) -> None:
    assert moment(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "May be",
        "30 February 2022",
        "08/11/2022",
        "2022-13-01",
        "2022/08-11",
        "1,987",
        "Nechaev",
        "",
        "day",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert moment(text) is None


def test_a_weekday_is_the_last_one_before_the_article() -> None:
    assert moment("on Tuesday", THURSDAY) == Moment(2023, 9, 12, 1)
    assert moment("Thursday", THURSDAY) == Moment(2023, 9, 14, 3)
    assert moment("Sunday", datetime.date(1, 1, 1)) == Moment(weekday=6)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("11 August", "August 11, 2022", True),
        ("August 2022", "11 August", True),
        ("11 August", "12 August", False),
        ("August 11, 2022", "August 11, 2023", False),
        ("2022", "11 August", False),
        ("Thursday", "11 August 2022", True),
        ("Friday", "11 August 2022", False),
    ],
)
def test_dates_meet_unless_they_differ(one: str, other: str, same: bool) -> None:
    first, second = moment(one), moment(other)
    assert first and second
    assert first.meets(second) == second.meets(first) == same


@given(st.dates(datetime.date(1000, 1, 1), datetime.date(2999, 12, 31)))
def test_every_written_day_is_read(day: datetime.date) -> None:
    expected = Moment(day.year, day.month, day.day, day.weekday())
    assert moment(day.isoformat()) == expected
    assert moment(f"{day.day} {day.strftime('%B %Y')}") == expected


@given(st.text(max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    moment(text, THURSDAY)
