"""Where a source stands on a claim: for questions that ask whether something is so.

Nobody here answers yes or no. Each cited sentence that is about the claim has a stance: its
speaker denies the claim, confirms it, says or only reports it, or would not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from index.documents import Span
from index.sentences import sentence_around
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


def _said(text: str, sentence: Span, attribution: Attribution | None) -> str:
    """The sentence without the speaker and the verb: "No Name Ltd" denies nothing."""
    words = text[sentence.start : sentence.end]
    if attribution is None:
        return words
    for span in (attribution.speaker, attribution.verb):
        words = words.replace(text[span.start : span.end], " ", 1)
    return words


def _about(text: str, sentence: Span, question: str) -> bool:
    asked = set(stems(question)) - reporting_stems() - _TRUTH
    if not asked:
        return True
    here = set(stems(text[sentence.start : sentence.end]))
    near = set(stems(text[max(0, sentence.start - _AROUND) : sentence.end + _AROUND]))
    return len(asked & near) >= _ABOUT_AT_LEAST * len(asked) and len(
        asked & here
    ) >= _IN_SENTENCE_AT_LEAST * len(asked)
