"""Fit how likely a sentence speaks to what a question asks to be so (`qa.bearing`).

    python -m training.fit_bearing [--write]

Every question of the tuning events (training/data/events.json.gz) that asks whether something is
so, and has an answer, is asked; each sentence of what is read is an example, right if a gold
answer stands in it. Each event is judged by weights fitted without it; then all are fitted, and
written into qa/bearing.py.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

import qa.bearing
from benchmarks.event_sets import ROOT, Item, document_of
from qa.answers import Question
from qa.bearing import FEATURES, bearings, read_sentences
from qa.citations import Citer
from qa.conversation import follow_up
from qa.differences import by_source
from qa.pipeline import Pipeline
from qa.reporting import is_yes_no
from qa.searching import searching
from training.regression import asked_of_events, report

EVENTS = ROOT / "training" / "data" / "events.json.gz"
MODULE = Path(qa.bearing.__file__)

Matrix = NDArray[np.float64]


def examples(pipeline: Pipeline, item: Item) -> tuple[Matrix, Matrix]:
    """Features of the sentences that are read for a question, and whether they are right."""
    nothing = np.empty((0, len(FEATURES))), np.empty(0)
    if not is_yes_no(item.full) or not item.gold:
        return nothing
    asked = follow_up(Question(item.full))
    with searching(pipeline.retriever, asked, pipeline.limit(None), None) as retrieval:
        read = pipeline.read(asked, retrieval.passages)
        scored = by_source(asked.resolved, read.candidates, pipeline.calibrator)
        if not scored:
            return nothing
        citer = Citer(pipeline.store)
        sentences = read_sentences(asked.resolved, retrieval.passages, scored, citer)
        known = bearings(asked.resolved, sentences, pipeline.likeness)
        documents = [retrieval.passages[s.place].passage.document_id for s in sentences]
        names = [document_of(citer.document(number).source) for number in documents]
    labels = [
        any(
            place.document == name and place.span.overlaps(sentence.span)
            for places in item.gold
            for place in places
        )
        for sentence, name in zip(sentences, names, strict=True)
    ]
    return known.matrix, np.array(labels, dtype=np.float64)


@click.command(help=__doc__)
@click.option("--write", "writes", is_flag=True, help="Write the weights into qa/bearing.py.")
def main(writes: bool) -> None:
    with asked_of_events(EVENTS) as (pipeline, items):
        found = [(item.event, *examples(pipeline, item)) for item in items]
    report(FEATURES, found, MODULE if writes else None)


if __name__ == "__main__":
    main()
