"""Markdown, kept as its author wrote it, so that a quote is found in the file again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from index.head import field_date, title_of
from index.loaders import front_matter
from index.loaders.loaded import Loaded
from index.text import decode, normalise

_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_HEADING = re.compile(r" {0,3}#[ \t]+(?=\S)")
_UNDERLINE = re.compile(r" {0,3}=+[ \t]*$")
_IMAGE = re.compile(r"!\[[^\]\[]*\]\([^()\s]*\)")
_LINK = re.compile(r"\[([^\]\[]*)\](?:\([^()\s]*\)|\[[^\]\[]*\])")
_EMPHASIS = re.compile(r"\*+|`+|(?<!\w)_+|_+(?!\w)")
_TITLE_WITHIN = 20_000  # characters


def load(data: bytes, charset: str | None) -> Loaded:
    """The title is the front matter's, else the first heading of level one.

    The front matter itself is left out of the text: it is not the author's prose.
    """
    fields, body = front_matter.split(normalise(decode(data, charset)))
    return Loaded(
        body,
        "text/markdown",
        title=fields.get("title") or _title(body[:_TITLE_WITHIN]),
        date=field_date(fields.get("date") or fields.get("published", "")),
        author=fields.get("author") or fields.get("authors"),
    )


def _title(text: str) -> str | None:
    """Code is passed over: a comment in it looks like a heading."""
    lines = _without_code(text.split("\n"))
    for line, below in pairwise([*lines, ""]):
        if _HEADING.match(line):
            return _shown(line.strip().strip("#")) or None
        if line.strip() and _UNDERLINE.match(below) and not line.startswith(("    ", "\t")):
            return _shown(line) or None
    if len(lines) < text.count("\n") + 1:
        return title_of("\n".join(lines), (), "") or None
    return None


def _without_code(lines: Sequence[str]) -> list[str]:
    """Lines outside of fenced blocks; one that is not closed goes on to the end."""
    kept: list[str] = []
    fence = ""
    for line in lines:
        found = _FENCE.match(line)
        if fence:
            closes = found and found[1].startswith(fence) and not line.strip().strip(fence[0])
            fence = "" if closes else fence
        elif found:
            fence = found[1]
        else:
            kept.append(line)
    return kept


def _shown(words: str) -> str:
    """The words of a heading as a page shows them."""
    words = _LINK.sub(r"\1", _IMAGE.sub("", words))
    return " ".join(_EMPHASIS.sub("", words).split())
