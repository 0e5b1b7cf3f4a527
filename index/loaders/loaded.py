"""What a loader returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loaded:
    """Text as extracted; title and ISO date only where the format itself states them."""

    text: str
    media_type: str
    title: str | None = None
    date: str | None = None
