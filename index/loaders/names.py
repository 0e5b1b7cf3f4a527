"""What the members of a file are called: labels to show, never paths to open."""

from __future__ import annotations

import re
import unicodedata

from index.documents import MEMBER

_SEPARATORS = re.compile(r"[/\\]+")
_DRIVE = re.compile(r"[A-Za-z]:$")
_JOINERS = "\u200c\u200d"  # of letters, and of emoji
_NAME_AT_MOST = 200  # characters


def label(name: str) -> str:
    """A name that is harmless to show, store and compare: no way up, no root, no control code."""
    parts = _SEPARATORS.split("".join(c if c.isprintable() or c in _JOINERS else " " for c in name))
    kept = [
        part.strip()
        for part in parts
        if part.strip() not in ("", ".", "..") and not _DRIVE.match(part.strip())
    ]
    # The separator of containers must not seem to stand inside of a name.
    joined = "/".join(part.rstrip("!") or "_" for part in kept)
    return unicodedata.normalize("NFC", joined)[-_NAME_AT_MOST:] or "member"


class Labels:
    """Labels of one container; a second one of the same name gets a number."""

    def __init__(self) -> None:
        self._times: dict[str, int] = {}

    def unique(self, name: str) -> str:
        wanted = candidate = label(name)
        while candidate in self._times:
            self._times[wanted] += 1
            candidate = f"{wanted} ({self._times[wanted]})"
        self._times[candidate] = 1
        return candidate


def source(origin: str, path: tuple[str, ...]) -> str:
    """``FILE!/MEMBER``; just ``FILE`` for the file itself."""
    return MEMBER.join((origin, *path))
