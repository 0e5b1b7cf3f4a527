"""The dead, the hurt and the missing are counted apart."""

from __future__ import annotations

import pytest

from qa.fates import of_another_fate


@pytest.mark.parametrize(
    ("question", "sentence", "other"),
    [
        ("How many people died?", "Six people are unaccounted for.", True),
        ("How many were missing?", "Eleven people are dead.", True),
        ("How many were hurt?", "It killed seven and injured four.", False),
        ("How many people died?", "Seven lost their lives.", False),
        ("How many people died?", "The toll rose to nine, with 40 in hospital.", False),
        ("How many people came?", "Eleven people are dead.", False),
        ("How many people died?", "The police speak of nine.", False),
    ],
)
def test_a_sentence_of_other_fates_only_is_of_another_fate(
    question: str, sentence: str, other: bool
) -> None:
    assert of_another_fate(question, sentence) is other
