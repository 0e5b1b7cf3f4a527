"""Sentence boundaries as exact spans."""

from __future__ import annotations

import re
from functools import lru_cache

import nupunkt

from index.documents import Span
from index.lines import paragraphs

_LIST_MARKER = re.compile(r"\s*(?:\d{1,3}|[A-Za-z])[.)]\s*")
# "date 2022-08-11 The ministry has ...": what a page shows above its text, saved on one line.
_DATED = re.compile(
    r"\s*((?i:dated?|published|posted|updated)(?i: on)?:?\s+\d{4}-\d{2}-\d{2})\s+(?=[\"“A-Z])"
)
_REACH = 4_000  # no sentence is looked for further away: a line may be megabytes long
_REMEMBERED = 10_000  # characters


def sentence_spans(text: str) -> list[Span]:
    """Spans of the sentences of ``text``, trimmed of white space; none crosses a paragraph.

    Boundaries come from nupunkt (a Punkt tokenizer, Kiss & Strunk 2006); a list marker such
    as "2." is joined to the sentence it numbers. A labelled date in front of a text is apart.
    """
    return list(_remembered(text) if len(text) <= _REMEMBERED else _sentences(text))


def _sentences(text: str) -> tuple[Span, ...]:
    return tuple(
        sentence
        for paragraph in paragraphs(text)
        for sentence in _split(text[paragraph.start : paragraph.end], paragraph.start)
    )


# A question looks at the sentences of a passage many times.
_remembered = lru_cache(maxsize=256)(_sentences)


def sentence_around(text: str, span: Span) -> Span:
    """The sentence that holds ``span``, or the run of sentences that it reaches across."""
    start, end = max(0, span.start - _REACH), min(len(text), span.end + _REACH)
    gap = text.rfind("\n\n", start, span.start)
    start = gap + 2 if gap >= 0 else start
    stop = text.find("\n\n", span.end, end)
    end = stop if stop >= 0 else end
    inside = Span(span.start - start, span.end - start)
    touched = [s for s in sentence_spans(text[start:end]) if s.overlaps(inside)]
    if not touched:
        return span
    return Span(
        start + min(touched[0].start, inside.start), start + max(touched[-1].end, inside.end)
    )


def _split(paragraph: str, offset: int) -> list[Span]:
    if dated := _DATED.match(paragraph):
        day = Span(offset + dated.start(1), offset + dated.end(1))
        return [day, *_split(paragraph[dated.end() :], offset + dated.end())]
    spans: list[Span] = []
    marker: int | None = None
    for start, end in nupunkt.sent_spans(paragraph):
        piece = paragraph[start:end]
        if not piece.strip():
            continue
        trimmed_start = start + len(piece) - len(piece.lstrip())
        if marker is None and _LIST_MARKER.fullmatch(piece):
            marker = trimmed_start
            continue
        first = trimmed_start if marker is None else marker
        spans.append(Span(offset + first, offset + start + len(piece.rstrip())))
        marker = None
    if marker is not None:
        spans.append(Span(offset + marker, offset + len(paragraph.rstrip())))
    return spans
