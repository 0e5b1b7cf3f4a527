"""The store: documents, passages and vectors in SQLite, which is the truth."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.database import LOCK_SECONDS, connect, prepare
from index.documents import (
    Document,
    DocumentSummary,
    Filters,
    Passage,
    Span,
    StoredDocument,
)
from index.embedding import Vectors
from index.errors import EmbedderMismatch, LibraryBusy, UnknownDocument
from index.vectors import Ids

_IDS_PER_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class Changes:
    """What leads from one generation to a later one.

    ``vectors`` has shape (len(added), dimension) and float16's precision.
    """

    added: Ids
    vectors: Vectors
    removed: Ids
    generation: int


class Store:
    """A library's SQLite file. One connection per thread; every write is one transaction.

    Args:
        folder: the data folder.
        create: make the library if there is none; otherwise `LibraryMissing` is raised.
    """

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.folder = folder
        self._path = prepare(folder, create=create)
        self._local = threading.local()

    @property
    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = connect(self._path)
        connection: sqlite3.Connection = self._local.connection
        return connection

    def close(self) -> None:
        """Close this thread's connection."""
        if hasattr(self._local, "connection"):
            self._local.connection.close()
            del self._local.connection

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reads inside see one generation, whatever is written meanwhile."""
        self._connection.execute("BEGIN")
        try:
            self.generation()  # a deferred transaction starts with its first read
            yield
        finally:
            self._connection.execute("COMMIT")

    @contextmanager
    def _writing(self) -> Iterator[int]:
        """A transaction that has the next generation's number; all of it happens, or nothing."""
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise LibraryBusy(
                f"Another process has been writing to the library in {self.folder} "
                f"for {LOCK_SECONDS:.0f} seconds. Try again when it is done."
            ) from error
        try:
            generation = self.generation() + 1
            self._set("generation", str(generation))
            yield generation
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    def _setting(self, name: str) -> str | None:
        row = self._connection.execute(
            "SELECT value FROM settings WHERE name = ?", (name,)
        ).fetchone()
        return None if row is None else str(row[0])

    def _set(self, name: str, value: str) -> None:
        self._connection.execute(
            "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = ?2",
            (name, value),
        )

    def generation(self) -> int:
        """Grows by one with every committed change."""
        return int(self._setting("generation") or 0)

    def library_id(self) -> str:
        """Tells this library from every other, whatever folder it is moved to."""
        return self._setting("library_id") or ""

    def embedder(self) -> tuple[str, int] | None:
        """Name and dimension of the embedder that made the vectors; None before the first."""
        name, dimension = self._setting("embedder"), self._setting("dimension")
        return None if name is None or dimension is None else (name, int(dimension))

    def check_embedder(self, name: str, dimension: int) -> None:
        """Raise `EmbedderMismatch` if the vectors were made by another embedder."""
        stored = self.embedder()
        if stored is not None and stored != (name, dimension):
            raise EmbedderMismatch(
                f"The library in {self.folder} was embedded with {stored[0]} "
                f"({stored[1]} numbers); "
                f"the settings say {name} ({dimension}). Set QA_EMBEDDER={stored[0]}, "
                "or embed all anew with: python -m qa index rebuild"
            )

    def put(
        self,
        document: Document,
        passages: Sequence[Span],
        vectors: Vectors,
        embedder: tuple[str, int],
    ) -> int:
        """Add a document, or replace the one of the same source; return its id.

        Args:
            passages: slices of ``document.text``.
            vectors: shape (len(passages), dimension).
            embedder: name and dimension of what made the vectors.
        """
        with self._writing() as generation:
            self.check_embedder(*embedder)
            self._remember_embedder(embedder)
            document_id = self._put_document(document, generation)
            self._remove_passages(document_id)
            self._add_passages(document_id, document.text, passages, vectors, generation)
        return document_id

    def rewrite(
        self,
        anew: Callable[[StoredDocument], tuple[tuple[Span, ...], Sequence[Span], Vectors]],
        embedder: tuple[str, int],
    ) -> None:
        """Exchange furniture, passages and vectors of every document in one transaction."""
        with self._writing() as generation:
            self._remember_embedder(embedder)
            for summary in self.documents():
                stored = self.document(summary.id)
                marks, passages, vectors = anew(stored)
                document = Document(
                    stored.source,
                    stored.title,
                    stored.text,
                    stored.media_type,
                    stored.date,
                    marks,
                )
                self._put_document(document, generation)
                self._remove_passages(stored.id)
                self._add_passages(stored.id, stored.text, passages, vectors, generation)

    def remove(self, document_id: int) -> None:
        """Remove a document for good. Raises `UnknownDocument`."""
        with self._writing():
            self._remove_passages(document_id)
            gone = self._connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
            if gone.rowcount == 0:
                raise UnknownDocument(f"There is no document with the id {document_id}.")

    def _remember_embedder(self, embedder: tuple[str, int]) -> None:
        self._set("embedder", embedder[0])
        self._set("dimension", str(embedder[1]))

    def _put_document(self, document: Document, generation: int) -> int:
        row = self._connection.execute(
            "INSERT INTO documents (source, title, date, media_type, text, furniture, content_hash,"
            " generation) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (source) DO UPDATE SET title = excluded.title, date = excluded.date,"
            " media_type = excluded.media_type, text = excluded.text,"
            " furniture = excluded.furniture, content_hash = excluded.content_hash,"
            " generation = excluded.generation RETURNING id",
            (
                document.source,
                document.title,
                document.date,
                document.media_type,
                document.text,
                _to_json(document.furniture),
                content_hash(document),
                generation,
            ),
        ).fetchone()
        return int(row[0])

    def _remove_passages(self, document_id: int) -> None:
        self._connection.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))

    def _add_passages(
        self,
        document_id: int,
        text: str,
        passages: Sequence[Span],
        vectors: Vectors,
        generation: int,
    ) -> None:
        self._connection.executemany(
            "INSERT INTO passages (document_id, start_at, end_at, text, vector, generation)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                (document_id, p.start, p.end, text[p.start : p.end], vector.tobytes(), generation)
                for p, vector in zip(passages, vectors.astype("<f2"), strict=True)
            ),
        )

    def documents(self) -> list[DocumentSummary]:
        """All documents, in the order they were first added."""
        rows = self._connection.execute(
            "SELECT d.id, d.source, d.title, d.media_type, d.date, length(d.text),"
            " (SELECT count(*) FROM passages p WHERE p.document_id = d.id)"
            " FROM documents d ORDER BY d.id"
        )
        return [DocumentSummary(*row) for row in rows]

    def document(self, document_id: int) -> StoredDocument:
        """One document with its text. Raises `UnknownDocument`."""
        cursor = self._connection.execute(
            "SELECT id, source, title, text, media_type, date, furniture, content_hash,"
            " (SELECT count(*) FROM passages p WHERE p.document_id = d.id) AS passages"
            " FROM documents d WHERE id = ?",
            (document_id,),
        )
        names = [column[0] for column in cursor.description]
        row = next((dict(zip(names, values, strict=True)) for values in cursor), None)
        if row is None:
            raise UnknownDocument(f"There is no document with the id {document_id}.")
        marks = tuple(Span(*mark) for mark in json.loads(row["furniture"]))
        return StoredDocument(**{**row, "furniture": marks})

    def find(self, source: str) -> tuple[int, str] | None:
        """Id and content hash of the document from ``source``, if there is one."""
        row = self._connection.execute(
            "SELECT id, content_hash FROM documents WHERE source = ?", (source,)
        ).fetchone()
        return None if row is None else (int(row[0]), str(row[1]))

    def count(self) -> tuple[int, int]:
        """How many documents and passages there are."""
        row = self._connection.execute(
            "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM passages)"
        ).fetchone()
        return int(row[0]), int(row[1])

    def changes_since(self, generation: int, dimension: int) -> Changes:
        """What was added and removed after ``generation``."""
        added = self._connection.execute(
            "SELECT id, vector FROM passages WHERE generation > ? ORDER BY id", (generation,)
        ).fetchall()
        removed = self._connection.execute(
            "SELECT passage_id FROM removed_passages WHERE generation > ?", (generation,)
        ).fetchall()
        vectors = np.frombuffer(b"".join(row[1] for row in added), dtype="<f2")
        return Changes(
            np.array([row[0] for row in added], dtype=np.int64),
            vectors.astype(np.float32).reshape(len(added), dimension),
            np.array([row[0] for row in removed], dtype=np.int64),
            self.generation(),
        )

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """The passages with these ids, as far as they exist."""
        found: dict[int, Passage] = {}
        for first in range(0, len(ids), _IDS_PER_STATEMENT):
            some = ids[first : first + _IDS_PER_STATEMENT]
            rows = self._connection.execute(
                "SELECT p.id, d.id, d.title, d.source, d.date, p.start_at, p.end_at, p.text"
                " FROM passages p JOIN documents d ON d.id = p.document_id"
                f" WHERE p.id IN ({', '.join('?' * len(some))})",
                some,
            )
            found |= {row[0]: Passage(*row) for row in rows}
        return found

    def allowed_passages(self, filters: Filters) -> list[int]:
        """Ids of the passages whose document passes ``filters``."""
        where, values = _where(filters)
        rows = self._connection.execute(
            f"SELECT p.id FROM passages p JOIN documents d ON d.id = p.document_id WHERE {where}",
            values,
        )
        return [row[0] for row in rows]

    def lexical(self, match: str, limit: int, filters: Filters) -> list[tuple[int, float]]:
        """Passages that fit an FTS5 expression, with BM25 (higher is better), best first."""
        where, values = _where(filters)
        rows = self._connection.execute(
            "SELECT f.rowid, -bm25(passages_fts) AS score FROM passages_fts f"
            " JOIN passages p ON p.id = f.rowid JOIN documents d ON d.id = p.document_id"
            f" WHERE passages_fts MATCH ? AND {where} ORDER BY score DESC, f.rowid LIMIT ?",
            (match, *values, limit),
        )
        return [(row[0], row[1]) for row in rows]


def content_hash(document: Document) -> str:
    """SHA-256 over everything of a document that an answer can show."""
    parts = [
        document.title,
        document.date or "",
        document.media_type,
        document.text,
        _to_json(document.furniture),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _to_json(marks: Sequence[Span]) -> str:
    return json.dumps([[mark.start, mark.end] for mark in marks])


def _where(filters: Filters) -> tuple[str, list[str | int]]:
    """A condition on ``documents d``, and its values."""
    conditions, values = ["1"], list[str | int]()
    for column, wanted in (("d.id", filters.document_ids), ("d.source", filters.sources)):
        if wanted:
            conditions.append(f"{column} IN ({', '.join('?' * len(wanted))})")
            values += wanted
    for comparison, date in (("d.date >= ?", filters.date_from), ("d.date <= ?", filters.date_to)):
        if date is not None:
            conditions.append(comparison)
            values.append(date)
    return " AND ".join(conditions), values
