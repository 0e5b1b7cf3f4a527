"""Numbers as texts write them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.quantities import Bound, bound_before, numbers, quantities, quantity


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("100,000", 100_000),
        ("1,00,000", 100_000),
        ("12,34,567", 1_234_567),
        ("100 000 men", 100_000),
        ("1.000.000", 1_000_000),
        ("€1.234.567,89", Fraction(123_456_789, 100)),
        ("1.250,00", 1_250),
        ("1 234,50", Fraction(123_450, 100)),
        ("1'234.50", Fraction(123_450, 100)),
        ("12 345 678,9 €", Fraction(123_456_789, 10)),
        ("1.25", Fraction(5, 4)),
        ("2½ hours", Fraction(5, 2)),
        ("2 ½ hours", Fraction(5, 2)),
        ("2 1/2 hours", Fraction(5, 2)),
        ("−2½ °C", Fraction(-5, 2)),
        ("⅔ of them", Fraction(2, 3)),
        ("2½ million", 2_500_000),
        ("two-thirds", Fraction(2, 3)),
        ("one-third of them", Fraction(1, 3)),
        ("a hundred thousand labourers", 100_000),
        ("one hundred and seventy-nine persons", 179),
        ("thirty-six hundred", 3_600),
        ("five thousand two hundred", 5_200),
        ("1.5 million", 1_500_000),
        ("1.5m", 1_500_000),
        ("2.4-billion-pound", 2_400_000_000),
        ("a million and a half", 1_500_000),
        ("one and a half million", 1_500_000),
        ("half a million", 500_000),
        ("two dozen", 24),
        ("3 lakh", 300_000),
        ("£2.1bn", 2_100_000_000),
        ("7.5 per cent", Fraction(75, 1000)),
        ("7.5%", Fraction(75, 1000)),
        ("two thirds of them", Fraction(2, 3)),
        ("half an hour", Fraction(1, 2)),
        ("3,5", Fraction(7, 2)),
        ("-5", -5),
        ("−5", -5),
        ("–5 °C", -5),
        ("minus 5 degrees", -5),
        ("minus twenty degrees", -20),
        ("about -5", -5),
        ("-$5 million", -5_000_000),
        ("“fewer than 400”", 400),
        ("at least 12 people", 12),
    ],
)
def test_a_number_is_read_however_it_is_written(text: str, value: Fraction) -> None:
    found = quantity(text)
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(
    "text",
    [
        *("Nechaev", "No. 88", "one of the people", "10-15", "between 10 and 15", "dozens"),
        *("214 passengers and 19 crew", "twenty to four", "2 to 3 million", "1,2,3", "", "%"),
        *("10,000,00", "10 –15", "10%–15%", "10 -15 men", "10%-15%", "minus"),
    ],
)
def test_what_is_not_one_number_is_no_quantity(text: str) -> None:
    assert quantity(text) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("100,000", "a hundred thousand volunteers"),
        ("100,000 soldiers", "1,00,000 volunteers"),
        ("$80,000", "80,000 dollars"),
        ("a quarter", "25 percent"),
        ("Three-quarters", "75 per cent"),
        ("¾", "three quarters"),
        ("90 minutes", "1.5 hours"),
        ("24 hours", "one day"),
        ("0.5 km", "500 m"),
        ("18 months", "one and a half years"),
        ("1 tonne", "1,000 kg"),
        ("more than 90 minutes", "more than 1.5 hours"),
        ("½ hour", "half an hour"),
        ("40,000 EUR", "€40,000"),
        ("500 USD", "$500"),
        ("CHF 500", "500 francs"),
        ("₹500", "500 rupees"),
        ("$1.5 m", "$1.5 million"),
        ("$5b", "$5 billion"),
        ("€80 k", "80,000 euros"),
        ("<5%", "less than 5%"),
        ("≤5%", "at most 5%"),
        (">$500", "over 500 dollars"),
        ("> 500", "500"),
        ("5 km", "5 kilometres"),
        ("−5 degrees", "minus five degrees"),
        ("about 500", "500"),
        ("at least 500", "500"),
        ("5 percent over two years", "5 per cent"),
    ],
)
def test_the_same_number_meets(one: str, other: str) -> None:
    first, second = quantity(one), quantity(other)
    assert first and second
    assert first.meets(second)
    assert second.meets(first)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("500", "501"),
        ("2½ hours", "2 hours"),
        ("90 minutes", "more than 1.5 hours"),
        ("30 days", "one month"),
        ("60 minutes", "60 hours"),
        ("1 km", "1,000 years"),
        ("two-thirds", "2"),
        ("twenty-fifth", "4"),
        ("1 234,50", "1 234,99"),
        ("CHF 500", "$500"),
        ("1.5 m", "$1.5 m"),
        ("5 US soldiers", "$5"),
        (">500", "500"),
        ("−12 °C", "12 °C"),
        ("minus 12 degrees", "12 degrees"),
        ("-$5 million", "$5 million"),
        ("500", "more than 500"),
        ("500", "up to 500"),
        ("over 500", "under 500"),
        ("2 hours", "2 days"),
        ("600 crowns", "600 dollars"),
        ("5 percent", "5"),
        ("5 percent over two years", "5 percent over three years"),
    ],
)
def test_another_number_bound_or_unit_does_not_meet(one: str, other: str) -> None:
    first, second = quantity(one), quantity(other)
    assert first and second
    assert not first.meets(second)


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_different_numbers_never_meet(one: int, other: int) -> None:
    first, second = quantity(f"{one:,}"), quantity(str(other))
    assert first and second
    assert first.meets(second) == (one == other)


def test_the_bound_before_a_number_is_found() -> None:
    text = "killing more than 400 people"
    start = text.index("400")
    assert text[bound_before(text, start) : start] == "more than "
    assert bound_before("in May 400 came", 7) == 7
    assert bound_before("(<5%)", 2) == 1
    assert bound_before("A -> 5 or ->5", 12) == 12
    found = quantity("more than 400")
    assert found is not None
    assert found.bound is Bound.MORE


def test_numbers_in_a_sentence_come_in_order() -> None:
    assert numbers("Of the 58 buses, six had one fault in 2.5 hours") == (58, 6, Fraction(5, 2))


@given(st.text(max_size=200))
def test_no_text_is_too_strange(text: str) -> None:
    quantity(text)
    numbers(text)
    for start, end, _ in quantities(text):
        assert text[start:end].strip()


def test_a_number_of_thousands_of_digits_is_none() -> None:
    assert quantity("9" * 100_000) is None


def test_every_number_of_a_text_is_found_where_it_stands() -> None:
    text = "It cost £2.1bn, about 300 million crowns more, said two of the 58."
    found = [(text[start:end], float(q.value)) for start, end, q in quantities(text)]
    assert found == [("£2.1bn", 2.1e9), ("300 million", 3e8), ("two", 2), ("58", 58)]
