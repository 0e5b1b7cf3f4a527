"""What full-text search is asked: the telling words of a question, and how much they can weigh."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

_WORD = re.compile(r"\w+")
_WORDS_AT_MOST = 32

# SQLite's bm25() has these fixed: k1, and what a word in half of all passages or more weighs.
K1 = 1.2
LEAST_WEIGHT = 1e-6

# Function words and question words: they match nearly every passage and tell none apart.
_STOP_WORDS = """
    a about after all also am an and any are as at be because been before being between both but
    by can could did do does doing for from had has have having he her hers him his how i if in
    into is it its just many me more most much my no nor not of off on once only or other our
    out over own same she should so some such than that the their them then there these they
    this those through to too under until up very was we were what when where which while who
    whom whose why will with would you your s t
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True, slots=True)
class Terms:
    """Phrases of FTS5, each in quotes, none twice.

    Attributes:
        words: the telling words of the query; all of them where it has no other.
        pairs: telling words that stand side by side in the query, as phrases of two.
    """

    words: tuple[str, ...]
    pairs: tuple[str, ...]


def terms(query: str) -> Terms:
    """Two words that stand side by side count a third time where they do so in a passage.

    It is the sequential dependence model of Metzler & Croft 2005, without its unordered windows.
    """
    said = [word.lower() for word in _WORD.findall(query)]
    words = list(dict.fromkeys(said))
    words = ([word for word in words if word not in STOP_WORDS] or words)[:_WORDS_AT_MOST]
    telling = set(words) - STOP_WORDS
    pairs = dict.fromkeys((a, b) for a, b in pairwise(said) if a in telling and b in telling)
    return Terms(tuple(f'"{word}"' for word in words), tuple(f'"{a} {b}"' for a, b in pairs))


def any_of(phrases: Mapping[str, int] | tuple[str, ...]) -> str:
    """The FTS5 expression that a passage with one of the phrases fits."""
    return " OR ".join(phrases)


def match_expression(query: str) -> str:
    """An FTS5 expression: any of the query's words, each quoted, stop words left out."""
    return any_of(terms(query).words)


def rarest(counts: Mapping[str, int], rows: int) -> tuple[str, ...]:
    """The rarest of the phrases, as many as stand in no more than ``rows`` passages in sum.

    The rarest of all is always among them. ``counts`` tells in how many passages each stands.
    """
    chosen: list[str] = []
    total = 0
    for phrase in sorted(counts, key=lambda phrase: (counts[phrase], phrase)):
        total += counts[phrase]
        if chosen and total > rows:
            break
        chosen.append(phrase)
    return tuple(chosen)


def most(counts: Mapping[str, int], passages: int) -> float:
    """What FTS5's BM25 of these phrases stays below, however often a passage repeats them.

    Args:
        counts: in how many of the passages each phrase stands.
    """
    return (K1 + 1) * sum(weight(count, passages) for count in counts.values())


def weight(count: int, passages: int) -> float:
    """FTS5's weight of a phrase that stands in ``count`` of the passages."""
    return max(math.log((max(passages, count) - count + 0.5) / (count + 0.5)), LEAST_WEIGHT)
