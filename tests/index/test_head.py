"""Titles and dates."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given

from index.boilerplate import furniture
from index.head import date_of, field_date, title_of
from tests.conftest import SEEDS
from tests.index.texts import THOROUGH, hostile_texts

LONG = "and this sentence is long enough that nobody would take it for a line of its own."
SEED_HEADS = {
    "000": (
        "The Russian Foreign Ministry has rejected reports that North Korea has offered to "
        "participate in…",
        "2022-08-11",
    ),
    "001": ("Russian State Media Suggests North Korea Will Send Volunteers to Ukraine", None),
    "002": (
        "Side with Russia, is it true that North Korea will Send 100,000 'Volunteer Soldiers' "
        "to Face Ukraine?",
        None,
    ),
    "003": (
        "North Korea has offered Russia 100,000 “volunteers” to aid in the war against Ukraine, "
        "according to…",
        None,
    ),
    "004": (
        "North Korea has strongly rejected accusations from South Korea and Ukraine that it may "
        "be sending…",
        None,
    ),
}


def title(text: str) -> str:
    return title_of(text, furniture(text), "file name")


@pytest.mark.parametrize("number", SEED_HEADS)
def test_heads_of_the_seeds(number):
    (path,) = SEEDS.glob(f"{number}_*.txt")
    text = path.read_text("utf-8")
    assert (title(text), date_of(text)) == SEED_HEADS[number]


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("2022-08-11", "2022-08-11"),
        ("2022-8-1", "2022-08-01"),
        (f"2022-08-11 It begins {LONG}", "2022-08-11"),
        (f"date 2022-08-11 It begins {LONG}", "2022-08-11"),
        (f"Dated 2022-08-11 It begins {LONG}", "2022-08-11"),
        (f"Published on: August 11, 2022 by Jane Doe {LONG}", "2022-08-11"),
        (f"Last updated 11th Aug. 2022 {LONG}", "2022-08-11"),
        ("August 11, 2022", "2022-08-11"),
        ("AUG 11 2022", "2022-08-11"),
        ("11 August 2022", "2022-08-11"),
        ("Thursday, 1st September 2022, London", "2022-09-01"),
        ("Kyiv – May 9, 2023", "2023-05-09"),
        ("29 February 2024", "2024-02-29"),
        ("Weekly report: 12 March 2024", "2024-03-12"),
        ("Last modified on 12 March 2024", "2024-03-12"),
        ("Meeting of the board: 12 March 2024", "2024-03-12"),
        ("Tarn Courier | 12 March 2024", "2024-03-12"),
    ],
)
def test_dates_that_a_line_states(line, date):
    assert date_of(f"A headline\n\n{line}\n\nThe story.") == date


@pytest.mark.parametrize(
    "line",
    [
        "2022-13-40",
        "2022-02-30",
        "29 February 2023",
        "August 42, 2022",
        "0000-01-01",
        "ſeptember 4, 2022",
        "2022-08-111",
        "August 2022",
        "11/08/2022",
        f"On 11 August 2022 the ministry said that it would go on, {LONG}",
        f"The ministry said on August 11, 2022, that it would go on, {LONG}",
        f"August 11, 2022 was the day on which the ministry met, {LONG}",
        "The war began on 24 February 2022.",
        "Was it over by May 9, 2023?",
        "Marching 4 miles on 2022 roads",
        "Kick-off: 12 March 2024",
        "**Deadline:** Friday, 12 March 2024",
        "Report due: 2024-03-12",
        "- The launch is on 11 August 2022",
        "Ada Lind, born 12 March 1971",
        "Died 4 November 1948",
        "Founded 12 March 1871",
        "The permit expires 12 March 2025",
    ],
)
def test_what_is_not_the_date_of_a_document(line):
    assert date_of(f"A headline\n\n{line}\n\nThe story.") is None


def test_an_invalid_date_does_not_hide_the_one_below_it():
    assert date_of("2022-13-40\n\n2022-08-11\n\nThe story.") == "2022-08-11"


def test_only_the_first_four_lines_state_the_date():
    lines = ["One", "Two", "Three", "11 August 2022"]
    assert date_of("\n\n".join(lines)) == "2022-08-11"
    assert date_of("\n\n".join(["Zero", *lines])) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A headline\n\nThe story begins.", "A headline"),
        ("## A heading\n\nThe story begins.", "A heading"),
        ("Photo: Reuters\nThe headline\n\nThe story.", "The headline"),
        ("By Jane Doe\n\nThe headline\n\nThe story.", "The headline"),
        ("0 0\nShare this\n\nThe headline\n\nThe story.", "The headline"),
        ("Date: 2022-08-11\n\nThe headline\n\nThe story.", "The headline"),
        ("Updated 11 August 2022 A headline", "A headline"),
        ("* * *\n\n2024\n\nThe headline", "The headline"),
        ("The story begins. It goes on.", "The story begins."),
        ("Mr. Doe left the house. " * 20, "Mr. Doe left the house."),
        ("", "file name"),
        ("12\n\n---\n", "file name"),
        ("2022-08-11", "file name"),
    ],
)
def test_titles(text, expected):
    assert title(text) == expected


def test_a_long_first_sentence_is_shortened_between_words():
    shortened = title("The ministry, " + "however, " * 40 + "disagreed.")
    assert shortened == "The ministry, " + "however, " * 8 + "however…"
    assert len(shortened) <= 101


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2022-08-11T10:00:00Z", "2022-08-11"),
        ("Thu, 11 Aug 2022 10:00:00 +0000", "2022-08-11"),
        ("August 11, 2022", "2022-08-11"),
        ("2022-08", None),
        ("2022-02-30", None),
        ("11/08/2022", None),
        ("", None),
        ("x" * 200 + "2022-08-11", None),
    ],
)
def test_dates_of_fields(value, date):
    assert field_date(value) == date


def test_a_title_is_not_looked_for_throughout_a_long_text():
    numbers = "1 2 3\n" * 4_000
    assert title(numbers[:15_000] + "\nA headline\n") == "A headline"
    assert title(numbers + "\nA headline\n") == "file name"


@THOROUGH
@given(hostile_texts)
def test_every_text_has_a_title_and_a_date_that_is_one_or_none(text):
    found = title(text)
    assert found.strip()
    assert "\n" not in found
    date = date_of(text)
    assert date is None or datetime.date.fromisoformat(date).isoformat() == date
