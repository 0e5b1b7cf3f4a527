"""Where a source stands on a claim: for questions that ask whether something is so.

Nobody here answers yes or no. Each cited sentence that is about the claim has a stance: its
speaker denies the claim, confirms it, says or only reports it, or would not say.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from index.documents import Span
from index.sentences import sentence_around, sentence_spans
from qa.attribution import Attribution, attribute
from qa.question_words import names_in
from qa.reporting import Kind, alike, denies_without_a_verb, reporting_stems
from qa.words import stems

_WORD = re.compile(r"\w+(?:[.,]\d+)*")
_ABOUT_AT_LEAST = 0.4  # of the claim's words in the sentence and what stands around it
_IN_SENTENCE_AT_LEAST = 0.2
_ABOUT_ALONE = 0.25  # a sentence with so much of the claim needs no more around it
_OF_ITS_OWN = 0.5  # of the claim in a sentence that is nobody's but the text's
_BESIDE_THE_BEST = 0.4  # of the most that any sentence holds of the claim
_AROUND = 600  # characters
_LEFT_OUT = reporting_stems() | frozenset(stems("true really actually fact correct right case"))
_ROOT = 5


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
_MALUS = -0.3  # for what nobody is named for
# What only passes on what others say.
_HEARSAY = re.compile(r"\b(?:reports|rumou?rs|media|press|publications)$", re.IGNORECASE)
# Not to exclude a thing is not to deny it.
_LEFT_OPEN = re.compile(
    r"\b(?:not|never|cannot|\w+n['’]t)\b(?:\s\w+){0,2}?\s(?:ruled? out|excluded?|deny|denied)\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(
    r"[,;.\n]|\s(?:after|although|but|when|while|despite|before|even though)\s"
)
_CLAUSE_WORDS = 4
_BY_KIND = {
    Kind.DENIES: Stance.DENIES,
    Kind.REJECTS: Stance.DENIES,
    Kind.CONFIRMS: Stance.CONFIRMS,
    Kind.ADMITS: Stance.CONFIRMS,
    Kind.FINDS: Stance.CONFIRMS,
    Kind.REPORTS: Stance.REPORTS,
    Kind.DECLINES: Stance.DECLINES,
}


def takes(kind: Kind, position: Position) -> bool:
    """Whether who denies, of a question by "denied", is meant by it."""
    if _BY_KIND.get(kind) in {Stance.DENIES, Stance.CONFIRMS}:
        return position.stance is _BY_KIND[kind]
    return position.attribution is not None and alike(kind, position.attribution.kind)


def position(text: str, span: Span, question: str) -> Position | None:
    """The stance of the sentence at ``span`` on the claim in ``question``; None if it is about
    something else."""
    sentence = sentence_around(text, span)
    asked = _claim(question)
    if not _about(text, sentence, asked):
        return None
    attribution = _attribution(text, sentence, asked) or attribute(text, span)
    return _position(text, sentence, attribution, question)


def _position(
    text: str, sentence: Span, attribution: Attribution | None, question: str
) -> Position:
    kind = attribution.kind if attribution else Kind.REPORTS
    stance = _BY_KIND.get(kind, Stance.SAYS)
    if stance in {Stance.DENIES, Stance.DECLINES}:
        return Position(stance, attribution)
    who = text[attribution.who.start : attribution.who.end] if attribution else ""
    if stance is Stance.SAYS and _HEARSAY.search(who):
        stance = Stance.REPORTS
    said = _LEFT_OPEN.sub("", _said(text, sentence, attribution))
    negated = denies_without_a_verb(said)
    if negated != denies_without_a_verb(question):
        stance = Stance.DENIES
    return Position(stance, attribution)


def _attribution(text: str, sentence: Span, asked: frozenset[str]) -> Attribution | None:
    """Who says what the claim's words in the sentence say: who denies or confirms it rather than
    who is only mentioned, else whose verb comes first."""
    found = [
        attribution
        for word in _WORD.finditer(text, sentence.start, sentence.end)
        if asked & _roots(word.group())
        and (attribution := attribute(text, Span(word.start(), word.end())))
    ]
    return min(found, key=lambda a: (a.kind not in _BY_KIND, a.verb.start), default=None)


def positions(question: str, places: Sequence[tuple[str, Span]]) -> list[Stand]:
    """Every sentence in ``places`` that takes a position on the claim, the nearest to it first.

    Args:
        places: texts of documents, each with the passage of it that was retrieved.
    """
    asked = _claim(question)
    sentences = [
        (number, text, sentence, _roots(text[sentence.start : sentence.end]))
        for number, (text, passage) in enumerate(places)
        for sentence in _sentences(text, passage)
    ]
    weights = _weights(asked, [words for *_, words in sentences])
    shares = [sum(weights[stem] for stem in asked & words) for *_, words in sentences]
    least = max(_IN_SENTENCE_AT_LEAST, _BESIDE_THE_BEST * max(shares, default=0.0))
    found: list[Stand] = []
    for (number, text, sentence, _), share in zip(sentences, shares, strict=True):
        if not asked or share < least:
            continue
        if share < _ABOUT_ALONE and not _about(text, sentence, asked):
            continue
        attribution = _attribution(text, sentence, asked)
        if attribution is None and not _states(text, sentence, share):
            continue
        taken = _position(text, sentence, attribution, question)
        lent = _BONUS[taken.stance] if attribution else _MALUS
        found.append(Stand(number, sentence, taken, share + lent))
    return sorted(found, key=lambda stand: -stand.relevance)


def _states(text: str, sentence: Span, share: float) -> bool:
    """Whether the text itself says what is asked; a headline that asks it does not."""
    return share >= _OF_ITS_OWN and not text[sentence.start : sentence.end].endswith("?")


def names_nobody_else(question: str, texts: Sequence[str]) -> bool:
    """Whether every name in the claim is in some text; a claim about others is another claim."""
    held = frozenset().union(*map(_roots, texts))
    return all(held & roots for name in names_in(question) if (roots := _roots(name)))


def _sentences(text: str, passage: Span) -> list[Span]:
    return [
        Span(passage.start + s.start, passage.start + s.end)
        for s in sentence_spans(text[passage.start : passage.end])
    ]


def _claim(question: str) -> frozenset[str]:
    return _roots(" ".join(stem for stem in stems(question) if stem not in _LEFT_OUT))


def _roots(text: str) -> frozenset[str]:
    """Stems cut short, so that Korea and Korean are one."""
    return frozenset(stem[:_ROOT] for stem in stems(text))


def _weights(asked: frozenset[str], sentences: Sequence[frozenset[str]]) -> dict[str, float]:
    """Shares of the claim's words, which add to 1; rarer words weigh more.

    What no sentence holds weighs as much as what one holds: a claim that is half about
    something else is not this claim.
    """
    counts = {stem: sum(stem in words for words in sentences) for stem in sorted(asked)}
    raw = {
        stem: math.log((len(sentences) + 1) / (max(count, 1) + 0.5))
        for stem, count in counts.items()
    }
    total = sum(raw.values())
    return {stem: weight / total if total > 0 else 0.0 for stem, weight in raw.items()}


def _said(text: str, sentence: Span, attribution: Attribution | None) -> str:
    """The clause that is attributed: after the verb up to a comma, else what stands before it."""
    if attribution is None:
        return text[sentence.start : sentence.end]
    after = text[min(attribution.verb.end, sentence.end) : sentence.end]
    clause = _CLAUSE_END.split(after.lstrip(" ,:"), maxsplit=1)[0]
    before = text[sentence.start : max(sentence.start, attribution.speaker.start)]
    inverted = attribution.speaker.start >= attribution.verb.end
    return before if inverted or len(clause.split()) < _CLAUSE_WORDS else clause


def _about(text: str, sentence: Span, asked: frozenset[str]) -> bool:
    if not asked:
        return True
    here = _roots(text[sentence.start : sentence.end])
    near = _roots(text[max(0, sentence.start - _AROUND) : sentence.end + _AROUND])
    return len(asked & near) >= _ABOUT_AT_LEAST * len(asked) and len(
        asked & here
    ) >= _IN_SENTENCE_AT_LEAST * len(asked)
