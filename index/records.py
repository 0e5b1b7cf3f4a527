"""Rows of the store and what they are checked by."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Sequence

from index.documents import Document, Filters, Span

KEY_BYTES = 16


def content_hash(document: Document) -> str:
    """SHA-256 over everything of a document that an answer can show.

    Author and pages count only where there are any, so that hashes of older libraries hold.
    """
    parts: list[object] = [
        document.title,
        document.date or "",
        document.media_type,
        document.text,
        marks_to_json(document.furniture),
    ]
    if document.author or document.pages:
        parts += [document.author or "", list(document.pages)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def passage_key(text: str) -> bytes:
    """Equal texts have equal keys: their vector is computed once."""
    return hashlib.sha256(text.encode()).digest()[:KEY_BYTES]


def passage_checksum(document_id: int, start: int, end: int, text: str, vector: bytes) -> int:
    """CRC-32 over what a passage's row says, so that a damaged row is not believed."""
    place = f"{document_id}:{start}:{end}:".encode()
    return zlib.crc32(vector, zlib.crc32(text.encode(), zlib.crc32(place)))


def register_functions(connection: sqlite3.Connection) -> None:
    """The SQL functions that migrations use."""
    connection.create_function("passage_key", 1, passage_key, deterministic=True)
    connection.create_function("passage_checksum", 5, passage_checksum, deterministic=True)


def marks_to_json(marks: Sequence[Span]) -> str:
    return json.dumps([[mark.start, mark.end] for mark in marks])


def marks_from_json(value: str) -> tuple[Span, ...]:
    return tuple(Span(*mark) for mark in json.loads(value))


def where(filters: Filters) -> tuple[str, list[str | int]]:
    """A condition on ``documents d``, and its values."""
    conditions, values = ["true"], list[str | int]()
    for column, wanted in (("d.id", filters.document_ids), ("d.source", filters.sources)):
        if wanted:
            conditions.append(f"{column} IN ({', '.join('?' * len(wanted))})")
            values += wanted
    for comparison, date in (("d.date >= ?", filters.date_from), ("d.date <= ?", filters.date_to)):
        if date is not None:
            conditions.append(comparison)
            values.append(date)
    return " AND ".join(conditions), values
