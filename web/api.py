"""The REST API under ``/api/v1``; see docs/api.md."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Blueprint

from index.anchors import resolve
from index.documents import LARGEST_ID, StoredDocument
from qa.requests import CitationRequest, parse
from qa.version import VERSION
from web.body import json_body
from web.current import pipeline
from web.originals import original_of

blueprint = Blueprint("api", __name__)


@blueprint.post("/api/v1/citations/resolve")
def resolve_citation() -> dict[str, Any]:
    """Where a citation of an earlier day stands now."""
    anchor = parse(CitationRequest, json_body()).to_anchor()
    store = pipeline().store
    with store.snapshot():
        found = resolve(anchor, store)
        return {"generation": store.generation(), **dataclasses.asdict(found)}


@blueprint.get("/api/v1/documents")
def documents() -> dict[str, Any]:
    store = pipeline().store
    with store.snapshot():
        return {
            "generation": store.generation(),
            "documents": [dataclasses.asdict(summary) for summary in store.documents()],
        }


@blueprint.get(f"/api/v1/documents/<int(max={LARGEST_ID}):document_id>")
def document(document_id: int) -> dict[str, Any]:
    return _document(pipeline().store.document(document_id))


@blueprint.get("/api/v1/status")
def status() -> dict[str, Any]:
    parts = pipeline()
    with parts.store.snapshot():
        count, passages = parts.store.count()
        generation = parts.store.generation()
    embedder = parts.retriever.embedder
    return {
        "version": VERSION,
        "generation": generation,
        "documents": count,
        "passages": passages,
        "embedder": {"name": embedder.name, "dimension": embedder.dimension},
        "reader": {"name": parts.reader.name},
        "disk_bytes": _bytes_under(parts.store.folder),
    }


@blueprint.get("/healthz")
def healthz() -> dict[str, Any]:
    """Answers as long as the process does and its library can be read."""
    return {"status": "ok", "generation": pipeline().store.generation()}


def _bytes_under(folder: Path) -> int:
    """Of the files of the data folder; one that is taken away meanwhile counts nothing."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def _document(stored: StoredDocument) -> dict[str, Any]:
    return {
        "id": stored.id,
        "title": stored.title,
        "source": stored.source,
        "date": stored.date,
        "author": stored.author,
        "version": stored.content_hash,
        "pages": list(stored.pages),
        "media_type": stored.media_type,
        "original": original_of(stored),
        "characters": len(stored.text),
        "passages": stored.passages,
        "text": stored.text,
        "furniture": [{"start": mark.start, "end": mark.end} for mark in stored.furniture],
    }
