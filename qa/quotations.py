"""Where a text quotes somebody."""

from __future__ import annotations

import re

from index.documents import Span
from index.lines import paragraphs

_MARK = re.compile('["“”„‟«»]')
_OPENING = frozenset("“„«")
_CLOSING = frozenset("”»")


def quotations(text: str) -> list[Span]:
    """Spans of the quotations in ``text``, marks included, in order; they do not overlap.

    A quotation that is still open where its paragraph ends is closed there; the next paragraph
    opens it anew, as newspapers print it. Single marks are apostrophes more often than not.
    """
    return [
        quotation
        for paragraph in paragraphs(text)
        for quotation in _in_paragraph(text[paragraph.start : paragraph.end], paragraph.start)
    ]


def _in_paragraph(paragraph: str, offset: int) -> list[Span]:
    found: list[Span] = []
    opened: int | None = None
    for mark in _MARK.finditer(paragraph):
        sign, at = mark.group(), mark.start()
        if opened is None:
            if sign not in _CLOSING:
                opened = at
        elif sign not in _OPENING:
            found.append(Span(offset + opened, offset + at + 1))
            opened = None
    if opened is not None:
        found.append(Span(offset + opened, offset + len(paragraph.rstrip())))
    return found
