"""Where the time of a question goes: methods are watched, and each instant counts once."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

import index.retrieval
from index.vectors import PassageVectors
from qa.pipeline import Pipeline
from qa.saying import Sayer

STAGES = ("embed", "dense", "lexical", "fuse", "load", "read", "rank", "cite", "other")
PARTS = ("tokenise", "run", "spans")  # of reading; summed over the threads that read


class Stages:
    """Seconds by stage of the question that is being asked, and of the parts of reading.

    In the thread that asks a watched method that calls another hands the clock over: what the
    inner one takes is not the outer one's, and no instant counts twice. What other threads do
    meanwhile counts as a part.

    Args:
        clock: seconds; `time.thread_time` counts the processor's instead.
    """

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self._now = clock or time.perf_counter
        self._seconds: dict[str, float] = defaultdict(float)
        self._clocks: dict[int, _Clock] = {}
        self._lock = threading.Lock()

    def begin(self) -> None:
        self._seconds.clear()
        self._clocks.clear()
        self._clock("other")

    def end(self) -> dict[str, float]:
        """Seconds by stage and part."""
        own = threading.get_ident()
        for thread, clock in self._clocks.items():
            for stage, seconds in clock.stopped().items():
                self._seconds[stage] += seconds
                if thread == own and stage in PARTS:  # it reads as well
                    self._seconds["read"] += seconds
        return dict(self._seconds)

    def wrapped(self, stage: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **options: Any) -> Any:
            clock = self._clock("idle")
            clock.enter(stage)
            try:
                return method(*args, **options)
            finally:
                clock.leave()

        return watched

    def _clock(self, first: str) -> _Clock:
        """That of the calling thread."""
        with self._lock:
            return self._clocks.setdefault(threading.get_ident(), _Clock(first, self._now))


class _Clock:
    """Of one thread."""

    def __init__(self, first: str, now: Callable[[], float]) -> None:
        self._now = now
        self._running = [first]
        self._since = now()
        self._seconds: dict[str, float] = defaultdict(float)

    def enter(self, stage: str) -> None:
        self._count()
        self._running.append(stage)

    def leave(self) -> None:
        self._count()
        self._running.pop()

    def stopped(self) -> dict[str, float]:
        if len(self._running) == 1 and self._running[0] != "idle":
            self._count()
        return {stage: taken for stage, taken in self._seconds.items() if stage != "idle"}

    def _count(self) -> None:
        now = self._now()
        self._seconds[self._running[-1]] += now - self._since
        self._since = now


@contextmanager
def watching(pipeline: Pipeline, clock: Callable[[], float] | None = None) -> Iterator[Stages]:
    """Until the end of the context the pipeline's methods tell how long they take."""
    stages = Stages(clock)
    retriever, reader = pipeline.retriever, pipeline.reader
    watched: list[tuple[Any, str, str]] = [
        (retriever.embedder, "embed", "embed"),
        (PassageVectors, "search", "dense"),
        (retriever.passage_search, "lexical", "lexical"),
        (retriever, "_cosines", "fuse"),
        (index.retrieval, "fuse", "fuse"),
        (pipeline.store, "passages", "load"),
        (reader, "read", "read"),
        (reader, "_windows", "tokenise"),
        (reader, "_logits", "run"),
        (reader, "_reading", "spans"),
        (pipeline, "read", "rank"),
        (Sayer, "say", "cite"),
    ]
    before = [(owner, name, vars(owner).get(name)) for owner, name, _ in watched]
    for owner, name, stage in watched:
        setattr(owner, name, stages.wrapped(stage, getattr(owner, name)))
    try:
        yield stages
    finally:
        for owner, name, value in before:
            if value is None:
                delattr(owner, name)
            else:
                setattr(owner, name, value)


def percentiles(values: list[float]) -> dict[str, float]:
    """p50, p95 and p99, in the unit of the values."""
    found = np.percentile(values, (50, 95, 99))
    return dict(zip(("p50", "p95", "p99"), map(float, found), strict=True))
