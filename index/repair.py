"""Mends a library from what of it is whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from index.errors import CorruptIndex, DatabaseUnavailable, UnreadableDocument
from index.indexing import Indexer
from index.linking import link_copies
from index.loaders import load_file
from index.opening import open_jobs
from index.verify import Finding, Part, content_findings


def repair(indexer: Indexer, found: Sequence[Finding]) -> Iterator[str]:
    """Mend what can be mended, and tell each thing that was done or that cannot be.

    Full-text search comes first, though it is made of passages that may be damaged: no passage
    can be exchanged while it contradicts them. A document that is damaged is read again from the
    file that it came from, if that is still the same; else it stays out of all answers.
    """
    store = indexer.store
    parts = {finding.part for finding in found}
    if Part.DATABASE in parts:
        yield _attempt("The database's indexes", store.reindex, "were built anew.")
    if store.has_full_text and parts - {Part.HISTORY, Part.VECTORS, Part.JOBS}:
        yield _attempt(
            "Full-text search", store.rebuild_full_text, "was built anew from the passages."
        )
    damaged = {f.document_id for f in found if f.part is Part.DOCUMENT and f.document_id}
    for document_id in sorted(damaged):
        yield _attempt(f"Document {document_id}", partial(_read_again, indexer, document_id))
    for document_id in sorted({f.document_id for f in found if f.document_id} - damaged):
        yield _attempt(
            f"Document {document_id}",
            partial(_cut_again, indexer, document_id),
            "was cut and embedded anew.",
        )
    if Part.HISTORY in parts:
        store.accept_generation()
        yield "The library goes on from the generation that it has."
    jobs = open_jobs(store)
    for job_id in jobs.damaged():
        jobs.forget(job_id)
        yield f"The damaged record of job {job_id} was removed."
    if Part.FILE in parts and all(f.part is Part.DOCUMENT for f in content_findings(store)):
        store.reseal()
        yield "The library's file was sealed as it is now."


def _attempt(what: str, mend: Callable[[], str | None], done: str = "") -> str:
    """Mend one part; that it is past mending does not keep the others from it."""
    try:
        return f"{what} {mend() or done}"
    except (sqlite3.DatabaseError, CorruptIndex, DatabaseUnavailable) as error:
        return f"{what} cannot be mended: {error}"


def _cut_again(indexer: Indexer, document_id: int) -> None:
    stored = indexer.store.document_unchecked(document_id)
    document, passages = indexer.cut(stored.as_document(()))
    vectors = indexer.embed(document.text, passages)
    with indexer.store.writing("mending a document") as generation:
        indexer.store.exchange_passages(
            document_id, stored.content_hash, document.furniture, passages, vectors, generation
        )


def _read_again(indexer: Indexer, document_id: int) -> str:
    """What of its row tells where it is from is read by itself: the rest may be past reading."""
    [(source, origin, origin_hash)] = indexer.store.rows(
        "SELECT source, origin, origin_hash FROM documents WHERE id = ?", (document_id,)
    )
    try:
        loaded = load_file(Path(origin), indexer.limits)
    except (UnreadableDocument, OSError, ValueError):
        loaded = None
    if loaded is not None and loaded.origin.sha256 == origin_hash:
        for document in loaded.documents:
            if document.source == source:
                ready = indexer.prepared(document, loaded.origin, document_id)
                indexer.store.apply([ready], [], indexer.model, link_copies)
                return f"was read again from {origin}."
    indexer.store.silence(document_id)
    return (
        f"({source}) cannot be mended, and its file is not there as it was: no answer is taken "
        "from it. Add it again."
    )
