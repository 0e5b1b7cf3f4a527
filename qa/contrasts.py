"""Another number that a source itself names beside its own: "34, not 40 as reported earlier".

Corrections, retractions and rebuttals name both sides. The other number is found in the words
around the one that answers: of the same unit, or of none, with words between or beside the two
that set them against each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.documents import Span
from index.sentences import sentence_spans
from qa.agreement import meaning
from qa.quantities import Quantity, quantities
from qa.ranking import Candidate, Scored

SHARE = 0.5  # of the confidence of the number that it is named beside
_LARGER_AT_MOST = 20  # times
_AGAINST = re.compile(
    r"\b(?:not(?: (?:at|by|on|in|from|of|the|some|about|as))?|rather than|instead of|up from"
    r"|down from|corrected (?:it |this )?(?:from|to)|revised (?:it |this )?(?:from|to))\s+$",
    re.IGNORECASE,
)
_SET_RIGHT = re.compile(
    r"^\W*(?:it (?:is|was)|there (?:is|was|were)"
    r"|the (?:correct|true|right|actual|real) \w+ (?:is|was))\s+(?:only |just )?$",
    re.IGNORECASE,
)
_WITH_COLON = re.compile(r"\d+(?::\d+)+")
_YEARS = range(1800, 2101)


def contrasted(items: Sequence[Scored]) -> list[Scored]:
    """What the places of ``items`` set against the numbers there; each value once."""
    found: list[Scored] = []
    for item in items:
        for other in _beside(item):
            said = meaning(other.candidate.quote)
            known = (meaning(seen.candidate.quote) for seen in (*items, *found))
            if not any(said.meets(seen) for seen in known):
                found.append(other)
    return found


def _beside(item: Scored) -> list[Scored]:
    candidate = item.candidate
    passage = candidate.retrieved.passage
    own = Span(
        candidate.span.start - passage.document_start, candidate.span.end - passage.document_start
    )
    sentences = sentence_spans(passage.text)
    at = next((i for i, s in enumerate(sentences) if s.start <= own.start < s.end), None)
    if at is None:
        return []
    counted = _counted(passage.text, sentences[at])
    said = next((what for span, what in counted if span.overlaps(own)), None)
    others = [
        (span, what)
        for span, what in counted
        if not span.overlaps(own) and _set_against(passage.text, sentences[at], own, span)
    ]
    for after in sentences[at + 1 : at + 2]:
        others += [
            (span, what)
            for span, what in _counted(passage.text, after)
            if _SET_RIGHT.search(passage.text[after.start : span.start])
        ]
    return [_scored(item, span) for span, what in others if said and _compares(said, what)]


def _counted(text: str, sentence: Span) -> list[tuple[Span, Quantity]]:
    """The numbers of a sentence; the 5 and the 45 of 5:45 are none."""
    own = text[sentence.start : sentence.end]
    clocks = [Span(*match.span()) for match in _WITH_COLON.finditer(own)]
    found = ((Span(start, end), what) for start, end, what in quantities(own))
    return [
        (Span(sentence.start + span.start, sentence.start + span.end), what)
        for span, what in found
        if not any(span.overlaps(clock) for clock in clocks)
    ]


def _set_against(text: str, sentence: Span, own: Span, other: Span) -> bool:
    """Whether one of the two is named as what it is not; either may come first."""
    later = max(own, other)
    between = text[min(own, other).end : later.start]
    earlier = text[sentence.start : min(own, other).start]
    but = re.search(r"\bbut\b", between) is not None
    return bool(_AGAINST.search(between)) or (but and bool(_AGAINST.search(earlier)))


def _compares(said: Quantity, other: Quantity) -> bool:
    if said.value == other.value or (not other.units and int(other.value) in _YEARS):
        return False
    if said.units and other.units and not said.units & other.units:
        return False
    small, large = sorted((abs(said.value), abs(other.value)))
    return large <= small * _LARGER_AT_MOST


def _scored(item: Scored, span: Span) -> Scored:
    passage = item.candidate.retrieved.passage
    found = Span(passage.document_start + span.start, passage.document_start + span.end)
    quote = passage.text[span.start : span.end]
    known = item.candidate
    candidate = Candidate(known.retrieved, found, quote, known.logit, known.margin)
    return Scored(candidate, SHARE * item.confidence)
