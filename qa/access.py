"""Who may do what, as the settings say it: names of hosts and origins, and what needs no key."""

from __future__ import annotations

import ipaddress
import re
from enum import IntEnum
from typing import TYPE_CHECKING

from qa.errors import InvalidSetting

if TYPE_CHECKING:
    from qa.settings import Settings

_PORT = r"(?::[0-9]{1,5})?"
_ORIGIN = re.compile(rf"https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\]){_PORT}")
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]*:[0-9a-f:.]*")


class Scope(IntEnum):
    """What a key opens; each holds those before it.

    Attributes:
        NONE: what anybody may see: the page without the library, and whether the server is up.
        READ: ask, search, read documents.
        WRITE: bring documents in and take them out; conversations and feedback.
        ADMIN: verify the library, rebuild its index, read the metrics.
    """

    NONE = 0
    READ = 1
    WRITE = 2
    ADMIN = 3


NAMES = {scope.name.lower(): scope for scope in Scope}


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def is_exposed(settings: Settings) -> bool:
    """Whether others than the users of this machine reach the server.

    A server on the loopback that has other names stands behind a proxy, which lets others in.
    """
    names = [settings.host, *hosts_of(settings.hosts)]
    return not all(is_loopback(name) for name in names)


def anonymous_scope(settings: Settings) -> Scope:
    """What needs no key."""
    if settings.allow_anonymous:
        return NAMES[settings.allow_anonymous]
    return Scope.NONE if is_exposed(settings) else Scope.ADMIN


def origins_of(text: str) -> frozenset[str]:
    """The origins of a list with commas; raises `InvalidSetting`."""
    found = frozenset(_listed(text))
    for origin in found:
        if not _ORIGIN.fullmatch(origin):
            raise InvalidSetting(
                f"allowed_origins holds {origin!r}; each is one site, as in https://example.org "
                "or http://localhost:8080: no path, no *, in lower case."
            )
    return found


def hosts_of(text: str) -> frozenset[str]:
    """The names of a list with commas; raises `InvalidSetting`."""
    found = frozenset(_listed(text))
    for host in found:
        if not _HOST.fullmatch(host):
            raise InvalidSetting(
                f"hosts holds {host!r}; each is a name, as in docs.example.org: no scheme, "
                "no port, no *, in lower case."
            )
    return found


def check(settings: Settings) -> None:
    """Raises `InvalidSetting`."""
    if settings.allow_anonymous and settings.allow_anonymous not in NAMES:
        raise InvalidSetting(
            f"allow_anonymous is {settings.allow_anonymous!r}; it must be one of "
            f"{', '.join(NAMES)}, or empty."
        )
    origins_of(settings.allowed_origins)
    hosts_of(settings.hosts)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
