"""Which answers a question gets, and what they are to each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qa.agreement import group, same_answer
from qa.answers import Relation
from qa.citations import Citer
from qa.confidence import Calibrator
from qa.conversation import Resolved
from qa.differences import by_source, differing
from qa.question_words import asks_for_several, source_asked
from qa.ranking import Candidate, Scored
from qa.reporting import Kind, alike, asked_kind, opposite
from qa.words import stems

VERB_WEIGHT = 1.5  # log-odds; orders what a question by "denied", "confirmed" is answered with
DIFFERING_AT_MOST = 4
SURELY_DIFFERENT = 0.25  # where no answer is sure
NEARLY = 0.5  # of the confidence that an answer needs, where places bear each other out
TORN = 0.7  # the same, where sources outdo each other


@dataclass(frozen=True, slots=True)
class Findings:
    """Groups of places that give one answer each, best first, and their relation."""

    groups: tuple[tuple[Scored, ...], ...]
    relation: Relation


def find(
    asked: Resolved,
    scored: Sequence[Scored],
    candidates: Sequence[Candidate],
    citer: Citer,
    calibrator: Calibrator,
    *,
    min_confidence: float,
) -> Findings:
    """The answers to ``asked.resolved`` among what was read.

    Args:
        scored: without overlaps, best first.
        candidates: all that were read; sources are asked one by one among them.
        min_confidence: of a place that may be an answer.
    """
    question = asked.resolved
    sure = [item for item in scored if item.confidence >= min_confidence]
    if asked.other_than:
        sure = [item for item in sure if not _given(item.candidate.quote, asked.other_than)]
        candidates = [c for c in candidates if not _given(c.quote, asked.other_than)]
    if not sure:
        return _rivals(question, candidates, calibrator, citer, min_confidence)
    speaker = source_asked(question)
    sure = _by_verb(asked_kind(question), _by_speaker(speaker, sure, citer), citer)
    groups = group(sure)
    if asks_for_several(question):
        return _findings(groups, Relation.LIST if len(groups) > 1 else Relation.ONE)
    if speaker:
        return _findings(groups, Relation.ONE)
    others = differing(question, sure[0], candidates, calibrator, citer.vectors)
    others = others[:DIFFERING_AT_MOST]
    if not others:
        return _findings(groups, Relation.ONE)
    return _findings(group([sure[0], *others, *_new(sure[1:], others)]), Relation.DIFFER)


def _rivals(
    question: str,
    candidates: Sequence[Candidate],
    calibrator: Calibrator,
    citer: Citer,
    min_confidence: float,
) -> Findings:
    """Sources that would be believed one by one, and are not only because they differ."""
    alone = by_source(question, candidates, calibrator)
    if not alone or alone[0].confidence < TORN * min_confidence or asks_for_several(question):
        return Findings((), Relation.ONE)
    others = differing(question, alone[0], candidates, calibrator, citer.vectors)
    others = [o for o in others[:DIFFERING_AT_MOST] if o.confidence >= SURELY_DIFFERENT]
    if not others:
        return Findings((), Relation.ONE)
    speaker = source_asked(question)
    if speaker:
        of_speaker = [i for i in (alone[0], *others) if _is_of(speaker, i, citer)]
        return _findings(group(of_speaker), Relation.ONE)
    return _findings(group([alone[0], *others]), Relation.DIFFER)


def _findings(groups: Sequence[Sequence[Scored]], relation: Relation) -> Findings:
    return Findings(tuple(map(tuple, groups)), relation)


def _given(quote: str, answers: Sequence[str]) -> bool:
    return any(same_answer(quote, answer) for answer in answers)


def _by_speaker(speaker: str | None, sure: list[Scored], citer: Citer) -> list[Scored]:
    """Of "according to Ada Lind": first what the text attributes to her."""
    if speaker is None:
        return sure
    return sorted(sure, key=lambda item: _is_of(speaker, item, citer), reverse=True)


def _is_of(speaker: str, item: Scored, citer: Citer) -> bool:
    found = citer.attribution(item)
    if found is None:
        return False
    text = citer.document(item.candidate.retrieved.passage.document_id).text
    who = text[found.who.start : found.who.end]
    words = frozenset(stems(speaker))
    return same_answer(who, speaker) or (bool(words) and words <= frozenset(stems(who)))


def _by_verb(kind: Kind | None, sure: list[Scored], citer: Citer) -> list[Scored]:
    """Of a question by "denied": who denies goes up, who confirms goes down."""
    if kind is None:
        return sure

    def strength(item: Scored) -> float:
        odds = math.log(max(item.confidence, 1e-9) / max(1 - item.confidence, 1e-9))
        found = citer.attribution(item)
        if found is not None and alike(found.kind, kind):
            return odds + VERB_WEIGHT
        if found is not None and opposite(found.kind, kind):
            return odds - VERB_WEIGHT
        return odds

    return sorted(sure, key=strength, reverse=True)


def _new(more: Sequence[Scored], known: Sequence[Scored]) -> list[Scored]:
    """Those of ``more`` that are not among the known already."""
    return [
        item
        for item in more
        if not any(item.candidate.overlaps(other.candidate) for other in known)
    ]
