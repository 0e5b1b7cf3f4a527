"""The REST API's reading half: documents, citations of an earlier day, and what is served."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Blueprint, Response

from index.anchors import resolve
from index.documents import StoredDocument
from qa.requests import CitationRequest
from qa.version import VERSION
from web import checking
from web.current import pipeline, settings
from web.operations import Example, Operation, operation
from web.originals import original_of
from web.ranges import checked_range
from web.schemas.documents import (
    Document,
    DocumentList,
    ListQuery,
    RangeQuery,
    Standing,
    TextRange,
)
from web.schemas.status import Status, Verified
from web.tags import is_held, tag_of, tagged

blueprint = Blueprint("api", __name__)

_DOCUMENT = "/api/v1/documents/<document:document_id>"


@blueprint.get("/api/v1/documents")
@operation(
    Operation(
        tag="Documents",
        summary="List the documents",
        query=ListQuery,
        returns={200: DocumentList},
        tagged=True,
        example=Example(query={"limit": 2}),
    )
)
def documents(query: ListQuery) -> Response:
    """In pages: send `next` as `cursor` until it is null. A document that is added meanwhile comes
    last; none is listed twice."""
    store = pipeline().store
    with store.snapshot():
        tag = tag_of(store)
        if is_held(tag):
            return tagged(None, tag)
        rows = store.documents(after=query.cursor or 0, limit=query.limit + 1)
        shown = rows[: query.limit]
        value = {
            "generation": store.generation(),
            "documents": [dataclasses.asdict(summary) for summary in shown],
            "next": shown[-1].id if len(rows) > len(shown) else None,
        }
    return tagged(value, tag)


@blueprint.get(_DOCUMENT)
@operation(
    Operation(
        tag="Documents",
        summary="Read a document",
        returns={200: Document},
        problems=("unknown-document", "library-damaged"),
        tagged=True,
        example=Example(path={"document_id": 1}),
    )
)
def document(document_id: int) -> Response:
    """With its whole text, and the ranges of it that are not searched."""
    store = pipeline().store
    with store.snapshot():
        stored = store.document(document_id)
        original = original_of(stored)  # a file beside the library, which may be taken away
        tag = tag_of(store, original)
    return tagged(None if is_held(tag) else _document(stored, original), tag)


@blueprint.get(f"{_DOCUMENT}/text")
@operation(
    Operation(
        tag="Documents",
        summary="Read a piece of a document's text",
        query=RangeQuery,
        returns={200: TextRange},
        problems=("unknown-document", "library-damaged"),
        tagged=True,
        example=Example(path={"document_id": 1}, query={"start": 0, "end": 80}),
    )
)
def text(document_id: int, query: RangeQuery) -> Response:
    """`start` and `end` are offsets as citations have them: the words of a citation are what this
    returns for its range."""
    store = pipeline().store
    with store.snapshot():
        stored = store.document(document_id)
        start, end = checked_range(query.start, query.end, len(stored.text))
        tag = tag_of(store)
        value = {
            "document_id": stored.id,
            "version": stored.content_hash,
            "generation": store.generation(),
            "start": start,
            "end": end,
            "characters": len(stored.text),
            "text": stored.text[start:end],
        }
    return tagged(None if is_held(tag) else value, tag)


@blueprint.post("/api/v1/citations/resolve")
@operation(
    Operation(
        tag="Documents",
        summary="Find a citation again",
        body=CitationRequest,
        returns={200: Standing},
        example=Example(
            body={"document_id": 1, "version": "0", "start": 0, "end": 7, "quote": "Reports"}
        ),
    )
)
def resolve_citation(body: CitationRequest) -> dict[str, Any]:
    """Takes a citation as an answer gave it, however long ago, and says where it stands now: the
    `same`, `moved` within its document, `changed` (the words are no longer there) or `gone`."""
    store = pipeline().store
    with store.snapshot():
        found = resolve(body.to_anchor(), store)
        return {"generation": store.generation(), **dataclasses.asdict(found)}


@blueprint.get("/api/v1/status")
@operation(
    Operation(
        tag="Service",
        summary="What is served",
        returns={200: Status},
        tagged=True,
    )
)
def status() -> Response:
    """How much the library holds, of which generation it is, and by which models it is served."""
    parts = pipeline()
    size = _bytes_under(parts.store.folder)
    if settings().database_url:
        size += parts.store.size()
    with parts.store.snapshot():
        tag = tag_of(parts.store, size)
        if is_held(tag):
            return tagged(None, tag)
        count, passages = parts.store.count()
        generation = parts.store.generation()
    embedder = parts.retriever.embedder
    value = {
        "version": VERSION,
        "generation": generation,
        "documents": count,
        "passages": passages,
        "embedder": {"name": embedder.name, "dimension": embedder.dimension},
        "reader": {"name": parts.reader.name},
        "search": parts.retriever.passage_search.engine,
        "disk_bytes": size,
    }
    return tagged(value, tag)


@blueprint.post("/api/v1/verify")
@operation(
    Operation(
        tag="Service",
        summary="Prove the library whole",
        returns={200: Verified},
        problems=("conflict",),
    )
)
def verify() -> dict[str, Any]:
    """Looks through every document, passage and vector, and through the files that hold them, and
    lists what is not as it was written. Questions are answered meanwhile; one such check runs at a
    time. It changes nothing: `python -m qa index verify --repair` mends."""
    return checking.verify()


def _bytes_under(folder: Path) -> int:
    """Of the files of the data folder; one that is taken away meanwhile counts nothing."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def _document(stored: StoredDocument, original: str | None) -> dict[str, Any]:
    return {
        "id": stored.id,
        "title": stored.title,
        "source": stored.source,
        "date": stored.date,
        "author": stored.author,
        "version": stored.content_hash,
        "pages": list(stored.pages),
        "media_type": stored.media_type,
        "original": original,
        "characters": len(stored.text),
        "passages": stored.passages,
        "text": stored.text,
        "furniture": [{"start": mark.start, "end": mark.end} for mark in stored.furniture],
    }
