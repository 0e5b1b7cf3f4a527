"""Whose request it is: the key that it brings along, or nobody's."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import cast

from flask import current_app, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import TooManyRequests, Unauthorized

from qa.access import Scope, anonymous_scope
from qa.keys import Key, KeyStore, Refusal
from web.current import settings
from web.problems import of_kind
from web.rates import Rates

log = logging.getLogger(__name__)

_OURS = "vb_"
_REALM = "Verbatim"
_KINDS = {Refusal.EXPIRED: "key-expired", Refusal.REVOKED: "key-revoked"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Attributes:
    key: None for whoever brings none.
    """

    scope: Scope
    key: Key | None


def caller() -> Caller:
    """Raises `Unauthorized` for a key that opens nothing, however little was asked for."""
    anonymous = anonymous_scope(settings())
    token = _token()
    # Programs that must send some key are not kept out where none is needed.
    if token is None or (not token.startswith(_OURS) and anonymous):
        return Caller(anonymous, None)
    found = _store().check(token)
    if isinstance(found, Key):
        return Caller(found.scope, found)
    log.info("A key was refused: %s", found)
    error = Unauthorized(
        f"{found} Make one with: python -m qa keys create",
        www_authenticate=challenge("invalid_token", found),
    )
    raise of_kind(_KINDS[found], error) if found in _KINDS else error


def challenge(error: str | None = None, description: str | None = None) -> WWWAuthenticate:
    """What a client is to do about it, as RFC 6750 has it."""
    values: dict[str, str | None] = {"realm": _REALM}
    if error:
        values |= {"error": error, "error_description": description}
    return WWWAuthenticate("bearer", values)


def count(key: Key) -> None:
    """Raises `TooManyRequests` where the key has used up what it may ask."""
    most = settings().key_requests_per_minute if key.per_minute is None else key.per_minute
    wait = _rates().take(key.id, most)
    if wait > 0:
        raise TooManyRequests(
            f"The key {key.name!r} may make {most:,} requests a minute.",
            retry_after=math.ceil(wait),
        )


def _token() -> str | None:
    """Of the header; other schemes are a proxy's business."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip(" ") if scheme.lower() == "bearer" else None


def _store() -> KeyStore:
    return cast(KeyStore, current_app.extensions["keys"])


def _rates() -> Rates:
    return cast(Rates, current_app.extensions["rates"])
