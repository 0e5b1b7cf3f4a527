"""Whose words a question asks for, and places that somebody else says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa.asked_speakers import (
    AGAINST,
    AGAINST_NOBODYS,
    AGAINST_OWN,
    AGAINST_SPOKEN_OF,
    of_the_speaker,
)
from tests.qa.parts import candidate, retrieved

ASKED = "What did Otto Berg say about the dam?"


def against(question: str, text: str) -> float:
    (found,) = of_the_speaker(question, [candidate(retrieved(text), "safe")])
    return found.against


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (ASKED, "Ada Lind said that the dam was safe."),
        (ASKED, "Otto Berg left early.\n\nAda Lind said that the dam was safe."),
        ("And what does Berg claim of the dam?", '"It is safe," Ada Lind said.'),
        ("What did the Rotary Club of Tarn say?", '"It is safe," Ada Lind said.'),
    ],
)
def test_what_somebody_else_says_is_spoken_against(question: str, text: str) -> None:
    assert against(question, text) == AGAINST


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (ASKED, "Berg came late. Ada Lind, his lawyer, said that the dam was safe."),
        (ASKED, "A spokesman said that the dam was safe."),
        ("What did the mayor say about the dam?", "Ada Lind said that the dam was safe."),
        ("Who said that the dam was safe?", "The dam is safe."),
        ("Who found that the dam was safe?", "Ada Lind said that the dam was safe."),
        ("What did Otto Berg build?", "Ada Lind said that the dam was safe."),
    ],
)
def test_anything_else_is_left_as_it_is(question: str, text: str) -> None:
    assert against(question, text) == 0


@pytest.mark.parametrize("asked", [ASKED, "What did Oto Berg say about the dam?"])
@pytest.mark.parametrize("who", ["Otto Berg", "Berg", "The mayor, Otto Berg,"])
def test_what_is_said_by_whom_is_asked_about_is_spoken_for(asked: str, who: str) -> None:
    assert against(asked, f"{who} said that the dam was safe.") == AGAINST_OWN < 0


def test_what_nobody_says_is_spoken_against_unless_the_text_is_of_whom_is_asked_about() -> None:
    assert against(ASKED, "The dam is safe.") == AGAINST_NOBODYS > 0
    item = retrieved("The dam is safe.")
    own = replace(item, passage=replace(item.passage, title="Statement of Otto Berg"))
    (found,) = of_the_speaker(ASKED, [candidate(own, "safe")])
    assert found.against == 0


def test_who_said_it_is_who_speaks_and_not_who_is_spoken_of() -> None:
    item = retrieved("The mill of Ada Lind burned, said Otto Berg on Monday.")
    for question in ("Who said that the mill burned?", "And who denied it?"):
        found = of_the_speaker(question, [candidate(item, q) for q in ("Ada Lind", "Otto Berg")])
        assert [c.against for c in found] == [AGAINST_SPOKEN_OF, 0]
    assert AGAINST_SPOKEN_OF > 0
