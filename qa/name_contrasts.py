"""Another name that a sentence itself sets against its own: "at gate E, not at gate C".

One of the two is named as what it is not; only what is set apart as such ("…, not …", "and not,
as was first assumed, from …", "not … but …") counts: who "did not see Otto Lang" is no contrast.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.documents import Span
from index.sentences import sentence_around
from qa.agreement import same_answer
from qa.letters import CAPITAL
from qa.names import name_of
from qa.ranking import Candidate, Scored
from qa.words import stems

SHARE = 0.5  # of the confidence of the name that it is named beside
_NAME = re.compile(rf"[{CAPITAL}][\w'’-]*(?: (?:(?:of|de|van|von|al) )?[{CAPITAL}][\w'’-]*)*")
_FEW_WORDS = r"(?: [a-z]+){0,4}"
_NOT_AFTER = re.compile(
    rf"(?:,| and| but) not(?:, [^,;.]{{1,40}},)?{_FEW_WORDS} $|\b(?:rather than|instead of)"
    rf"{_FEW_WORDS} $"
)
_NOT_BEFORE = re.compile(r"\b[Nn]ot(?: (?:at|by|in|on|from|through|under|near|the|an?))* $")
_BUT = re.compile(rf"^,? but{_FEW_WORDS} $")


def contrasted_names(question: str, items: Sequence[Scored]) -> list[Scored]:
    """Names that the places of ``items`` set against the names there; each once, none of the
    question's."""
    asked = frozenset(stems(question))
    found: list[Scored] = []
    for item in items:
        for other in _beside(item):
            quote = other.candidate.quote
            known = (seen.candidate.quote for seen in (*items, *found))
            if not asked.issuperset(stems(quote)) and not any(same_answer(quote, k) for k in known):
                found.append(other)
    return found


def _beside(item: Scored) -> Iterator[Scored]:
    known = item.candidate
    passage = known.retrieved.passage
    start = known.span.start - passage.document_start
    own = Span(start, start + len(known.quote))
    if name_of(known.quote) is None:
        return
    text, sentence = passage.text, sentence_around(passage.text, own)
    for match in _NAME.finditer(text, sentence.start, sentence.end):
        other = Span(match.start(), match.end())
        if other.overlaps(own) or name_of(match.group()) is None:
            continue
        if _set_against(text, sentence, *sorted((own, other))):
            whole = Span(passage.document_start + other.start, passage.document_start + other.end)
            place = Candidate(known.retrieved, whole, match.group(), known.logit, known.margin)
            yield Scored(place, SHARE * item.confidence)


def _set_against(text: str, sentence: Span, first: Span, second: Span) -> bool:
    between = text[first.end : second.start]
    if _NAME.search(between):
        return False
    before = text[sentence.start : first.start]
    return bool(_NOT_AFTER.search(between)) or bool(
        _BUT.search(between) and _NOT_BEFORE.search(before)
    )
