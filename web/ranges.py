"""Ranges of a text as requests name them."""

from __future__ import annotations

from qa.errors import InvalidRequest


def checked_range(start: int, end: int | None, characters: int) -> tuple[int, int]:
    """Half open, within the text; what ends beyond it ends with it. Raises `InvalidRequest`."""
    if start > characters:
        raise _wrong("start", f"the text has {characters:,} characters (got {start})")
    if end is None:
        return start, characters
    if end < start:
        raise _wrong("end", f"It is before start, which is {start} (got {end})")
    return start, min(end, characters)


def _wrong(at: str, detail: str) -> InvalidRequest:
    return InvalidRequest([{"at": at, "detail": detail}])
