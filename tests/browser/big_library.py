"""A large library, made in seconds: its vectors are a double's, all else is as it always is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from index.documents import Document, Origin
from index.embedding import DEFAULT_MODEL
from index.indexing import Source
from index.loaders import LoadedFile
from index.onnx_embedding import WIDTH
from index.store import Store
from qa.assembly import make_indexer
from qa.settings import Settings
from tests.doubles import HashingEmbedder

LONG_TITLE = "The long record"
_WORDS = (
    "harbour",
    "ferry",
    "quay",
    "council",
    "winter",
    "bridge",
    "mill",
    "river",
    "station",
    "museum",
    "letter",
    "archive",
    "lantern",
    "northern",
    "orchard",
    "pavilion",
    "quarry",
    "railway",
    "shelter",
    "timber",
    "upland",
    "vessel",
    "warden",
    "yard",
    "zeal",
)


def make(folder: Path, *, documents: int = 4_999, long_bytes: int = 5_000_000) -> None:
    """So many short documents, "Report 1" and so on, and after them a long one."""
    store = Store(folder, create=True)
    embedder = HashingEmbedder(DEFAULT_MODEL, WIDTH)
    indexer = make_indexer(Settings(data=folder), store, embedder)
    sources = [*(_report(number) for number in range(1, documents + 1)), _long(long_bytes)]
    for indexed in indexer.bring(_as_source(document) for document in sources):
        assert indexed.outcome == "added", indexed
        embedder.embedded.clear()
    store.settle()
    store.close()


def _report(number: int) -> Document:
    words = " ".join(random.Random(number).choices(_WORDS, k=40))
    text = f"This is report number {number}. It tells of {words}."
    return Document(f"/reports/{number}.txt", f"Report {number}", text, "text/plain", "2022-08-01")


def _long(size: int) -> Document:
    lines = list(_lines(size))
    for part in (0.02, 0.6, 0.98):
        lines.insert(int(len(lines) * part), "Here the needle lies, found by 🧵 thread.")
    text = "\n\n".join(lines)
    return Document("/reports/long.txt", LONG_TITLE, text, "text/plain", "2022-08-02")


def _lines(size: int) -> Iterator[str]:
    chance, written = random.Random(5), 0
    while written < size:
        line = f"{' '.join(chance.choices(_WORDS, k=60)).capitalize()} — 🚢 é."
        written += len(line.encode()) + 2
        yield line


def _as_source(document: Document) -> Source:
    loaded = LoadedFile(Origin(document.source, ""), (document,), ())
    return Source(document.source, lambda: loaded)
