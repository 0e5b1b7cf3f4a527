"""What a loader returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loaded:
    """Text as extracted; title, ISO date and author only where the format itself states them.

    Attributes:
        pages: where each page begins in ``text``, the first at 0; empty if it has no pages.
        file_date: ISO date of the file's making: the text's own, where it states one, goes before.
        name: what the document is called by what contains it, where it has no title.
        is_table: whether the text begins with a row like the others, which tells no title or date.
    """

    text: str
    media_type: str
    title: str | None = None
    date: str | None = None
    author: str | None = None
    pages: tuple[int, ...] = ()
    file_date: str | None = None
    name: str | None = None
    is_table: bool = False


# A document, or the reason why it is none, with its label; the file itself has an empty one.
Part = tuple[str, Loaded | str]


@dataclass(frozen=True, slots=True)
class Member:
    """One of the documents of a file.

    Attributes:
        path: its names from the outermost container inwards; empty for the file itself.
        content: what was read of it, or the reason why nothing was.
    """

    path: tuple[str, ...]
    content: Loaded | str
