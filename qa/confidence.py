"""The probability that a candidate is right.

A logistic regression over what is known of a candidate. Its weights are data, fitted by
``python -m training.fit_confidence`` on development questions, and lie beside the reader whose
logits they judge.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.documents import Span
from index.errors import ModelMissing
from index.sentences import sentence_around
from qa.ranking import Candidate, Scored
from qa.words import stems

FILE_NAME = "confidence.json"
FEATURES = (
    "margin",
    "logit",
    "lead",
    "cosine",
    "best_cosine",
    "fused",
    "sentence_coverage",
    "passage_coverage",
    "library_coverage",
    "echo",
    "length",
)

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibrator:
    """Weights of the regression, one per feature, over standardised features."""

    mean: Matrix
    scale: Matrix
    weights: Matrix
    bias: float

    @classmethod
    def load(cls, folder: Path) -> Calibrator:
        """Raises `ModelMissing` where there is none, or one of other features."""
        path = folder / FILE_NAME
        try:
            stored = json.loads(path.read_text("utf-8"))
        except OSError as error:
            raise ModelMissing(f"The reader's calibration {path} does not exist.") from error
        if tuple(stored["features"]) != FEATURES:
            raise ModelMissing(
                f"{path} was fitted for other features; fit it anew with: "
                "python -m training.fit_confidence"
            )
        mean, scale, weights = (np.array(stored[name]) for name in ("mean", "scale", "weights"))
        return cls(mean, scale, weights, float(stored["bias"]))

    def save(self, folder: Path) -> None:
        stored = {
            "features": FEATURES,
            "mean": self.mean.round(6).tolist(),
            "scale": self.scale.round(6).tolist(),
            "weights": self.weights.round(6).tolist(),
            "bias": round(self.bias, 6),
        }
        (folder / FILE_NAME).write_text(json.dumps(stored, indent=1) + "\n", "utf-8")

    def score(self, question: str, candidates: Sequence[Candidate]) -> list[Scored]:
        """Each candidate with its probability, in the order given."""
        if not candidates:
            return []
        standard = (features(question, candidates) - self.mean) / self.scale
        odds = standard @ self.weights + self.bias
        return [
            Scored(candidate, 1 / (1 + math.exp(-float(odd))))
            for candidate, odd in zip(candidates, odds, strict=True)
        ]


def features(question: str, candidates: Sequence[Candidate]) -> Matrix:
    """What the regression sees, shape (len(candidates), len(FEATURES))."""
    weights = _word_weights(question, candidates)
    best = sorted((c.margin for c in candidates), reverse=True)
    cosines = [c.retrieved.cosine for c in candidates]
    fused = max(c.retrieved.score for c in candidates)
    everything = set().union(*(stems(c.retrieved.passage.text) for c in candidates))
    rows = []
    for candidate, cosine in zip(candidates, cosines, strict=True):
        passage = candidate.retrieved.passage
        rival = best[1] if len(best) > 1 and candidate.margin == best[0] else best[0]
        answer = stems(candidate.quote)
        asked = set(weights)
        rows.append(
            [
                candidate.margin,
                candidate.logit,
                candidate.margin - rival,
                cosine,
                max(cosines),
                candidate.retrieved.score / fused,
                _coverage(weights, set(stems(_sentence(candidate))) - set(answer)),
                _coverage(weights, set(stems(f"{passage.title} {passage.text}"))),
                _coverage(weights, everything),
                sum(stem in asked for stem in answer) / max(len(answer), 1),
                math.log1p(len(candidate.quote)),
            ]
        )
    return np.array(rows, dtype=np.float64)


def _word_weights(question: str, candidates: Sequence[Candidate]) -> dict[str, float]:
    """The question's words, each weighed by how few of the passages read hold it."""
    texts = {c.retrieved.passage.id: set(stems(c.retrieved.passage.text)) for c in candidates}
    count = len(texts)
    return {
        stem: math.log((count + 1) / (sum(stem in text for text in texts.values()) + 0.5))
        for stem in dict.fromkeys(stems(question))
    }


def _coverage(weights: dict[str, float], found: set[str]) -> float:
    """The weighted share of the question's words that were found; 1 where it has none."""
    total = sum(weights.values())
    return sum(w for stem, w in weights.items() if stem in found) / total if total else 1.0


def _sentence(candidate: Candidate) -> str:
    """The sentence around the candidate, as far as its passage reaches."""
    passage = candidate.retrieved.passage
    offset = passage.document_start
    inside = Span(candidate.span.start - offset, candidate.span.end - offset)
    around = sentence_around(passage.text, inside)
    return passage.text[around.start : around.end]
