"""Long, foreign and empty histories, and such as cite what is gone: all get an answer set."""

from __future__ import annotations

import pytest

from index.documents import Filters
from index.indexing import Indexer
from qa.answers import Question, Reason, Turn
from qa.explain import Stage, explain
from qa.pipeline import Pipeline
from qa.requests import AskRequest, parse
from tests.qa.parts import BRIDGE, assert_verbatim, document

WHO = "Who opened the harbour bridge?"


@pytest.fixture
def filled(pipeline: Pipeline, indexer: Indexer) -> Pipeline:
    indexer.add_document(document(BRIDGE, date="2022-08-31"))
    return pipeline


def test_two_hundred_turns_are_no_burden(filled: Pipeline) -> None:
    turns = tuple(Turn(f"Who saw bridge {n}?", "Marta Dahl" * 50) for n in range(199))
    result = filled.answer(Question(WHO, (*turns, Turn("x" * 100_000, "y" * 100_000))))
    assert result.searched == WHO and result.answered
    long = Turn(f"Which {'very ' * 76}old mill burned?")
    asked = Question("For how long?", (*turns, long))
    assert filled.answer(asked).searched == "For how long?"


@pytest.mark.parametrize(
    "text",
    ["And in May?", "Who else?", "What did he say about it?", "why", "?", "else", "and", "he"],
)
def test_a_follow_up_to_nothing_is_asked_as_it_stands(filled: Pipeline, text: str) -> None:
    result = filled.answer(Question(text))
    assert result.searched == text
    assert_verbatim(result, filled.store)


@pytest.mark.parametrize("turn", [Turn(""), Turn("  ", "Marta"), Turn("?!"), Turn("\u202e\u0000")])
def test_turns_that_say_nothing_are_passed_over(filled: Pipeline, turn: Turn) -> None:
    for text in ("And in May?", "Who else?", "When did she?", WHO):
        assert_verbatim(filled.answer(Question(text, (turn,))), filled.store)


def test_citations_of_documents_that_are_gone_still_name_who_was_meant(
    filled: Pipeline, indexer: Indexer
) -> None:
    given = {
        "question": "When did she open it?",
        "history": [
            {
                "question": "Was the bridge closed?",
                "answer": "in spring",
                "citations": [
                    {"document_id": 99, "sentence": {"text": "It was Marta Dahl who closed it."}}
                ],
            }
        ],
    }
    result = filled.answer(parse(AskRequest, given).to_question())
    assert result.searched == "When did Marta Dahl open the bridge?"


@pytest.mark.parametrize(
    "text",
    [
        "Кто открыл мост?",
        "誰が橋を開きましたか？",
        "من افتتح الجسر؟",
        "Wer hat die Brücke eröffnet? Und im Mai?",
        "هل هو؟",
    ],
)
def test_a_question_in_another_language_is_no_error(filled: Pipeline, text: str) -> None:
    history = (Turn("Who leads it?", "Ada Lind"), Turn(text, text))
    for question in (Question(text), Question(text, history), Question("Who else?", history)):
        assert_verbatim(filled.answer(question), filled.store)


def test_a_document_without_a_date(pipeline: Pipeline, indexer: Indexer) -> None:
    indexer.add_document(document(BRIDGE))
    (answer,) = pipeline.answer(Question(WHO)).answers
    assert (answer.first_date, answer.last_date) == (None, None)
    assert pipeline.answer(Question(f"{WHO[:-1]} in May?")).suggested_filters == ()
    dated = Filters(date_from="2000-01-01")
    assert pipeline.answer(Question(WHO), filters=dated).reason is Reason.FILTERED_OUT
    assert explain(pipeline, Question(WHO), "Marta", filters=dated).places[0].stage is (
        Stage.FILTERED_OUT
    )
