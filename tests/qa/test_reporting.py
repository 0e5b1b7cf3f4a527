"""Verbs of saying and their kinds, and what a question asks by."""

from __future__ import annotations

import pytest

from qa.reporting import Kind, alike, asked_kind, is_yes_no, opposite, reporting_stems, verb_forms


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who denied the reports?", Kind.DENIES),
        ("did Nechaev confirm it", Kind.CONFIRMS),
        ("What was denied?", Kind.DENIES),
        ("who has admitted that it was wrong", Kind.ADMITS),
        ("Who accused the company?", Kind.ACCUSES),
        ("which claim was rejected?", Kind.REJECTS),
        ("Who made the claim?", Kind.CLAIMS),
        ("Who said so?", None),
        ("When was the bridge built?", None),
    ],
)
def test_a_question_asks_by_a_kind_of_verb(question: str, kind: Kind | None) -> None:
    assert asked_kind(question) is kind


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Did Nechaev confirm it?", True),
        ("And was the letter forged?", True),
        ("Side with Russia, is it true that volunteers will come?", True),
        ("isn't the door closed", True),
        ("Who denied it?", False),
        ("Is it tea or coffee?", False),
        ("Can you tell me when it sank?", False),
        ("callowmere dam height", False),
        ("", False),
    ],
)
def test_yes_no_questions_are_known(question: str, expected: bool) -> None:
    assert is_yes_no(question) is expected


def test_opposite_and_like_kinds() -> None:
    assert opposite(Kind.DENIES, Kind.CONFIRMS)
    assert opposite(Kind.CLAIMS, Kind.REJECTS)
    assert not opposite(Kind.DENIES, Kind.REJECTS)
    assert not opposite(Kind.SAYS, Kind.DENIES)
    assert alike(Kind.DENIES, Kind.REJECTS)
    assert not alike(Kind.DENIES, Kind.CONFIRMS)


def test_irregular_and_regular_forms_are_known() -> None:
    forms = verb_forms()
    for word in ("denied", "denies", "denying", "said", "told", "wrote", "admitted", "confirming"):
        assert word in forms, word


def test_words_that_say_other_things_too_are_still_looked_for() -> None:
    assert "recal" not in reporting_stems()
    assert "deni" in reporting_stems()
