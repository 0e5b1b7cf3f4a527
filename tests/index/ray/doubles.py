"""What stands in for models and clusters in the tests of loading by Ray."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from index.embedding import Vectors
from index.errors import RayUnavailable
from index.ray_loading.finishing import Raw, encoded, finish
from index.ray_loading.recipe import Recipe
from tests.doubles import HashingEmbedder


class SlowEmbedder(HashingEmbedder):
    """Takes its time over each file, and leaves the process id of its raylet in a folder."""

    def __init__(self, folder: str, seconds: float) -> None:
        super().__init__()
        self._mark = Path(folder, str(os.getppid()))
        self._seconds = seconds

    def embed(self, texts: Sequence[str]) -> Vectors:
        self._mark.touch()
        time.sleep(self._seconds)
        return super().embed(texts)


class Here:
    """A session without a cluster: the same work, in this process.

    Args:
        twice: numbers of files that come back twice.
        lost_after: so many files, and then the cluster is gone.
    """

    processors = 1
    machines = 1

    def __init__(
        self,
        recipe: Recipe,
        *,
        object_store_bytes: int = 1_000_000_000,
        twice: Sequence[int] = (),
        lost_after: int | None = None,
    ) -> None:
        self.object_store_bytes = object_store_bytes
        self.sent: list[str] = []
        self.waves = 0
        self._recipe = recipe
        self._embedder = recipe.make_embedder()
        self._wave: list[Raw] = []
        self._twice = twice
        self._left = lost_after

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, raw: Raw) -> None:
        self._wave.append(raw)
        self.sent.append(raw.origin)

    def run(self) -> Iterator[tuple[bytes, bytes]]:
        raws, self._wave = self._wave, []
        self.waves += 1
        for first in range(0, len(raws), 32):
            for finished in finish(raws[first : first + 32], self._recipe, self._embedder):
                if self._left == 0:
                    raise self.lost("it is gone")
                self._left = None if self._left is None else self._left - 1
                for _ in range(2 if finished.number in self._twice else 1):
                    yield encoded(finished)

    def lost(self, why: str) -> RayUnavailable:
        return RayUnavailable(why)
