"""Logistic regressions of a few features, fitted on invented events and written into `qa`."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.event_sets import Item, load
from index.store import Store
from qa.assembly import make_indexer, make_pipeline
from qa.confidence import chances
from qa.pipeline import Pipeline
from qa.settings import Settings

RIDGE = 3.0
STEPS = 30
AT_LEAST = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6)

Matrix = NDArray[np.float64]


def fit(matrix: Matrix, labels: Matrix) -> tuple[Matrix, float]:
    """Weights over standardised columns, by Newton's method with a ridge."""
    rows = np.hstack([matrix, np.ones((len(matrix), 1))])
    weights = np.zeros(rows.shape[1])
    ridge = np.diag([RIDGE] * matrix.shape[1] + [0.0])
    for _ in range(STEPS):
        guess = chances(rows @ weights)
        slope = rows.T @ (guess - labels) + ridge @ weights
        curve = rows.T @ (rows * (guess * (1 - guess))[:, None]) + ridge
        weights = weights - np.linalg.solve(curve, slope)
    return weights[:-1], float(weights[-1])


def standard(matrix: Matrix) -> tuple[Matrix, Matrix]:
    scale = matrix.std(axis=0)
    return matrix.mean(axis=0), np.where(scale > 0, scale, 1.0)


def left_out(matrix: Matrix, labels: Matrix, events: Matrix) -> Matrix:
    """The probability of each example by the weights of the other events."""
    judged = np.zeros(len(labels))
    for event in np.unique(events):
        rest, own = events != event, events == event
        mean, scale = standard(matrix[rest])
        weights, bias = fit((matrix[rest] - mean) / scale, labels[rest])
        judged[own] = chances((matrix[own] - mean) / scale @ weights + bias)
    return judged


def write(module: Path, mean: Matrix, scale: Matrix, weights: Matrix, bias: float) -> None:
    """Into a module of `qa`, in place of what is there."""
    text = module.read_text("utf-8")
    for name, values in (("MEAN", mean), ("SCALE", scale), ("WEIGHTS", weights)):
        numbers = ", ".join(f"{value:.4g}" for value in values)
        text = re.sub(rf"(?ms)^{name} = np\..*?\)$", f"{name} = np.array([{numbers}])", text)
    text = re.sub(r"(?m)^BIAS = .*$", f"BIAS = {bias:.4g}", text)
    module.write_text(text, "utf-8")


@contextmanager
def asked_of_events(path: Path) -> Iterator[tuple[Pipeline, list[Item]]]:
    """A library of the events' articles, and their questions."""
    events = load(path)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment(data=Path(folder) / "data")
        store = Store(settings.data, create=True)
        pipeline = make_pipeline(settings)
        indexer = make_indexer(settings, store, pipeline.retriever.embedder)
        list(indexer.add(events.write(Path(folder) / "texts")))
        yield pipeline, events.items()
        store.close()


def report(
    features: Sequence[str], found: Sequence[tuple[str, Matrix, Matrix]], module: Path | None
) -> None:
    """Tell how well it goes, and write the weights into ``module`` if one is given.

    Args:
        found: events with the features and labels of their examples.
    """
    matrix = np.vstack([rows for _, rows, _ in found])
    labels = np.concatenate([right for *_, right in found])
    names = np.array([event for event, rows, _ in found for _ in range(len(rows))])
    judged = left_out(matrix, labels, names)
    click.echo(f"{len(labels)} examples, {int(labels.sum())} right")
    for least in AT_LEAST:
        kept = judged >= least
        right = int(labels[kept].sum())
        click.echo(f"  at least {least}: {right} right of {int(kept.sum())}")
    mean, scale = standard(matrix)
    weights, bias = fit((matrix - mean) / scale, labels)
    for name, weight in zip(features, weights, strict=True):
        click.echo(f"  {name:12}{weight:8.3f}")
    if module is not None:
        write(module, mean, scale, weights, bias)
