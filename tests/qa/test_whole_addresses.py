"""No address is quoted in part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.whole_addresses import whole_address


@pytest.mark.parametrize(
    ("text", "quote", "whole"),
    [
        ("Write to finance@tarn.example.", "tarn", "finance@tarn.example"),
        ("Forward it to <phishing@tarn.example>.", "@tarn", "phishing@tarn.example"),
        ("Ask Ada (ada.lind@x-y.example), please", "ada.lind", "ada.lind@x-y.example"),
        (
            "from ada@x.example to bo@x.example",
            "ada@x.example to bo",
            "ada@x.example to bo@x.example",
        ),
        ("See https://tarn.example/a_(b)?c=1, then", "https", "https://tarn.example/a_(b)?c=1"),
        ("(see https://tarn.example/help).", "tarn", "https://tarn.example/help"),
        ("Go to www.tarn.example.", "tarn", "www.tarn.example"),
        ("Order at shop.tarn.com/parts, today", "tarn", "shop.tarn.com/parts"),
        ("Read tarn.com/2024/05/news", "2024", "tarn.com/2024/05/news"),
        ("Call +49 30 5550 1999 (weekdays)", "30 5550", "+49 30 5550 1999"),
        ("Call +44 (0)20 7946 0018 8:00 to 17:00", "7946", "+44 (0)20 7946 0018"),
        ("Ask @tarn about it", "tarn", "tarn"),
        ("He left.It rained", "left", "left"),
        ("It is 5 to +60 °C, 30 days", "60", "60"),
        ("Ada Lind, ada@x.example", "Ada Lind", "Ada Lind"),
        ("a pump/valve at 3.5 bar", "pump", "pump"),
    ],
)
def test_the_rest_of_an_address_belongs_to_it(text: str, quote: str, whole: str) -> None:
    start = text.index(quote)
    first, last = whole_address(text, start, start + len(quote))
    assert text[first:last] == whole


@given(st.text("a1.@:/+ ()w-\n", max_size=60), st.integers(0, 60), st.integers(1, 20))
def test_a_span_only_grows_and_stays_inside(text: str, start: int, more: int) -> None:
    start = min(start, len(text))
    end = min(start + more, len(text))
    first, last = whole_address(text, start, end)
    assert 0 <= first <= start and end <= last <= len(text)


def test_a_text_without_spaces_is_not_gone_through_as_a_whole() -> None:
    text = "a.-" * 400_000
    assert whole_address(text, 600_000, 600_001) == (600_000, 600_001)
