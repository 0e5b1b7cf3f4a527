"""Names in a question that no document holds."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from index.documents import Filters
from index.folders import files_under
from index.indexing import Indexer
from index.store import Store
from qa.answers import Question, Reason, Relation
from qa.assembly import make_indexer, make_pipeline
from qa.confidence import log_odds
from qa.conversation_export import to_markdown
from qa.conversations import StoredTurn, Summary
from qa.explain import explain
from qa.mcp.results import ask_result
from qa.pipeline import Pipeline
from qa.plain_text import to_plain
from qa.render import to_json, unmentioned
from qa.render_explanation import message
from qa.settings import Settings
from qa.unknown_names import AGAINST, AGAINST_IN_PLACE, Unknown, unknown_names
from tests.conftest import SEEDS
from tests.qa.parts import BRIDGE, document

LIKES = json.loads((SEEDS.parent / "training/data/likes.json").read_text("utf-8"))
TEXTS = [
    "Project Heron. Ada Lind leads it from Korea.",
    "President Zelenskyy met the WHO in München. The Lumen X200 has a tank. Café Adler is open.",
    "They say that offices in Berlin cost more. Seoul is far.",
]


@pytest.mark.parametrize(
    ("question", "names", "against"),
    [
        ("Who leads Project Eagle?", ("Project Eagle",), AGAINST_IN_PLACE),
        ("who leads Eagle, or buys Kite, and who Eagle?", ("Eagle", "Kite"), AGAINST),
        ("What's Project Eagle's budget for May?", ("Project Eagle",), AGAINST_IN_PLACE),
        ("Can Otto Brandt vote in the hall?", ("Otto Brandt",), AGAINST),
        ("Who met Otto Brandt in Tromso?", ("Otto Brandt", "Tromso"), AGAINST),
        ("How large is the tank of the X300?", ("X300",), AGAINST_IN_PLACE),
        ("How large is the tank of the Z300?", ("Z300",), AGAINST),
        ("What did the president of Norvia say?", ("Norvia",), AGAINST),
        ("Who denied that Zembla would close?", ("Zembla",), AGAINST),
        ("What do offices in Paris cost?", ("Paris",), AGAINST_IN_PLACE),
    ],
)
def test_a_name_that_stands_nowhere_is_unknown(
    question: str, names: tuple[str, ...], against: float
) -> None:
    found = unknown_names(question, TEXTS, {"Falcon"}.__contains__)
    assert (found.names, found.against) == (names, against)


@pytest.mark.parametrize(
    "question",
    [
        "Who leads Project Heron?",
        "Who leads Project Falcon?",  # in no text that was read
        "What did President Zelensky say?",
        "Who met the Korean minister?",
        "Who met Koreans from the north?",
        "What is led by World Health Organisation?",
        "When is Cafe Adler's door open?",
        "How large is the tank of the X-200?",
        "What did Bill Lind of Seoul's office say?",  # the last word tells
        "What did the Spanish ambassador say?",  # of Spain
        "What do Italians say?",
        "What deposit does the Tenant pay?",  # the lessee
        "When does our Rental Agreement end?",
        "What does the FBI, the U.K. or the E.U. say?",
        "Who was on Mt. Everest with Dr. Who?",
        "What does Lumen Corp. or Lumen Corporation sell?",
        "Is a PhD or iPhone the same?",
        "Hello, who is there? Thanks. Regards, Anna",
        "Eagle costs how much in the end?",  # any word may stand first
        "who leads project eagle?",
        "Who Leads Project Eagle Today",
        "WHO LEADS PROJECT EAGLE?",
        "Did the Ministry say so on Monday, in March, or did They?",
        "Wer leitet das Projekt, und was kostet der Umbau an Wochenenden in Berlin?",
        "What is it?",
        "",
        "   ",
    ],
)
def test_what_may_stand_there_in_another_form_is_not(question: str) -> None:
    assert unknown_names(question, TEXTS, {"Falcon", "Everest", "Seoul"}.__contains__) == Unknown()


def test_few_names_are_looked_up() -> None:
    asked: list[str] = []

    def is_known(word: str) -> bool:
        asked.append(word)
        return False

    letters = "abcdefghijklmnopqrstuvwxyz"
    names = " and by ".join(f"Q{a}{b}{a}{b}" for a in letters for b in letters)
    assert len(unknown_names(f"Who was met by {names}?", TEXTS, is_known).names) == len(asked) == 8


def test_an_answer_about_somebody_who_is_not_there_is_believed_less(
    pipeline: Pipeline, indexer: Indexer
) -> None:
    indexer.add_document(document(BRIDGE, "/texts/a.txt"))
    indexer.add_document(document("Oslo is far away.", "/texts/b.txt"))
    known, strange = (
        pipeline.answer(Question(f"Who opened the harbour bridge {where}?"))
        for where in ("there", "in Tromso")
    )
    assert known.answered and known.unknown_names == ()
    assert "unknown_names" not in to_json(known)
    assert strange.unknown_names == ("Tromso",)
    assert to_json(strange)["unknown_names"] == ["Tromso"]
    told = unmentioned(("Tromso",))
    assert told in to_plain(strange).content
    assert told in message(explain(pipeline, Question("Who opened the harbour bridge in Tromso?")))
    assert ask_result(strange).unknown_names == ["Tromso"]
    noon = "2022-08-11T12:00:00+00:00"
    turn = StoredTurn(1, strange.question, noon, to_json(strange))
    assert told in to_markdown(Summary("a", "Bridges", 1, noon, noon), (turn,))
    odds = log_odds(np.array([result.answers[0].confidence for result in (known, strange)]))
    assert odds[0] - odds[1] == pytest.approx(AGAINST)
    oslo = Question("Who opened the harbour bridge in Oslo?")
    assert pipeline.answer(oslo).unknown_names == ()
    elsewhere = Filters(sources=("/texts/a.txt",))
    assert pipeline.answer(oslo, filters=elsewhere).unknown_names == ("Oslo",)
    (gone,) = (d for d in pipeline.store.documents() if d.source == "/texts/b.txt")
    pipeline.store.discard([gone.id])
    assert pipeline.answer(oslo).unknown_names == ("Oslo",)


# Named behind an article it is not surely a name, and Heron's range is given (docs/quality.md).
ANSWERED_BY_ANOTHER = "What is the range of the Osprey?"


def expected(row: dict[str, Any]) -> Any:
    known = row["question"] == ANSWERED_BY_ANOTHER
    marks = [pytest.mark.xfail(strict=True, reason="a known fault")] if known else []
    return pytest.param(row, id=row["question"], marks=marks)


@pytest.fixture(scope="module")
def likes(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """Reports, contracts and manuals that are written alike, read with the real models."""
    folder = tmp_path_factory.mktemp("likes")
    for name, text in LIKES["documents"].items():
        (folder / name).write_text(text)
    settings = Settings(data=tmp_path_factory.mktemp("library"))
    store = Store(settings.data, create=True)
    pipeline = make_pipeline(settings)
    indexer = make_indexer(settings, store, pipeline.retriever.embedder)
    assert len(list(indexer.add(files_under([folder])))) == len(LIKES["documents"])
    store.close()
    return pipeline


@pytest.mark.parametrize("row", [expected(row) for row in LIKES["questions"]])
def test_documents_written_alike_do_not_answer_for_each_other(
    likes: Pipeline, row: dict[str, Any]
) -> None:
    """Nor do they differ."""
    result = likes.answer(Question(row["question"]))
    if row["answer"] is None:
        assert result.reason is Reason.BELOW_THRESHOLD
        return
    first, *others = [answer.text.lower() for answer in result.answers]
    assert row["answer"].lower() in first
    if result.relation is Relation.DIFFER:
        assert all(any(word in other for word in row["differing"]) for other in others)
