"""Whose words a question asks for, and places that somebody else says."""

from __future__ import annotations

import pytest

from qa.asked_speakers import AGAINST, of_the_speaker
from tests.qa.parts import candidate, retrieved

ASKED = "What did Otto Berg say about the dam?"


def speaks_against(question: str, text: str, quote: str = "safe") -> bool:
    (found,) = of_the_speaker(question, [candidate(retrieved(text), quote)])
    assert found.against in (0.0, AGAINST)
    return found.against > 0


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
    assert speaks_against(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (ASKED, "Otto Berg said that the dam was safe."),
        (ASKED, "Berg said that the dam was safe."),
        (ASKED, "Berg came late. Ada Lind, his lawyer, said that the dam was safe."),
        (ASKED, "The dam is safe."),
        (ASKED, "A spokesman said that the dam was safe."),
        ("What did Oto Berg say about the dam?", "Otto Berg said that the dam was safe."),
        ("What did the mayor say about the dam?", "Ada Lind said that the dam was safe."),
        ("Who said that the dam was safe?", "Ada Lind said that the dam was safe."),
        ("What did Otto Berg build?", "Ada Lind said that the dam was safe."),
    ],
)
def test_anything_else_is_left_as_it_is(question: str, text: str) -> None:
    assert not speaks_against(question, text)
