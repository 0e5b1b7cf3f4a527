"""ETags of what depends on the library only: they change with its generation, and only then."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from flask import Response, jsonify, request

from index.document_store import DocumentStore
from qa.version import VERSION


def tag_of(store: DocumentStore, *parts: object) -> str:
    """Names the library's state, within the caller's snapshot.

    Args:
        parts: what else the response depends on, its path and query aside.
    """
    # The history's token: a library that was put back to an earlier state is another one.
    state = (VERSION, store.library_id(), store.generation(), store.history(), *parts)
    return sha256(repr(state).encode()).hexdigest()[:20]


def is_held(tag: str) -> bool:
    """Whether the caller said that it has the response with this tag."""
    return request.if_none_match.contains_weak(tag)


def tagged(value: dict[str, Any] | None, tag: str) -> Response:
    """The response with its tag; None: the caller holds it."""
    response = Response(status=304) if value is None else jsonify(value)
    response.set_etag(tag)
    return response
