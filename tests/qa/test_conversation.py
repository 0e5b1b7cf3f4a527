"""A follow-up is asked with what it leans on written out; no other question is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.event_sets import load
from benchmarks.events import strange_history
from qa.answers import Question, Turn
from qa.conversation import follow_up

HISTORY = (Turn("Who is Otto Lang?", "a builder"), Turn("Where was Anna Falk born?", "in Oslo"))


@pytest.mark.parametrize(
    ("last", "text", "resolved"),
    [
        (Turn("Who leads it?", "Ada Lind"), "When did she leave?", "When did Ada Lind leave?"),
        (Turn("WHO LEADS IT?", "Ada Lind"), "WHEN DID SHE LEAVE?", "When did Ada Lind leave?"),
        (Turn("WHO IS THE MAYOR?", "Ada Lind"), "Where is she?", "Where is Ada Lind, the mayor?"),
        (Turn("Who leads it?", "Ada Lind"), "What is her age?", "What is Ada Lind's age?"),
        (Turn("When was the old mill built?", "1887"), "Who owns it?", "Who owns the old mill?"),
        (
            Turn("How many people came in June?", "600"),
            "And in July?",
            "How many people came in July?",
        ),
        (
            Turn("How many are on strike according to the union?", "5,200"),
            "and according to Calder Lines?",
            "How many are on strike according to Calder Lines?",
        ),
        (Turn("Who denied the report?", "Karst"), "Who else?", "Who else denied the report?"),
        (
            Turn("What did the union say about brakes?", "nothing"),
            "What about the mayor?",
            "What did the mayor say about brakes?",
        ),
        (Turn("Which mill burned down?", "the old mill"), "Why?", "Why, mill burned down?"),
        (
            Turn("Who opened the bridge?", "Ada Lind"),
            "When did she?",
            "When did Ada Lind, opened the bridge?",
        ),
        (
            Turn("Who opened the bridge?", "Ada Lind"),
            "Why did she open it?",
            "Why did Ada Lind open the bridge?",
        ),
        (Turn("How many came in June?", "600"), "And in May?", "How many came in May?"),
        (Turn("Is the bridge old?", "1887"), "When was it built?", "When was the bridge built?"),
        (
            Turn("How many votes did Ada Lind get?", "600"),
            "How many did Berg get?",
            "How many votes did Berg get?",
        ),
        (
            Turn("What did Otto Lang call the find?", "the most important one of his life of work"),
            "What does he call it now?",
            "What does Otto Lang call the find now?",
        ),
        (Turn("Is the mill old?", "It is."), "Who said so?", "Who said so, the mill old?"),
        (
            Turn("Who is Otto Lang?", "Managing Director"),
            "What did he say about brakes?",
            "What did Otto Lang say about brakes?",
        ),
        (
            Turn("Which club did Otto Lang join?", "Northgate Rovers"),
            "How much is he paid?",
            "How much is Otto Lang paid?",
        ),
        (
            Turn("How much did Northgate pay for Lang?", "600"),
            "What about Tarn?",
            "How much did Tarn pay for Lang?",
        ),
        (Turn("Who denied the report?", "Karst"), "Why?", "Why, Karst denied the report?"),
        (Turn("Who was fined?", "Ada Lind"), "When?", "When, Ada Lind was fined?"),
        (Turn("Who was arrested?", "Ada Lind"), "Why?", "Why, Ada Lind was arrested?"),
        (Turn("Who did Karst fine?", "Ada Lind"), "When?", "When, Karst fine?"),
        (Turn("When did Karst deny the report?", ""), "Why?", "Why, Karst the report?"),
        (
            Turn("What did the embassy reject?", "a claim that soldiers had been sent there"),
            "What did it demand?",
            "What did the embassy demand?",
        ),
    ],
)
def test_what_a_follow_up_leans_on_is_written_out(last: Turn, text: str, resolved: str) -> None:
    found = follow_up(Question(text, (last,)))
    assert found.resolved == resolved
    assert found.raw == text
    assert found.changed


def test_a_person_is_looked_for_in_all_turns() -> None:
    history = (Turn("Who leads the mill?", "Ada Lind"), Turn("Were the doors closed?", "yes"))
    found = follow_up(Question("What did she say about it?", history))
    assert found.resolved.startswith("What did Ada Lind say about the doors")


def test_a_turn_that_leans_on_an_earlier_one_is_leant_on_as_it_was_meant() -> None:
    history = (Turn("Who led the mill?", "Ada Lind"), Turn("When did she die?", "in 1948"))
    assert follow_up(Question("Where?", history)).resolved == "Where, Ada Lind die?"
    asked = follow_up(Question("Who was her husband?", history))
    assert asked.resolved == "Who was Ada Lind's husband?"


def test_names_of_the_cited_sentences_are_the_last_resort() -> None:
    turns = (
        Turn("When was the mill built?", "1887", ("Ada Lind",)),
        Turn("When was it sold?", "1901", ("Otto Lang", "Karl Berg")),
    )
    assert follow_up(Question("When did he leave?", turns)).resolved == "When did Otto Lang leave?"
    named = (*turns, Turn("Who leads it?", "Nils Dahl"))
    assert follow_up(Question("When did he leave?", named)).resolved == "When did Nils Dahl leave?"


def test_who_else_knows_what_was_answered() -> None:
    asked = Question("Who else?", (Turn("Who denied it?", "Karst"),))
    assert follow_up(asked).other_than == ("Karst",)
    assert follow_up(Question("When did she leave?", HISTORY)).other_than == ()


@pytest.mark.parametrize(
    "text",
    [
        "When did Otto leave?",
        "Who built the theatre?",
        "Sand and gravel?",
        "Was Itzehoe?",
        "Is it true that the mill burned?",
        "Who admitted that he knew of it?",
        "Who says she has seen a paper?",
        "How many people had to leave their homes?",
        "Did Norgrid say that it was warned?",
        "Who denied that report?",
        "How long did it take to build the mill?",
    ],
)
def test_a_question_of_its_own_is_left_as_it_is(text: str) -> None:
    assert follow_up(Question(text, HISTORY)).resolved == text


def test_no_self_contained_question_of_the_development_set_is_touched() -> None:
    own = [item for item in load().items() if item.kind in {"fact", "attribution"}]
    changed = [
        found
        for item in own
        if (found := follow_up(Question(item.question, strange_history(item, own)))).changed
    ]
    assert len(own) > 100
    assert changed == []


def test_without_history_nothing_is_added() -> None:
    assert not follow_up(Question("When did she leave?")).changed


def test_where_nothing_is_named_the_last_topic_is_added() -> None:
    asked = Question("When did she leave?", (Turn("Where was the old mill?"),))
    assert follow_up(asked).resolved == "When did she leave, the old mill?"


def test_only_the_last_turns_count() -> None:
    turns = (Turn("Who leads it?", "Ada Lind"), *(Turn("When was it?", "1887"),) * 199)
    assert "Ada" not in follow_up(Question("When did she leave?", turns)).resolved


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_no_conversation_is_too_strange(text: str, question: str, answer: str) -> None:
    found = follow_up(Question(text, (Turn(question, answer),) * 3))
    assert len(found.resolved) <= max(len(text), 400)
