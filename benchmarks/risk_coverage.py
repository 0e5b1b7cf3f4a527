"""Draws risk-coverage curves (`qa.reliability`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from qa.reliability import Curve

_MATPLOTLIB = "matplotlib==3.11.2"


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
