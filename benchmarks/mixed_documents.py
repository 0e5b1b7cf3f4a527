"""Two small libraries of unlike documents: how many questions are answered right, and declined.

    python -m benchmarks.mixed_documents [--details]

``training/data/mixed.json.gz`` holds an office's papers (rules, minutes, manuals, mails, laboratory
reports, news of several outlets) and documents of other genres (judgments, transcripts, tickets,
tables, leaflets), with questions as users ask them. Right means: the first answer holds one of the
words that answer. "differs, falsely": the sources are told to differ, and an answer after the first
holds none of the words that some source gives.

They were written to find faults, which were then mended, and the confidence is fitted on them,
too: figures on them are figures of development data.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from benchmarks.tables import output, table
from index.folders import files_under
from index.store import Store
from qa.answers import AnswerSet, Question, Relation
from qa.assembly import make_indexer, make_pipeline
from qa.pipeline import Pipeline
from qa.settings import Settings

MIXED = Path(__file__).parent.parent / "training" / "data" / "mixed.json.gz"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the words that answer it, none if nothing does.

    Attributes:
        others: words that other sources give for it.
    """

    question: str
    answers: tuple[str, ...]
    others: tuple[str, ...] = ()

    def right(self, result: AnswerSet) -> bool:
        if not self.answers:
            return not result.answered
        return result.answered and holds(result.answers[0].text, self.answers)

    def differs_falsely(self, result: AnswerSet) -> bool:
        known = (*self.answers, *self.others)
        return result.relation is Relation.DIFFER and not all(
            holds(answer.text, known) for answer in result.answers[1:]
        )


def holds(text: str, words: Sequence[str]) -> bool:
    return any(each.lower() in text.lower() for each in words)


@dataclass(frozen=True, slots=True)
class Mixed:
    """One library: texts by the names of their files, and questions."""

    documents: dict[str, str]
    questions: tuple[Asked, ...]

    @contextmanager
    def opened(self, settings: Settings) -> Iterator[Pipeline]:
        """A pipeline over a fresh index of the documents, in a folder that is gone afterwards."""
        with ExitStack() as stack:
            root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            folder = root / "documents"
            for name, text in self.documents.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text, "utf-8")
            settings = replace(settings, data=root / "data")
            store = Store(settings.data, create=True)
            stack.callback(store.close)
            pipeline = make_pipeline(settings)
            stack.callback(pipeline.store.close)
            list(
                make_indexer(settings, store, pipeline.retriever.embedder).add(
                    files_under([folder])
                )
            )
            yield pipeline


def load() -> dict[str, Mixed]:
    """Both libraries, by name."""
    return {
        name: Mixed(
            kept["documents"],
            tuple(
                Asked(row["question"], tuple(row["answers"]), tuple(row.get("others", ())))
                for row in kept["questions"]
            ),
        )
        for name, kept in json.loads(gzip.decompress(MIXED.read_bytes())).items()
    }


@click.command(help=__doc__)
@click.option("--details", is_flag=True, help="Also each question that is not as it should be.")
def main(details: bool) -> None:
    figures = table("library", "right", "declined", "unanswerable: declined", "differs, falsely")
    for name, mixed in load().items():
        with mixed.opened(Settings.from_environment()) as pipeline:
            told = [(asked, pipeline.answer(Question(asked.question))) for asked in mixed.questions]
        for asked, result in told:
            if details and not (asked.right(result) and not asked.differs_falsely(result)):
                said = [f"{a.text!r} ({a.confidence:.2f})" for a in result.answers[:3]]
                click.echo(f"{name}: {asked.question} -> {said or 'declined'}; {asked.answers}")
        answerable = [(asked, result) for asked, result in told if asked.answers]
        nothing = [(asked, result) for asked, result in told if not asked.answers]
        figures.add_row(
            name,
            _share([asked.right(result) for asked, result in answerable]),
            _share([not result.answered for _, result in answerable]),
            _share([asked.right(result) for asked, result in nothing]),
            str(sum(asked.differs_falsely(result) for asked, result in told)),
        )
    output().print(figures)


def _share(what: Sequence[bool]) -> str:
    return f"{sum(what)} of {len(what)}"


if __name__ == "__main__":
    main()
