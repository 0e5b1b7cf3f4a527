"""What a library of any size takes, from docs/data/scale.json; nothing here is measured."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.scaling.growth import Points, Range, constant, linear, logarithmic, power
from qa.settings import Settings

BUSY = 0.6  # share of its time that a core is to be busy; the rest is for peaks
READING = ("read", "rank", "cite", "other", "embed")
SEARCHING = ("dense", "lexical", "fuse", "load")
HOURS = 730  # of a month


@dataclass(frozen=True)
class Measured:
    """The JSON of `benchmarks.scale`."""

    raw: dict[str, Any]

    @property
    def sizes(self) -> list[int]:
        return sorted(map(int, self.raw["sizes"]))

    def at(self, size: int) -> dict[str, Any]:
        found: dict[str, Any] = self.raw["sizes"][str(size)]
        return found

    def points(self, *path: str) -> Points:
        """A figure at each size where it was measured."""
        found = []
        for size in self.sizes:
            value: Any = self.at(size)
            for name in path:
                value = value.get(name) if isinstance(value, dict) else None
            if value is not None:
                found.append((float(size), float(value)))
        return found

    def stage(self, stage: str, which: str = "mean") -> Points:
        return self.points("query", "processor_ms", stage, which)

    # --- per passage

    def disk(self) -> Points:
        """Bytes of all files."""
        parts = [
            name for name in self.at(self.sizes[0])["disk"] if name != "characters_per_passage"
        ]
        return [(n, sum(self.at(int(n))["disk"][p] for p in parts)) for n in self.sizes]

    def ingest(self, stage: str) -> Range:
        """Milliseconds of a core per passage; storing grows with the depth of the trees."""
        return constant(self.points("ingest", stage))

    # --- per question, in seconds of a core

    def reading(self) -> Range:
        """What does not depend on the size of the library."""
        totals = [(n, sum(dict(self.stage(name))[n] for name in READING) / 1e3) for n in self.sizes]
        return constant(totals)

    def search(self, passages: float) -> Range:
        """On one machine that holds all of them.

        The vectors' lists grow with the root of the passages or less (a power); the words that are
        counted have as many passages as there are (linear); what is fused and loaded is constant.
        """
        dense = self.stage("dense")
        in_lists = [point for point in dense if point[0] > Settings().exact_passages]
        found = power(in_lists if len(in_lists) > 1 else dense, passages)
        found = found.plus(linear(self.stage("lexical"), passages))
        for name in ("fuse", "load"):
            found = found.plus(constant(self.stage(name)))
        return found.times(1e-3)

    def hnsw_search(self, passages: float) -> Range:
        """Seconds of a core for the nearest vectors in one HNSW graph: with the logarithm."""
        return logarithmic(self.points("hnsw", "search_ms"), passages).times(1e-3)

    # --- memory, in bytes

    def resident(self, passages: float) -> Range:
        return linear(self.points("query", "resident_mb"), passages).times(1e6)

    def hnsw_memory(self) -> float:
        return self.points("hnsw", "bytes_per_passage")[-1][1]


@dataclass(frozen=True)
class Plan:
    """Passages in equal shards, each question asked of all of them."""

    measured: Measured
    passages: float
    per_shard: float
    replicas: int

    @property
    def shards(self) -> int:
        return math.ceil(self.passages / self.per_shard)

    def seconds(self) -> Range:
        """Of cores, for one question: each shard searches, one process reads."""
        search = self.measured.search(self.per_shard).times(self.shards)
        return search.plus(self.measured.reading())

    def cores(self, questions_per_second: float) -> Range:
        return self.seconds().times(questions_per_second / BUSY)

    def disk(self) -> Range:
        return linear(self.measured.disk(), self.per_shard).times(self.shards * self.replicas)

    def memory(self) -> Range:
        held = self.measured.resident(self.per_shard)
        return held.times(self.shards * self.replicas)


def by_size(grows: Callable[[float], Range]) -> Callable[[float], float]:
    return lambda passages: grows(passages).middle
