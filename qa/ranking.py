"""From readings to candidate answers: offsets in the document, no overlaps, best first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.documents import RetrievedPassage, Span
from qa.reader import Reading
from qa.words import stems

_CHOICE = re.compile(r"\bor\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span that may be the answer, with all that its confidence is judged by.

    Attributes:
        span: offsets in the document's text.
        quote: the characters that the reader saw there.
        margin: the span's logit less the passage's no-answer logit.
    """

    retrieved: RetrievedPassage
    span: Span
    quote: str
    logit: float
    margin: float

    def overlaps(self, other: Candidate) -> bool:
        """Whether both hold some character of one document."""
        own, others = self.retrieved.passage, other.retrieved.passage
        return own.document_id == others.document_id and self.span.overlaps(other.span)


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate and the probability that it is right."""

    candidate: Candidate
    confidence: float


def candidates(
    question: str, retrieved: Sequence[RetrievedPassage], readings: Sequence[Reading]
) -> list[Candidate]:
    """One candidate per span that says something which the question does not.

    Args:
        readings: belong to ``retrieved`` one by one.
    """
    asked = frozenset(stems(question))
    found: list[Candidate] = []
    for item, reading in zip(retrieved, readings, strict=True):
        passage = item.passage
        for read in reading.spans:
            quote = passage.text[read.passage_start : read.passage_end]
            span = Span(
                passage.document_start + read.passage_start,
                passage.document_start + read.passage_end,
            )
            if _echoes(asked, question, quote):
                continue
            margin = read.logit - reading.no_answer_logit
            found.append(Candidate(item, span, quote, read.logit, margin))
    return found


def _echoes(asked: frozenset[str], question: str, quote: str) -> bool:
    """Whether a quote only repeats the question, or is all pronouns and the like.

    A question that offers a choice ("A or B?") holds its answer.
    """
    return asked.issuperset(stems(quote)) and not _CHOICE.search(question)


def drop_overlaps(scored: Sequence[Scored]) -> list[Scored]:
    """Best first; of spans that overlap in one document only the best is kept."""
    kept: list[Scored] = []
    for item in sorted(scored, key=lambda item: -item.confidence):
        if not any(item.candidate.overlaps(other.candidate) for other in kept):
            kept.append(item)
    return kept
