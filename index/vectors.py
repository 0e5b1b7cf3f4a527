"""The vectors of one process: those of all passages, in one generation of the library.

A small library is searched exactly. A large one is for its most part searched in the lists of
`index.approximate`: passages that came after these were made are searched exactly, those that
went are passed over, and of what the lists yield the exact vectors are asked for. So every
cosine is exact, and adding and removing cost the same at any size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import native
from index.approximate import ApproximateVectors
from index.embedding import Vectors
from index.exact import ExactVectors, Found
from index.id_bits import IdBits, Ids

__all__ = ["Ids", "PassageVectors"]

_RERANKED = 2  # candidates taken from the lists for each passage that is wanted
_ALL_READ = 1_000  # of so few allowed passages all are candidates
_ROWS_AT_ONCE = 8_192

Exact = Callable[[Sequence[int]], Found]
"""Tells the exact vectors of passages, by their ids; see `index.store.Store.vectors`."""


class PassageVectors:
    """Inner-product search over unit vectors, by passage id.

    Attributes:
        generation, history: of which generation of which past of the library they are.
    """

    def __init__(self, dimension: int, lists: ApproximateVectors | None = None) -> None:
        self.dimension = dimension
        self.generation = lists.origin.generation if lists else 0
        self.history = lists.origin.history if lists else ""
        self._recent = ExactVectors(dimension)
        self._lists = lists
        self._live = IdBits(lists.ids() if lists else np.empty(0, np.int64))
        self._gone = 0

    def __len__(self) -> int:
        return len(self._recent) + self._listed - self._gone

    @property
    def listed_generation(self) -> int:
        """The generation of the lists; -1 if there are none."""
        return self._lists.origin.generation if self._lists else -1

    @property
    def recent(self) -> int:
        """How many vectors every search compares."""
        return len(self._recent)

    @property
    def gone(self) -> float:
        """Which share of what is in the lists was removed, 0 to 1."""
        return self._gone / max(self._listed, 1)

    @property
    def _listed(self) -> int:
        return len(self._lists) if self._lists else 0

    def ids(self) -> Ids:
        """All passage ids, in no order."""
        listed = self._lists.ids() if self._lists else np.empty(0, np.int64)
        return np.concatenate([self._recent.ids(), listed[self._live.holds(listed)]])

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Take in passages that were never in; ``vectors`` has shape (len(ids), dimension)."""
        native.use_one_thread()
        self._recent.add(ids, vectors)

    def remove(self, ids: Ids) -> None:
        """Forget passages for good; ids that are not there are passed over."""
        self._recent.remove(ids)
        self._gone += self._live.discard(ids)

    def search(
        self, query: Vectors, limit: int, exact: Exact, allowed: Ids | None = None
    ) -> list[tuple[int, float]]:
        """The ids nearest to ``query`` (shape (dimension,)) with their cosines, best first.

        Args:
            allowed: if given, only these ids are searched.
        """
        native.use_one_thread()
        among = None if allowed is None else IdBits(allowed)
        found = [
            self._recent.search(query, limit, among),
            self._in_lists(query, limit, exact, among),
        ]
        ids, cosines = (np.concatenate(parts) for parts in zip(*found, strict=True))
        best = np.lexsort((ids, -cosines))[:limit]
        return [(int(ids[at]), float(cosines[at])) for at in best]

    def _in_lists(self, query: Vectors, limit: int, exact: Exact, among: IdBits | None) -> Found:
        if self._lists is None:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        likely = self._likely(self._lists, query, _RERANKED * limit, among)
        ids, vectors = exact(likely.tolist())
        return ids, vectors @ query

    def _likely(
        self, lists: ApproximateVectors, query: Vectors, limit: int, among: IdBits | None
    ) -> Ids:
        if among is None:
            return lists.search(query, limit, self._live if self._gone else None, 1 - self.gone)
        among.keep(self._live)
        count = among.count()
        if count <= _ALL_READ:
            return among.ids()
        return lists.search(query, limit, among, count / len(lists))

    def rows(self) -> Iterator[tuple[Ids, NDArray[Any], Callable[[Vectors], NDArray[Any]]]]:
        """All ids, some at a time, what is held of each, and what makes that of exact vectors."""
        for first in range(0, len(self._recent), _ROWS_AT_ONCE):
            end = min(first + _ROWS_AT_ONCE, len(self._recent))
            yield *self._recent.rows(first, end), lambda vectors: vectors
        if self._lists is not None:
            for ids, codes in self._lists.rows():
                live = self._live.holds(ids)
                yield ids[live], codes[live], self._lists.encode
