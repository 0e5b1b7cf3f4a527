"""Finds passages: dense and lexical search, their scores fused."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np

from index import native, vector_loading
from index.documents import Filters, RetrievedPassage
from index.embedding import Embedder, Vectors
from index.lexical import STOP_WORDS, any_of, match_expression, most, rarest, terms
from index.store import Store
from index.vector_upkeep import Upkeep
from index.vectors import PassageVectors

log = logging.getLogger(__name__)

__all__ = ["STOP_WORDS", "Retrieval", "Retriever", "fuse", "match_expression"]

_DIGITS = 6  # of a score: sums that differ by their rounding only are equal


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What one search saw: passages, best first, of one generation of the library.

    ``indexed`` passages are in the library, ``searchable`` of them pass the filters.
    """

    passages: tuple[RetrievedPassage, ...]
    generation: int
    indexed: int
    searchable: int


class Retriever:
    """Searches one library; brings its vectors up to date before every search.

    Args:
        candidates: how many passages each of the two searches may return.
        dense_weight: share of the cosine in the fused score, 0 to 1; see `fuse`.
        lexical_rows: as many passages are weighed by their words. Beyond, one counts only if it
            holds one of the rarer words of the query, or if dense search returned it.
        exact_passages, recall: see `index.vector_upkeep.Upkeep`.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        *,
        candidates: int,
        exact_passages: int,
        recall: float,
        dense_weight: float,
        lexical_rows: int,
    ) -> None:
        self.store = store
        self.embedder = embedder
        self.candidates = candidates
        self.dense_weight = dense_weight
        self.lexical_rows = lexical_rows
        self._vectors: PassageVectors | None = None
        self._upkeep = Upkeep(store, embedder, exact_passages=exact_passages, recall=recall)
        self._lock = threading.Lock()

    def warm_up(self) -> None:
        """Load the models and the vectors; clear up after processes that were killed."""
        self.embedder.warm_up()
        self._upkeep.tidy()
        with self._lock, self.store.snapshot():
            self._upkeep.begin(self._current())

    def wait(self) -> None:
        """Until nothing is being built beside the searches."""
        self._upkeep.wait()

    def settle(self) -> None:
        """Leave behind what the next process loads fast; for a process that ends."""
        self._upkeep.settle()

    def build_anew(self) -> None:
        """Take nothing from what is cached, in memory or on disk."""
        with self._lock:
            self._vectors = None
            self._upkeep.build_anew()

    def check(self) -> list[str]:
        """In what the vectors, in memory and on disk, contradict the store."""
        with self._lock, self.store.snapshot():
            problems = list(vector_loading.contradictions(self.store, self._current()))
            return problems + vector_loading.damage(self.store, self.embedder.dimension)

    def search(self, query: str, limit: int, filters: Filters | None = None) -> Retrieval:
        """The ``limit`` passages most likely to answer ``query``, all of one generation."""
        with self.searching(query, limit, filters) as retrieval:
            return retrieval

    @contextmanager
    def searching(
        self, query: str, limit: int, filters: Filters | None = None
    ) -> Iterator[Retrieval]:
        """The same; until the end of the context the store is read as the search saw it."""
        filters = filters or Filters()
        embedded = self.embedder.embed([query])[0]
        with ExitStack() as snapshot:
            # The lock keeps another thread from moving the vectors past this snapshot.
            with self._lock:
                snapshot.enter_context(self.store.snapshot())
                retrieval = self._search(query, embedded, limit, filters)
            yield retrieval

    def _search(self, query: str, embedded: Vectors, limit: int, filters: Filters) -> Retrieval:
        vectors = self._current()
        self._upkeep.begin(vectors)
        allowed = self.store.allowed_passages(filters) if filters else None
        dense = vectors.search(
            embedded,
            self.candidates,
            self.store.vectors,
            None if allowed is None else np.array(allowed, dtype=np.int64),
        )
        bm25, greatest = self._lexical(query, [i for i, _ in dense], filters, len(vectors))
        cosines = self._cosines(embedded, dict(dense), list(bm25))
        fused = fuse(cosines, bm25, greatest, self.dense_weight)[:limit]
        passages = self.store.passages([i for i, _ in fused])
        generation = self.store.generation()
        return Retrieval(
            tuple(
                RetrievedPassage(passages[i], score, cosines[i], bm25.get(i))
                for i, score in fused
                if i in passages  # whatever the vectors say, the store knows what there is
            ),
            generation,
            len(vectors),
            len(vectors) if allowed is None else len(allowed),
        )

    def _lexical(
        self, query: str, dense: Sequence[int], filters: Filters, indexed: int
    ) -> tuple[dict[int, float], float]:
        """BM25 of what full-text search proposes and of ``dense``, and what it stays below."""
        asked = terms(query)
        held = {phrase: self.store.holding(phrase) for phrase in (*asked.words, *asked.pairs)}
        counts = {phrase: count for phrase, count in held.items() if count}
        if not counts:
            return {}, 0.0
        rare = rarest(counts, self.lexical_rows)
        found = self.store.lexical(
            any_of(counts),
            self.candidates,
            filters,
            # What passes a filter may hold the common words only.
            narrower=any_of(rare) if len(rare) < len(counts) and not filters else None,
            also=dense,
        )
        return dict(found), most(counts, indexed)

    def _cosines(
        self, embedded: Vectors, known: dict[int, float], wanted: Sequence[int]
    ) -> dict[int, float]:
        """Those that the search told already, and the others'."""
        others = [passage_id for passage_id in wanted if passage_id not in known]
        if others:
            ids, vectors = self.store.vectors(others)
            known.update(zip(ids.tolist(), (vectors @ embedded).tolist(), strict=True))
        return known

    def _current(self) -> PassageVectors:
        """The vectors of the snapshot's generation."""
        ready = self._upkeep.take(self.store.generation())
        if ready is not None:
            self._vectors = ready
            native.return_freed_memory()
        if self._vectors is None or not vector_loading.is_current(self.store, self._vectors):
            self.store.check_embedder(self.embedder.name, self.embedder.dimension)
            held, self._vectors = self._vectors, None  # half changed is worse than none
            self._vectors = self._brought_up(held)
        return self._vectors

    def _brought_up(self, held: PassageVectors | None) -> PassageVectors:
        if held is not None and vector_loading.belongs(self.store, held):
            vector_loading.catch_up(self.store, held)
            return held
        if held is not None:
            log.warning(
                "The library in %s was put back to another state; its vectors are read anew.",
                self.store.folder,
            )
        return vector_loading.load(self.store, self.embedder.dimension)


def fuse(
    cosines: Mapping[int, float], bm25: Mapping[int, float], greatest: float, dense_weight: float
) -> list[tuple[int, float]]:
    """Ids with a convex combination of both scores, best first.

    Bruch, Gai & Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval", found such
    a combination better than reciprocal ranks, which forget how much better the better one is.
    BM25 is taken as a share of what the query's words can reach at most, so that a question of
    which little was found trusts it little.

    Args:
        cosines: of all candidates.
        bm25: of those that hold a word of the query; those without have a share of nothing.
        greatest: what no ``bm25`` exceeds.
    """
    scores = {
        passage_id: dense_weight * cosine
        + (1 - dense_weight) * (bm25.get(passage_id, 0.0) / greatest if greatest else 0.0)
        for passage_id, cosine in cosines.items()
    }
    rounded = {passage_id: round(score, _DIGITS) for passage_id, score in scores.items()}
    return sorted(rounded.items(), key=lambda item: (-item[1], item[0]))
