"""Development questions put through the real search and reader, each candidate marked right or not.

Right is what the official F1 gives at least one half; in `benchmarks.mixed_documents`, what holds
one of the words that answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import mixed_documents, pooled
from benchmarks.squad import Example, f1
from index.documents import RetrievedPassage
from index.folders import files_under
from index.store import Store
from qa.assembly import make_indexer, make_pipeline
from qa.confidence import FEATURES, features
from qa.pipeline import Pipeline
from qa.ranking import candidates
from qa.settings import Settings

RIGHT_F1 = 0.5
_BEYOND = 20  # passages beyond those read, to take the place of the deleted


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its gold answers, none if unanswerable, and the documents that hold them.

    Attributes:
        in_part: whether an answer is right that holds a gold one, however much more it says.
    """

    group: str
    question: str
    answers: tuple[str, ...]
    sources: frozenset[str] = frozenset()
    in_part: bool = False

    def right(self, quote: str) -> bool:
        if self.in_part:
            return mixed_documents.holds(quote, self.answers)
        return bool(self.answers) and f1(quote, self.answers) >= RIGHT_F1


@dataclass(frozen=True, slots=True)
class Judged:
    """One question's candidates: their features, and which are right.

    Attributes:
        deleted: asked as if the documents that hold the answer were not there.
    """

    asked: Asked
    deleted: bool
    matrix: NDArray[np.float64]
    right: NDArray[np.bool_]

    @property
    def answerable(self) -> bool:
        return bool(self.asked.answers) and not self.deleted


def news(folder: Path, settings: Settings) -> tuple[Pipeline, list[Asked]]:
    """The invented news of ``training/data/news``, in a library of its own."""
    store = Store(settings.data, create=True)
    pipeline = make_pipeline(settings)
    indexer = make_indexer(settings, store, pipeline.retriever.embedder)
    list(indexer.add(files_under([folder / "events"])))
    store.close()
    rows = map(json.loads, (folder / "questions.jsonl").read_text("utf-8").splitlines())
    return pipeline, [
        Asked(
            row["event"],
            row["question"],
            tuple(row["answers"]),
            frozenset(str((folder / gold["document"]).resolve()) for gold in row["gold"]),
        )
        for row in rows
    ]


def mixed() -> Iterator[tuple[mixed_documents.Mixed, list[Asked]]]:
    """Both libraries of mixed documents, each with its own questions and with half of the other's,
    which it does not answer."""
    libraries = mixed_documents.load()
    for name, library in libraries.items():
        asked = [Asked(name, q.question, q.answers, in_part=True) for q in library.questions]
        for other, strange in libraries.items():
            if other != name:
                asked += [Asked(name, q.question, ()) for q in strange.questions[::2]]
        yield library, asked


def asked_of(sets: Mapping[str, Sequence[Example]]) -> list[Asked]:
    """Questions of SQuAD files, by the name of their set, asked of a `pooled.Library`."""
    return [
        Asked(name, e.question, e.answers, frozenset({pooled.source_of(e.context)}))
        for name, examples in sets.items()
        for e in examples
    ]


def judge(pipeline: Pipeline, questions: Sequence[Asked], delete_share: float) -> Iterator[Judged]:
    """Ask the questions and compare.

    Args:
        delete_share: this share of the answerable questions is asked a second time, without the
            documents that hold the answer.
    """
    read = pipeline.settings.passages_read
    random = np.random.default_rng(0)
    for asked in questions:
        found = pipeline.retriever.search(asked.question, read + _BEYOND).passages
        yield _judge(pipeline, asked, found[:read], deleted=False)
        if asked.answers and random.random() < delete_share:
            left = [item for item in found if item.passage.source not in asked.sources]
            yield _judge(pipeline, asked, left[:read], deleted=True)


def _judge(
    pipeline: Pipeline, asked: Asked, found: Sequence[RetrievedPassage], *, deleted: bool
) -> Judged:
    readings = pipeline.reader.read(asked.question, [item.passage.text for item in found])
    read = candidates(asked.question, found, readings)
    right = [not deleted and asked.right(item.quote) for item in read]
    return Judged(
        asked,
        deleted,
        features(asked.question, read) if read else np.zeros((0, len(FEATURES))),
        np.array(right, dtype=bool),
    )
