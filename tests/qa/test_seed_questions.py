"""The five texts and what is asked of them, with the real models and the default settings."""

from __future__ import annotations

import json
from pathlib import Path, PurePath

import pytest

from benchmarks.seed_questions import QUESTIONS, Asked, ask_all, split
from benchmarks.squad import f1
from index.text import decode
from index.text import normalise as normalise_text
from qa.answers import Question, Relation, Standpoint
from qa.pipeline import Pipeline
from qa.positions import Stance
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


SOURCES = {
    name[:3]: name
    for name in (
        *("000_24598830d6a6aed1.txt", "001_f9c2ce2ad4a9c170.txt", "002_0108e8062d24e9d8.txt"),
        *("003_328438cecb52f855.txt", "004_77be087f6c8edd40.txt"),
    )
}


def taken(pipeline: Pipeline, question: str) -> list[tuple[str, Standpoint]]:
    """The positions, each with the number of its text; all are slices of it."""
    result = pipeline.answer(Question(question))
    assert result.relation is Relation.POSITIONS
    assert len(result.answers) == len(result.positions)
    found = []
    for standpoint in result.positions:
        name = PurePath(standpoint.citation.source).name
        text = file_text(name)
        said = standpoint.citation.attribution
        for piece in filter(None, (standpoint.who, said and said.speaker, said and said.verb)):
            assert text[piece.start : piece.end] == piece.text
        citation = standpoint.citation
        assert text[citation.document_start : citation.document_end] == citation.quote
        found.append((name[:3], standpoint))
    assert all(number in SOURCES for number, _ in found)
    return found


def test_two_confirmed_the_volunteer_reports(seeds_pipeline: Pipeline) -> None:
    found = taken(seeds_pipeline, "who confirmed the volunteer reports?")
    names = {standpoint.who.text for _, standpoint in found if standpoint.who}
    assert any("Sin Hong Chol" in name for name in names)
    assert any("Korotchenko" in name for name in names)
    assert {standpoint.stance for _, standpoint in found} == {Stance.CONFIRMS}


def test_two_texts_deny_and_not_the_same_claim(seeds_pipeline: Pipeline) -> None:
    found = taken(seeds_pipeline, "who denied the volunteer reports?")
    assert {standpoint.stance for _, standpoint in found} == {Stance.DENIES}
    by_text = dict(reversed(found))
    assert {"000", "004"} <= by_text.keys()
    assert by_text["004"].who and by_text["004"].who.text == "North Korea"


def test_each_text_says_who_says_that_100000_will_be_sent(seeds_pipeline: Pipeline) -> None:
    question = "is it true that North Korea will send 100,000 volunteers?"
    found = taken(seeds_pipeline, question)
    assert len({number for number, _ in found}) >= 4
    stances = {standpoint.stance for _, standpoint in found}
    assert {Stance.DENIES, Stance.CONFIRMS} <= stances
    for _, standpoint in found:
        assert standpoint.who and standpoint.citation.attribution
        assert standpoint.who.text.lower() not in {"reports", "there have been reports"}
