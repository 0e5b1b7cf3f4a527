"""Security headers on every response."""

from __future__ import annotations

from flask import Flask, Response, request

from web.current import settings

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def register(app: Flask) -> None:
    app.after_request(_add)


def is_shared(path: str) -> bool:
    """Whether pages of other sites may load it: the embedded box, which has nothing of ours in it.

    Where no other site is listed, none can even tell whether the server is there.
    """
    return path.startswith("/static/") and bool(settings().allowed_origins)


def _add(response: Response) -> Response:
    response.headers.update(_HEADERS)
    if is_shared(request.path):
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.path.startswith(("/api/", "/v1/")):
        response.headers["Cache-Control"] = "no-store"
    return response
