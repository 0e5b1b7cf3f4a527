"""Fit how likely what another source says answers the same question (`qa.comparing`).

    python -m training.fit_differences [--write]

Every question of the tuning events (training/data/events.json.gz) that asks for one thing is
asked; each place of another source that compares with the best answer is an example, right if a
gold answer stands there. Each event is judged by weights fitted without it; then all are fitted,
and written into qa/comparing.py.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

import qa.comparing
from benchmarks.event_sets import ROOT, Item, document_of, load, says
from index.store import Store
from qa.answers import Question
from qa.assembly import make_indexer, make_pipeline
from qa.comparing import FEATURES, compared, measured
from qa.confidence import chances
from qa.conversation import follow_up
from qa.differences import by_source, comparisons
from qa.pipeline import Pipeline
from qa.question_words import asks_for_several, source_asked
from qa.ranking import Candidate
from qa.reporting import is_yes_no
from qa.searching import searching
from qa.settings import Settings

EVENTS = ROOT / "training" / "data" / "events.json.gz"
MODULE = Path(qa.comparing.__file__)
RIDGE = 3.0
STEPS = 30

Matrix = NDArray[np.float64]


def examples(pipeline: Pipeline, item: Item) -> tuple[Matrix, Matrix]:
    """Features of the places of other sources, and whether they are right."""
    question = item.full
    nothing = np.empty((0, len(FEATURES))), np.empty(0)
    if asks_for_several(question) or is_yes_no(question) or source_asked(question):
        return nothing
    asked = follow_up(Question(question))
    with searching(pipeline.retriever, asked, pipeline.limit(None), None) as retrieval:
        read = pipeline.read(asked, retrieval.passages)
    candidates = read.candidates
    sure = [s for s in read.kept if s.confidence >= pipeline.settings.min_confidence]
    alone = by_source(question, candidates, pipeline.calibrator)
    if not alone:
        return nothing
    best = sure[0] if sure else alone[0]
    others = comparisons(question, best, candidates, pipeline.calibrator, pipeline.store.vectors)
    if not others:
        return nothing
    right = is_right(pipeline, item, best.candidate)
    labels = [
        is_right(pipeline, item, other.item.candidate)
        or (right and other.said.meets(measured(best.candidate)))
        for other in others
    ]
    return compared(question, best, others), np.array(labels, dtype=np.float64)


def is_right(pipeline: Pipeline, item: Item, candidate: Candidate) -> bool:
    """Whether a gold answer stands where the candidate does."""
    document = pipeline.store.document(candidate.retrieved.passage.document_id)
    name = document_of(document.source)
    return any(
        place.document == name
        and place.span.overlaps(candidate.span)
        and says(candidate.quote, place.text)
        for places in item.gold
        for place in places
    )


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


def write(mean: Matrix, scale: Matrix, weights: Matrix, bias: float) -> None:
    """Into the module, in place of what is there."""
    text = MODULE.read_text("utf-8")
    for name, values in (("MEAN", mean), ("SCALE", scale), ("WEIGHTS", weights)):
        numbers = ", ".join(f"{value:.4g}" for value in values)
        text = re.sub(rf"(?ms)^{name} = np\..*?\)$", f"{name} = np.array([{numbers}])", text)
    text = re.sub(r"(?m)^BIAS = .*$", f"BIAS = {bias:.4g}", text)
    MODULE.write_text(text, "utf-8")


@click.command(help=__doc__)
@click.option("--write", "writes", is_flag=True, help="Write the weights into qa/comparing.py.")
def main(writes: bool) -> None:
    events = load(EVENTS)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment(data=Path(folder) / "data")
        store = Store(settings.data, create=True)
        pipeline = make_pipeline(settings)
        indexer = make_indexer(settings, store, pipeline.retriever.embedder)
        list(indexer.add(events.write(Path(folder) / "texts")))
        for item in events.items():
            found.append((item, *examples(pipeline, item)))
        store.close()
    report(found, writes=writes)


def report(found: list[tuple[Item, Matrix, Matrix]], *, writes: bool) -> None:
    matrix = np.vstack([rows for _, rows, _ in found])
    labels = np.concatenate([right for *_, right in found])
    names = np.array([item.event for item, rows, _ in found for _ in range(len(rows))])
    judged = left_out(matrix, labels, names)
    click.echo(f"{len(labels)} examples, {int(labels.sum())} right")
    for least in (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6):
        kept = judged >= least
        right = int(labels[kept].sum())
        click.echo(f"  at least {least}: {right} right of {int(kept.sum())}")
    mean, scale = standard(matrix)
    weights, bias = fit((matrix - mean) / scale, labels)
    for name, weight in zip(FEATURES, weights, strict=True):
        click.echo(f"  {name:12}{weight:8.3f}")
    if writes:
        write(mean, scale, weights, bias)


if __name__ == "__main__":
    main()
