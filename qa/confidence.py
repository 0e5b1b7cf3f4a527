"""The probability that a candidate is right.

A logistic regression over what is known of a candidate. Its weights are data, fitted by
``python -m training.fit_confidence`` on development questions, and lie beside the reader whose
logits they judge.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.documents import Span
from index.errors import ModelMissing
from index.sentences import sentence_around
from qa.ranking import Candidate, Scored
from qa.reporting import kind_asked, reporting_stems, speaks_in_kind
from qa.words import answer_key, stems

FILE_NAME = "confidence.json"  # beside a reader's weights, or in a library's folder
FEATURES = (
    *("margin", "liking", "lead", "passage_coverage"),
    *("best_cosine", "bm25", "rank", "kind"),
)

Matrix = NDArray[np.float64]

_LEAST_BM25 = 1e-6  # where no passage was found by its words, all shares are zero
_FARTHEST = 30.0  # odds beyond e**30 differ in no digit that is shown


@dataclass(frozen=True, slots=True)
class Calibrator:
    """Weights of the regression, one per feature, over standardised features.

    Attributes:
        threshold: answers at least as sure as this were right as often as the fit had promised;
            0 to 1.
        reader: the version of the reader whose logits it judges; empty beside that reader.
    """

    mean: Matrix
    scale: Matrix
    weights: Matrix
    bias: float
    threshold: float = 0.5
    reader: str = ""

    @classmethod
    def load(cls, folder: Path) -> Calibrator:
        """Raises `ModelMissing` where there is none, or one of other features."""
        path = folder / FILE_NAME
        try:
            stored = json.loads(path.read_text("utf-8"))
            columns = {name: np.array(stored[name]) for name in ("mean", "scale", "weights")}
            fitted_for, bias = tuple(stored["features"]), float(stored["bias"])
            threshold, reader = float(stored["threshold"]), str(stored.get("reader", ""))
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise ModelMissing(
                f"The reader's calibration {path} is missing or damaged. Fit it with: "
                "python -m training.fit_confidence"
            ) from error
        if fitted_for != FEATURES:
            raise ModelMissing(
                f"{path} was fitted for other features; fit it anew with: "
                "python -m training.fit_confidence"
            )
        return cls(**columns, bias=bias, threshold=threshold, reader=reader)

    def save(self, folder: Path) -> None:
        stored = {
            "features": FEATURES,
            "mean": self.mean.round(6).tolist(),
            "scale": self.scale.round(6).tolist(),
            "weights": self.weights.round(6).tolist(),
            "bias": round(self.bias, 6),
            "threshold": round(self.threshold, 6),
            "reader": self.reader,
        }
        new = folder / f"{FILE_NAME}.new"
        new.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
        new.replace(folder / FILE_NAME)

    def score(self, question: str, candidates: Sequence[Candidate]) -> list[Scored]:
        """Each candidate with its probability, in the order given."""
        if not candidates:
            return []
        found = self.judged(features(question, candidates), candidates)
        return [Scored(c, float(chance)) for c, chance in zip(candidates, found, strict=True)]

    def judged(self, matrix: Matrix, candidates: Sequence[Candidate]) -> Matrix:
        """The same of rows of `features`, with what else speaks against each candidate."""
        against = np.array([candidate.against for candidate in candidates])
        return chances(self._odds(matrix) - against)

    def probabilities(self, matrix: Matrix) -> Matrix:
        """Of each row of `features`."""
        return chances(self._odds(matrix))

    def _odds(self, matrix: Matrix) -> Matrix:
        odds: Matrix = ((matrix - self.mean) / self.scale) @ self.weights + self.bias
        return odds

    def rescaled(self, slope: float, shift: float) -> Calibrator:
        """The same order, with log-odds times ``slope`` plus ``shift``."""
        return replace(self, weights=self.weights * slope, bias=self.bias * slope + shift)


def chances(odds: Matrix) -> Matrix:
    """Probabilities of log-odds."""
    found: Matrix = 1 / (1 + np.exp(-np.clip(odds, -_FARTHEST, _FARTHEST)))
    return found


def log_odds(probabilities: Matrix) -> Matrix:
    """The reverse, as far as `chances` goes."""
    clipped = np.clip(probabilities, chances(np.array(-_FARTHEST)), chances(np.array(_FARTHEST)))
    found: Matrix = np.log(clipped / (1 - clipped))
    return found


def features(question: str, candidates: Sequence[Candidate]) -> Matrix:
    """What the regression sees, shape (len(candidates), len(FEATURES)).

    - margin: the span's logit less its passage's no-answer logit
    - liking: log(1 + exp(margin)), which grows only where the reader would rather answer
    - lead: its margin less the best margin of a different answer
    - passage_coverage: the share of the question's words that its passage or title holds, each
      weighed by how few of the passages read hold it
    - best_cosine: the similarity of the question and the passage nearest to it
    - bm25: its passage's lexical score, as a share of the best of the passages read
    - rank: log(1 + how many passages were ranked above its own by the search)
    - kind: where the question asks by a reporting verb ("who denied"), 1 if the candidate's
      sentence reports in that kind and -1 if not; 0 for other questions
    """
    words = {
        c.retrieved.passage.id: set(
            stems(f"{c.retrieved.passage.title} {c.retrieved.passage.text}")
        )
        for c in candidates
    }
    weights = _word_weights(question, list(words.values()))
    kind = kind_asked(question)
    nearest = max(candidate.retrieved.cosine for candidate in candidates)
    lexical = max(candidate.retrieved.bm25 or 0.0 for candidate in candidates)
    scores = sorted({(c.retrieved.score, c.retrieved.passage.id) for c in candidates}, reverse=True)
    ranks = {passage: rank for rank, (_, passage) in enumerate(scores)}
    return np.array(
        [
            [
                candidate.margin,
                np.logaddexp(0.0, candidate.margin),
                lead,
                _coverage(weights, words[candidate.retrieved.passage.id]),
                nearest,
                (candidate.retrieved.bm25 or 0.0) / max(lexical, _LEAST_BM25),
                math.log1p(ranks[candidate.retrieved.passage.id]),
                _kind(kind, candidate),
            ]
            for candidate, lead in zip(candidates, leads(candidates), strict=True)
        ],
        dtype=np.float64,
    )


def _kind(asked: str | None, candidate: Candidate) -> float:
    if asked is None:
        return 0.0
    passage = candidate.retrieved.passage
    offset = passage.document_start
    around = sentence_around(
        passage.text, Span(candidate.span.start - offset, candidate.span.end - offset)
    )
    return 1.0 if speaks_in_kind(passage.text[around.start : around.end], asked) else -1.0


def leads(candidates: Sequence[Candidate]) -> list[float]:
    """Each candidate's margin less the best margin of one that gives another answer, elsewhere.

    The same answer in another passage is no rival, nor is a span that overlaps this one, as
    the same words do in two passages that overlap. What cannot be the answer is none where it is
    liked better; without a rival the lead is that over what cannot be, and zero without that.
    """
    keys = [answer_key(candidate.quote) for candidate in candidates]
    order = sorted(range(len(candidates)), key=lambda i: -candidates[i].margin)
    return [
        candidate.margin
        - next(
            (
                candidates[j].margin
                for j in order
                if keys[j] != keys[i] and not candidates[j].overlaps(candidate)
            ),
            candidate.margin if candidate.unfit is None else min(candidate.unfit, candidate.margin),
        )
        for i, candidate in enumerate(candidates)
    ]


def _word_weights(question: str, passages: Sequence[set[str]]) -> dict[str, float]:
    """The question's words, each weighed by how few of the passages read hold it.

    Reporting verbs are left out: sources deny with many words.
    """
    return {
        stem: math.log((len(passages) + 1) / (sum(stem in words for words in passages) + 0.5))
        for stem in dict.fromkeys(stems(question))
        if stem not in reporting_stems()
    }


def _coverage(weights: dict[str, float], words: set[str]) -> float:
    """The weighted share of the question's words that were found; 1 where it has none."""
    total = sum(weights.values())
    return sum(w for stem, w in weights.items() if stem in words) / total if total else 1.0
