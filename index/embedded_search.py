"""The engine of a library on one machine: FAISS in each process, FTS5 in the library's file."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

import numpy as np

from index import native, vector_loading
from index.documents import Filters
from index.embedding import Embedder, Vectors
from index.full_text import FullText
from index.passage_search import Nearest, Weighed
from index.store import Store
from index.vector_upkeep import Upkeep
from index.vectors import PassageVectors

log = logging.getLogger(__name__)


class EmbeddedSearch:
    """Brings the vectors of this process up to date before every search.

    Args:
        lexical_rows: see `index.full_text.FullText`.
        exact_passages, recall: see `index.vector_upkeep.Upkeep`.
    """

    engine = "FAISS and FTS5"

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        *,
        exact_passages: int,
        recall: float,
        lexical_rows: int,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._full_text = FullText(store, lexical_rows=lexical_rows)
        self._upkeep = Upkeep(store, embedder, exact_passages=exact_passages, recall=recall)
        self._vectors: PassageVectors | None = None
        self._lock = threading.Lock()

    def held(self) -> threading.Lock:
        return self._lock

    def bring_up(self) -> None:
        self._upkeep.begin(self._current())

    def indexed(self) -> int:
        return len(self._brought())

    def dense(self, query: Vectors, limit: int, filters: Filters) -> Nearest:
        vectors = self._brought()
        allowed = self._store.allowed_passages(filters) if filters else None
        found = vectors.search(
            query,
            limit,
            self._store.vectors,
            None if allowed is None else np.array(allowed, dtype=np.int64),
        )
        return Nearest(dict(found), len(vectors) if allowed is None else len(allowed))

    def lexical(
        self, query: str, limit: int, filters: Filters, also: Sequence[int] = ()
    ) -> Weighed:
        return self._full_text.weigh(query, limit, filters, also, self.indexed())

    def warm_up(self) -> None:
        self._upkeep.tidy()
        self.bring_up()

    def trouble(self) -> str | None:
        return None

    def check(self) -> list[str]:
        """In what the vectors, in memory and on disk, contradict the store."""
        problems = list(vector_loading.contradictions(self._store, self._current()))
        return problems + vector_loading.damage(self._store, self._embedder.dimension)

    def build_anew(self) -> None:
        self._vectors = None
        self._upkeep.build_anew()

    def settle(self) -> None:
        self._upkeep.settle()

    def wait(self) -> None:
        self._upkeep.wait()

    def close(self) -> None:
        pass

    def _brought(self) -> PassageVectors:
        assert self._vectors is not None, "`bring_up` goes before"
        return self._vectors

    def _current(self) -> PassageVectors:
        """The vectors of the snapshot's generation."""
        ready = self._upkeep.take(self._store.generation())
        if ready is not None:
            self._vectors = ready
            native.return_freed_memory()
        if self._vectors is None or not vector_loading.is_current(self._store, self._vectors):
            self._store.check_embedder(self._embedder.name, self._embedder.dimension)
            held, self._vectors = self._vectors, None  # half changed is worse than none
            self._vectors = self._brought_up(held)
        return self._vectors

    def _brought_up(self, held: PassageVectors | None) -> PassageVectors:
        if held is not None and vector_loading.belongs(self._store, held):
            vector_loading.catch_up(self._store, held)
            return held
        if held is not None:
            log.warning(
                "The library in %s was put back to another state; its vectors are read anew.",
                self._store.folder,
            )
        return vector_loading.load(self._store, self._embedder.dimension)
