"""What can be read from the store; rows that contradict their checksum are not believed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from index.documents import DocumentSummary, Filters, Passage, StoredDocument, can_be_stored
from index.embedding import Vectors
from index.errors import CorruptIndex, EmbedderMismatch, UnknownDocument
from index.library import Library
from index.records import content_hash, marks_from_json, passage_checksum, where
from index.vectors import Ids

T = TypeVar("T")

_COPIES_PER_BAND = 20
_HALF_BYTES = 2  # of a float16
BAND_BYTES = 8  # of a key that `index.copies.bands` makes
_IDS_PER_STATEMENT = 500
_ALL = 2**63 - 1  # as a limit: PostgreSQL takes no negative one
_MEND = "Mend it with: python -m qa index verify --repair"

_DOCUMENT = (
    "SELECT id, source, title, text, media_type, date, furniture, content_hash,"
    " (SELECT count(*) FROM passages p WHERE p.document_id = d.id) AS passages,"
    " author, pages, origin, origin_hash, voice FROM documents d"
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What leads from one generation to a later one.

    ``vectors`` has shape (len(added), dimension) and float16's precision.
    """

    added: Ids
    vectors: Vectors
    removed: Ids
    generation: int


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """All of a passage that a search engine outside the store indexes.

    ``vector`` has shape (dimension,) and float16's precision.
    """

    id: int
    document_id: int
    source: str
    date: str | None
    title: str
    text: str
    vector: Vectors


class StoreReads(Library):
    """The reading half of a store, in SQL that SQLite and PostgreSQL understand alike."""

    def __init__(self) -> None:
        self._believed: set[tuple[int, str]] = set()

    def embedder(self) -> tuple[str, int] | None:
        """Name and dimension of the embedder that made the vectors; None before the first."""
        name, dimension = self.setting("embedder"), self.setting("dimension")
        return None if name is None or dimension is None else (name, int(dimension))

    def check_embedder(self, name: str, dimension: int) -> None:
        """Raise `EmbedderMismatch` if the vectors were made by another embedder."""
        stored = self.embedder()
        if stored is not None and stored != (name, dimension):
            raise EmbedderMismatch(
                f"The library in {self.name} was embedded with {stored[0]} "
                f"({stored[1]} numbers); "
                f"the settings say {name} ({dimension}). Set QA_EMBEDDER={stored[0]}, "
                "or embed all anew with: python -m qa index rebuild"
            )

    def documents(self, *, after: int = 0, limit: int = -1) -> list[DocumentSummary]:
        """The documents with ids above ``after``, in the order they were first added.

        Args:
            limit: as many at most; negative: all.
        """
        rows = self._connection.execute(
            "SELECT d.id, d.source, d.title, d.media_type, d.date, length(d.text),"
            " (SELECT count(*) FROM passages p WHERE p.document_id = d.id), d.author, d.voice"
            " FROM documents d WHERE d.id > ? ORDER BY d.id LIMIT ?",
            (after, limit if limit >= 0 else _ALL),
        )
        return [DocumentSummary(*row) for row in rows]

    def document(self, document_id: int) -> StoredDocument:
        """One document with its text.

        Raises:
            UnknownDocument: there is none.
            CorruptIndex: what is stored is not what was stored.
        """
        stored = self.document_unchecked(document_id)
        version = (stored.id, stored.content_hash)
        if version not in self._believed:
            if content_hash(stored.as_document(stored.furniture)) != stored.content_hash:
                raise CorruptIndex(f"Document {document_id} is damaged in the library. {_MEND}")
            self._believed.add(version)
        return stored

    def document_unchecked(self, document_id: int) -> StoredDocument:
        """One document as the database has it, for those who check it.

        Raises:
            UnknownDocument: there is none.
            CorruptIndex: it is not even of the right form.
        """
        cursor = self._connection.execute(f"{_DOCUMENT} WHERE id = ?", (document_id,))
        names = [column[0] for column in cursor.description]
        row = cursor.fetchone()
        if row is None:
            raise UnknownDocument(f"There is no document with the id {document_id}.")
        values = dict(zip(names, row, strict=True))
        try:
            values["furniture"] = marks_from_json(values["furniture"])
            values["pages"] = tuple(json.loads(values["pages"]))
        except (ValueError, TypeError) as error:
            raise CorruptIndex(
                f"Document {document_id} is damaged in the library. {_MEND}"
            ) from error
        return StoredDocument(**values)

    def document_ids(self) -> list[int]:
        return [row[0] for row in self._connection.execute("SELECT id FROM documents ORDER BY id")]

    def find(self, source: str) -> tuple[int, str] | None:
        """Id and content hash of the document from ``source``, if there is one."""
        if not can_be_stored(source):
            return None
        row = self._connection.execute(
            "SELECT id, content_hash FROM documents WHERE source = ?", (source,)
        ).fetchone()
        return None if row is None else (int(row[0]), str(row[1]))

    def has_file(self, name: str) -> bool:
        """Whether a document comes from a file of this name, in whatever folder."""
        row = self._connection.execute(
            "SELECT 1 FROM documents"
            " WHERE substr(source, length(source) - length(?1) + 1) = ?1 LIMIT 1",
            ("/" + name,),
        ).fetchone()
        return row is not None

    def find_version(self, version: str) -> int | None:
        """The id of a document with this content hash, if there is one."""
        row = self._connection.execute(
            "SELECT id FROM documents WHERE content_hash = ? ORDER BY id", (version,)
        ).fetchone()
        return None if row is None else int(row[0])

    def of_origin(self, origin: str) -> dict[str, tuple[int, str]]:
        """Source to id and content hash of the documents that were read from ``origin``."""
        if not can_be_stored(origin):
            return {}
        rows = self._connection.execute(
            "SELECT source, id, content_hash FROM documents WHERE origin = ?", (origin,)
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def origins_under(self, folder: str) -> dict[str, str]:
        """Origin to SHA-256 (in hex; empty if unknown) of all origins below ``folder``."""
        if not can_be_stored(folder):
            return {}
        prefix = folder.rstrip("/") + "/"
        rows = self._connection.execute(
            "SELECT origin, min(origin_hash) FROM documents"
            " WHERE origin >= ? AND origin < ? GROUP BY origin ORDER BY origin",
            (prefix, prefix[:-1] + "0"),  # "0" is the character after "/"
        )
        return {row[0]: row[1] for row in rows}

    def origin_hashes(self) -> set[str]:
        """SHA-256 (in hex) of every file that a document was read from."""
        rows = self._connection.execute("SELECT DISTINCT origin_hash FROM documents")
        return {row[0] for row in rows}

    def count(self) -> tuple[int, int]:
        """How many documents and passages there are."""
        row = self._connection.execute(
            "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM passages)"
        ).fetchone()
        return int(row[0]), int(row[1])

    def passage_count(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM passages").fetchone()[0])

    def changes_since(self, generation: int, dimension: int) -> Changes:
        """What was added and removed after ``generation``."""
        added = self._connection.execute(
            "SELECT id, vector FROM passages WHERE generation > ? ORDER BY id", (generation,)
        ).fetchall()
        removed = self._connection.execute(
            "SELECT passage_id FROM removed_passages WHERE generation > ?", (generation,)
        ).fetchall()
        ids, vectors = _stack(added, dimension)
        return Changes(
            ids, vectors, np.array([row[0] for row in removed], dtype=np.int64), self.generation()
        )

    def changed_ids(self, generation: int) -> tuple[Ids, Ids]:
        """The passages that were added and those that were removed after ``generation``, sorted."""
        added = "SELECT id FROM passages WHERE generation > ?"
        removed = "SELECT passage_id FROM removed_passages WHERE generation > ?"
        found = [
            np.fromiter((row[0] for row in self._connection.execute(sql, (generation,))), np.int64)
            for sql in (added, removed)
        ]
        return np.sort(found[0]), np.sort(found[1])

    def search_entries(self, ids: Sequence[int]) -> list[SearchEntry]:
        """Those of the passages that exist, in the order of their ids; none is checked."""
        dimension, found = self._dimension(), list[SearchEntry]()
        for some in _groups(sorted(ids)):
            rows = self._connection.execute(
                "SELECT p.id, d.id, d.source, d.date, d.title, p.text, p.vector"
                " FROM passages p JOIN documents d ON d.id = p.document_id"
                f" WHERE p.id IN ({_marks(some)}) ORDER BY p.id",
                some,
            ).fetchall()
            _, vectors = _stack([(row[0], row[6]) for row in rows], dimension)
            found += [
                SearchEntry(row[0], row[1], row[2], row[3], row[4], row[5], vector)
                for row, vector in zip(rows, vectors, strict=True)
            ]
        return found

    def allowed_count(self, filters: Filters) -> int:
        """How many passages pass ``filters``."""
        condition, values = where(filters)
        row = self._connection.execute(
            "SELECT count(*) FROM passages p JOIN documents d ON d.id = p.document_id"
            f" WHERE {condition}",
            values,
        ).fetchone()
        return int(row[0])

    def each_vector(self, batch: int) -> Iterator[tuple[Ids, Vectors]]:
        """All passages' ids and vectors in the order of their ids, ``batch`` at a time."""
        dimension, last = self._dimension(), -1
        while rows := self._connection.execute(
            "SELECT id, vector FROM passages WHERE id > ? ORDER BY id LIMIT ?", (last, batch)
        ).fetchall():
            last = rows[-1][0]
            yield _stack(rows, dimension)

    def vectors(self, ids: Sequence[int]) -> tuple[Ids, Vectors]:
        """The vectors of those of the passages that exist, in the order of their ids."""
        rows: list[tuple[int, bytes]] = []
        for some in _groups(sorted(ids)):
            rows += self._connection.execute(
                f"SELECT id, vector FROM passages WHERE id IN ({_marks(some)}) ORDER BY id", some
            )
        return _stack(rows, self._dimension())

    def known_vectors(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """The vectors of texts that were embedded before, by `index.records.passage_key`.

        A damaged one is not handed on: it would be stored again, with a checksum that fits.
        """
        found: dict[bytes, Vectors] = {}
        for key in dict.fromkeys(keys):
            row = self._connection.execute(  # one of them: a text may stand in thousands of copies
                "SELECT document_id, start_at, end_at, text, vector, checksum FROM passages"
                " WHERE text_key = ? LIMIT 1",
                (key,),
            ).fetchone()
            if row is not None and passage_checksum(*row[:5]) == row[5]:
                found[key] = np.frombuffer(row[4], "<f2").astype(np.float32)
        return found

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """The passages with these ids, as far as they exist.

        Raises `CorruptIndex` if one is not what was stored.
        """
        found: dict[int, Passage] = {}
        for some in _groups(ids):
            rows = self._connection.execute(
                "SELECT p.id, d.id, d.title, d.source, d.date, p.start_at, p.end_at, p.text,"
                " d.voice, p.vector, p.checksum"
                " FROM passages p JOIN documents d ON d.id = p.document_id"
                f" WHERE p.id IN ({_marks(some)})",
                some,
            )
            for *values, vector, checksum in rows:
                passage = Passage(*values)
                if checksum != _checksum(passage, vector):
                    raise CorruptIndex(
                        f"A passage of document {passage.document_id} is damaged in the library. "
                        f"{_MEND}"
                    )
                found[passage.id] = passage
        return found

    def allowed_passages(self, filters: Filters) -> list[int]:
        """Ids of the passages whose document passes ``filters``."""
        condition, values = where(filters)
        rows = self._connection.execute(
            "SELECT p.id FROM passages p JOIN documents d ON d.id = p.document_id"
            f" WHERE {condition}",
            values,
        )
        return [row[0] for row in rows]

    def repeated_blocks(self, site: str, blocks: Sequence[bytes], at_least: int) -> set[bytes]:
        """Which of the ``blocks`` stand in documents of that many voices of the site."""
        found: set[bytes] = set()
        for some in _groups(list(dict.fromkeys(blocks))):
            rows = self._connection.execute(
                "SELECT b.block FROM blocks b JOIN documents d ON d.id = b.document_id"
                f" WHERE b.site = ? AND b.block IN ({_marks(some)})"
                " GROUP BY b.block HAVING count(DISTINCT d.voice) >= ?",
                (site, *some, at_least),
            )
            found |= {row[0] for row in rows}
        return found

    def with_blocks(self, site: str, blocks: Sequence[bytes]) -> list[int]:
        """The documents of the site that have one of the ``blocks``."""
        found: set[int] = set()
        for some in _groups(list(dict.fromkeys(blocks))):
            rows = self._connection.execute(
                f"SELECT document_id FROM blocks WHERE site = ? AND block IN ({_marks(some)})",
                (site, *some),
            )
            found |= {row[0] for row in rows}
        return sorted(found)

    def bands_of(self, document_id: int) -> list[bytes]:
        """The copy keys of a document; none if there is no such document."""
        row = self._connection.execute(
            "SELECT bands FROM documents WHERE id = ?", (document_id,)
        ).fetchone()
        joined = b"" if row is None else bytes(row[0])
        return [joined[at : at + BAND_BYTES] for at in range(0, len(joined), BAND_BYTES)]

    def sharing_bands(self, document_id: int, limit: int) -> list[int]:
        """The documents that share the most copy keys with one, most first."""
        shared: Counter[int] = Counter()
        for band in self.bands_of(document_id):
            rows = self._connection.execute(
                "SELECT document_id FROM copy_bands WHERE band = ? AND document_id <> ?"
                " ORDER BY document_id LIMIT ?",  # thousands of copies are as good as the first few
                (band, document_id, _COPIES_PER_BAND),
            )
            shared.update(row[0] for row in rows)
        ranked = sorted((-count, other) for other, count in shared.items())
        return [other for _, other in ranked[:limit]]

    def _dimension(self) -> int:
        return int(self.setting("dimension") or 1)


def _stack(rows: Sequence[tuple[int, bytes]], dimension: int) -> tuple[Ids, Vectors]:
    """Ids, and vectors of shape (len(rows), dimension)."""
    ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
    joined = b"".join(row[1] for row in rows)
    if len(joined) != len(rows) * dimension * _HALF_BYTES:
        raise CorruptIndex(f"A stored vector has not {dimension} numbers. {_MEND}")
    vectors = np.frombuffer(joined, dtype="<f2").astype(np.float32)
    return ids, vectors.reshape(len(rows), dimension)


def _checksum(passage: Passage, vector: bytes) -> int:
    return passage_checksum(
        passage.document_id,
        passage.document_start,
        passage.document_end,
        passage.text,
        vector,
    )


def _groups(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many as one statement takes."""
    for first in range(0, len(values), _IDS_PER_STATEMENT):
        yield values[first : first + _IDS_PER_STATEMENT]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
