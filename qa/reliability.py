"""How far a confidence can be believed: risk-coverage curve, coverage at an accuracy, ECE.

The questions with the highest confidence are answered first. Coverage is the share of the questions
that is answered, risk the share of the answered ones that is wrong (El-Yaniv and Wiener 2010;
AURC: Geifman et al. 2019). Questions of one confidence are answered together or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_BINS = 15
_LEAST_IN_A_BIN = 5


@dataclass(frozen=True, slots=True)
class Curve:
    """``risk[i]`` of the share ``coverage[i]`` of the questions, coverage rising to 1."""

    coverage: Floats
    risk: Floats
    confidence: Floats

    @property
    def aurc(self) -> float:
        """The area under the curve: the mean risk over all coverages; lower is better."""
        widths = np.diff(self.coverage, prepend=0.0)
        return float(widths @ self.risk) if len(self.risk) else float("nan")

    def coverage_at(self, accuracy: float) -> float:
        """The largest share that can be answered with at least that share of answers right."""
        enough = self.coverage[1 - self.risk >= accuracy - 1e-12]
        return float(enough.max()) if len(enough) else 0.0

    def threshold_at(self, accuracy: float) -> float | None:
        """The confidence from which on this is so; None where no threshold does it."""
        enough = np.flatnonzero(1 - self.risk >= accuracy - 1e-12)
        return float(self.confidence[enough[-1]]) if len(enough) else None


def curve(confidences: Sequence[float] | Floats, right: Sequence[bool] | Flags) -> Curve:
    """Of questions with the confidence of their best answer, and whether it is right."""
    order = np.argsort(-np.asarray(confidences, dtype=np.float64), kind="stable")
    sure = np.asarray(confidences, dtype=np.float64)[order]
    wrong = np.cumsum(~np.asarray(right, dtype=bool)[order])
    last = np.append(sure[1:] != sure[:-1], True)[: len(sure)]
    answered = np.arange(1, len(sure) + 1)
    return Curve((answered / max(1, len(sure)))[last], (wrong / answered)[last], sure[last])


def calibration_error(
    confidences: Sequence[float] | Floats, right: Sequence[bool] | Flags, bins: int | None = None
) -> float:
    """The expected calibration error, 0 to 1: mean distance of confidence and accuracy in a bin.

    Args:
        bins: of equally many questions; by default 15, or fewer so that each holds 5.

    Returns:
        NaN of no questions.
    """
    order = np.argsort(np.asarray(confidences), kind="stable")
    sure = np.asarray(confidences, dtype=np.float64)[order]
    hits = np.asarray(right, dtype=np.float64)[order]
    if not len(sure):
        return float("nan")
    wanted = bins or max(1, min(_BINS, len(sure) // _LEAST_IN_A_BIN))
    groups = zip(np.array_split(sure, wanted), np.array_split(hits, wanted), strict=True)
    return sum(len(p) * abs(float(p.mean() - h.mean())) for p, h in groups if len(p)) / len(sure)
