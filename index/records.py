"""Rows of the store and what they are checked by."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Sequence

from index.documents import MEMBER, Document, Filters, Span

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


def members_of(source: str) -> tuple[str, str]:
    """Between what the sources of a file's members are: from the first, up to the second."""
    return source + MEMBER, source + MEMBER[:-1] + chr(ord(MEMBER[-1]) + 1)


def where(filters: Filters) -> tuple[str, list[str | int]]:
    """A condition on ``documents d``, and its values."""
    conditions, values = ["true"], list[str | int]()
    if filters.document_ids:
        conditions.append(f"d.id IN ({', '.join('?' * len(filters.document_ids))})")
        values += filters.document_ids
    if filters.sources:
        conditions.append(
            f"(d.source IN ({', '.join('?' * len(filters.sources))}) OR d.id IN"
            " (SELECT m.id FROM"  # no chain of ORs: SQLite takes a thousand at most
            f" (VALUES {', '.join(['(?, ?)'] * len(filters.sources))}) AS held"
            " CROSS JOIN documents m"  # in this order: each range is looked up in the index
            " WHERE m.source >= held.column1 AND m.source < held.column2))"
        )
        values += filters.sources
        values += (end for source in filters.sources for end in members_of(source))
    for comparison, date in (("d.date >= ?", filters.date_from), ("d.date <= ?", filters.date_to)):
        if date is not None:
            conditions.append(comparison)
            values.append(date)
    return " AND ".join(conditions), values
