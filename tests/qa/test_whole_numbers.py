"""No number is quoted in part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.whole_numbers import whole_number


@pytest.mark.parametrize(
    ("text", "quote", "whole"),
    [
        ("Four hundred and twelve birds", "twelve", "Four hundred and twelve"),
        ("some 18 million florins", "18", "18 million"),
        ("a hundred thousand men", "thousand", "a hundred thousand"),
        ("twenty-one men", "one", "twenty-one"),
        ("He saw 5 and ten men", "ten", "ten"),
        ("a man and one dog", "one", "one"),
        ("It opened in the autumn of 2025.", "2025", "autumn of 2025"),
        ("It opens in early June.", "June", "early June"),
        ("the end of winter of 2019", "2019", "the end of winter of 2019"),
        ("It was built in 2025.", "2025", "2025"),
        ("between 3 and 5 per cent", "3 and 5 per cent", "between 3 and 5 per cent"),
        ("between Ulm and Oslo", "Ulm and Oslo", "Ulm and Oslo"),
        ("Ada Lind said so", "Ada Lind", "Ada Lind"),
        ("It had fallen to -5 °C.", "5 °C", "-5 °C"),
        ("It had fallen to −12.5 °C.", "12.5 °C", "−12.5 °C"),
        ("It had fallen to –5 °C.", "5", "–5"),
        ("It had fallen to minus 5 degrees.", "5 degrees", "minus 5 degrees"),
        ("It had fallen to minus twenty.", "twenty", "minus twenty"),
        ("a loss (-$5 million)", "$5 million", "-$5 million"),
        ("between 10 -15 men", "15 men", "15 men"),
        ("some 10% –15% of it", "15%", "15%"),
        ("TARN –12 March 2024", "12 March 2024", "12 March 2024"),
        ("from 9 a.m. –5 p.m.", "5 p.m.", "5 p.m."),
        ("Bring:\n-5 cups", "5 cups", "5 cups"),
        ("They won 3-1.", "1", "1"),
        ("a revenue of €1.234.567,89.", "€1.234.567", "€1.234.567,89"),
        ("a revenue of €1.234.567,89.", "89", "€1.234.567,89"),
        ("a fee of 1'234.50 francs", "1'234", "1'234.50"),
        ("It took 3,5 hours.", "3", "3,5"),
        ("It took 2½ hours.", "2", "2½"),
        ("It took 2 1/2 hours.", "2", "2 1/2"),
        ("It took 2 1/2 hours.", "1/2 hours", "2 1/2 hours"),
        ("Two-thirds of them", "thirds", "Two-thirds"),
        ("In 2021, 500 came.", "2021", "2021"),
        ("On 11.08.2022 it", "11", "11"),
        ("rows 1,2,3", "2", "2"),
        ("version 2.10.1", "10", "10"),
        ("at 10.0.0.1", "10", "10"),
    ],
)
def test_the_rest_of_a_number_belongs_to_it(text: str, quote: str, whole: str) -> None:
    start = text.index(quote)
    first, last = whole_number(text, start, start + len(quote))
    assert text[first:last] == whole


@given(st.text("a 1,.-twohundred\n", max_size=60), st.integers(0, 60), st.integers(1, 20))
def test_a_span_only_grows_and_stays_inside(text: str, start: int, more: int) -> None:
    start = min(start, len(text))
    end = min(start + more, len(text))
    first, last = whole_number(text, start, end)
    assert 0 <= first <= start and end <= last <= len(text)
