"""Who may call: no page of another site, and nobody from afar who may change the library.

A browser sends requests for any page that asks it to. What tells ours apart is ``Host`` (a page
of another name that was pointed at this machine: DNS rebinding), and for changes ``Origin`` and
``Sec-Fetch-Site``, which pages cannot forge.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from flask import Flask, request
from werkzeug.exceptions import Forbidden, MisdirectedRequest

from web.current import settings

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OF_ONE_SITE = frozenset({"same-origin", "none"})
# POST, but they change nothing; a question that a conversation is to keep is checked by itself.
_ASKING = frozenset({"/api/v1/ask", "/api/v1/citations/resolve", "/api/v1/explain"})


def register(app: Flask) -> None:
    app.before_request(_check)


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _split(url: str) -> SplitResult:
    """What is no URL is nobody's."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def is_kept() -> bool:
    """Whether conversations are kept: not where all who reach the server could read them."""
    return is_loopback(settings().host) or settings().remote_writes


def check_private() -> None:
    """Refuse what only the user of this machine may see."""
    if not is_kept():
        raise Forbidden(
            "This server listens beyond this machine, so that it keeps no conversations. "
            "If all who reach it may read them, start it with QA_REMOTE_WRITES=true."
        )


def check_change() -> None:
    """Refuse a change that another site's page, or somebody from afar, asks for."""
    if not is_loopback(settings().host) and not settings().remote_writes:
        raise Forbidden(
            "This server listens beyond this machine, so that its library cannot be changed "
            "over the network. If it may, start it with QA_REMOTE_WRITES=true."
        )
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "none")
    if site not in _OF_ONE_SITE or (origin and _split(origin).netloc != request.host):
        raise Forbidden("Another site's page may not change this library.")


def _check() -> None:
    local = is_loopback(settings().host)
    if local and not is_loopback(_split(f"//{request.host}").hostname or ""):
        raise MisdirectedRequest(
            f"This server is called by the name of this machine, not {request.host!r}. "
            "Open http://127.0.0.1 instead."
        )
    if request.method not in _SAFE and request.path not in _ASKING:
        check_change()
