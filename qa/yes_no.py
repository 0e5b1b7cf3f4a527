"""What the sources say of what a question asks to be so: "did X ...?", "is it true that ...?"."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from index.documents import RetrievedPassage
from qa.answers import Standpoint
from qa.bearing import (
    SAYS_SOMETHING,
    Bearings,
    Likeness,
    Matrix,
    Sentence,
    bearings,
    likely,
    read_sentences,
)
from qa.citations import Citer
from qa.positions import Stand, asks, lent, stance_of
from qa.ranking import Scored
from qa.standpoints import SHOWN, same_stand, standpoint

# Sum of three shares of 1: of the claim's words in a sentence, of how likely one speaks to it, and
# of how sure the reader is of anything it found.
SPEAKS_OF_IT = 1.4
SAYS_MORE = 0.15  # and what it says besides
SAYS_IT = 0.5  # of a sentence beside which its source is not heard for less than `SAYS_MORE`
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")
_SMALL_WORD = re.compile(r"(?<![\w'’.-])(?!(?:of|and|by|in|at|on|for|from|the)\b)[a-z]{2,}")
STANCE_WEIGHT = 1.5  # of what is lent to who takes which side, where positions are ordered


def what_sources_say(
    question: str,
    passages: Sequence[RetrievedPassage],
    scored: Sequence[Scored],
    citer: Citer,
    likeness: Likeness,
    *,
    min_confidence: float,
) -> tuple[Standpoint, ...]:
    """What each source says that speaks to the claim; then what else they say.

    None at all where no sentence surely speaks to it. The confidence of each is how likely it does.

    Args:
        scored: what the reader found in the passages, best first.
        min_confidence: how likely the best must be at least.
    """
    if not scored:
        return ()
    sentences = read_sentences(question, passages, scored, citer)
    known = bearings(question, sentences, likeness, least=SAYS_SOMETHING)
    sure = likely(known.matrix)
    most = float(sure.max(initial=0.0))
    if most < min_confidence or most + known.share + scored[0].confidence < SPEAKS_OF_IT:
        return ()
    found: list[Standpoint] = []
    for stand in _stands(question, sentences, known, sure):
        passage = passages[stand.place].passage
        sentence, position = stand.sentence, stand.position
        taken = standpoint(passage.document_id, sentence, position, stand.share, citer)
        if taken is not None and not any(same_stand(taken, other) for other in found):
            found.append(taken)
    return tuple(_each_source_first(found)[:SHOWN])


def _stands(
    question: str, sentences: Sequence[Sentence], known: Bearings, sure: Matrix
) -> list[Stand]:
    """The sentences that may speak to the claim, with how likely they do as their share."""
    found: list[Stand] = []
    for number in map(int, np.flatnonzero(sure >= SAYS_SOMETHING)):
        sentence, chance = sentences[number], float(sure[number])
        if _tells_nothing(sentence.text[sentence.span.start : sentence.span.end]):
            continue
        attribution = known.attributions[number]
        if attribution is None and asks(sentence.text, sentence.span):
            continue  # a headline may
        position = stance_of(sentence.text, sentence.span, attribution, question)
        relevance = chance + STANCE_WEIGHT * lent(sentence.text, position)
        found.append(Stand(sentence.place, sentence.span, position, relevance, chance))
    return sorted(found, key=lambda stand: -stand.relevance)


def _tells_nothing(sentence: str) -> bool:
    """Whether it is all names and a date, as the head of an article is: "Tarn Post, 7 May 2031"."""
    return _YEAR.search(sentence) is not None and _SMALL_WORD.search(sentence) is None


def _each_source_first(found: Sequence[Standpoint]) -> list[Standpoint]:
    say_it = {t.citation.voice for t in found if t.citation.confidence >= SAYS_IT}
    voices: set[int] = set()
    first: list[Standpoint] = []
    more: list[Standpoint] = []
    for taken in sorted(found, key=_is_nobodys):
        if taken.citation.voice in say_it and taken.citation.confidence < SAYS_MORE:
            continue
        if taken.citation.voice not in voices:
            first.append(taken)
        elif taken.citation.confidence >= SAYS_MORE:
            more.append(taken)
        voices.add(taken.citation.voice)
    return first + more


def _is_nobodys(taken: Standpoint) -> bool:
    """What somebody says goes before what nobody is named for, if it likely speaks to the claim."""
    return taken.who is None or taken.citation.confidence < SAYS_MORE
