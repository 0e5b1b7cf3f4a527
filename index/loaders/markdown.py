"""Markdown, kept as its author wrote it, so that a quote is found in the file again."""

from __future__ import annotations

import re

from index.head import date_of
from index.loaders.loaded import Loaded
from index.text import decode, normalise

_FRONT_MATTER = re.compile(r"\A---\n(?P<fields>.*?)\n(?:---|\.\.\.)\n", re.DOTALL)
_TITLE_FIELD = re.compile(r"^title:\s*(.+?)\s*$", re.MULTILINE)
_DATE_FIELD = re.compile(r"^date:\s*(.+?)\s*$", re.MULTILINE)
_HEADING = re.compile(r"^#\s+(.+?)\s*#*$", re.MULTILINE)


def load(data: bytes) -> Loaded:
    """The title is the front matter's, else the first heading of level one.

    The front matter itself is left out of the text: it is not the author's prose.
    """
    text = normalise(decode(data))
    front = _FRONT_MATTER.match(text)
    fields = front["fields"] if front else ""
    body = text[front.end() :] if front else text
    title = _TITLE_FIELD.search(fields) or _HEADING.search(body)
    date = _DATE_FIELD.search(fields)
    return Loaded(
        body,
        "text/markdown",
        title[1].strip("\"'") if title else None,
        date_of(date[1].strip("\"'")) if date else None,
    )
