"""The REST API under ``/api/v1``; see docs/api.md."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask import Blueprint

from index.anchors import resolve
from index.documents import LARGEST_ID, StoredDocument
from qa.render import to_json
from qa.requests import AskRequest, CitationRequest, parse
from qa.version import VERSION
from web.body import json_body
from web.current import pipeline

blueprint = Blueprint("api", __name__)


@blueprint.post("/api/v1/ask")
def ask() -> dict[str, Any]:
    asked = parse(AskRequest, json_body())
    result = pipeline().answer(asked.to_question(), asked.top_k, asked.to_filters())
    return to_json(result)


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
    }


@blueprint.get("/healthz")
def healthz() -> dict[str, Any]:
    """Answers as long as the process does and its library can be read."""
    return {"status": "ok", "generation": pipeline().store.generation()}


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
        "characters": len(stored.text),
        "passages": stored.passages,
        "text": stored.text,
        "furniture": [{"start": mark.start, "end": mark.end} for mark in stored.furniture],
    }
