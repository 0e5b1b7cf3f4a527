"""Cuts and embeds all stored texts anew, while the library goes on answering from the old ones.

The new passages wait in a file of their own, and take the place of the old ones in one
transaction. A rebuild that is broken off goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from index.documents import Span, StoredDocument
from index.embedding import Vectors
from index.errors import CorruptIndex, UnknownDocument
from index.indexing import Indexer
from index.records import marks_from_json, marks_to_json

FILE_NAME = "rebuild.sqlite3"
_LOCK_NAME = "rebuild.lock"
_LOOKED_AT = 200  # documents, spread over the library: they were cut by few programs and settings

_Cut = tuple[tuple[Span, ...], list[Span], Vectors]


def rebuild(indexer: Indexer) -> Iterator[tuple[int, int]]:
    """Yield each document's id and its number of passages as it is done; then exchange them all.

    Until it is exhausted the library is as it was. Documents that come, change or go
    meanwhile are taken as they are at the end.

    Raises `LibraryBusy` if another process rebuilds.
    """
    folder = indexer.store.folder
    with indexer.store.alone(_LOCK_NAME, "rebuilding the library"):
        with closing(_Staging(folder / FILE_NAME, _recipe(indexer))) as staging:
            for document_id in indexer.store.document_ids():
                try:
                    stored = indexer.store.document(document_id)
                except UnknownDocument:
                    continue  # removed meanwhile
                yield document_id, _stage(indexer, staging, stored)
            _exchange(indexer, staging)
        _discard(folder / FILE_NAME)


def is_due(indexer: Indexer) -> bool:
    """Whether passages are there that would be cut in another way now.

    So it is after a change of the settings, and of this program where it brings another way of
    cutting: adding an unchanged file again does not cut it anew. A sample of the documents is
    looked at.
    """
    ids = indexer.store.document_ids()
    some = ids[:: max(1, len(ids) // _LOOKED_AT)]
    return any(_is_cut_otherwise(indexer, document_id) for document_id in some)


def _is_cut_otherwise(indexer: Indexer, document_id: int) -> bool:
    try:
        stored = indexer.store.document(document_id)
    except (UnknownDocument, CorruptIndex):
        return False  # removed meanwhile, or for `index verify` to tell
    if stored.furniture and not indexer.mark_furniture:
        return True
    passages = indexer.passages(stored.as_document(stored.furniture))
    rows = indexer.store.rows(
        "SELECT start_at, end_at FROM passages WHERE document_id = ?", (document_id,)
    )
    return {(p.start, p.end) for p in passages} != {(start, end) for start, end in rows}


def _recipe(indexer: Indexer) -> str:
    """What a staged passage depends on beside its document."""
    parts = [*indexer.model, indexer.passage_tokens, indexer.overlap_tokens]
    return json.dumps([*parts, indexer.mark_furniture])


def _stage(indexer: Indexer, staging: _Staging, stored: StoredDocument) -> int:
    """Cut and embed a document, unless that was done before; return its number of passages."""
    known = staging.get(stored.id, stored.content_hash)
    if known is not None:
        return len(known[1])
    document, passages = indexer.cut(stored.as_document(()))
    vectors = indexer.embed(document.text, passages)
    staging.put(stored.id, stored.content_hash, (document.furniture, passages, vectors))
    return len(passages)


def _exchange(indexer: Indexer, staging: _Staging) -> None:
    store = indexer.store
    with store.writing("exchanging the passages of a rebuild") as generation:
        store.remember_embedder(indexer.model)
        for document_id in store.document_ids():
            stored = store.document(document_id)
            _stage(indexer, staging, stored)  # only what came or changed meanwhile costs time
            cut = staging.get(document_id, stored.content_hash)
            assert cut is not None
            store.exchange_passages(document_id, stored.content_hash, *cut, generation)


class _Staging:
    """The passages to come, in a SQLite file that is thrown away in the end."""

    def __init__(self, path: Path, recipe: str) -> None:
        self._connection = _open(path)
        known = self._connection.execute("SELECT recipe FROM recipe").fetchone()
        if known is None or known[0] != recipe:
            with self._connection:
                self._connection.execute("DELETE FROM recipe")
                self._connection.execute("DELETE FROM staged")
                self._connection.execute("INSERT INTO recipe VALUES (?)", (recipe,))

    def close(self) -> None:
        self._connection.close()

    def get(self, document_id: int, version: str) -> _Cut | None:
        row = self._connection.execute(
            "SELECT marks, passages, vectors, checksum FROM staged"
            " WHERE document_id = ? AND version = ?",
            (document_id, version),
        ).fetchone()
        if row is None or _checksum(*row[:3]) != row[3]:
            return None
        marks, passages = marks_from_json(row[0]), list(marks_from_json(row[1]))
        vectors = np.frombuffer(row[2], "<f2").astype(np.float32)
        return marks, passages, vectors.reshape(len(passages), -1 if passages else 0)

    def put(self, document_id: int, version: str, cut: _Cut) -> None:
        row = (marks_to_json(cut[0]), marks_to_json(cut[1]), cut[2].astype("<f2").tobytes())
        with self._connection:
            self._connection.execute(
                "INSERT OR REPLACE INTO staged VALUES (?, ?, ?, ?, ?, ?)",
                (document_id, version, *row, _checksum(*row)),
            )


def _open(path: Path) -> sqlite3.Connection:
    """Anything that is not a whole staging file is thrown away: it is only work saved."""
    try:
        return _prepared(path)
    except sqlite3.DatabaseError:
        _discard(path)
        return _prepared(path)


def _prepared(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE IF NOT EXISTS recipe (recipe TEXT)")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS staged (document_id INTEGER PRIMARY KEY, version TEXT,"
        " marks TEXT, passages TEXT, vectors BLOB, checksum TEXT)"
    )
    connection.commit()
    return connection


def _checksum(marks: str, passages: str, vectors: bytes) -> str:
    return hashlib.sha256(f"{marks}{passages}".encode() + vectors).hexdigest()


def _discard(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
