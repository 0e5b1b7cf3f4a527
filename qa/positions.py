"""Where a source stands on a claim: for questions that ask whether something is so.

Nobody here answers yes or no. Each cited sentence that is about the claim has a stance: its
speaker denies the claim, confirms it, says or only reports it, or would not say.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from index.documents import Span
from index.sentences import sentence_around, sentence_spans
from qa.attribution import Attribution, attribute
from qa.reporting import Kind, denies_without_a_verb, reporting_stems
from qa.words import stems

_ABOUT_AT_LEAST = 0.4  # of the claim's words in the sentence and what stands around it
_IN_SENTENCE_AT_LEAST = 0.2
_AROUND = 300
_TRUTH = frozenset(stems("true really actually fact correct right case"))


class Stance(StrEnum):
    """How a sentence stands to the claim that a question asks about."""

    DENIES = "denies"
    CONFIRMS = "confirms"
    SAYS = "says"
    REPORTS = "reports"
    DECLINES = "declines"


@dataclass(frozen=True, slots=True)
class Position:
    """A stance and who takes it; without an attribution it is the text's own."""

    stance: Stance
    attribution: Attribution | None


@dataclass(frozen=True, slots=True)
class Stand:
    """A sentence with the position it takes.

    Attributes:
        place: the number of the place it is from.
        relevance: how much of the claim it is about, for sorting only.
    """

    place: int
    sentence: Span
    position: Position
    relevance: float


# Who denies or confirms has the claim in mind; who merely says something may not.
_BONUS = {
    Stance.DENIES: 0.2,
    Stance.CONFIRMS: 0.2,
    Stance.SAYS: 0.0,
    Stance.REPORTS: 0.0,
    Stance.DECLINES: 0.1,
}
_BY_KIND = {
    Kind.DENIES: Stance.DENIES,
    Kind.REJECTS: Stance.DENIES,
    Kind.CONFIRMS: Stance.CONFIRMS,
    Kind.ADMITS: Stance.CONFIRMS,
    Kind.FINDS: Stance.CONFIRMS,
    Kind.REPORTS: Stance.REPORTS,
    Kind.DECLINES: Stance.DECLINES,
}


def position(text: str, span: Span, question: str) -> Position | None:
    """The stance of the sentence at ``span`` on the claim in ``question``; None if it is about
    something else."""
    sentence = sentence_around(text, span)
    if not _about(text, sentence, question):
        return None
    attribution = attribute(text, span)
    kind = attribution.kind if attribution else Kind.REPORTS
    stance = _BY_KIND.get(kind, Stance.SAYS)
    if stance in {Stance.DENIES, Stance.DECLINES}:
        return Position(stance, attribution)
    negated = denies_without_a_verb(_said(text, sentence, attribution))
    if negated != denies_without_a_verb(question):
        stance = Stance.DENIES
    return Position(stance, attribution)


def positions(question: str, places: Sequence[tuple[str, Span]]) -> list[Stand]:
    """Every sentence in ``places`` that takes a position on the claim, the nearest to it first.

    Args:
        places: texts of documents, each with the passage of it that was retrieved.
    """
    asked = _claim(question)
    sentences = [
        (number, text, sentence, frozenset(stems(text[sentence.start : sentence.end])))
        for number, (text, passage) in enumerate(places)
        for sentence in _sentences(text, passage)
    ]
    weights = _weights(asked, [words for *_, words in sentences])
    found: list[Stand] = []
    for number, text, sentence, words in sentences:
        share = sum(weights[stem] for stem in asked & words)
        if not asked or share < _IN_SENTENCE_AT_LEAST:
            continue
        taken = position(text, sentence, question)
        if taken is not None and taken.attribution is not None:
            found.append(Stand(number, sentence, taken, share + _BONUS[taken.stance]))
    return sorted(found, key=lambda stand: -stand.relevance)


def _sentences(text: str, passage: Span) -> list[Span]:
    return [
        Span(passage.start + s.start, passage.start + s.end)
        for s in sentence_spans(text[passage.start : passage.end])
    ]


def _claim(question: str) -> frozenset[str]:
    return frozenset(stems(question)) - reporting_stems() - _TRUTH


def _weights(asked: frozenset[str], sentences: Sequence[frozenset[str]]) -> dict[str, float]:
    """Shares of the claim's words, which add to 1; rarer words weigh more."""
    raw = {
        stem: math.log((len(sentences) + 1) / (sum(stem in words for words in sentences) + 0.5))
        for stem in sorted(asked)
    }
    total = sum(raw.values())
    return {stem: weight / total if total > 0 else 0.0 for stem, weight in raw.items()}


def _said(text: str, sentence: Span, attribution: Attribution | None) -> str:
    """The sentence without the speaker and the verb: "No Name Ltd" denies nothing."""
    words = text[sentence.start : sentence.end]
    if attribution is None:
        return words
    for span in (attribution.speaker, attribution.verb):
        words = words.replace(text[span.start : span.end], " ", 1)
    return words


def _about(text: str, sentence: Span, question: str) -> bool:
    asked = _claim(question)
    if not asked:
        return True
    here = set(stems(text[sentence.start : sentence.end]))
    near = set(stems(text[max(0, sentence.start - _AROUND) : sentence.end + _AROUND]))
    return len(asked & near) >= _ABOUT_AT_LEAST * len(asked) and len(
        asked & here
    ) >= _IN_SENTENCE_AT_LEAST * len(asked)
