"""How likely what another source says is its answer to the same question, and not something else.

A logistic regression over what is known of the two places. Its weights were fitted by
``python -m training.fit_differences`` on the invented events of training/data/events.json.gz.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.documents import Span
from index.sentences import sentence_around
from qa.agreement import Meaning, meaning
from qa.answer_types import counted_noun, place_of
from qa.asked_types import AnswerType, asked_type
from qa.confidence import chances, log_odds
from qa.question_words import names_in
from qa.ranking import Candidate, Scored
from qa.units import CURRENCY_SIGNS, DIMENSIONS, unit_of
from qa.words import stems

Matrix = NDArray[np.float64]

FEATURES = (
    *("margin", "alone", "asked", "answering", "unit", "other_unit"),
    *("ratio", "best", "words", "reason", "time", "alone_in_words"),
)
# "About a week" is one week.
_A_UNIT = re.compile(r"\ban? (second|minute|hour|day|week|month|year|decade|century)\b", re.I)
_OF_ANY_MATTER = frozenset({"within", "must", "may", "shall", "per"})
_LOWEST, _HIGHEST = -12.0, 6.0  # logits; beyond them there is nothing to tell apart


@dataclass(frozen=True, slots=True)
class Other:
    """A place of another source that can be compared with the best answer.

    Attributes:
        item: with its probability among the places of its own source.
        said: what it says.
    """

    item: Scored
    said: Meaning


def compared(question: str, best: Scored, others: Sequence[Other]) -> Matrix:
    """What the regression sees, shape (len(others), len(FEATURES)).

    - margin, alone: how the reader likes it; the log-odds among its own source's places
    - asked, answering: the share of the question's words, and of those of the best answer's
      sentence, that its sentence holds, names and what it measures in left out and rare ones
      weighing more
    - unit, other_unit: whether it counts what the question counts, or surely something else;
      that both measure in euros or days, for which the question does not ask, says neither
    - ratio: how many times larger the one number is, as a logarithm
    - best: the log-odds of the best answer
    - words, reason, time: what the question asks for
    - alone_in_words: "alone" where it asks for words; numbers are told apart by other means
    """
    sentences = [frozenset(_around(other.item.candidate)) for other in others]
    names = frozenset(stems(" ".join(names_in(question))))
    asked = frozenset(stems(question)) - names
    said = measured(best.candidate)
    answering = frozenset(_around(best.candidate)) - asked - names - _measuring(said)
    weights = _weights(asked | answering, [*sentences, frozenset(_around(best.candidate))])
    kind = asked_type(question)
    odds = log_odds(np.array([best.confidence, *(other.item.confidence for other in others)]))
    in_words = kind in {AnswerType.WHO, AnswerType.PLACE, AnswerType.OPEN}
    rows = [
        [
            min(max(other.item.candidate.margin, _LOWEST), _HIGHEST),
            odds[number + 1],
            _share(asked & sentence, asked, weights),
            _share(answering & sentence, answering, weights),
            *_units(question, said, other.said),
            _ratio(said, other.said),
            odds[0],
            float(in_words),
            float(kind is AnswerType.REASON),
            float(kind in {AnswerType.DATE, AnswerType.CLOCK}),
            in_words * odds[number + 1],
        ]
        for number, (other, sentence) in enumerate(zip(others, sentences, strict=True))
    ]
    return np.array(rows, dtype=np.float64).reshape(len(others), len(FEATURES))


def likely(matrix: Matrix) -> Matrix:
    """The probability of each row of `compared`."""
    return chances((matrix - MEAN) / SCALE @ WEIGHTS + BIAS)


def about_the_same(matrix: Matrix) -> NDArray[np.bool_]:
    """Of each row of `compared`, whether its sentence holds a word of the question or of the best
    answer's sentence, names left out, or counts what is asked for. Names alone do not make two
    texts speak of one thing."""
    shared = matrix[:, [FEATURES.index(name) for name in ("asked", "answering", "unit")]]
    same: NDArray[np.bool_] = shared.max(axis=1) > 0
    return same


def shares_more_than_measure(
    question: str, best: Scored, others: Sequence[Other]
) -> NDArray[np.bool_]:
    """Of each, where the question counts days or euros, whether its sentence shares another word
    with it or with the best answer's sentence: "27 days of leave" and "within 30 days" do not."""
    noun = counted_noun(question)
    if noun is None or unit_of(noun) not in DIMENSIONS:
        return np.ones(len(others), dtype=np.bool_)
    names = frozenset(stems(" ".join(names_in(question))))
    told = frozenset([*stems(question), *_around(best.candidate)])
    matter = told - names - DIMENSIONS.keys() - _OF_ANY_MATTER
    return np.array([not matter.isdisjoint(_around(other.item.candidate)) for other in others])


def measured(candidate: Candidate) -> Meaning:
    """What the place says, with the unit that follows it."""
    passage, span = candidate.retrieved.passage, candidate.span
    said = meaning(_A_UNIT.sub(r"one \1", candidate.quote), passage.date)
    if said.quantity is None or said.quantity.units:
        return said
    start = span.start - passage.document_start
    place = place_of(passage.text, start, start + len(candidate.quote))
    whole = meaning(candidate.quote + place.unit, passage.date)
    same = whole.quantity is not None and whole.quantity.value == said.quantity.value
    return whole if same else said


def sentence_of(candidate: Candidate) -> str:
    """The sentence that the place stands in."""
    passage = candidate.retrieved.passage
    start = candidate.span.start - passage.document_start
    span = sentence_around(passage.text, Span(start, start + len(candidate.quote)))
    return passage.text[span.start : span.end]


def _around(candidate: Candidate) -> list[str]:
    return stems(sentence_of(candidate))


def _weights(words: frozenset[str], sentences: Sequence[frozenset[str]]) -> dict[str, float]:
    return {
        word: math.log((len(sentences) + 1) / (sum(word in s for s in sentences) + 0.5))
        for word in sorted(words)
    }


def _share(held: frozenset[str], whole: frozenset[str], weights: dict[str, float]) -> float:
    total = sum(weights[word] for word in whole)
    return sum(weights[word] for word in held) / total if total > 0 else 0.0


def _units(question: str, one: Meaning, other: Meaning) -> tuple[float, float]:
    if one.quantity is None or other.quantity is None or _are_times(one, other):
        return 0.0, 0.0
    noun = counted_noun(question)
    named = {unit_of(noun) or noun} if noun else set()
    # Euros are of any two sums, dead people of one accident.
    counted = one.quantity.units - DIMENSIONS.keys()
    wanted = counted | named | set(stems(question))  # "how many were missing?"
    same = bool(wanted & other.quantity.units)
    another = other.quantity.units and not (wanted | one.quantity.units) & other.quantity.units
    return float(same), float(bool(another))


def _measuring(said: Meaning) -> frozenset[str]:
    """The words for euros or days, if that is what it measures in."""
    measures = said.quantity.units & DIMENSIONS.keys() if said.quantity else frozenset()
    signs = (sign for sign, unit in CURRENCY_SIGNS.items() if unit in measures)
    return frozenset([*measures, *(stem for sign in signs for stem in stems(sign))])


def _are_times(one: Meaning, other: Meaning) -> bool:
    return bool((one.clock and other.clock) or (one.moment and other.moment))


def _ratio(one: Meaning, other: Meaning) -> float:
    if one.quantity is None or other.quantity is None or _are_times(one, other):
        return 0.0
    values = sorted((abs(one.quantity.value), abs(other.quantity.value)))
    return math.log(values[1] / values[0]) if values[0] else 3.0


MEAN = np.array(
    [
        -3.519,
        -2.562,
        0.1089,
        0.03994,
        0.09499,
        0.05541,
        0.2584,
        0.6388,
        0.4908,
        0.09499,
        0.05541,
        -1.551,
    ]
)
SCALE = np.array(
    [3.013, 1.845, 0.1989, 0.09339, 0.2932, 0.2288, 0.5741, 1.187, 0.4999, 0.2932, 0.2288, 1.99]
)
WEIGHTS = np.array(
    [
        0.5178,
        0.2929,
        0.3385,
        0.3755,
        0.3138,
        -0.2252,
        -0.4355,
        -0.05745,
        -0.8931,
        -0.3277,
        -0.1721,
        0.446,
    ]
)
BIAS = -1.739
