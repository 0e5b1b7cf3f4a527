"""Sets of invented events told by several sources, with questions and gold answers.

A set is a folder (tests/data/events: texts in a folder per event, questions.jsonl and
attributions.jsonl) or one gzipped JSON file of the same (training/data/events.json.gz). Gold
answers are slices: every place names its document, its offsets and the text there.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from benchmarks.squad import f1, normalise
from index.documents import Span
from qa.agreement import same_answer
from qa.answers import Answer, AnswerSet, Citation, Turn

ROOT = Path(__file__).parent.parent
EVENTS = ROOT / "tests" / "data" / "events"


@dataclass(frozen=True)
class Place:
    """Where a gold answer stands; ``document`` is the path below the folder of the events."""

    document: str
    span: Span
    text: str


@dataclass(frozen=True)
class Item:
    """A question with its gold answers, each with all places that give it."""

    id: str
    event: str
    kind: str
    question: str
    history: tuple[Turn, ...]
    full: str
    gold: tuple[tuple[Place, ...], ...]
    by_sentence: bool

    def right(self, result: AnswerSet) -> bool:
        """The first answer is one of the gold answers, cited where it is said."""
        return result.answered and bool(self.found(result.answers[:1], first_citation=True))

    def found(self, answers: Sequence[Answer], *, first_citation: bool = False) -> set[int]:
        """Which of the gold answers are among ``answers``."""
        return {
            number
            for number, places in enumerate(self.gold)
            for answer in answers
            for citation in (answer.citations[:1] if first_citation else answer.citations)
            if any(self._matches(citation, place) for place in places)
        }

    def _matches(self, citation: Citation, place: Place) -> bool:
        cited = Span(citation.sentence.start, citation.sentence.end)
        if document_of(citation.source) != place.document or not cited.overlaps(place.span):
            return False
        return self.by_sentence or says(citation.quote, place.text)


@dataclass(frozen=True)
class Events:
    """A set as it is stored: texts by document, rows of questions, rows of attributions."""

    articles: Mapping[str, str]
    questions: Sequence[Mapping[str, Any]]
    attributions: Sequence[Mapping[str, Any]]

    def items(self) -> list[Item]:
        """The questions, in the order of the file."""
        return [_item(row) for row in self.questions]

    def write(self, folder: Path) -> list[Path]:
        """The texts as files below ``folder``."""
        paths = []
        for name, text in sorted(self.articles.items()):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            paths.append(path)
        return paths


def load(path: Path = EVENTS) -> Events:
    """The set in a folder, or in one file."""
    if path.is_file():
        stored = json.loads(gzip.decompress(path.read_bytes()))
        return Events(stored["articles"], stored["questions"], stored["attributions"])
    texts = {document_of(str(p)): p.read_text("utf-8") for p in sorted(path.glob("*/*.txt"))}
    return Events(texts, _rows(path / "questions.jsonl"), _rows(path / "attributions.jsonl"))


def says(quote: str, gold: str) -> bool:
    """Whether the quote gives the gold answer: much the same words, or it holds them."""
    contained = f" {normalise(gold)} " in f" {normalise(quote)} "
    return contained or f1(quote, [gold]) >= 0.5 or same_answer(quote, gold)


def document_of(source: str) -> str:
    return "/".join(PurePath(source).parts[-2:])


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _item(row: Mapping[str, Any]) -> Item:
    return Item(
        row["id"],
        row["event"],
        row["kind"],
        row["question"],
        tuple(Turn(turn["question"], turn["answer"]) for turn in row.get("history", ())),
        row.get("full", row["question"]),
        tuple(
            tuple(Place(p["document"], Span(p["start"], p["end"]), p["text"]) for p in places)
            for places in row["gold"]
        ),
        row.get("match") == "sentence",
    )
