"""Development questions put through the real pipeline, each candidate marked right or wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.squad import f1, load
from index.documents import Document, RetrievedPassage
from index.indexing import files_under
from index.loaders import load_file
from index.store import Store
from qa.assembly import make_embedder, make_indexer, make_reader, make_retriever
from qa.confidence import FEATURES, features
from qa.ranking import candidates
from qa.reader import Reader
from qa.settings import Settings

RIGHT_F1 = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its gold answers, none if unanswerable, and the documents that hold them."""

    id: str
    group: str
    question: str
    answers: tuple[str, ...]
    sources: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """One question's candidates: their features, and which are right."""

    asked: Asked
    deleted: bool
    matrix: NDArray[np.float64]
    right: NDArray[np.bool_]

    @property
    def answerable(self) -> bool:
        return bool(self.asked.answers) and not self.deleted


def news(folder: Path) -> tuple[list[Document], list[Asked]]:
    """The invented news of ``training/data/news``."""
    documents = [load_file(path, max_bytes=10**6) for path in files_under([folder / "events"])]
    asked = []
    for line in (folder / "questions.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        sources = frozenset(str((folder / g["document"]).resolve()) for g in row["gold"])
        asked.append(
            Asked(row["id"], row["event"], row["question"], tuple(row["answers"]), sources)
        )
    return documents, asked


def reading(files: Sequence[Path]) -> tuple[list[Document], list[Asked]]:
    """SQuAD files: every context a document, every question without its context."""
    documents: dict[str, Document] = {}
    asked = []
    for file in files:
        for example in load(file):
            source = documents.setdefault(
                example.context,
                Document(f"{file.name}/{len(documents)}", "", example.context, "text/plain"),
            ).source
            asked.append(
                Asked(
                    example.id,
                    file.name.split(".")[0],
                    example.question,
                    example.answers,
                    frozenset({source}),
                )
            )
    return list(documents.values()), asked


def judge(
    documents: Sequence[Document],
    questions: Sequence[Asked],
    folder: Path,
    settings: Settings,
    *,
    delete_share: float,
) -> Iterator[Judged]:
    """Index the documents, ask the questions, compare.

    Args:
        delete_share: this share of the answerable questions is asked a second time, as if the
            documents that hold the answer had been deleted.
    """
    store, embedder, reader = (
        Store(folder, create=True),
        make_embedder(settings),
        make_reader(settings),
    )
    indexer = make_indexer(settings, store, embedder)
    for document in documents:
        indexer.add_document(document)
    retriever = make_retriever(settings, store, embedder)
    random = np.random.default_rng(0)
    for asked in questions:
        found = retriever.search(asked.question, settings.passages_read + 20).passages
        yield _judge(asked, found[: settings.passages_read], reader, deleted=False)
        if asked.answers and random.random() < delete_share:
            left = [item for item in found if item.passage.source not in asked.sources]
            yield _judge(asked, left[: settings.passages_read], reader, deleted=True)


def _judge(
    asked: Asked, found: Sequence[RetrievedPassage], reader: Reader, *, deleted: bool
) -> Judged:
    readings = reader.read(asked.question, [item.passage.text for item in found])
    read = candidates(asked.question, found, readings)
    right = [
        bool(asked.answers)
        and not deleted
        and item.retrieved.passage.source in asked.sources
        and f1(item.quote, asked.answers) >= RIGHT_F1
        for item in read
    ]
    return Judged(
        asked,
        deleted,
        features(asked.question, read) if read else np.zeros((0, len(FEATURES))),
        np.array(right, dtype=bool),
    )
