"""Answers that other sources give to the same question.

A candidate's confidence falls with every rival (`lead` in `qa.confidence`), which is right where
one answer is wanted, and hides the other side where sources differ. Here each source is asked
alone: its candidates have no rivals but each other. What it says best counts as another answer if
it can be compared with the best answer: a number of the same unit, a date where that is a date, a
name or a reason where that is none of these. What a source itself says of another number ("not
40, as reported earlier") is in `qa.contrasts`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from qa.agreement import Meaning
from qa.answer_types import in_words
from qa.asked_types import AnswerType, asked_type
from qa.comparing import FEATURES as COMPARED
from qa.comparing import (
    Matrix,
    Other,
    about_the_same,
    compared,
    likely,
    measured,
    sentence_of,
    shares_more_than_measure,
)
from qa.confidence import FEATURES, Calibrator, features, leads
from qa.contrasts import contrasted
from qa.dates import Moment
from qa.fates import of_another_fate
from qa.name_contrasts import contrasted_names
from qa.quantities import Quantity
from qa.ranking import Candidate, Scored, drop_overlaps
from qa.stories import VectorsOf, same_story
from qa.units import DIMENSIONS
from qa.words import stems

LIKELY = 0.2  # of `qa.comparing.likely`
LIKELY_IN_WORDS = 0.4  # names and reasons differ from text to text for many reasons
LIKELY_OF_ANYTHING = 0.7  # where it cannot be told what is asked for, texts tell of other sides
LIKELY_IF_NAMED = 0.03  # a cause that is named as such, by a text of the same story
LIKELY_AT_ALL = 0.1  # what would be believed alone; what says the same, as others may deny
BELIEVED_ALONE = 0.3  # the probability among its own source's places
ABOUT_THE_QUESTION = 0.15  # the share of its words, as in `qa.comparing`
AGAINST_MORE = 1.0  # log-odds; places of another year or speaker than the best answer's
LEAST_MARGIN = -7.0  # logits above no answer; what the reader likes less is not looked at
_NAMED = frozenset({AnswerType.WHO, AnswerType.PLACE, AnswerType.OPEN})
_SINCE = re.compile(r"\W*(?:since|until|till|by|how long)\b", re.IGNORECASE)
_BEFORE_AN_END = re.compile(r"\b(?:since|until|till)\s+$", re.IGNORECASE)
_LARGER_AT_MOST = 20  # times; the dead of one ferry and the budget of a ministry are no rivals
_SHARED_WORDS_AT_MOST = 0.5  # of the shorter of two answers in words that are two answers


def by_source(
    question: str,
    candidates: Sequence[Candidate],
    calibrator: Calibrator,
    among: Sequence[int] | None = None,
) -> list[Scored]:
    """Each candidate with its probability among those of its own source, best first.

    Near copies are one source.

    Args:
        among: the numbers of the candidates that are rivals; others are left out and cannot lead.
    """
    numbers = list(range(len(candidates)) if among is None else among)
    if not numbers:
        return []
    matrix = features(question, candidates)
    lead = FEATURES.index("lead")
    for own in _sources(candidates, range(len(candidates))):
        matrix[own, lead] = leads([candidates[number] for number in own])
    for own in _sources(candidates, numbers) if among is not None else ():
        alone = leads([candidates[number] for number in own])
        matrix[own, lead] = np.maximum(matrix[own, lead], alone)
    chances = calibrator.judged(matrix, candidates)
    return drop_overlaps([Scored(candidates[n], float(chances[n])) for n in numbers])


def _sources(candidates: Sequence[Candidate], numbers: Iterable[int]) -> list[list[int]]:
    """The numbers of each source's candidates."""
    sources: dict[int, list[int]] = defaultdict(list)
    for number in numbers:
        sources[candidates[number].retrieved.passage.voice].append(number)
    return list(sources.values())


def differing(
    question: str,
    best: Scored,
    candidates: Sequence[Candidate],
    calibrator: Calibrator,
    vectors: VectorsOf | None = None,
) -> list[Scored]:
    """What other sources say instead of ``best``: the likeliest of each, likeliest first.

    Args:
        vectors: see `qa.stories.same_story`.
    """
    others = comparisons(question, best, candidates, calibrator, vectors)
    if not others:
        return _set_against(question, [best])
    matrix = compared(question, best, others)
    sure = likely(matrix)
    named = np.array([other.item.candidate.named for other in others])
    sure = np.where(about_the_same(matrix) | named, sure, 0.0)
    sure = np.where(shares_more_than_measure(question, best, others), sure, 0.0)
    most = best.candidate.against + AGAINST_MORE
    elsewhen = np.array([o.item.candidate.against > most for o in others])
    sure = np.where(elsewhen, 0.0, sure)
    least = _least(question, best, others, matrix)
    voices = {best.candidate.retrieved.passage.voice}
    agreeing: list[Scored] = [best]
    found: list[Scored] = []
    for number in np.argsort(-sure, kind="stable"):
        other, chance = others[number], float(sure[number])
        voice = other.item.candidate.retrieved.passage.voice
        same = not _another(question, measured(best.candidate), other.said)
        if same and chance >= LIKELY_AT_ALL:
            agreeing.append(Scored(other.item.candidate, chance))
        if voice in voices or chance < least[number]:
            continue
        voices.add(voice)
        if not same:
            found.append(Scored(other.item.candidate, chance))
    return found + _set_against(question, [*agreeing, *found])


def _least(question: str, best: Scored, others: Sequence[Other], matrix: Matrix) -> Matrix:
    """How likely each must be to be shown.

    Who somebody is, and where, may be told in quite other words: a sentence about the question
    whose source would be believed by itself needs to be hardly likely. No more does what a
    sentence names as the cause.
    """
    kind = asked_type(question)
    if kind is AnswerType.REASON:
        named = np.array([other.item.candidate.named for other in others])
        other = LIKELY_OF_ANYTHING if best.candidate.named else LIKELY_IN_WORDS
        return np.where(named, LIKELY_IF_NAMED, other)
    if not asks_in_words(question, measured(best.candidate)):
        return np.full(len(others), LIKELY)
    if kind not in {AnswerType.WHO, AnswerType.PLACE}:
        return np.full(
            len(others), LIKELY_OF_ANYTHING if kind is AnswerType.OPEN else LIKELY_IN_WORDS
        )
    alone = np.array([other.item.confidence for other in others]) >= BELIEVED_ALONE
    about = matrix[:, COMPARED.index("asked")] >= ABOUT_THE_QUESTION
    return np.where(alone & about, LIKELY_AT_ALL, LIKELY_IN_WORDS)


def _set_against(question: str, items: Sequence[Scored]) -> list[Scored]:
    """What the places themselves set against what they say."""
    if asked_type(question) in _NAMED and asks_in_words(question, measured(items[0].candidate)):
        return contrasted_names(question, items)
    return contrasted(items)


def comparisons(
    question: str,
    best: Scored,
    candidates: Sequence[Candidate],
    calibrator: Calibrator,
    vectors: VectorsOf | None = None,
) -> list[Other]:
    """The places of other sources that answer in the same terms as ``best``."""
    said = measured(best.candidate)
    told = same_story(question, best.candidate, [c.retrieved.passage for c in candidates], vectors)
    among = [
        number
        for number, place in enumerate(candidates)
        if place.margin >= LEAST_MARGIN
        and place.retrieved.passage.document_id in told
        and comparable(question, said, measured(place))
        and not _beside_the_point(question, place)
    ]
    own = best.candidate.retrieved.passage.voice
    return [
        Other(item, measured(item.candidate))
        for item in by_source(question, candidates, calibrator, among)
        if item.candidate.retrieved.passage.voice != own
    ]


def comparable(question: str, one: Meaning, other: Meaning) -> bool:
    """Whether both answer the question in the same terms."""
    if asks_in_words(question, one):
        return not _is_measure(one) and not _is_measure(other)
    if one.moment and other.moment:
        return not _year_and_day(one.moment, other.moment)
    if one.clock and other.clock:
        return True
    if one.quantity and other.quantity:
        small, large = sorted((abs(one.quantity.value), abs(other.quantity.value)))
        return large <= small * _LARGER_AT_MOST and _same_dimension(one.quantity, other.quantity)
    return False


def _year_and_day(one: Moment, other: Moment) -> bool:
    """Whether the one is a year alone, and the other a day or month of no year: "2021", "11 April"
    may be the same."""
    return any(
        (a.month, a.day, a.weekday) == (None, None, None) and b.year is None
        for a, b in ((one, other), (other, one))
    )


def _beside_the_point(question: str, place: Candidate) -> bool:
    """Whether it tells of those who were hurt where the dead are counted, until when a thing goes
    on, or on which day its text was written."""
    if asked_type(question) is AnswerType.COUNT:
        return of_another_fate(question, sentence_of(place))
    if _since_or_until(question, place):
        return True
    day, written = measured(place).moment, place.retrieved.passage.date
    if day is None or None in (day.year, day.month, day.day):
        return False
    alone = len(stems(sentence_of(place))) <= len(stems(place.quote))
    return alone or written == f"{day.year:04}-{day.month:02}-{day.day:02}"


def _since_or_until(question: str, place: Candidate) -> bool:
    """Whether it says how long a thing goes on, where the question asks when it was."""
    if asked_type(question) is not AnswerType.DATE or _SINCE.match(question):
        return False
    start = place.span.start - place.retrieved.passage.document_start
    before = place.retrieved.passage.text[max(0, start - 12) : start]
    return _BEFORE_AN_END.search(before) is not None


def _same_dimension(one: Quantity, other: Quantity) -> bool:
    """Whether both measure the same; what is counted may be named in other words."""
    if not one.units or not other.units or one.units & other.units:
        return True
    dimensions = [
        {DIMENSIONS[unit] for unit in said.units if unit in DIMENSIONS} for said in (one, other)
    ]
    return dimensions[0] == dimensions[1]


def asks_in_words(question: str, said: Meaning) -> bool:
    """Whether the question asks for somebody, a place or a reason; of "what was the fee?" the best
    answer, ``said``, tells that it asks for a sum."""
    kind = asked_type(question)
    if kind is AnswerType.OPEN:
        return not _is_measure(said)
    return kind in {AnswerType.WHO, AnswerType.PLACE, AnswerType.REASON}


def _is_measure(said: Meaning) -> bool:
    return bool(said.moment or said.clock or (said.quantity and not in_words(said.quantity)))


def _another(question: str, one: Meaning, other: Meaning) -> bool:
    """Whether they are two answers; half the words of a longer one are the same answer."""
    if one.meets(other):
        return False
    if not asks_in_words(question, one):
        return True
    words = frozenset(stems(one.key)), frozenset(stems(other.key))
    return len(words[0] & words[1]) <= _SHARED_WORDS_AT_MOST * min(map(len, words))
