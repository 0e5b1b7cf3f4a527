"""The year that a question names, and places that speak of another."""

from __future__ import annotations

import numpy as np
import pytest

from qa.confidence import log_odds
from qa.years import AGAINST, AGAINST_IF_UNKNOWN, of_the_year
from tests.qa.parts import candidate, margin_calibrator, retrieved

ASKED = "How many cases were there in 2023?"


def speaks_against(question: str, text: str, date: str | None = None) -> bool:
    other = candidate(retrieved("The year 2023 is over."), "over")
    found, same = of_the_year(question, [candidate(retrieved(text, date=date), "312"), other])
    assert found.against in (0.0, AGAINST)
    assert same == other
    return found.against > 0


@pytest.mark.parametrize(
    "text",
    [
        "In 2024 there were 312 cases.",
        "There were 312 cases in 2024, or 300 as counted in 2022.",
        "There were 312 cases in 2019-2022.",
        "There were 312 in the 1990s and in 2024.",
        "2023 is over. In 2024 there were 312 cases.",
    ],
)
def test_a_sentence_of_other_years_only_speaks_against_it(text: str) -> None:
    assert speaks_against(ASKED, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (ASKED, "There were 312 cases."),
        (ASKED, "In 2023 there were 312 cases."),
        (ASKED, "There were 312 cases in 2023, after 280 in 2022."),
        (ASKED, "There were 312 cases in 2019-2024."),
        (ASKED, "There were 312 cases in 2022/23, and 300 in 2019."),
        (ASKED, "From 2021 to 2025 there were 312 cases."),
        (ASKED, "Since 2021 there have been 312 cases."),
        (ASKED, "In the 2020s and in 2018 there were 312 cases."),
        (ASKED, "There were 312 of 2024 cases.".replace("2024 ", "2,024 ")),
        ("How many cases were there?", "In 2024 there were 312 cases."),
        ("How many cases were there in 2022 and 2023?", "In 2024 there were 312 cases."),
        ("How many cases were there in the 2020s?", "In 2024 there were 312 cases."),
        ("When was the year 2023 over?", "In 2024 there were 312 cases."),
    ],
)
def test_what_may_be_of_the_year_is_left_alone(question: str, text: str) -> None:
    assert not speaks_against(question, text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("There were 388 cases in 2023 and 312 in 2022.", []),
        ("There were 388 (2022: 312) cases in 2023.", []),
        ("There were 312 cases in 2023 and 388 in 2022.", ["312"]),
        ("Of 312 cases in 2022 nobody spoke in 2023.", ["312"]),
        ("There were 312 cases, 388 in 2023.", ["312"]),
    ],
)
def test_a_number_of_another_year_beside_one_of_the_year_is_none(
    text: str, left: list[str]
) -> None:
    found = of_the_year(ASKED, [candidate(retrieved(text), "312")])
    assert [c.quote for c in found] == left


def test_a_text_of_that_year_may_leave_it_out() -> None:
    text = "There were 312 cases, more than in 2022."
    assert speaks_against(ASKED, text)
    assert not speaks_against(ASKED, text, "2023-05-01")


def test_what_speaks_against_a_place_lowers_its_confidence() -> None:
    place = candidate(retrieved("In 2024 there were 312 cases."), "312", margin=3.0)
    judged = [
        margin_calibrator().score(ASKED, found)[0]
        for found in ([place], of_the_year(ASKED, [place]))
    ]
    odds = log_odds(np.array([item.confidence for item in judged]))
    assert odds[0] - odds[1] == pytest.approx(AGAINST_IF_UNKNOWN)
