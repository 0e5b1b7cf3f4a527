"""The five texts and what is asked of them, with the real models and the default settings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import pytest

from benchmarks.squad import f1, normalise
from index.documents import Span
from index.text import decode
from index.text import normalise as normalise_text
from qa.answers import AnswerSet, Question
from qa.pipeline import Pipeline
from tests.conftest import ROOT, SEEDS
from tests.qa.parts import assert_verbatim

pytestmark = pytest.mark.models

QUESTIONS = ROOT / "tests" / "data" / "seed_questions.jsonl"
NECHAEV = "000_24598830d6a6aed1.txt"
RIGHT_AT_LEAST = 0.75
DECLINED_AT_LEAST = 0.75


@dataclass(frozen=True)
class Asked:
    """A question with what is right, and what was answered."""

    id: str
    question: str
    answers: tuple[str, ...]
    gold: tuple[tuple[str, Span], ...]
    result: AnswerSet

    def right(self) -> bool:
        """The first answer says it, and its first citation's sentence is where it is said."""
        if not self.result.answered:
            return False
        answer = self.result.answers[0]
        said = normalise(answer.text)
        contained = any(f" {normalise(gold)} " in f" {said} " for gold in self.answers)
        if f1(answer.text, self.answers) < 0.5 and not contained:
            return False
        sentence = answer.citations[0].sentence
        source = PurePath(answer.citations[0].source).name
        cited = Span(sentence.start, sentence.end)
        return any(source == name and cited.overlaps(place) for name, place in self.gold)

    def __str__(self) -> str:
        said = [f"{a.text!r} ({a.confidence:.2f})" for a in self.result.answers[:2]]
        return f"{self.id} {self.question} -> {said or 'declined'}; right: {self.answers[:2]}"


@pytest.fixture(scope="session")
def asked(seeds_pipeline: Pipeline) -> list[Asked]:
    rows: list[dict[str, Any]] = [
        json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()
    ]
    results = seeds_pipeline.answer_batch([Question(row["question"]) for row in rows])
    return [
        Asked(
            row["id"],
            row["question"],
            tuple(row["answers"]),
            tuple((place["document"], Span(place["start"], place["end"])) for place in row["gold"]),
            result,
        )
        for row, result in zip(rows, results, strict=True)
    ]


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
    answerable = [item for item in asked if item.answers]
    wrong = [item for item in answerable if not item.right()]
    share = 1 - len(wrong) / len(answerable)
    listed = "\n".join(map(str, wrong))
    assert share >= RIGHT_AT_LEAST, f"{share:.3f} of {len(answerable)} right; wrong:\n{listed}"


def test_most_questions_that_the_texts_do_not_answer_are_declined(asked: list[Asked]) -> None:
    unanswerable = [item for item in asked if not item.answers]
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
