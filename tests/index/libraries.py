"""Small documents and libraries for tests of the store and of retrieval."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from index.database import FILE_NAME, connect
from index.document_store import DocumentStore
from index.documents import Document, Origin, Span
from index.indexing import Indexer
from index.loaders import Limits
from index.sentences import sentence_spans
from index.writes import Prepared
from tests.doubles import HashingEmbedder

EMBEDDER = HashingEmbedder()
MODEL = (EMBEDDER.name, EMBEDDER.dimension)
LIMITS = Limits(
    max_file_bytes=10_000,
    max_text_characters=10_000,
    max_pages=10,
    max_members=100,
    max_expanded_bytes=100_000,
    max_seconds=20.0,
    max_memory_bytes=1_000_000_000,
)
_PATIENCE_SECONDS = 20.0


def indexer_of(
    store: DocumentStore,
    embedder: HashingEmbedder = EMBEDDER,
    *,
    passage_tokens: int = 40,
    mark_furniture: bool = True,
    limits: Limits = LIMITS,
) -> Indexer:
    return Indexer(
        store,
        embedder,
        passage_tokens=passage_tokens,
        overlap_tokens=0,
        limits=limits,
        mark_furniture=mark_furniture,
    )


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Wait for a condition that another thread brings about."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"It never came that {what}."
        time.sleep(0.01)


@contextmanager
def thread(work: Callable[[], None]) -> Iterator[None]:
    """Run ``work`` beside the block; its failure is the test's."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    running = threading.Thread(target=run)
    running.start()
    try:
        yield
    finally:
        running.join(_PATIENCE_SECONDS)
        assert not running.is_alive(), "the thread did not end"
    assert not failures, failures


def damage(folder: Path, sql: str, values: Sequence[object] = ()) -> None:
    """Change rows behind the store's back, as a fault would: no trigger tidies up."""
    with closing(connect(folder / FILE_NAME)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        changed = connection.execute(sql, values).rowcount
        for _, definition in triggers:
            connection.execute(definition)
    assert changed, "nothing was damaged"


def document(text: str, source: str = "/a.txt", date: str | None = None) -> Document:
    return Document(source, text.split(".")[0], text, "text/plain", date)


def put(
    store: DocumentStore,
    text: str,
    source: str = "/a.txt",
    date: str | None = None,
    embedder: HashingEmbedder = EMBEDDER,
) -> int:
    """Store a text, each sentence a passage."""
    spans = sentence_spans(text)
    vectors = embedder.embed([text[span.start : span.end] for span in spans])
    model = (embedder.name, embedder.dimension)
    return store.put(document(text, source, date), spans, vectors, model)


def query(folder: Path, sql: str, values: Sequence[str | int] = ()) -> list[tuple]:
    with closing(connect(folder / FILE_NAME)) as connection:
        return connection.execute(sql, values).fetchall()


def everything(folder: Path) -> str:
    """The whole content of a library, to tell whether something changed."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        return "\n".join(connection.iterdump())


def passage_ids(store: DocumentStore) -> list[int]:
    return [row[0] for row in store.rows("SELECT id FROM passages ORDER BY id")]


def passage_texts(store: DocumentStore, document_id: int) -> list[str]:
    text = store.document(document_id).text
    spans = store.rows(
        "SELECT start_at, end_at, text FROM passages WHERE document_id = ? ORDER BY id",
        (document_id,),
    )
    assert all(text[start:end] == words for start, end, words in spans)
    return [words for _, _, words in spans]


def prepared(text: str, source: str = "/a.txt", document_id: int | None = None) -> Prepared:
    """A text that is one passage."""
    vectors = EMBEDDER.embed([text])
    return Prepared(
        document(text, source),
        [Span(0, len(text))],
        vectors,
        Origin(source, "0" * 64),
        document_id,
    )


def put_and_close(store: DocumentStore, text: str, source: str) -> None:
    """For a thread that ends: its connection would be left open."""
    try:
        put(store, text, source)
    finally:
        store.close()
