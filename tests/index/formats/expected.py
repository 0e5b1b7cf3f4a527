"""What reading a test file should give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Wanted:
    """A document that a file holds.

    Attributes:
        member: its label within the file, with ``!/`` before it; empty for the file itself.
    """

    text: str
    title: str
    date: str | None = None
    author: str | None = None
    member: str = ""
    media_type: str = "text/plain"
    pages: tuple[int, ...] = ()


@dataclass(frozen=True)
class Expected:
    """A test file: its name and bytes, and what reading it should give.

    Attributes:
        failures: member and reason of what cannot be read of it.
        reason: why nothing of it can be read, word for word.
    """

    name: str
    data: bytes
    documents: Sequence[Wanted] = ()
    failures: Sequence[tuple[str, str]] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        if bool(self.documents) == bool(self.reason):
            raise ValueError(f"{self.name}: it is either read or refused")
