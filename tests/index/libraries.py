"""Small documents and libraries for tests of the store and of retrieval."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from index.database import FILE_NAME, connect
from index.documents import Document
from index.sentences import sentence_spans
from index.store import Store
from tests.doubles import HashingEmbedder

EMBEDDER = HashingEmbedder()


def document(text: str, source: str = "/a.txt", date: str | None = None) -> Document:
    return Document(source, text.split(".")[0], text, "text/plain", date)


def put(
    store: Store,
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


def passage_texts(store: Store, document_id: int) -> list[str]:
    text = store.document(document_id).text
    spans = query(
        store.folder,
        "SELECT start_at, end_at, text FROM passages WHERE document_id = ? ORDER BY id",
        (document_id,),
    )
    assert all(text[start:end] == words for start, end, words in spans)
    return [words for _, _, words in spans]
