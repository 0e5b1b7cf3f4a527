"""How far a confidence can be believed: risk-coverage curve, coverage at an accuracy, ECE.

The questions with the highest confidence are answered first. Coverage is the share of the questions
that is answered, risk the share of the answered ones that is wrong (El-Yaniv and Wiener 2010;
AURC: Geifman et al. 2019). Questions of one confidence are answered together or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ECE_BINS = 15
_MATPLOTLIB = "matplotlib==3.11.2"


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


def curve(confidences: Sequence[float], right: Sequence[bool]) -> Curve:
    """Of questions with the confidence of their best answer, and whether it is right."""
    order = np.argsort(-np.asarray(confidences, dtype=np.float64), kind="stable")
    sure = np.asarray(confidences, dtype=np.float64)[order]
    wrong = np.cumsum(~np.asarray(right, dtype=bool)[order])
    last = np.append(sure[1:] != sure[:-1], True)[: len(sure)]
    answered = np.arange(1, len(sure) + 1)
    return Curve((answered / max(1, len(sure)))[last], (wrong / answered)[last], sure[last])


def expected_calibration_error(
    confidences: Sequence[float], right: Sequence[bool], bins: int = ECE_BINS
) -> float:
    """Mean distance of confidence and accuracy over bins of equally many questions (0 to 1)."""
    order = np.argsort(np.asarray(confidences), kind="stable")
    sure = np.asarray(confidences, dtype=np.float64)[order]
    hits = np.asarray(right, dtype=np.float64)[order]
    if not len(sure):
        return float("nan")
    groups = zip(np.array_split(sure, bins), np.array_split(hits, bins), strict=True)
    return sum(len(p) * abs(float(p.mean() - h.mean())) for p, h in groups if len(p)) / len(sure)


def can_draw() -> bool:
    """Whether matplotlib is installed, which the service itself does not need."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return False
    return True


def how_to_draw() -> str:
    return f"No picture is drawn without matplotlib: pip install {_MATPLOTLIB}"


def draw(path: Path, curves: Mapping[str, Curve]) -> None:
    """A PNG of the curves, each under its name with its AURC."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for number, (name, item) in enumerate(curves.items()):
        if not len(item.risk):
            continue
        width = 2.4 if number == len(curves) - 1 else 1.2
        label = f"{name} (AURC {item.aurc:.3f})"
        axes.step(item.coverage, item.risk, where="post", linewidth=width, label=label)
    for accuracy in (0.8, 0.9, 0.95):
        axes.axhline(1 - accuracy, color="grey", linewidth=0.6, linestyle=":")
        axes.annotate(f"{accuracy:.0%} right", (1.0, 1 - accuracy), fontsize=7, ha="right")
    axes.set(xlabel="coverage: share of the questions answered", xlim=(0, 1), ylim=(0, None))
    axes.set_ylabel("risk: share of the answers that are wrong (F1 below 0.5)")
    axes.legend(fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="png")
