"""Gzip for what a slow network has to carry."""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, request

_AT_LEAST = 1_000  # bytes; a smaller body fits into a packet as it is
_CACHED_AT_MOST = 200_000  # bytes; what is larger is an answer, which is hardly asked for twice
_TYPES = frozenset(
    {
        "application/json",
        "application/jsonl",
        "image/svg+xml",
        "text/css",
        "text/html",
        "text/javascript",
        "text/markdown",
    }
)


def register(app: Flask) -> None:
    app.after_request(_compressed)


def _compressed(response: Response) -> Response:
    if response.mimetype not in _TYPES:
        return response
    response.vary.add("Accept-Encoding")
    if (
        response.status_code != 200
        or request.method == "HEAD"
        or "Content-Encoding" in response.headers
        or request.accept_encodings.quality("gzip") <= 0
    ):
        return response
    response.direct_passthrough = False  # of a file, which would be sent unread
    body = response.get_data()
    if len(body) < _AT_LEAST:
        return response
    response.set_data(_packed(body) if len(body) <= _CACHED_AT_MOST else gzip.compress(body, 1))
    response.headers["Content-Encoding"] = "gzip"
    etag, _ = response.get_etag()
    if etag is not None:
        response.set_etag(etag, weak=True)  # the same words in other bytes
    return response


@lru_cache(maxsize=128)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)
