"""Who may call: those whom the settings let, from pages of their own.

A browser sends requests for any page that asks it to. What tells ours apart is ``Host`` (a page
of another name that was pointed at this machine: DNS rebinding), and ``Origin`` and
``Sec-Fetch-Site``, which pages cannot forge. What a caller may do is what its key opens, or what
needs none; see `qa.access`.
"""

from __future__ import annotations

import ipaddress
import socket
from functools import cache
from urllib.parse import SplitResult, urlsplit

from flask import Flask, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, MisdirectedRequest, Unauthorized
from werkzeug.wrappers import Response

from qa.access import Scope, anonymous_scope, hosts_of, is_loopback
from qa.keys import open_keys
from qa.settings import Settings
from web import cors, keys, limits
from web.current import settings
from web.rates import Rates

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OF_ONE_SITE = frozenset({"same-origin", "none"})
# They show nothing of the library; the page asks for the rest as any client does.
_PUBLIC = frozenset({"/", "/healthz", "/readyz", "/docs", "/api/v1/openapi.json"})
_PUBLIC_UNDER = ("/static/", "/docs/", "/problems/")
# POST, but they change nothing; a question that a conversation is to keep is checked by itself.
_ASKING = limits.ASKING | {"/api/v1/citations/resolve"}
_OF_WRITERS = ("/api/v1/conversations", "/api/v1/feedback")  # reading them, too
# They look through all of the library, or tell how the server fares.
_OF_ADMINS = frozenset({"/metrics", "/api/v1/rebuild", "/api/v1/verify"})


def register(app: Flask) -> None:
    app_settings: Settings = app.extensions["settings"]
    app.extensions["keys"] = open_keys(app_settings, app.extensions["pipeline"].store)
    app.extensions["rates"] = Rates(app_settings.data)
    app.before_request(_check)
    limits.register(app)
    cors.register(app)


def needed(method: str, path: str) -> Scope:
    """What a request takes; what is not known here is taken for a reading or a change."""
    if method == "OPTIONS" or path in _PUBLIC or path.startswith(_PUBLIC_UNDER):
        return Scope.NONE
    if path in _OF_ADMINS:
        return Scope.ADMIN
    if path.startswith(_OF_WRITERS):
        return Scope.WRITE
    return Scope.READ if method in _SAFE or path in _ASKING else Scope.WRITE


def may_read() -> bool:
    """Whether whoever opens the page may see what is in the library."""
    return anonymous_scope(settings()) >= Scope.READ


def is_kept() -> bool:
    """Whether the page keeps conversations: not where all who reach it could read them."""
    return anonymous_scope(settings()) >= Scope.WRITE


def check_private() -> None:
    """Refuse whoever may not change the library: conversations are the writers' own."""
    _check_scope(Scope.WRITE)


def check_change() -> None:
    """Refuse a change that another site's page, or somebody without the right, asks for."""
    _check_site(Scope.WRITE)
    _check_scope(Scope.WRITE)


def _check() -> Response | None:
    _check_host()
    if preflight := cors.preflight():
        return preflight
    scope = needed(request.method, request.path)
    if scope is Scope.NONE:
        return None
    g.caller = caller = keys.caller()
    _check_site(scope)
    _check_scope(scope)
    if caller.key is not None:
        keys.count(caller.key)
    return None


def _check_host() -> None:
    """Whether the request was meant for this server, and not for a name that was pointed at it."""
    name = (_split(f"//{request.host}").hostname or "").rstrip(".")
    known = hosts_of(settings().hosts)
    if is_loopback(name) or name in known or name == settings().host.lower():
        return
    if not is_loopback(settings().host) and not known and _cannot_be_rebound(name):
        return
    instead = _own_address() if is_loopback(settings().host) else "it by its address"
    raise MisdirectedRequest(
        f"This server is not called {request.host!r}. Open {instead} instead, or start the "
        "server with the name among QA_HOSTS."
    )


def _own_address() -> str:
    """With the port that is listened on, whichever ``Host`` has."""
    port = request.environ.get("SERVER_PORT", "80")
    return "http://127.0.0.1" if port == "80" else f"http://127.0.0.1:{port}"


def _cannot_be_rebound(name: str) -> bool:
    """Addresses are nobody's to point elsewhere; and with keys there is nothing to gain by it."""
    if not anonymous_scope(settings()):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name in _own_names()
    return True


@cache
def _own_names() -> frozenset[str]:
    return frozenset({socket.gethostname().lower()})


def _check_site(scope: Scope) -> None:
    """Refuse another site's page, but for listed ones, which may ask, and more with a key."""
    origin = request.headers.get("Origin")
    if origin and _split(origin).netloc != request.host:
        if not cors.is_allowed(origin):
            raise Forbidden(
                "Another site's page may not use this server. Its owner can list the site in "
                "QA_ALLOWED_ORIGINS."
            )
        if scope > Scope.READ and g.caller.key is None:
            raise Forbidden("Another site's page may change nothing here without a key.")
        return
    if request.method not in _SAFE and (
        request.headers.get("Sec-Fetch-Site", "none") not in _OF_ONE_SITE
    ):
        raise Forbidden("Another site's page may not use this server.")


def _check_scope(scope: Scope) -> None:
    caller: keys.Caller = g.caller
    if caller.scope >= scope:
        return
    name = scope.name.lower()
    if caller.key is None:
        raise Unauthorized(
            f"This needs an API key of the scope {name}: send it as Authorization: Bearer KEY.",
            www_authenticate=keys.challenge(),
        )
    raise _Insufficient(
        f"The key {caller.key.name!r} has the scope {caller.key.scope.name.lower()}; this needs "
        f"the scope {name}.",
        keys.challenge("insufficient_scope", f"This needs the scope {name}."),
    )


class _Insufficient(Forbidden):
    def __init__(self, description: str, challenge: WWWAuthenticate) -> None:
        super().__init__(description)
        self._challenge = challenge

    def get_headers(self, environ: object = None, scope: object = None) -> list[tuple[str, str]]:
        return [("WWW-Authenticate", str(self._challenge))]


def _split(url: str) -> SplitResult:
    """What is no URL is nobody's."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
