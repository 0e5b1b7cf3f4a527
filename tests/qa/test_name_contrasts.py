"""Two names in one sentence, the one set against the other."""

from __future__ import annotations

import pytest

from qa.name_contrasts import contrasted_names
from tests.qa.parts import quotes, retrieved, scored

QUESTION = "Where did it happen?"


def beside(text: str, quote: str, question: str = QUESTION) -> list[str]:
    return quotes(contrasted_names(question, [scored(retrieved(text), quote, 0.8)]))


@pytest.mark.parametrize(
    ("text", "quote", "other"),
    [
        ("It happened in Mill Lane, not in Tanner Street.", "Mill Lane", "Tanner Street"),
        ("It happened in Mill Lane, not in Tanner Street.", "Tanner Street", "Mill Lane"),
        (
            "They came from Mill Lane and not, as was first said, from a cellar in Tanner Street.",
            "Tanner Street",
            "Mill Lane",
        ),
        ("It was not Ada Lind but Otto Berg.", "Otto Berg", "Ada Lind"),
        ("It was not Élodie Øst but Łukasz Żak.", "Łukasz Żak", "Élodie Øst"),
        ("Otto Berg rather than Ada Lind signed.", "Otto Berg", "Ada Lind"),
    ],
)
def test_the_other_name_is_found_and_is_a_slice(text: str, quote: str, other: str) -> None:
    assert beside(text, quote) == [other]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Ada Lind did not see Otto Berg.", "Ada Lind"),
        ("Ada Lind met Otto Berg in Tarn.", "Ada Lind"),
        ("It was Ada Lind. Not so in Tarn.", "Ada Lind"),
        ("It happened in Mill Lane, not in the rain.", "Mill Lane"),
        ("It was 40, not Ada Lind.", "40"),
    ],
)
def test_names_that_merely_stand_beside_are_none(text: str, quote: str) -> None:
    assert beside(text, quote) == []


def test_whom_the_question_names_is_no_answer() -> None:
    text = "It was Otto Berg, not Ada Lind."
    assert beside(text, "Otto Berg", "Who but Ada Lind signed?") == []
