"""What became of files that were to be brought in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of one file."""

    ADDED = "added"
    UPDATED = "updated"
    RENAMED = "renamed"
    REMOVED = "removed"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Indexed:
    """One file's outcome.

    Attributes:
        name: path or URL.
        reason: why it failed, or which parts of it did.
        passages: how many were stored.
        ids: the documents that it holds now.
    """

    name: str
    outcome: Outcome
    reason: str = ""
    passages: int = 0
    ids: tuple[int, ...] = ()
