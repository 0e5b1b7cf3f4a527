"""A sentence as it is looked through for who says what, and what is found in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.documents import Span
from qa.reporting import Kind

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
BE = frozenset({"am", "is", "are", "was", "were", "be", "been", "being"})
HAVE = frozenset({"has", "have", "had"})
LINKS = frozenset({"and", "but", "or", "then", "yet"})
# Before a word that is both, these make it a noun: "such claims", "the report".
_BEFORE_NOUN = """
    the a an his her its their our my your this that these those such any no some all many several
    of from for to by with on in about press media news recent earlier false new other police
    initial official local according and or
"""
NOUN_MARK = frozenset(_BEFORE_NOUN.split())
BY = re.compile(r"^(?:\s+\w+ly)?\s+(?:by|from)\s+", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[;:]\s|\s[–—-]\s")


@dataclass(frozen=True, slots=True)
class Cue:
    """Something that attributes: who, by what word, and which stretches it covers.

    Attributes:
        noun: a noun of speech, whose owner is not the subject of the sentence.
        loose: covers the sentence as a whole ("according to"), less telling than a verb.
        direct: stands beside a quotation.
    """

    sentence: Span
    speaker: Span
    verb: Span
    kind: Kind
    reach: tuple[Span, ...]
    loose: bool = False
    noun: bool = False
    direct: bool = False

    def reaches(self, span: Span) -> bool:
        """Whether the span begins within reach, and is no part of speaker and verb alone."""
        return any(reach.start <= span.start < reach.end for reach in self.reach)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in its text, with the quotations that touch it."""

    text: str
    span: Span
    quotations: tuple[Span, ...]

    def quoted(self, at: int) -> bool:
        return any(q.start <= at < q.end for q in self.quotations)

    def clause_start(self, before: int) -> int:
        """Where the clause of ``before`` begins: the sentence, a quotation's end, a mark."""
        start = self.span.start
        for q in self.quotations:
            if q.end <= before:
                start = max(start, q.end)
        for mark in _CLAUSE_END.finditer(self.text, start, before):
            if not self.quoted(mark.start()):
                start = max(start, mark.end())
        return start

    def begin(self, at: int) -> int:
        """The sentence's begin, or that of a quotation that reaches into it and ends by ``at``."""
        return min([self.span.start, *(q.start for q in self.quotations if q.end <= at + 1)])

    def end(self, at: int) -> int:
        """The sentence's end, or that of a quotation that begins after ``at`` and goes on."""
        return max([self.span.end, *(q.end for q in self.quotations if q.start >= at)])

    def words_before(self, at: int, count: int = 4) -> list[str]:
        """Not those of a quotation: "It never was," | said Birk."""
        quoted = [q.end for q in self.quotations if q.end <= at]
        head = self.text[max(self.span.start, at - 60, *quoted) : at]
        return [match.group().lower() for match in WORD.finditer(head)][-count:]

    def rest(self, at: int) -> str:
        return self.text[at : self.span.end]


def is_passive(previous: list[str]) -> bool:
    words = [word for word in previous if not word.endswith("ly")]
    return bool(words) and words[-1] in BE
