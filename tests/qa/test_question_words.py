"""What a question asks with, and what it is about."""

from __future__ import annotations

import pytest

from qa.question_words import (
    asks_for_several,
    named_around,
    names_in,
    object_of,
    source_asked,
    subject_of,
)


@pytest.mark.parametrize(
    "question",
    [
        "Which ministries denied it?",
        "which countries are named",
        "What reasons did the mayor give?",
        "In which towns did it rain?",
        "Which of the two banks failed?",
        "Who commented on the report?",
        "Who denied the volunteer reports?",
        "who else confirmed it?",
        "Who were the victims?",
        "What are the frozen forms of rain?",
        "Name the banks that failed.",
        "Please list all mayors.",
        "What causes were found?",
        "can you tell me which ministries denied it?",
        "Which two of the towns were flooded?",
        "Which of her sons died?",
        "Which criteria for the grants apply?",
        "do you know who denied it?",
        "In which zones was there a ban?",
        "On what grounds was it refused?",
    ],
)
def test_several_are_asked_for(question: str) -> None:
    assert asks_for_several(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who opened the bridge?",
        "Who is the mayor?",
        "Which ministry denied it?",
        "What is the name of the ferry?",
        "Which bus left?",
        "What does it cost?",
        "How many houses burned?",
        "When did the ministries meet?",
        "What was said?",
        "From which street did the thieves dig?",
        "Which bank will the ministers close?",
        "What causes the delay?",
        "What causes inflation?",
        "What happens if I am late?",
        "What limits its speed?",
        "What moves the pump?",
        "What caused the floods?",
        "What happened to the passengers?",
        "In which bus was he found?",
        "By what means was it opened?",
    ],
)
def test_one_is_asked_for(question: str) -> None:
    assert not asks_for_several(question)


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("How many burned according to the union?", "the union"),
        ("According to Calder Lines, how many burned?", "Calder Lines"),
        ("How many burned according to Ada Lind in May?", "Ada Lind"),
        ("How many burned?", None),
        ("according to", None),
    ],
)
def test_whose_word_is_asked_for(question: str, source: str | None) -> None:
    assert source_asked(question) == source


@pytest.mark.parametrize(
    ("question", "subject", "acted_on"),
    [
        ("What did the embassy reject?", "the embassy", None),
        ("Where is the old mill?", "the old mill", None),
        ("Is the bridge old?", "the bridge", None),
        ("Who opened the harbour bridge in May?", None, "the harbour bridge"),
        ("Who spoke of the bridge?", None, None),
        ("Who was the mayor of Oslo?", "the mayor of Oslo", None),
        ("Who?", None, None),
    ],
)
def test_what_a_question_is_about(question: str, subject: str | None, acted_on: str | None) -> None:
    assert subject_of(question) == subject
    if subject is None:
        assert object_of(question) == acted_on


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Didn't the bank deny it?", []),
        ("Isn’t Karst Bank closing?", ["Karst Bank"]),
        ("Can't Ada Lind come?", ["Ada Lind"]),
        ("What's her salary?", []),
        ("I'd like to know where Ada Lind is", ["Ada Lind"]),
        ("Will's mother is who?", ["Will"]),
        ("O'Neill resigned when?", ["O'Neill"]),
        ("Did Élodie Øst resign?", ["Élodie Øst"]),
        ("When was Łukasz born?", ["Łukasz"]),
        ("Within how many days is it due?", []),
        ("Under Ada Lind, who was mayor?", ["Ada Lind"]),
        ("Through which town did it run?", []),
    ],
)
def test_the_names_of_a_question(question: str, names: list[str]) -> None:
    assert names_in(question) == names


def test_the_nearest_name_comes_first() -> None:
    sentence = "Ada Lind met Otto Lang in Oslo after Karl Berg had left."
    assert named_around(sentence, 40) == ["Karl Berg", "Otto Lang", "Ada Lind"]
    assert named_around("It rained.", 3) == []
