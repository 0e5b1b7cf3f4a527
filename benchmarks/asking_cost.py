"""What telling who says what costs: answering as it is, against answering without it.

    python -m benchmarks.asking_cost [--rounds 3]

Every question of the invented events (tests/data/events), each asked both ways in turn in one run
over one fresh library: with follow-ups resolved, attributions, differences between sources,
positions and suggested filters; and without: the question as it stands is searched, read, scored,
grouped and cited. Reported are the medians by kind of question, and the share that all of it adds.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import click

from benchmarks.event_sets import Item, load
from index.store import Store
from qa.agreement import group
from qa.answers import Question
from qa.assembly import make_indexer, make_pipeline
from qa.citations import cite
from qa.pipeline import Pipeline
from qa.ranking import candidates, drop_overlaps
from qa.settings import Settings


def without(pipeline: Pipeline, question: str) -> None:
    """Answer as if there were one source and no conversation."""
    settings = pipeline.settings
    with pipeline.retriever.searching(question, settings.passages_read) as retrieval:
        readings = pipeline.reader.read(question, [i.passage.text for i in retrieval.passages])
        found = candidates(question, retrieval.passages, readings)
        scored = drop_overlaps(pipeline.calibrator.score(question, found))
        sure = [item for item in scored if item.confidence >= settings.min_confidence]
        documents = {}
        for places in group(sure)[: settings.answers_shown]:
            for place in places:
                key = place.candidate.retrieved.passage.document_id
                if key not in documents:
                    documents[key] = pipeline.store.document(key)
                quoted = place.candidate
                cite(documents[key], quoted.span, quoted.quote, place.confidence)


def whole(pipeline: Pipeline, question: Question) -> None:
    """Answer as it is; never from memory."""
    pipeline.examine(pipeline.checked(question), pipeline.limit(None))


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure(pipeline: Pipeline, asked: list[Item], rounds: int) -> dict[str, list[list[float]]]:
    """By kind, pairs of the least seconds that each question took without and with it all."""
    times: dict[str, list[list[float]]] = defaultdict(list)
    for item in asked:
        question = Question(item.question, item.history)
        plain, full = [], []
        for turn in range(rounds):
            ways = [
                (plain, lambda: without(pipeline, item.question)),  # noqa: B023
                (full, lambda: whole(pipeline, question)),  # noqa: B023
            ]
            for taken, work in ways if turn % 2 else reversed(ways):
                taken.append(seconds(work))
        times[item.kind].append([min(plain), min(full)])
    return times


@click.command(help=__doc__)
@click.option("--rounds", default=3, show_default=True, help="How often each is asked each way.")
@click.option("--sample", default=0, help="Every so many questions only.")
def main(rounds: int, sample: int) -> None:
    events = load()
    asked = events.items()[:: sample or 1]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment(data=Path(folder) / "data", answers_kept=0)
        store = Store(settings.data, create=True)
        pipeline = make_pipeline(settings)
        list(
            make_indexer(settings, store, pipeline.retriever.embedder).add(
                events.write(Path(folder) / "texts")
            )
        )
        pipeline.warm_up()
        times = measure(pipeline, asked, rounds)
        store.close()
    everything = [pair for pairs in times.values() for pair in pairs]
    for kind, pairs in [*times.items(), ("all", everything)]:
        plain, full = (statistics.median(pair[way] for pair in pairs) for way in (0, 1))
        more = sum(pair[1] for pair in pairs) / sum(pair[0] for pair in pairs) - 1
        click.echo(
            f"{kind:14}{len(pairs):4} questions: {1000 * plain:6.1f} ms without, "
            f"{1000 * full:6.1f} ms with, {more:+.1%} in all"
        )


if __name__ == "__main__":
    main()
