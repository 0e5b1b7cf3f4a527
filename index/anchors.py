"""Finds a citation of an earlier day in the document as it is now.

An anchor is a quote with a little of what stood around it (as in the W3C Web Annotation model's
text quote and text position selectors), and the version of the document that it was taken from.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from index.document_store import Reading
from index.documents import Span, StoredDocument
from index.errors import UnknownDocument

CONTEXT = 32  # characters kept on each side
_PLACES_AT_MOST = 10_000
_TELLING = 24  # a quote of so many characters is hardly twice in the world by chance
_CONTEXT_AT_LEAST = 8  # characters that a shorter quote's surroundings must have kept


class State(StrEnum):
    """What became of a citation."""

    SAME = "same"
    MOVED = "moved"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A stored citation.

    Attributes:
        version: the document's content hash.
        before, after: up to `CONTEXT` characters on each side.
        source: helps to find the document where its id is gone.
    """

    document_id: int
    version: str
    start: int
    end: int
    quote: str
    before: str
    after: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where an anchor stands now.

    Attributes:
        document_id, start, end: of the quote as it is now; None if it changed or is gone.
        version: of the document now; None if it is gone.
    """

    state: State
    document_id: int | None = None
    version: str | None = None
    start: int | None = None
    end: int | None = None


def context(text: str, span: Span) -> tuple[str, str]:
    """What stands before and after a span."""
    return text[max(0, span.start - CONTEXT) : span.start], text[span.end : span.end + CONTEXT]


def resolve(anchor: Anchor, store: Reading) -> Resolved:
    """*same*: the quote stands where it stood; *moved*: elsewhere in its surroundings;
    *changed*: the document is there without it; *gone*: the document is not in the library."""
    candidates = list(_documents(anchor, store))
    if not candidates:
        return Resolved(State.GONE)
    found = ((stored, _place(anchor, stored)) for stored in candidates)
    stored, place = next(((s, p) for s, p in found if p is not None), (candidates[0], None))
    if place is None:
        return Resolved(State.CHANGED, stored.id, stored.content_hash)
    same = place == anchor.start and stored.id == anchor.document_id
    return Resolved(
        State.SAME if same else State.MOVED,
        stored.id,
        stored.content_hash,
        place,
        place + len(anchor.quote),
    )


def _documents(anchor: Anchor, store: Reading) -> Iterator[StoredDocument]:
    """The one of its id, one with the very content, and what now has its source.

    Where a library was made anew, another document may have the id.
    """
    known = None if anchor.source is None else store.find(anchor.source)
    again = (anchor.document_id, store.find_version(anchor.version), known and known[0])
    for document_id in dict.fromkeys(i for i in again if i is not None):
        with suppress(UnknownDocument):
            yield store.document(document_id)


def _place(anchor: Anchor, stored: StoredDocument) -> int | None:
    """Where the quote stands, in the surroundings that are most like the old ones."""
    text, quote = stored.text, anchor.quote
    if stored.content_hash == anchor.version:
        return anchor.start if text[anchor.start : anchor.end] == quote else None
    best: tuple[int, int, int] | None = None
    for place in _occurrences(text, quote):
        kept = _kept(anchor, text, place)
        candidate = (-kept, abs(place - anchor.start), place)
        if best is None or candidate < best:
            best = candidate
    if best is None:
        return None
    had_context = min(_CONTEXT_AT_LEAST, len(anchor.before) + len(anchor.after))
    return best[2] if len(quote) >= _TELLING or -best[0] >= had_context else None


def _kept(anchor: Anchor, text: str, place: int) -> int:
    """Characters of the old surroundings that stand around ``place`` too."""
    before, after = context(text, Span(place, place + len(anchor.quote)))
    return _alike(before[::-1], anchor.before[::-1]) + _alike(after, anchor.after)


def _alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _occurrences(text: str, quote: str) -> Iterator[int]:
    place, found = text.find(quote), 0
    while place >= 0 and found < _PLACES_AT_MOST:
        yield place
        found += 1
        place = text.find(quote, place + 1)
