"""Who says that something is so, who denies it, and who only reports it, each cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.documents import RetrievedPassage, Span
from qa.agreement import same_answer
from qa.answers import Standpoint
from qa.bearing import SAYS_SOMETHING, Likeness, Sentence, bearings, likely, read_sentences
from qa.citations import Citer, cite
from qa.claims import names_nobody_else
from qa.findings import NEARLY
from qa.positions import Position, Stand, positions, takes
from qa.ranking import Scored
from qa.reporting import Kind
from qa.stories import same_story

SHOWN = 5
_COVERED = 0.45  # of the words of the claim in one sentence
_COVERED_AND_SURE = 0.8  # with the confidence of what the reader found
_LOOKED_AT = 10
_CONFIDENCE_WEIGHT = 0.2  # of a passage, beside relevance, which is about 0 to 1


def about_others(question: str, passages: Sequence[RetrievedPassage]) -> bool:
    """Whether the claim names somebody whom the passages do not."""
    texts = [f"{item.passage.title} {item.passage.text}" for item in passages]
    return not names_nobody_else(question, texts)


def standpoints(
    question: str,
    passages: Sequence[RetrievedPassage],
    scored: Sequence[Scored],
    citer: Citer,
    likeness: Likeness,
    *,
    min_confidence: float,
    kind: Kind,
) -> tuple[Standpoint, ...]:
    """Who takes the stance that a question by such a verb asks for: "who denied ...?".

    The nearest to the claim first; of each speaker in a source one of each stance. The confidence
    of each is how likely its sentence speaks to the claim.

    None at all where the reader found nothing in the passages.

    Args:
        scored: what the reader found in the passages, best first; a sentence goes before others
            by the best that was found in its passage.
        min_confidence: what an answer needs; the best must come near it.
        kind: of the verb.
    """
    if not scored or scored[0].confidence < NEARLY * min_confidence:
        return ()
    found: list[Standpoint] = []
    best = scored[0].candidate
    told = same_story(question, best, [item.passage for item in passages], citer.vectors)
    ordered = _ordered(question, passages, scored, citer, kind)
    most = max((stand.share for stand in ordered), default=0.0)
    if most < _COVERED or most + scored[0].confidence < _COVERED_AND_SURE:
        return ()  # a claim that is half about something else is another claim
    for stand in ordered:
        if len(found) == _LOOKED_AT:
            break
        if not takes(kind, stand.position):
            continue
        passage = passages[stand.place].passage
        if passage.document_id not in told:
            continue
        if stand.far and (not found or _heard(passage.voice, found)):
            continue
        taken = standpoint(passage.document_id, stand.sentence, stand.position, 0.0, citer)
        if taken is not None and not any(same_stand(taken, other) for other in found):
            found.append(taken)
    if not found:
        return ()
    sentences = read_sentences(question, passages, scored, citer)
    documents = [passages[sentence.place].passage.document_id for sentence in sentences]
    return _with_confidence(
        question, _each_source_first(found)[:SHOWN], sentences, documents, likeness
    )


def _with_confidence(
    question: str,
    found: Sequence[Standpoint],
    sentences: Sequence[Sentence],
    documents: Sequence[int],
    likeness: Likeness,
) -> tuple[Standpoint, ...]:
    """Each with how likely its sentence speaks to the claim.

    Args:
        sentences: all that were read of the story.
        documents: the document of each of them.
    """
    numbers = {(d, s.span): n for n, (d, s) in enumerate(zip(documents, sentences, strict=True))}
    places = [
        numbers.get(
            (t.citation.document_id, Span(t.citation.document_start, t.citation.document_end))
        )
        for t in found
    ]
    among = {number for number in places if number is not None}
    known = bearings(question, sentences, likeness, least=SAYS_SOMETHING, among=among)
    sure = likely(known.matrix)
    return tuple(
        replace(
            taken,
            citation=replace(
                taken.citation, confidence=0.0 if place is None else float(sure[place])
            ),
        )
        for taken, place in zip(found, places, strict=True)
    )


def _heard(voice: int, found: Sequence[Standpoint]) -> bool:
    return any(taken.citation.voice == voice for taken in found)


def _each_source_first(found: Sequence[Standpoint]) -> list[Standpoint]:
    """What each source says first, then what else they say; what somebody is named for, first."""
    voices: set[int] = set()
    first: list[Standpoint] = []
    more: list[Standpoint] = []
    for taken in sorted(found, key=lambda taken: taken.who is None):
        (more if taken.citation.voice in voices else first).append(taken)
        voices.add(taken.citation.voice)
    return first + more


def _ordered(
    question: str,
    passages: Sequence[RetrievedPassage],
    scored: Sequence[Scored],
    citer: Citer,
    kind: Kind,
) -> list[Stand]:
    places = [
        (
            citer.document(item.passage.document_id).text,
            Span(item.passage.document_start, item.passage.document_end),
        )
        for item in passages
    ]
    read = [_read(item, scored) for item in passages]
    sure = [_confidence(item, scored) for item in passages]
    return sorted(
        positions(question, places, read, kind),
        key=lambda stand: (
            stand.far,
            -(stand.relevance + _CONFIDENCE_WEIGHT * sure[stand.place]),
        ),
    )


def _read(item: RetrievedPassage, scored: Sequence[Scored]) -> list[tuple[Span, float]]:
    return [
        (s.candidate.span, s.confidence)
        for s in scored
        if s.candidate.retrieved.passage.id == item.passage.id
    ]


def standpoint(
    document_id: int, sentence: Span, position: Position, sure: float, citer: Citer
) -> Standpoint | None:
    """Cited, with who takes it; None if the citation is not what the store holds."""
    document = citer.document(document_id)
    quote = document.text[sentence.start : sentence.end]
    citation = cite(document, sentence, quote, sure, position.attribution)
    if citation is None:
        return None
    who = citation.attribution.speaker if citation.attribution else None
    return Standpoint(position.stance, who, citation)


def _confidence(item: RetrievedPassage, scored: Sequence[Scored]) -> float:
    return max(
        (s.confidence for s in scored if s.candidate.retrieved.passage.id == item.passage.id),
        default=0.0,
    )


def same_stand(one: Standpoint, other: Standpoint) -> bool:
    """Whether one source has one speaker take one stance in both; or both are one sentence."""
    if one.citation.voice != other.citation.voice:
        return False
    if one.citation.quote == other.citation.quote:
        return True
    if one.stance != other.stance or one.who is None or other.who is None:
        return one.stance == other.stance and one.who is other.who
    return same_answer(one.who.text, other.who.text)
