"""The dead, the hurt and the missing are counted apart."""

from __future__ import annotations

import pytest

from qa.fates import of_a_fate, of_another_fate


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


@pytest.mark.parametrize(
    ("question", "after", "fate"),
    [
        ("How many people were at the concert?", " people died and more than 100", True),
        ("How many people were at the concert?", " were reported missing", True),
        ("How many people came?", " workers were killed", True),
        ("How many people came?", " people came and three died", False),
        ("How many people came?", " people were there", False),
        ("How many people died?", " people died", False),
        ("How many victims were there?", " people died", False),
        ("How many children were hurt?", " people died", False),  # see `of_another_fate`
    ],
)
def test_the_dead_are_not_those_who_came(question: str, after: str, fate: bool) -> None:
    assert of_a_fate(question, after) is fate
