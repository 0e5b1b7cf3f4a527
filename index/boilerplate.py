"""Marks page furniture: what a page shows around its article.

Nothing is cut. The marked ranges stay in the stored text, where offsets count them, and yield
no passages. The rules work on lines:

1. a line that is furniture by its wording (comment forms, share counters, picture credits, ...);
2. a heading of teasers or of an author box, with the lines that belong to it;
3. a long line that repeats an earlier one of the same document;
4. lists and bars of links that hold no sentence, see `index.links`;
5. a number or a short label that stands between or beside such lines;
6. at head and tail, lines that other documents of the same site show too. In the middle they
   stay: a clause that many contracts share is what people ask for.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence

from index.documents import Span
from index.furniture_lines import heads_author_box, heads_teasers, is_furniture
from index.lines import physical_lines
from index.links import mark_links
from index.site_edges import LONG_LINE, both_ways, edge_of, key_of, mark_edges

_LABEL_AT_MOST = 60
_BIO_AT_LEAST = 80

_MASTHEAD = re.compile(r"\beditor[- ]in[- ]chief (?:of|at)\b", re.IGNORECASE)
_REACTION = re.compile(
    r"(?:happy|sad|excited|sleepy|angry|surprised?|love|like|dislike|wow|haha|funny|cry|shocked)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[\s%.,/|]*\d[\d\s%.,/|]*")
_ENDS_SENTENCE = re.compile(r"[.!?][\"'”’)\]]*$")
_TRAILS_OFF = re.compile(r"(?:\.\.\.|…|\[…\]|\[\.\.\.\])$")


def furniture(
    text: str, repeated: Collection[bytes] = (), links: Sequence[Span] = ()
) -> tuple[Span, ...]:
    """The marked ranges of ``text``, in order, not touching each other.

    Args:
        repeated: those of the `block_keys` that several documents of the site have.
        links: ranges of ``text`` that its format makes links; Markdown's own are found anyway.
    """
    lines = physical_lines(text)
    words = [text[line.start : line.end] for line in lines]
    marked = _marks(lines, words, links)
    if repeated and mark_edges(words, marked, repeated):
        _mark_neighbours(words, marked)
    return _ranges(lines, marked)


def block_keys(text: str, links: Sequence[Span] = ()) -> list[bytes]:
    """Keys, 8 bytes each, of the lines that may prove to be furniture of the document's site.

    These are the first six and the last six lines that are no furniture by themselves. A line
    counts as its site's once it stands in several documents that are no copies of each other.
    """
    lines = physical_lines(text)
    words = [text[line.start : line.end] for line in lines]
    marked = _marks(lines, words, links)
    edges = (edge_of(words, marked, order) for order in both_ways(words))
    return list(dict.fromkeys(key_of(words[i]) for edge in edges for i in edge))


def _marks(lines: Sequence[Span], words: Sequence[str], links: Sequence[Span]) -> list[bool]:
    """What the document alone tells, line by line."""
    marked = [is_furniture(line) for line in words]
    _mark_reactions(words, marked)
    _mark_teasers(words, marked)
    _mark_author_boxes(words, marked)
    _mark_repeats(words, marked)
    mark_links(words, _links_of(lines, links), marked)
    _mark_neighbours(words, marked)
    _mark_masthead(words, marked)
    return marked


def _mark_reactions(words: Sequence[str], marked: list[bool]) -> None:
    """Rows of a reaction widget: three of its labels or more, each a whole line."""
    rows = [i for i, line in enumerate(words) if _REACTION.fullmatch(line)]
    if len({words[i].lower() for i in rows}) >= 3:
        for i in rows:
            marked[i] = True


def _mark_teasers(words: Sequence[str], marked: list[bool]) -> None:
    """A heading such as "Related stories", and all below it up to a whole paragraph."""
    inside = False
    for i, line in enumerate(words):
        if heads_teasers(line):
            inside = True
        elif inside and _ENDS_SENTENCE.search(line) and not _TRAILS_OFF.search(line):
            inside = False
        if inside:
            marked[i] = True


def _mark_author_boxes(words: Sequence[str], marked: list[bool]) -> None:
    """A heading such as "About the author", the name below it and one paragraph."""
    inside = False
    for i, line in enumerate(words):
        if heads_author_box(line):
            inside = True
        if inside:
            marked[i] = True
            inside = len(line) < _BIO_AT_LEAST


def _mark_repeats(words: Sequence[str], marked: list[bool]) -> None:
    seen: set[str] = set()
    for i, line in enumerate(words):
        key = " ".join(line.casefold().split())
        if len(key) >= LONG_LINE and key in seen:
            marked[i] = True
        seen.add(key)


def _links_of(lines: Sequence[Span], links: Sequence[Span]) -> list[list[Span]]:
    """Of each line, the parts of it that are links, counted from its start."""
    inside: list[list[Span]] = [[] for _ in lines]
    starts = [line.start for line in lines]
    for link in sorted(links):
        for i in range(max(0, bisect_right(starts, link.start) - 1), len(lines)):
            line = lines[i]
            if line.start >= link.end:
                break
            if line.overlaps(link):
                start, end = max(line.start, link.start), min(line.end, link.end)
                inside[i].append(Span(start - line.start, end - line.start))
    return inside


def _mark_neighbours(words: Sequence[str], marked: list[bool]) -> None:
    """Bare numbers beside furniture, and short labels between two pieces of it."""
    for order in both_ways(words):
        for i in order:
            if not marked[i] and _NUMBER.fullmatch(words[i]) and any(_around(marked, i)):
                marked[i] = True
    for i, line in enumerate(words):
        label = len(line) <= _LABEL_AT_MOST and not _ENDS_SENTENCE.search(line)
        if label and i > 0 and all(_around(marked, i)):
            marked[i] = True


def _mark_masthead(words: Sequence[str], marked: list[bool]) -> None:
    """The outlet's own line directly above the furniture that closes the page."""
    last = max((i for i, is_marked in enumerate(marked) if not is_marked), default=-1)
    if 0 < last < len(words) - 1 and _MASTHEAD.search(words[last]):
        marked[last] = True


def _around(marked: Sequence[bool], i: int) -> list[bool]:
    """The marks of the neighbours; beyond an end of the document counts as unmarked."""
    return [0 <= j < len(marked) and marked[j] for j in (i - 1, i + 1)]


def _ranges(lines: Sequence[Span], marked: Sequence[bool]) -> tuple[Span, ...]:
    ranges: list[Span] = []
    previous = False
    for line, is_marked in zip(lines, marked, strict=True):
        if is_marked and previous:
            ranges[-1] = Span(ranges[-1].start, line.end)
        elif is_marked:
            ranges.append(line)
        previous = is_marked
    return tuple(ranges)
