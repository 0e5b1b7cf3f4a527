"""What a backup says that it holds; see `index.backup`."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Any

NAME = "manifest.json"
DEPTH = 3  # of folders, the data folder's own included
PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")  # of a name; all that we give are such
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive; the name is relative to the data folder."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds.

    Attributes:
        version: of the program that made it; empty if it was made before a change of the schema.
        schema: of its library, so that a program that is too old or too new can tell.
    """

    version: str
    created_at: str
    schema: int
    generation: int
    files: tuple[Entry, ...]


def dumped(manifest: Manifest) -> bytes:
    value = {"format": _FORMAT, **asdict(manifest)}
    return json.dumps(value | {"sum": _sum(value)}, indent=1).encode()


def parsed(text: bytes) -> Manifest:
    """Raises `ValueError`, `KeyError` or `TypeError` if it is not what `dumped` wrote."""
    value: dict[str, Any] = json.loads(text)
    expected = value.pop("sum")
    if value.pop("format") != _FORMAT or expected != _sum({"format": _FORMAT, **value}):
        raise ValueError("it is not what was written")
    files = tuple(Entry(**entry) for entry in value.pop("files"))
    return Manifest(files=files, **value)


def _sum(value: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
