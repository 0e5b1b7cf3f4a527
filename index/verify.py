"""Proves a library whole, or says what is not as it was written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from index.document_store import DocumentStore, Reading
from index.documents import StoredDocument
from index.errors import CorruptIndex
from index.opening import open_jobs
from index.records import content_hash, passage_checksum, passage_key


class Part(StrEnum):
    """What a finding is about."""

    FILE = "file"  # pages of the SQLite file
    DATABASE = "database"  # its tables and indexes
    HISTORY = "history"  # changes that were acknowledged and are gone
    DOCUMENT = "document"
    PASSAGES = "passages"
    FULL_TEXT = "full text"
    VECTORS = "vectors"
    JOBS = "jobs"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written.

    Attributes:
        document_id: whose, where it is one document's.
    """

    part: Part
    message: str
    document_id: int | None = None


def findings(
    store: DocumentStore, check_vectors: Callable[[], list[str]], on_document: Callable[[], None]
) -> Iterator[Finding]:
    """All that is wrong.

    Args:
        check_vectors: compares FAISS with SQLite id by id; see `index.retrieval`.
        on_document: told after each document.
    """
    yield from _file(store)
    try:
        with store.snapshot():
            yield from _database(store)
            yield from _history(store)
            yield from _documents(store, on_document)
        yield from _full_text(store)
        for message in check_vectors():
            yield Finding(Part.VECTORS, message)
    except (sqlite3.DatabaseError, CorruptIndex, ValueError) as error:
        yield Finding(Part.DATABASE, f"The database cannot be read to its end: {error}")
    for job_id in open_jobs(store).damaged():
        yield Finding(Part.JOBS, f"The record of job {job_id} is damaged.")


def content_findings(store: Reading) -> Iterator[Finding]:
    """All that is wrong with the tables, documents and passages, as far as can be read."""
    try:
        with store.snapshot():
            yield from _database(store)
            yield from _documents(store, lambda: None)
    except (sqlite3.DatabaseError, CorruptIndex, ValueError) as error:
        yield Finding(Part.DATABASE, f"The database cannot be read to its end: {error}")


def _file(store: DocumentStore) -> Iterator[Finding]:
    for message in store.check_file():
        yield Finding(Part.FILE, message)


def _database(store: Reading) -> Iterator[Finding]:
    for message in store.table_problems():
        yield Finding(Part.DATABASE, message)


def _history(store: DocumentStore) -> Iterator[Finding]:
    acknowledged = store.acknowledged()
    generation = store.generation()
    if acknowledged is not None and acknowledged > generation:
        yield Finding(
            Part.HISTORY,
            f"The library is of generation {generation}, but generation {acknowledged} was "
            "acknowledged: the last changes are gone. Sync or add their files again.",
        )
    if not store.history():
        yield Finding(Part.HISTORY, f"Generation {generation} is not in the library's history.")


def _documents(store: Reading, on_document: Callable[[], None]) -> Iterator[Finding]:
    for document_id in store.document_ids():
        yield from _document(store, document_id)
        on_document()


def _document(store: Reading, document_id: int) -> Iterator[Finding]:
    try:
        stored = store.document_unchecked(document_id)
    except CorruptIndex as error:
        yield Finding(Part.DOCUMENT, str(error), document_id)
        return
    if content_hash(stored.as_document(stored.furniture)) != stored.content_hash:
        message = f"Document {document_id} ({stored.source}) is not what was stored."
        yield Finding(Part.DOCUMENT, message, document_id)
    if message := _passages(store, stored):
        yield Finding(Part.PASSAGES, message, document_id)


def _passages(store: Reading, stored: StoredDocument) -> str:
    """What is wrong with a document's passages; empty if nothing is."""
    for row in store.rows(
        "SELECT id, start_at, end_at, text, vector, text_key, checksum, generation"
        " FROM passages WHERE document_id = ? ORDER BY id",
        (stored.id,),
    ):
        passage_id, start, end, text, vector, key, checksum, generation = row
        name = f"Passage {passage_id} of document {stored.id}"
        if stored.text[start:end] != text:
            return f"{name} is not its slice [{start}, {end}) of the text."
        if passage_checksum(stored.id, start, end, text, vector) != checksum:
            return f"{name} does not fit its checksum."
        if passage_key(text) != key:
            return f"{name} is filed under another text's key."
        if any(mark.start < end and start < mark.end for mark in stored.furniture):
            return f"{name} reaches into page furniture."
        if generation > store.generation():
            return f"{name} is of generation {generation}, which is still to come."
    return ""


def _full_text(store: DocumentStore) -> Iterator[Finding]:
    for message in store.full_text_problems():
        yield Finding(Part.FULL_TEXT, message)
