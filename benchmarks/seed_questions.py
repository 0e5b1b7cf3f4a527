"""The project's questions on the five texts of seeds/: how many are answered right, and declined.

    python -m benchmarks.seed_questions

With the default settings, over a fresh index. Right means: the first answer has an official F1 of
at least 0.5 with a gold answer, or holds one, and its first citation's sentence overlaps a place
that says so. Ranking and confidence were fitted on other texts; see docs/quality.md.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import click

from benchmarks.squad import f1, normalise
from index.documents import Span
from index.folders import files_under
from index.store import Store
from qa.answers import AnswerSet, Question
from qa.assembly import make_indexer, make_pipeline
from qa.pipeline import Pipeline
from qa.settings import Settings

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "tests" / "data" / "seed_questions.jsonl"


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


def ask_all(pipeline: Pipeline) -> list[Asked]:
    """Every question, asked of a pipeline over seeds/."""
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    results = pipeline.answer_batch([Question(row["question"]) for row in rows])
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


def split(asked: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """The questions that the texts answer, and those that they do not."""
    return [item for item in asked if item.answers], [item for item in asked if not item.answers]


@click.command(help=__doc__)
def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment(data=Path(folder))
        store = Store(settings.data, create=True)
        pipeline = make_pipeline(settings)
        indexer = make_indexer(settings, store, pipeline.retriever.embedder)
        list(indexer.add(files_under([ROOT / "seeds"])))
        answerable, unanswerable = split(ask_all(pipeline))
        store.close()
    wrong = [item for item in answerable if not item.right()]
    answered = [item for item in unanswerable if item.result.answered]
    for item in (*wrong, *answered):
        click.echo(str(item))
    click.echo(f"answerable:   {len(answerable) - len(wrong)} of {len(answerable)} right")
    click.echo(f"              {sum(not item.result.answered for item in answerable)} declined")
    click.echo(f"unanswerable: {len(unanswerable) - len(answered)} of {len(unanswerable)} declined")


if __name__ == "__main__":
    main()
