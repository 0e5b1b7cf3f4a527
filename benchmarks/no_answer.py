"""Scores where some questions have no answer, as evaluate-v2.0 computes them.

A question is declined when its no-answer score is above a threshold; declining is right, and worth
1, where there is no answer, and worth 0 where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """Percentages over all questions, over those with an answer, and over those without."""

    threshold: float
    exact: float
    f1: float
    has_exact: float
    has_f1: float
    no: float


@dataclass(frozen=True, slots=True)
class NoAnswerScore:
    """What a set with unanswerable questions shows.

    Attributes:
        best_exact, best_f1: at the threshold that is best for each on these very questions: what
            evaluate-v2.0 prints as ``best_exact`` and ``best_f1``.
        at_zero: declined where the no-answer logit is above the span's.
        auroc: of the margin, for telling the two kinds apart; 0.5 is chance.
    """

    answerable: int
    unanswerable: int
    best_exact: AtThreshold
    best_f1: AtThreshold
    at_zero: AtThreshold
    auroc: float


def score(
    margins: Sequence[float], exacts: Sequence[float], f1s: Sequence[float], has: Sequence[bool]
) -> NoAnswerScore:
    """Score forced answers that may be declined.

    Args:
        margins: the best span's logit less the no-answer logit; -inf where no span was found.
        exacts, f1s: of the forced answers, 0 to 1; of no account where there is no answer.
        has: whether the question has an answer; both kinds must occur.
    """
    scores = -np.asarray(margins, dtype=np.float64)
    kinds = np.asarray(has, dtype=bool)
    columns = np.asarray(exacts, dtype=np.float64), np.asarray(f1s, dtype=np.float64)
    by_exact, by_f1 = (best_threshold(scores, column, kinds) for column in columns)
    return NoAnswerScore(
        int(kinds.sum()),
        int((~kinds).sum()),
        _at(by_exact, scores, *columns, kinds),
        _at(by_f1, scores, *columns, kinds),
        _at(0.0, scores, *columns, kinds),
        float(roc_auc_score(kinds, np.nan_to_num(-scores))),
    )


def best_threshold(scores: Floats, right: Floats, has: Bools) -> float:
    """The no-answer score above which to decline, so that the mean is best; -inf: always.

    As `find_best_thresh` of evaluate-v2.0, but for ties, which are accepted together or not at all.
    """
    order = np.argsort(scores, kind="stable")
    gained = np.cumsum(np.where(has, right, -1.0)[order])
    sorted_scores = scores[order]
    last_of_tie = np.append(sorted_scores[1:] != sorted_scores[:-1], True)
    reached = np.where(last_of_tie, gained, -np.inf)
    best = int(np.argmax(reached))
    return float(sorted_scores[best]) if reached[best] > 0 else -np.inf


def _at(threshold: float, scores: Floats, exacts: Floats, f1s: Floats, has: Bools) -> AtThreshold:
    declined = scores > threshold
    exact, f1 = (np.where(declined, ~has, np.where(has, right, 0.0)) for right in (exacts, f1s))
    means = (exact.mean(), f1.mean(), exact[has].mean(), f1[has].mean(), exact[~has].mean())
    return AtThreshold(threshold, *(100 * float(mean) for mean in means))
