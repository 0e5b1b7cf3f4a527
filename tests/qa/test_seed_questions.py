"""The five texts and what is asked of them, with the real models and the default settings."""

from __future__ import annotations

import json
from pathlib import Path, PurePath

import pytest

from benchmarks.seed_questions import QUESTIONS, Asked, ask_all, split
from benchmarks.squad import f1
from index.text import decode
from index.text import normalise as normalise_text
from qa.answers import Question
from qa.pipeline import Pipeline
from tests.conftest import SEEDS
from tests.qa.parts import assert_verbatim

pytestmark = pytest.mark.models

NECHAEV = "000_24598830d6a6aed1.txt"
RIGHT_AT_LEAST = 0.75
DECLINED_AT_LEAST = 0.75


@pytest.fixture(scope="session")
def asked(seeds_pipeline: Pipeline) -> list[Asked]:
    return ask_all(seeds_pipeline)


def file_text(name: str) -> str:
    return normalise_text(decode((SEEDS / name).read_bytes()))


def test_the_gold_places_hold_a_gold_answer() -> None:
    """The data is checked too: offsets are those of the texts as they are stored."""
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    assert sum(not row["answers"] for row in rows) >= 10
    for row in rows:
        assert bool(row["answers"]) == bool(row["gold"]), row["id"]
        said = [file_text(p["document"])[p["start"] : p["end"]] for p in row["gold"]]
        assert all(f1(text, row["answers"]) >= 0.5 for text in said), (row["id"], said)


def test_every_citation_is_verbatim_in_the_library_and_in_the_file(
    asked: list[Asked], seeds_pipeline: Pipeline
) -> None:
    citations = 0
    for item in asked:
        assert_verbatim(item.result, seeds_pipeline.store)
        for answer in item.result.answers:
            for citation in answer.citations:
                citations += 1
                text = file_text(Path(citation.source).name)
                assert text[citation.document_start : citation.document_end] == citation.quote
    assert citations > 20


def test_most_questions_that_the_texts_answer_are_answered_right_and_cited_right(
    asked: list[Asked],
) -> None:
    answerable, _ = split(asked)
    wrong = [item for item in answerable if not item.right()]
    share = 1 - len(wrong) / len(answerable)
    listed = "\n".join(map(str, wrong))
    assert share >= RIGHT_AT_LEAST, f"{share:.3f} of {len(answerable)} right; wrong:\n{listed}"


def test_most_questions_that_the_texts_do_not_answer_are_declined(asked: list[Asked]) -> None:
    _, unanswerable = split(asked)
    answered = [item for item in unanswerable if item.result.answered]
    share = 1 - len(answered) / len(unanswerable)
    listed = "\n".join(map(str, answered))
    assert share >= DECLINED_AT_LEAST, (
        f"{share:.3f} of {len(unanswerable)} declined; answered:\n{listed}"
    )


def test_who_denied_the_volunteer_reports(seeds_pipeline: Pipeline) -> None:
    result = seeds_pipeline.answer(Question("who denied the volunteer reports?"))
    assert result.answered
    first = result.answers[0]
    assert "Nechaev" in first.text or "Russian Foreign Ministry" in first.text
    here = [c for c in first.citations if PurePath(c.source).name == NECHAEV]
    assert here
    text = file_text(NECHAEV)
    assert all(text[c.document_start : c.document_end] == c.quote for c in here)
