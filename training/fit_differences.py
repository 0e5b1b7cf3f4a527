"""Fit how likely what another source says answers the same question (`qa.comparing`).

    python -m training.fit_differences [--write]

Every question of the tuning events (training/data/events.json.gz) that asks for one thing is
asked; each place of another source that compares with the best answer is an example, right if a
gold answer stands there. Each event is judged by weights fitted without it; then all are fitted,
and written into qa/comparing.py.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

import qa.comparing
from benchmarks.event_sets import ROOT, Item, document_of, says
from qa.answers import Question
from qa.comparing import FEATURES, compared, measured
from qa.conversation import follow_up
from qa.differences import by_source, comparisons
from qa.pipeline import Pipeline
from qa.question_words import asks_for_several, source_asked
from qa.ranking import Candidate
from qa.reporting import is_yes_no
from qa.searching import searching
from training.regression import asked_of_events, report

EVENTS = ROOT / "training" / "data" / "events.json.gz"
MODULE = Path(qa.comparing.__file__)

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


@click.command(help=__doc__)
@click.option("--write", "writes", is_flag=True, help="Write the weights into qa/comparing.py.")
def main(writes: bool) -> None:
    with asked_of_events(EVENTS) as (pipeline, items):
        found = [(item.event, *examples(pipeline, item)) for item in items]
    report(FEATURES, found, MODULE if writes else None)


if __name__ == "__main__":
    main()
