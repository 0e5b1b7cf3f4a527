"""Libraries with something wrong in them, for tests of what finds it and of what mends it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.documents import Document
from index.embedded_search import EmbeddedSearch
from index.indexing import Indexer
from index.jobs import JobStore, Kind
from index.repair import repair
from index.retrieval import Retriever
from index.store import Store
from index.verify import Finding, Part, findings
from tests.doubles import HashingEmbedder
from tests.index.libraries import EMBEDDER, indexer_of

RHINE = "The Rhine is long. The Danube is longer. The Volga is the longest of all of them."
LAKES = "Lake Garda is deep. Lake Como is deeper. Lake Constance is wide.\n\nLeave a Reply"


def spoil(file: Path) -> None:
    """Change the last byte, whatever it is: files end with a checksum, whose bytes are any."""
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


@dataclass
class Opened:
    """A library as one process has it open."""

    store: Store
    indexer: Indexer
    retriever: Retriever

    def findings(self) -> list[Finding]:
        return list(findings(self.store, self.retriever.check, lambda: None))

    def parts(self) -> set[Part]:
        return {finding.part for finding in self.findings()}

    def repair(self) -> list[str]:
        """As ``index verify --repair`` does."""
        found = self.findings()
        done = [*self.store.mend_file(), *repair(self.indexer, found)]
        self.retriever.build_anew()
        self.store.settle()
        return done

    def answers(self, query: str) -> list[str]:
        return [item.passage.text for item in self.retriever.search(query, 3).passages]


@contextmanager
def opened(
    folder: Path, embedder: HashingEmbedder = EMBEDDER, exact_passages: int = 1_000
) -> Iterator[Opened]:
    store = Store(folder)
    indexer = indexer_of(store, embedder, passage_tokens=6)
    retriever = Retriever(
        store,
        embedder,
        EmbeddedSearch(
            store,
            embedder,
            lexical_rows=10_000,
            exact_passages=exact_passages,
            recall=0.997,
        ),
        candidates=10,
        dense_weight=0.45,
    )
    try:
        yield Opened(store, indexer, retriever)
    finally:
        retriever.wait()
        store.close()


def make_library(folder: Path) -> Path:
    """Two files, a text that is no file, and a job; returns the data folder."""
    texts = folder / "texts"
    texts.mkdir(parents=True)
    (texts / "rhine.txt").write_text(RHINE)
    (texts / "lakes.txt").write_text(LAKES)
    data = folder / "data"
    Store(data, create=True).close()
    with opened(data) as library:
        list(library.indexer.add([texts / "rhine.txt", texts / "lakes.txt"]))
        library.indexer.add_document(
            Document("text:Elbe", "Elbe", "The Elbe is short.", "text/plain")
        )
        JobStore(data).create(Kind.REBUILD)
        library.retriever.build_anew()
        library.store.settle()
    return data


def copy_of(data: Path, to: Path) -> Path:
    shutil.copytree(data, to)
    return to
