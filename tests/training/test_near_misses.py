"""Rules that turn an answered question into one that the passage almost answers."""

from __future__ import annotations

import random

import pytest

from training.near_misses import names, near_misses

CONTEXT = (
    "In 1994 Ada Lenz sold the mill to Brook Paper. It was the first sale since 1987, said "
    "Otto Marsh, who had opposed it."
)


def test_a_name_is_swapped_for_another_of_the_passage_but_not_for_the_answer() -> None:
    found = {
        near_misses("Who sold Brook Paper the mill?", CONTEXT, ["Ada Lenz"], random.Random(seed))[
            "name"
        ]
        for seed in range(20)
    }
    assert found == {"Who sold Otto Marsh the mill?"}


def test_a_number_is_swapped_for_one_of_as_many_digits_from_the_passage() -> None:
    made = near_misses("What was sold in 1994?", CONTEXT, ["the mill"], random.Random(1))
    assert made["number"] == "What was sold in 1987?"


def test_a_number_without_another_in_the_passage_changes_a_digit() -> None:
    made = near_misses(
        "What cost 350 marks?", "A mill cost 350 marks.", ["a mill"], random.Random()
    )
    changed = made["number"].removeprefix("What cost ").removesuffix(" marks?")
    assert changed.isdigit()
    assert len(changed) == 3
    assert changed != "350"


@pytest.mark.parametrize(
    ("question", "kind", "changed"),
    [
        ("When was the first sale?", "opposite", "When was the last sale?"),
        ("Who opposed the sale?", "opposite", "Who supported the sale?"),
        ("What did Marsh oppose?", "negation", "What didn't Marsh oppose?"),
        ("Who was at the sale?", "negation", "Who was not at the sale?"),
    ],
)
def test_words_become_their_opposite(question: str, kind: str, changed: str) -> None:
    assert near_misses(question, CONTEXT, ["x"], random.Random(1))[kind] == changed


def test_how_old_is_no_opposite_of_how_new() -> None:
    assert "opposite" not in near_misses("How old is Marsh?", CONTEXT, ["x"], random.Random(1))


def test_what_cannot_be_changed_gives_nothing() -> None:
    assert near_misses("Why?", "Because.", ["Because"], random.Random(1)) == {}


def test_a_capital_that_only_opens_a_sentence_is_no_name() -> None:
    assert names("Rain fell. Snow came to Brook End. It thawed.") == ["Brook End"]
