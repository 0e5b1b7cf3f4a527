"""The REST API under ``/api/v1``; see docs/api.md."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask import Blueprint, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from index.documents import LARGEST_ID, StoredDocument
from qa.render import to_json
from qa.requests import AskRequest, parse
from qa.version import VERSION
from web.current import pipeline

blueprint = Blueprint("api", __name__)


@blueprint.post("/api/v1/ask")
def ask() -> dict[str, Any]:
    asked = parse(AskRequest, _json_body())
    result = pipeline().answer(asked.to_question(), asked.top_k, asked.to_filters())
    return to_json(result)


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


def _json_body() -> Any:
    if not request.is_json:
        raise UnsupportedMediaType(
            f"The body is {request.mimetype or 'of no type'}; send application/json."
        )
    try:
        return request.get_json()
    except BadRequest as error:
        raise BadRequest(f"The body is not valid JSON: {_reason(error)}.") from error
    except RecursionError as error:
        raise BadRequest("The body is not valid JSON: it is nested too deep.") from error


def _reason(error: BadRequest) -> str:
    """The parser's own words, where it has any."""
    cause = error.__cause__ or error.__context__
    return str(cause) if isinstance(cause, ValueError) else "it cannot be parsed"


def _document(stored: StoredDocument) -> dict[str, Any]:
    return {
        "id": stored.id,
        "title": stored.title,
        "source": stored.source,
        "date": stored.date,
        "media_type": stored.media_type,
        "characters": len(stored.text),
        "passages": stored.passages,
        "text": stored.text,
        "furniture": [{"start": mark.start, "end": mark.end} for mark in stored.furniture],
    }
