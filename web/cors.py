"""What pages of other sites may do: nothing, but for those that the settings list.

Browsers ask first and keep the answer from the page unless these headers let it through (the Fetch
standard's CORS protocol). Cookies are never let through: a page of another site brings a key.
"""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden

from qa.access import origins_of
from web.current import settings

_METHODS = "GET, POST, PATCH, DELETE"
_HEADERS = "Authorization, Content-Type, If-None-Match, Idempotency-Key, X-Request-ID"
# What OpenAI's own client for pages tells of itself with each request.
_OPENAI = ", ".join(
    f"X-Stainless-{name}"
    for name in (
        *("Arch", "Helper-Method", "Lang", "OS", "Package-Version", "Retry-Count", "Runtime"),
        *("Runtime-Version", "Timeout"),
    )
)
_EXPOSED = "ETag, Location, Retry-After, WWW-Authenticate, X-Request-ID"
_KEPT_SECONDS = "600"


def register(app: Flask) -> None:
    app.after_request(_add)


def is_allowed(origin: str) -> bool:
    return origin in origins_of(settings().allowed_origins)


def preflight() -> Response | None:
    """The answer to a browser that asks on behalf of another site's page; None to any other."""
    origin = request.headers.get("Origin")
    if request.method != "OPTIONS" or not origin:
        return None
    if "Access-Control-Request-Method" not in request.headers:
        return None
    if not is_allowed(origin):
        raise Forbidden(
            "Another site's page may not use this server. Its owner can list the site in "
            "QA_ALLOWED_ORIGINS."
        )
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = _METHODS
    response.headers["Access-Control-Allow-Headers"] = f"{_HEADERS}, {_OPENAI}"
    response.headers["Access-Control-Max-Age"] = _KEPT_SECONDS
    if request.headers.get("Access-Control-Request-Private-Network") == "true":
        response.headers["Access-Control-Allow-Private-Network"] = "true"
    return response


def _add(response: Response) -> Response:
    if not settings().allowed_origins:
        return response
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin and is_allowed(origin):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED
    return response
