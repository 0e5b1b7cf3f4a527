"""A document as it moves between stores and files: all that answers depend on, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from index.document_store import DocumentStore
from index.documents import LARGEST_ID, Document, Span
from index.errors import CorruptIndex
from index.reads import BAND_BYTES
from index.records import content_hash, marks_from_json, marks_to_json, passage_checksum

HALF_BYTES = 2  # of a float16
BLOCK_BYTES = 8  # of a key that `index.boilerplate.block_keys` makes

_MEND = "Mend it with: python -m qa index verify --repair"
_DOCUMENTS_AT_ONCE = 64
_CHARACTERS_AT_ONCE = 2_000_000
DOCUMENT_COLUMNS = (
    *("id", "source", "title", "date", "media_type", "text", "furniture", "content_hash"),
    *("author", "pages", "origin", "origin_hash", "voice", "bands"),
)


@dataclass(frozen=True, slots=True)
class MovedPassage:
    """A row of the passages; ``vector`` holds little-endian float16 numbers."""

    id: int
    start: int
    end: int
    text: str
    vector: bytes
    checksum: int


@dataclass(frozen=True, slots=True)
class MovedDocument:
    """A row of the documents and what belongs to it.

    Attributes:
        furniture, pages: JSON, as stored.
        bands: keys of near copies, `BAND_BYTES` each.
        site, blocks: keys of what may be repeated furniture, `BLOCK_BYTES` each, and whose.
        passages: in the order of their ids.
    """

    id: int
    source: str
    title: str
    date: str | None
    media_type: str
    text: str
    furniture: str
    content_hash: str
    author: str | None
    pages: str
    origin: str
    origin_hash: str
    voice: int
    bands: bytes
    site: str
    blocks: bytes
    passages: tuple[MovedPassage, ...]

    def as_document(self) -> Document:
        """Raises `ValueError` or `TypeError` where furniture or pages are of no right form."""
        return Document(
            self.source,
            self.title,
            self.text,
            self.media_type,
            self.date,
            marks_from_json(self.furniture),
            self.author,
            tuple(json.loads(self.pages)),
        )

    def band_keys(self) -> list[bytes]:
        return _keys(self.bands, BAND_BYTES)

    def block_keys(self) -> list[bytes]:
        return _keys(self.blocks, BLOCK_BYTES)

    def size(self) -> int:
        """Roughly how many bytes it takes."""
        held = sum(len(passage.text) + len(passage.vector) for passage in self.passages)
        return len(self.text) + held + len(self.furniture) + len(self.bands) + len(self.blocks)


def read(
    store: DocumentStore, *, first: int = 0, last: int = LARGEST_ID
) -> Iterator[MovedDocument]:
    """The documents with ids from ``first`` to ``last``, by id; a few are in memory at a time.

    Inside `DocumentStore.snapshot`, if they are to be of one generation.
    """
    while sizes := store.rows(
        "SELECT id, length(text) FROM documents WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?",
        (first, last, _DOCUMENTS_AT_ONCE),
    ):
        for within in _ranges(sizes):
            yield from _read_together(store, within)
        first = sizes[-1][0] + 1


def _ranges(sizes: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """First and last ids of runs of documents that may be read together."""
    first, last, characters = sizes[0][0], 0, 0
    for document_id, length in sizes:
        if characters and characters + length > _CHARACTERS_AT_ONCE:
            yield first, last
            first, characters = document_id, 0
        last, characters = document_id, characters + length
    yield first, last


def _read_together(store: DocumentStore, within: tuple[int, int]) -> Iterator[MovedDocument]:
    documents = store.rows(
        f"SELECT {', '.join(DOCUMENT_COLUMNS)} FROM documents WHERE id BETWEEN ? AND ? ORDER BY id",
        within,
    )
    passages = _by_document(
        store.rows(
            "SELECT document_id, id, start_at, end_at, text, vector, checksum FROM passages"
            " WHERE document_id BETWEEN ? AND ? ORDER BY document_id, id",
            within,
        )
    )
    blocks = _by_document(
        store.rows(
            "SELECT document_id, site, block FROM blocks WHERE document_id BETWEEN ? AND ?"
            " ORDER BY document_id, site, block",
            within,
        )
    )
    for row in documents:
        noted = blocks.get(row[0], [])
        if len({site for site, _ in noted}) > 1:
            raise CorruptIndex(f"Document {row[0]} has blocks of several sites. {_MEND}")
        values = dict(zip(DOCUMENT_COLUMNS, row, strict=True))
        values["bands"] = bytes(values["bands"])
        yield MovedDocument(
            **values,
            site=noted[0][0] if noted else "",
            blocks=b"".join(bytes(block) for _, block in noted),
            passages=tuple(_passage(row) for row in passages.get(row[0], [])),
        )


def _passage(row: tuple[Any, ...]) -> MovedPassage:
    passage_id, start, end, text, vector, checksum = row
    return MovedPassage(passage_id, start, end, text, bytes(vector), checksum)


def fault(moved: MovedDocument, dimension: int) -> str:
    """What is wrong with a document, in a sentence; empty if it is what was stored once."""
    name = f"Document {moved.id}"
    if not 0 < moved.id <= LARGEST_ID or not 0 <= moved.voice <= LARGEST_ID:
        return f"{name} has an id or a voice that no document has."
    if len(moved.bands) % BAND_BYTES or len(moved.blocks) % BLOCK_BYTES:
        return f"{name} has keys of a length that no key has."
    try:
        document = moved.as_document()
        if not _canonical(moved, document):
            return f"{name} has marks or pages that lie outside of its text."
        if content_hash(document) != moved.content_hash:
            return f"{name} does not fit its content hash."
    except (ValueError, TypeError, RecursionError):
        return f"{name} has marks or pages of another form than we write."
    return _fault_of_passages(moved, document.furniture, dimension)


def _canonical(moved: MovedDocument, document: Document) -> bool:
    """Whether marks and pages lie inside the text, and are written as we write them."""
    marks = [place for mark in document.furniture for place in (mark.start, mark.end)]
    return (
        all(
            type(place) is int and 0 <= place <= len(moved.text)
            for place in [*marks, *document.pages]
        )
        and marks_to_json(document.furniture) == moved.furniture
        and json.dumps(document.pages) == moved.pages
    )


def _fault_of_passages(moved: MovedDocument, furniture: Sequence[Span], dimension: int) -> str:
    last = 0
    for passage in moved.passages:
        name = f"Passage {passage.id} of document {moved.id}"
        start, end = passage.start, passage.end
        if not last < passage.id <= LARGEST_ID:
            return f"{name} is out of order."
        last = passage.id
        if not 0 <= start < end <= len(moved.text) or moved.text[start:end] != passage.text:
            return f"{name} is not its slice [{start}, {end}) of the text."
        if len(passage.vector) != dimension * HALF_BYTES:
            return f"{name} has a vector of not {dimension} numbers."
        if passage_checksum(moved.id, start, end, passage.text, passage.vector) != passage.checksum:
            return f"{name} does not fit its checksum."
        if any(mark.start < end and start < mark.end for mark in furniture):
            return f"{name} reaches into page furniture."
    if not np.isfinite(vectors_of(moved, dimension)).all():
        return f"Document {moved.id} has a vector that is not made of numbers."
    return ""


def vectors_of(moved: MovedDocument, dimension: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Its passages' vectors, of shape (passages, dimension)."""
    joined = b"".join(passage.vector for passage in moved.passages)
    vectors = np.frombuffer(joined, "<f2").astype(np.float32)
    return vectors.reshape(len(moved.passages), dimension)


def _by_document(rows: Sequence[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    """The rows by their first column, without it."""
    return {key: [row[1:] for row in some] for key, some in groupby(rows, lambda row: row[0])}


def _keys(joined: bytes, size: int) -> list[bytes]:
    """Each once."""
    return list(dict.fromkeys(joined[at : at + size] for at in range(0, len(joined), size)))
