"""Rows and objects with fields: which of them are documents, and what their fields mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from index.errors import UnreadableDocument
from index.head import field_date
from index.loaders.limits import Limits, Pieces
from index.loaders.loaded import Loaded
from index.loaders.markup import parsed_html, text_of

# Names of fields, in the order in which they are tried.
_TEXT = ("text", "body", "content", "article", "full_text", "article_text", "articlebody")
_TITLE = ("title", "headline", "subject", "name")
_DATE = (
    *("date", "published", "published_at", "date_published", "datepublished", "publication_date"),
    *("pubdate", "created_at", "created", "timestamp", "updated", "updated_at"),
)
_AUTHOR = ("author", "authors", "byline", "creator", "writer")
_ID = ("id", "guid", "uuid", "_id", "url", "link", "slug")
_HTML = re.compile(
    r"<(p|div|section|article|h[1-6]|ul|ol|table|blockquote|figure)\b[^<>]*>.*</\1>", re.I | re.S
)
_ID_AT_MOST = 200  # characters
_PLACES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Fields:
    """Which field of a record is what; each is None where there is none."""

    text: str
    title: str | None
    date: str | None
    author: str | None
    id: str | None


@lru_cache(maxsize=64)  # the records of a file are mostly alike
def fields_of(names: tuple[str, ...]) -> Fields | None:
    """What the fields mean, or None if none of them is known to hold a text."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault("_".join(name.strip().casefold().replace("-", " ").split()), name)

    def first(wanted: Sequence[str]) -> str | None:
        return next((known[name] for name in wanted if name in known), None)

    text = first(_TEXT)
    if text is None:
        return None
    return Fields(text, first(_TITLE), first(_DATE), first(_AUTHOR), first(_ID))


def is_document(record: Any) -> bool:
    """Whether it is an object with a text."""
    if not isinstance(record, dict):
        return False
    fields = fields_of(tuple(record))
    return fields is not None and bool(_words(record.get(fields.text)))


def document(
    record: Mapping[str, Any], fields: Fields, name: str, media_type: str, limits: Limits
) -> tuple[str, Loaded]:
    """Its label, which is its id if it has one and else ``name``, and what it says."""
    own = " ".join(_words(record.get(fields.id or "")).split())[:_ID_AT_MOST]
    return own or name, Loaded(
        _prose(record.get(fields.text), limits),
        media_type,
        title=" ".join(_words(record.get(fields.title or "")).split()) or None,
        date=field_date(_words(record.get(fields.date or ""))),
        author=" ".join(_words(record.get(fields.author or "")).split()) or None,
        name=name,
    )


def without_text(places: Sequence[str]) -> str:
    """The reason for the records that were left out, as one message."""
    shown = ", ".join(places[:_PLACES_SHOWN])
    more = f" and {len(places) - _PLACES_SHOWN:,} more" if len(places) > _PLACES_SHOWN else ""
    return f"without a text, and left out: {shown}{more}"


def line(names: Sequence[str], values: Sequence[str]) -> str:
    """``Header: value; Header: value``, empty values left out."""
    pairs = []
    for place, value in enumerate(values):
        words = " ".join(value.split())
        if words:
            name = names[place] if place < len(names) else ""
            pairs.append(f"{name}: {words}" if name else words)
    return "; ".join(pairs)


def rendered(value: Any, limits: Limits) -> str:
    """A nested value as indented lines, objects as ``name: value``, records set apart.

    Raises:
        UnreadableDocument: it is longer than what is read.
        RecursionError: it is nested too deeply.
    """
    pieces = Pieces(limits)
    _render(value, 0, pieces)
    return pieces.text().strip("\n")


def _render(value: Any, depth: int, pieces: Pieces) -> None:
    indent = "  " * depth
    if isinstance(value, dict):
        for name, inner in value.items():
            _render_one(f"{indent}{name}:", inner, depth, pieces)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict | list) and inner:
                _render(inner, depth, pieces)
                pieces.add("\n")
            else:
                _render_one(f"{indent}-" if depth else "", inner, depth, pieces)
    else:
        _render_one("", value, depth, pieces)


def _render_one(label: str, value: Any, depth: int, pieces: Pieces) -> None:
    if isinstance(value, dict | list) and value:
        pieces.add(f"{label}\n")
        _render(value, depth + 1, pieces)
    elif words := _words(value):
        pieces.add(f"{label} {words}\n" if label else f"{words}\n")


def _prose(value: Any, limits: Limits) -> str:
    """A text, the items of a list as its paragraphs; what a web page is made of as it shows it."""
    if isinstance(value, list):
        return "\n\n".join(filter(None, (_prose(item, limits) for item in value)))
    words = _words(value)
    if not _HTML.match(words):
        return words
    try:
        return text_of(parsed_html(words), limits)
    except UnreadableDocument:  # it only begins and ends like HTML
        return words


def _words(value: Any) -> str:
    """A value as text; of several, or of an object, what names them."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(filter(None, map(_words, value)))
    if isinstance(value, dict):
        return _words(value.get("name"))
    return str(value).strip()
