"""Head and tail of a document: lines that other documents of its site show too.

In the middle such lines stay: a clause that many contracts share is what people ask for.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence

LONG_LINE = 40  # characters; shorter lines repeat for good reasons
_EDGE_LINES = 6  # of a document's head, and of its tail, that may prove to be its site's
_EDGE_LINE_AT_MOST = 1_000  # characters
_EDGES_AT_MOST = 0.5  # of the text; where more repeats, documents are made from one template
# "12. Governing law", "(a)", "§ 5", "Article 7": part of what the document says.
_CLAUSE = re.compile(
    r"\W{0,3}(?:\d{1,3}(?:\.\d{1,3})*|[a-z]|[ivx]{1,5})[.)]\s|§|(?:article|section|clause)\s+\d",
    re.IGNORECASE,
)


def mark_edges(words: Sequence[str], marked: list[bool], repeated: Collection[bytes]) -> list[int]:
    """What the site repeats, from the first line on and from the last one back."""
    found: list[int] = []
    for order in both_ways(words):
        run: list[int] = []
        for i in edge_of(words, marked, order):
            if key_of(words[i]) not in repeated:
                break
            run.append(i)
        found += _up_to_a_long_one(words, run)
    left = sum(len(line) for line, is_marked in zip(words, marked, strict=True) if not is_marked)
    found = list(dict.fromkeys(found))
    if sum(len(words[i]) for i in found) > _EDGES_AT_MOST * left:
        return []
    for i in found:
        marked[i] = True
    return found


def edge_of(words: Sequence[str], marked: Sequence[bool], order: range) -> list[int]:
    """The first lines in ``order`` that are not marked, up to one that is no candidate."""
    edge: list[int] = []
    for i in order:
        if marked[i]:
            continue
        clause = _CLAUSE.match(words[i])
        if len(edge) == _EDGE_LINES or len(words[i]) > _EDGE_LINE_AT_MOST or clause:
            break
        edge.append(i)
    return edge


def _up_to_a_long_one(words: Sequence[str], run: Sequence[int]) -> list[int]:
    """Short lines repeat for good reasons, unless a long one follows that repeats too."""
    long = [place for place, i in enumerate(run) if len(words[i]) >= LONG_LINE]
    return list(run[: long[-1] + 1]) if long else []


def both_ways(words: Sequence[str]) -> tuple[range, range]:
    return range(len(words)), range(len(words) - 1, -1, -1)


def key_of(line: str) -> bytes:
    plain = " ".join(line.casefold().split())
    return hashlib.blake2b(plain.encode(), digest_size=8).digest()
