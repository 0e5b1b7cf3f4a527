"""Fits the confidence to a user's own questions, and chooses the threshold for a precision.

The packaged weights say which candidate is likelier right; on other texts and questions their
probabilities may be too high or too low throughout. Two numbers mend that: a slope and a shift of
the log-odds (Platt 1999), few enough for a few dozen questions. What is right is judged by
`qa.agreement`, so "100,000" and "a hundred thousand" are one answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qa.agreement import same_answer
from qa.confidence import Calibrator, chances, log_odds
from qa.errors import InvalidCalibration
from qa.pipeline import Pipeline
from qa.ranking import Scored, candidates
from qa.reliability import calibration_error, curve

AT_LEAST = 20  # questions, and a tenth of them of each kind, right and wrong
_FOLDS = 10
_SLOPE_AT_LEAST = 0.05  # a surer candidate stays surer
_PRIOR = 1.0  # how much the fit is drawn to the packaged one, in questions

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Example:
    """A question and what is known of its answer.

    Attributes:
        answers: wordings of the right answer; none if the documents do not say.
        wrong: an answer that was given and is wrong, where no more than that is known.
    """

    question: str
    answers: tuple[str, ...] = ()
    wrong: str | None = None

    def judge(self, answer: str) -> bool | None:
        """Whether an answer is right; None if that is not known."""
        if self.wrong is not None:
            return False if same_answer(answer, self.wrong) else None
        return any(same_answer(answer, gold) for gold in self.answers)


@dataclass(frozen=True, slots=True)
class Fit:
    """What was fitted; all figures are of questions that the fit in question had not seen.

    Attributes:
        unjudged: questions left out, since whether their answer is right is not known.
        error_before, error_after: expected calibration error, 0 to 1.
        given: the share of the questions that get an answer at the threshold.
        reached: the share of these answers that is right.
    """

    calibrator: Calibrator
    questions: int
    unjudged: int
    right: float
    error_before: float
    error_after: float
    given: float
    reached: float


def examples(lines: Iterable[str], name: str) -> Iterator[Example]:
    """Read JSON objects, one a line.

    ``{"question", "answers"}`` where the right answers are known (none if the documents do not
    say), or ``{"question", "answer", "right"}`` where somebody judged one.

    Raises:
        InvalidCalibration: names the line and what would be right.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _example(line, f"{name}, line {number}")


def _example(line: str, place: str) -> Example:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InvalidCalibration(f"{place}: this is no JSON ({error}).") from error
    question = row.get("question") if isinstance(row, dict) else None
    if not isinstance(question, str) or not question.strip():
        raise InvalidCalibration(f'{place}: "question" must be a text that is not empty.')
    answers, answer, right = row.get("answers"), row.get("answer"), row.get("right")
    if isinstance(answers, list) and all(isinstance(each, str) for each in answers):
        return Example(question, tuple(answers))
    if isinstance(answer, str) and isinstance(right, bool):
        return Example(question, (answer,)) if right else Example(question, wrong=answer)
    raise InvalidCalibration(
        f'{place}: give "answers", a list of texts (empty if the documents do not say), or '
        '"answer", a text, and "right", true or false.'
    )


def fit(pipeline: Pipeline, asked: Sequence[Example], precision: float) -> Fit:
    """Ask the questions of the library as it is, and fit to what comes first.

    Args:
        precision: the share of the given answers that is to be right, between 0 and 1.

    Raises:
        InvalidCalibration: too few questions, or all right, or all wrong, or no threshold
            reaches the precision.
    """
    if not 0 < precision < 1:
        raise InvalidCalibration(f"The precision is {precision}; it must be between 0 and 1.")
    judged: list[tuple[float, bool]] = []
    for example in asked:
        best = first(pipeline, example.question)
        right = None if best is None else example.judge(best.candidate.quote)
        if best is not None and right is not None:
            judged.append((best.confidence, right))
    sure, right_ones = np.array([p for p, _ in judged]), np.array([r for _, r in judged], bool)
    _check(right_ones)
    found = _cross_validated(log_odds(sure), right_ones)
    threshold = curve(found, right_ones).threshold_at(precision)
    if threshold is None:
        raise InvalidCalibration(
            f"No threshold makes {precision:.0%} of the given answers right: of {len(found)} "
            f"questions {right_ones.mean():.0%} are answered right. Ask for a lower precision."
        )
    slope, shift = platt(log_odds(sure), right_ones)
    given = found >= threshold
    return Fit(
        replace(
            pipeline.calibrator.rescaled(slope, shift),
            threshold=threshold,
            reader=pipeline.reader.version,
        ),
        questions=len(found),
        unjudged=len(asked) - len(found),
        right=float(right_ones.mean()),
        error_before=calibration_error(sure, right_ones),
        error_after=calibration_error(found, right_ones),
        given=float(given.mean()),
        reached=float(right_ones[given].mean()),
    )


def first(pipeline: Pipeline, question: str) -> Scored | None:
    """The candidate that is surest, whether it is sure enough or not; None if there is none."""
    found = pipeline.retriever.search(question, pipeline.settings.passages_read).passages
    readings = pipeline.reader.read(question, [item.passage.text for item in found])
    scored = pipeline.calibrator.score(question, candidates(question, found, readings))
    return max(scored, key=lambda item: item.confidence, default=None)


def platt(odds: Floats, right: Flags) -> tuple[float, float]:
    """Slope and shift of the log-odds, by Newton's method, drawn a little to 1 and 0."""
    columns = np.stack([odds, np.ones_like(odds)], axis=1)
    packaged = np.array([1.0, 0.0])
    found, loss = packaged, _loss(columns @ packaged, right)
    for _ in range(50):
        probabilities = chances(columns @ found)
        gradient = columns.T @ (probabilities - right) + _PRIOR * (found - packaged)
        curvature = (columns * (probabilities * (1 - probabilities))[:, None]).T @ columns
        step = np.linalg.solve(curvature + _PRIOR * np.eye(2), gradient)
        for shorter in 0.5 ** np.arange(12):  # a whole step may go too far
            tried = found - shorter * step
            drawn = _PRIOR / 2 * float(((tried - packaged) ** 2).sum())
            better = _loss(columns @ tried, right) + drawn
            if better < loss:
                break
        else:
            break
        found, loss = tried, better
    return max(float(found[0]), _SLOPE_AT_LEAST), float(found[1])


def _loss(odds: Floats, right: Flags) -> float:
    return float(np.logaddexp(0, np.where(right, -odds, odds)).sum())


def _cross_validated(odds: Floats, right: Flags) -> Floats:
    """Each question's probability by a fit that did not see it."""
    found = np.zeros(len(odds))
    folds = np.random.default_rng(0).permutation(len(odds)) % _FOLDS
    for fold in range(_FOLDS):
        slope, shift = platt(odds[folds != fold], right[folds != fold])
        found[folds == fold] = chances(slope * odds[folds == fold] + shift)
    return found


def _check(right: Flags) -> None:
    rarer = min(int(right.sum()), int((~right).sum()))
    if len(right) < AT_LEAST or rarer < AT_LEAST // 10:
        raise InvalidCalibration(
            f"Of {len(right)} questions whose answer could be judged {int(right.sum())} are "
            f"answered right. At least {AT_LEAST} are needed, and at least {AT_LEAST // 10} each "
            "that are answered right and wrong; questions that the documents do not answer help."
        )
