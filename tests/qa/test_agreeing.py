"""Whether sources agree is asked as what they would agree on."""

from __future__ import annotations

import pytest

from qa.agreeing import asked_of_sources
from qa.answers import Question, Turn
from qa.conversation import follow_up


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Do the sources agree on how many people died?", "How many people died?"),
        ("do sources agree about the transfer fee?", "What is the transfer fee?"),
        ("Where do the reports differ on who lit the fire?", "Who lit the fire?"),
        (
            "Do both papers agree on whether Ada Lind resigned?",
            "Is it true that Ada Lind resigned?",
        ),
        ("Do all outlets give the same death toll?", "What is the death toll?"),
        ("Which outlet says that six died?", "Is it true that six died?"),
        ("Which paper says the fee was paid?", "Is it true that the fee was paid?"),
        ("Where did the fire start according to different sources?", "Where did the fire start?"),
    ],
)
def test_whether_sources_agree_is_asked_as_what_they_agree_on(text: str, asked: str) -> None:
    assert asked_of_sources(text) == asked
    found = follow_up(Question(text))
    assert (found.raw, found.resolved) == (text, asked)


@pytest.mark.parametrize(
    "text",
    [
        "Do the unions agree on the wage?",
        "Where did the fire start according to the union?",
        "Which sources of water does the town use?",
        "Which report says more?",
        "Which paper claims 25 million in damages?",
        "Did the accounts close on Monday?",
    ],
)
def test_any_other_question_is_left_as_it_is(text: str) -> None:
    assert asked_of_sources(text) == text


def test_a_follow_up_leans_on_asked_of_sources() -> None:
    turn = Turn("Do the sources agree on how many people came in June?", "600")
    assert follow_up(Question("And in July?", (turn,))).resolved == "How many people came in July?"
