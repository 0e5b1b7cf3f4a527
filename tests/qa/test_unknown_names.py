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
from qa.pipeline import Pipeline
from qa.plain_text import to_plain
from qa.render import to_json, unmentioned
from qa.settings import Settings
from qa.unknown_names import UNLIKELY, unknown_names
from tests.conftest import SEEDS
from tests.qa.parts import BRIDGE, document

LIKES = json.loads((SEEDS.parent / "training/data/likes.json").read_text("utf-8"))
TEXTS = [
    "Project Heron. Ada Lind of the World Health Organization leads it from Korea.",
    "President Zelenskyy met the NLF in München. The Lumen X200 has a tank. Café Adler is open.",
]


def unknown(question: str) -> tuple[str, ...]:
    return unknown_names(question, TEXTS, {"Falcon"}.__contains__)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Who leads Project Eagle?", ("Project Eagle",)),
        ("who leads Eagle, and who Kite, and who Eagle?", ("Eagle", "Kite")),
        ("How large is the tank of the X300?", ("X300",)),
        ("What did Otto Lind say?", ("Otto Lind",)),
        ("What does the FBI say of Heron?", ("FBI",)),
    ],
)
def test_a_name_that_stands_nowhere_is_unknown(question: str, names: tuple[str, ...]) -> None:
    assert unknown(question) == names


@pytest.mark.parametrize(
    "question",
    [
        "Who leads Project Heron?",
        "Who leads Project Falcon?",  # in no text that was read
        "What did President Zelensky say?",
        "Who met the Korean minister?",
        "What does the WHO lead?",
        "Who met the National Liberation Front?",
        "When is Cafe Adler's door open?",
        "Eagle costs how much?",  # any word may stand first
        "who leads project eagle?",
        "Who Leads Project Eagle Today",
        "WHO LEADS PROJECT EAGLE?",
        "Did the Ministry say so on Monday, in March, or did They?",
        "What is it?",
        "",
        "   ",
    ],
)
def test_what_the_documents_hold_in_some_form_is_known(question: str) -> None:
    assert unknown(question) == ()


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
    assert unmentioned(("Tromso",)) in to_plain(strange).content
    odds = log_odds(np.array([result.answers[0].confidence for result in (known, strange)]))
    assert odds[0] - odds[1] == pytest.approx(UNLIKELY)
    oslo = Question("Who opened the harbour bridge in Oslo?")
    assert pipeline.answer(oslo).unknown_names == ()
    elsewhere = Filters(sources=("/texts/a.txt",))
    assert pipeline.answer(oslo, filters=elsewhere).unknown_names == ("Oslo",)
    (gone,) = (d for d in pipeline.store.documents() if d.source == "/texts/b.txt")
    pipeline.store.discard([gone.id])
    assert pipeline.answer(oslo).unknown_names == ("Oslo",)


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


@pytest.mark.parametrize("row", LIKES["questions"], ids=lambda row: row["question"])
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
