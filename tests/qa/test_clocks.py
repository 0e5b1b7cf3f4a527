"""Times of day, in figures and in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.clocks import clock


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        *(("2:08 p.m.", 848), ("14:08", 848), ("9.50 p.m.", 1310), ("12 a.m.", 0)),
        *(("18:00 hours", 1080), ("5", None), ("25:00", None), ("13 p.m.", None)),
        *(("9:75", None), ("noon", 720), ("shortly after midnight", 0), ("ten", None)),
        *(("5.50 in the morning", 350), ("eleven o'clock at night", 1380)),
        *(("ten minutes past ten", 610), ("twenty to eleven", 640), ("half past seven", 450)),
        *(("a quarter to one in the afternoon", 765), ("8 in the evening", 1200)),
        *(("ten men", None), ("in the morning", None), ("5 hours ago", None)),
    ],
)
def test_times_of_day(text: str, minutes: int | None) -> None:
    found = clock(text)
    assert (found.minutes if found else None) == minutes


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("7.45 p.m.", "19:45", True),
        ("7.45 p.m.", "7.45 a.m.", False),
        ("a quarter to eight", "19:45", True),
        ("a quarter to eight", "7.45 a.m.", True),
        ("a quarter past eight", "7.45 a.m.", False),
    ],
)
def test_a_time_that_leaves_the_half_of_the_day_open_meets_both(
    one: str, other: str, same: bool
) -> None:
    first, second = clock(one), clock(other)
    assert first and second
    assert first.meets(second) == second.meets(first) == same


@given(st.text(max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    found = clock(text)
    assert found is None or 0 <= found.minutes < 24 * 60
