"""How likely a sentence speaks to what a question asks to be so.

For "did X ...?" and "is it true that ...?". A logistic regression over what is known of the
sentence. Its weights were fitted by ``python -m training.fit_bearing`` on the invented events of
training/data/events.json.gz.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.documents import RetrievedPassage, Span
from index.sentences import sentence_spans
from qa.attribution import Attribution
from qa.citations import Citer
from qa.claims import claim_of, roots, weights_of, without_names
from qa.confidence import chances, log_odds
from qa.positions import asks, attributed, handed_on, takes_sides
from qa.ranking import Scored
from qa.stories import same_story

Matrix = NDArray[np.float64]
Likeness = Callable[[str, Sequence[str]], NDArray[np.floating]]  # cosines of texts with a question

FEATURES = (
    *("told", "beside", "like", "liked", "margin", "decides"),
    *("title", "length", "asks"),
)
SAYS_SOMETHING = 0.07  # of how likely a sentence speaks to the claim, to be looked at
_LOOKED_UP = [FEATURES.index("like"), FEATURES.index("decides")]
# Cosines with a question: of one sentence in fifty without its words, on the tuning events.
_NEAREST = 0.5
_NEARER_WITH_ITS_WORDS = 0.4
_LOWEST = -12.0  # a logit of what the reader likes not at all
_LEAST_LIKED = 1e-3


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of what was read.

    Attributes:
        place: the number of its passage.
        text: of its document.
        found: what the reader found in it and is surest of, if anything.
    """

    place: int
    text: str
    span: Span
    found: Scored | None

    @property
    def words(self) -> str:
        return self.text[self.span.start : self.span.end]


@dataclass(frozen=True, slots=True)
class Bearings:
    """What is known of sentences beside a claim.

    Attributes:
        matrix: shape (sentences, len(FEATURES)).
        share: the most that one of them holds of the claim's words, names included; 0 to 1.
        attributions: who says what each of them says of the claim, as far as it was looked up.
    """

    matrix: Matrix
    share: float
    attributions: tuple[Attribution | None, ...]


def bearings(
    question: str,
    sentences: Sequence[Sentence],
    likeness: Likeness,
    *,
    least: float = 0.0,
    among: Collection[int] | None = None,
) -> Bearings:
    """What the regression sees, and what it is seen by.

    - told, beside: the share of the claim's words that it holds, names left out and rare ones
      weighing more; the same beside the most that any holds
    - like: the cosine with the question
    - liked, margin: the log-odds of what the reader found in it, and how it likes that
    - decides: whether somebody denies or confirms in it
    - title, length, asks: whether its text begins with it; the logarithm of its words; a question

    Args:
        least: of a sentence that would hardly be likelier than this, were it as near to the
            question as sentences are and somebody denied something in it, neither is looked up:
            most of what is read is about something else, and both take time.
        among: the numbers of the sentences that matter; the others are not looked up either.
    """
    asked, told = claim_of(question), without_names(question)
    held = [roots(sentence.words) for sentence in sentences]
    whole, named = _shares(asked, held), _shares(told, held)
    rows = [(s.place, s.text, s.span, words) for s, words in zip(sentences, held, strict=True)]
    taken_up = [after > own for after, own in zip(handed_on(rows, whole), whole, strict=True)]
    matrix = _at_most(sentences, handed_on(rows, named))
    reach = likely(matrix) >= least
    matrix[:, _LOOKED_UP] = 0.0
    said: list[Attribution | None] = [None] * len(sentences)
    near = [n for n in map(int, np.flatnonzero(reach)) if among is None or n in among]
    for number in near:
        sentence = sentences[number]
        liked = sentence.found.candidate.span if sentence.found else None
        said[number] = attributed(
            sentence.text, sentence.span, asked, liked, answering=taken_up[number]
        )
    if near:
        cosines = likeness(question, [sentences[number].words for number in near])
        sides = [float(takes_sides(said[number])) for number in near]
        matrix[np.ix_(near, _LOOKED_UP)] = np.column_stack([cosines, sides])
    return Bearings(matrix, max(whole, default=0.0), tuple(said))


def _at_most(sentences: Sequence[Sentence], shares: Sequence[float]) -> Matrix:
    """The features, with the most that those can be which are looked up."""
    most = max(shares, default=0.0) or 1.0
    matrix = [
        [
            share,
            share / most,
            _NEAREST + _NEARER_WITH_ITS_WORDS * share,
            *_liked(sentence.found),
            1.0,
            float(sentence.span.start == 0),
            math.log(len(sentence.words.split()) or 1),
            float(asks(sentence.text, sentence.span)),
        ]
        for sentence, share in zip(sentences, shares, strict=True)
    ]
    return np.array(matrix, np.float64).reshape(len(sentences), len(FEATURES))


def likely(matrix: Matrix) -> Matrix:
    """The probability of each row of `bearings`."""
    return chances((matrix - MEAN) / SCALE @ WEIGHTS + BIAS)


def read_sentences(
    question: str, passages: Sequence[RetrievedPassage], scored: Sequence[Scored], citer: Citer
) -> list[Sentence]:
    """Those of the passages that tell of the story, each once."""
    told = same_story(
        question, scored[0].candidate, [item.passage for item in passages], citer.vectors
    )
    found: dict[tuple[int, Span], Sentence] = {}
    for number, item in enumerate(passages):
        passage = item.passage
        if passage.document_id not in told:
            continue
        text = citer.document(passage.document_id).text
        for within in sentence_spans(passage.text):
            span = Span(passage.document_start + within.start, passage.document_start + within.end)
            own = (
                s
                for s in scored
                if s.candidate.retrieved.passage.document_id == passage.document_id
                and s.candidate.span.overlaps(span)
            )
            liked = max(own, key=lambda s: s.confidence, default=None)
            found.setdefault((passage.document_id, span), Sentence(number, text, span, liked))
    return list(found.values())


def _shares(asked: frozenset[str], held: Sequence[frozenset[str]]) -> list[float]:
    weights = weights_of(asked, held)
    return [sum(weights[stem] for stem in asked & words) for words in held]


def _liked(found: Scored | None) -> tuple[float, float]:
    if found is None:
        return float(log_odds(np.array([_LEAST_LIKED]))[0]), _LOWEST
    odds = log_odds(np.array([max(found.confidence, _LEAST_LIKED)]))
    return float(odds[0]), max(found.candidate.margin, _LOWEST)


MEAN = np.array([0.06014, 0.08239, 0.2117, -6.131, -10.65, 0.03659, 0.08233, 2.321, 0.01871])
SCALE = np.array([0.1638, 0.2192, 0.1611, 1.818, 3.247, 0.1878, 0.2749, 0.6675, 0.1355])
WEIGHTS = np.array([0.1468, 0.5066, 0.7068, 0.5538, 0.1053, 0.2471, -1.073, -0.3494, -0.362])
BIAS = -4.73
