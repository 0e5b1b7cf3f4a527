"""Lines as a reader sees them: hard-wrapped lines belong to one paragraph."""

from __future__ import annotations

import re

from index.documents import Span

_BLOCK = re.compile(r"[^\n]+(?:\n(?![^\S\n]*(?:\n|\Z))[^\n]+)*")  # ends at a blank line
_WRAPPED_AT_MOST = 100
_WRAPPED_SHARE = 0.6


def physical_lines(text: str) -> list[Span]:
    """Every line that is not blank, trimmed of white space."""
    lines = re.finditer(r"[^\n]+", text)
    return [_trim(text, m.start(), m.end()) for m in lines if not m.group().isspace()]


def paragraphs(text: str) -> list[Span]:
    """Runs of text that a line end does not interrupt.

    A line end inside a block ends a paragraph, unless the block looks hard-wrapped (three
    lines or more, none over 100 characters) and the line is about as long as the others.
    """
    spans: list[Span] = []
    for block in _BLOCK.finditer(text):
        lines = physical_lines(block.group())
        longest = max((line.end - line.start for line in lines), default=0)
        wrapped = len(lines) >= 3 and longest <= _WRAPPED_AT_MOST
        open_line: Span | None = None
        for line in lines:
            shifted = Span(line.start + block.start(), line.end + block.start())
            joined = shifted if open_line is None else Span(open_line.start, shifted.end)
            if wrapped and line.end - line.start >= _WRAPPED_SHARE * longest:
                open_line = joined
                continue
            spans.append(joined)
            open_line = None
        if open_line is not None:
            spans.append(open_line)
    return spans


def _trim(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))
