"""Whether the process lives, whether it can answer, and its metrics."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, request
from werkzeug.exceptions import Forbidden, ServiceUnavailable

from index.errors import LibraryError
from qa.access import is_loopback
from web import metrics
from web.current import jobs, pipeline, settings

blueprint = Blueprint("health", __name__)

_OF_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
_LOADED = "models_loaded"
_DEGRADED = "Passages are searched by their words only."


def models_are_loaded(app: Flask) -> None:
    """To be called after the pipeline's ``warm_up()``; the server is not ready before."""
    app.extensions[_LOADED] = True


@blueprint.get("/healthz")
def healthz() -> dict[str, Any]:
    """Answers as long as the process does; it touches nothing."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> dict[str, Any]:
    """Whether questions can be answered and changes kept; 503 with the reasons if not."""
    if reasons := " ".join(_reasons()):
        raise ServiceUnavailable(reasons)
    ready = {"status": "ready", "generation": pipeline().store.generation()}
    return {**ready, "degraded": _DEGRADED} if pipeline().retriever.trouble() else ready


@blueprint.get("/metrics")
def prometheus() -> Response:
    """For Prometheus; see docs/operations.md.

    Whoever comes through a proxy of this machine only seems to be its user.
    """
    if g.caller.key is None and not _is_local():
        raise Forbidden("From another machine, or through a proxy, metrics need an admin's key.")
    return Response(metrics.exposition(pipeline().store, jobs()), content_type=metrics.CONTENT_TYPE)


def _is_local() -> bool:
    forwarded = any(name in request.headers for name in _OF_PROXIES)
    return is_loopback(request.remote_addr or "") and not forwarded


def _reasons() -> Iterator[str]:
    """Without a path: who asks this needs no key."""
    if not current_app.extensions.get(_LOADED):
        yield "The models are not loaded yet."
    try:
        pipeline().store.generation()
    except (LibraryError, sqlite3.Error, OSError):
        yield "The library cannot be read."
    if current_app.extensions.get(_LOADED):
        retriever = pipeline().retriever
        if retriever.fallback is None and retriever.trouble():
            yield "Passages cannot be searched."
    try:
        with tempfile.TemporaryFile(dir=settings().data) as file:
            file.write(b"\0" * 4096)
    except OSError as error:
        yield f"The data folder cannot be written to: {error.strerror}."
