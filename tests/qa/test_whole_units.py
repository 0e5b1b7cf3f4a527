"""No measure is quoted without its unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.whole_units import whole_unit


@pytest.mark.parametrize(
    ("text", "quote", "whole"),
    [
        ("Maximum pressure: 16 bar\nVoltage: 24 V", "16", "16 bar"),
        ("Noise level: 89 dB(A)", "89 dB", "89 dB(A)"),
        ("between 25 and 27 % of them", "25 and 27", "25 and 27 %"),
        ("It weighs 2.6kg without", "2.6", "2.6kg"),
        ("up to 12 m/s (at 20 °C)", "12 m", "12 m/s"),
        ("lead: 13 µg/l at tap C", "13", "13 µg/l"),
        ("from -10 to +60 °C.", "-10 to +60", "-10 to +60 °C"),
        ("It needs 24 V, at most", "24", "24 V"),
        ("All 16 bar staff left", "16", "16"),
        ("Of 24 V signs, none was his", "24", "24"),
        ("In 2016\nkm by km they went", "2016", "2016"),
        ("Some 16 kgs and 3 mmol", "16", "16"),
        ("F200 pumps 16 bar", "F200", "F200"),
        ("some 4.2 per cent of", "4.2", "4.2 per cent"),
        ("Ada Lind % of", "Ada Lind", "Ada Lind"),
    ],
)
def test_the_unit_belongs_to_the_number(text: str, quote: str, whole: str) -> None:
    start = text.index(quote)
    end = whole_unit(text, start, start + len(quote))
    assert text[start:end] == whole


@given(st.text("1, %bardB(A)m/s\n", max_size=40), st.integers(0, 40), st.integers(1, 20))
def test_a_span_only_grows_by_one_unit(text: str, start: int, more: int) -> None:
    start = min(start, len(text))
    end = min(start + more, len(text))
    assert end <= whole_unit(text, start, end) <= min(len(text), end + 10)
