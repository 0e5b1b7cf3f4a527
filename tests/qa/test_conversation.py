"""A follow-up is searched for together with what it refers to."""

from __future__ import annotations

import pytest

from qa.answers import Question, Turn
from qa.conversation import resolve

HISTORY = (Turn("Who is Otto Lang?", "a builder"), Turn("Where was Anna born?", "in Oslo"))


@pytest.mark.parametrize(
    "text",
    [
        "When did she leave?",
        "What is its name?",
        "and in 1932?",
        "And then?",
        "Who else came?",
        "What did THEY say",
        "Why is that?",
    ],
)
def test_a_question_that_leans_on_the_last_one_is_searched_with_it(text: str) -> None:
    asked = Question(text, HISTORY)
    assert resolve(asked) == f"Where was Anna born? in Oslo {text}"


@pytest.mark.parametrize(
    "text", ["When did Otto leave?", "Who built the theatre?", "Sand and gravel?", "Was Itzehoe?"]
)
def test_a_question_of_its_own_is_searched_alone(text: str) -> None:
    assert resolve(Question(text, HISTORY)) == text


def test_without_history_nothing_is_added() -> None:
    assert resolve(Question("When did she leave?")) == "When did she leave?"


def test_an_earlier_question_without_an_answer_is_enough() -> None:
    asked = Question("When did she leave?", (Turn("Where was Anna born?"),))
    assert resolve(asked) == "Where was Anna born? When did she leave?"
