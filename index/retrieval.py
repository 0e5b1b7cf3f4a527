"""Finds passages: dense and lexical search, their scores fused."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from index.document_store import DocumentStore
from index.documents import Filters, RetrievedPassage
from index.embedding import Embedder, Vectors
from index.errors import SearchUnavailable
from index.lexical import STOP_WORDS, match_expression
from index.passage_search import PassageSearch

log = logging.getLogger(__name__)

__all__ = ["STOP_WORDS", "Retrieval", "Retriever", "fuse", "match_expression"]

_PUT_FORWARD = 10  # passages, of which one is enough
_DIGITS = 6  # of a score: sums that differ by their rounding only are equal


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What one search saw: passages, best first, of one generation of the library.

    ``indexed`` passages are in the library, ``searchable`` of them pass the filters. ``degraded``
    says why fewer passages may have been found than there are; None if all is well.
    """

    passages: tuple[RetrievedPassage, ...]
    generation: int
    indexed: int
    searchable: int
    degraded: str | None = None


class Retriever:
    """Searches one library, which its engine is brought up to before every search.

    Args:
        passage_search: the engine.
        candidates: how many passages each of the two searches may return.
        dense_weight: share of the cosine in the fused score, 0 to 1; see `fuse`.
        fallback: what searches while the engine is unavailable, worse but in this process; None
            if nothing does, and `SearchUnavailable` is raised.
    """

    def __init__(
        self,
        store: DocumentStore,
        embedder: Embedder,
        passage_search: PassageSearch,
        *,
        candidates: int,
        dense_weight: float,
        fallback: PassageSearch | None = None,
    ) -> None:
        self.store = store
        self.embedder = embedder
        self.passage_search = passage_search
        self.fallback = fallback
        self.candidates = candidates
        self.dense_weight = dense_weight
        self._warned = ""

    def warm_up(self) -> None:
        """Load the models and the vectors; clear up after processes that were killed."""
        self.embedder.warm_up()
        with self.passage_search.held(), self.store.snapshot():
            self.passage_search.warm_up()

    def wait(self) -> None:
        """Until nothing is being built beside the searches."""
        self.passage_search.wait()

    def settle(self) -> None:
        """Leave behind what the next process loads fast; for a process that ends."""
        self.passage_search.settle()

    def trouble(self) -> str | None:
        """Why the engine cannot be used just now; None if it can. See `fallback`."""
        return self.passage_search.trouble()

    def build_anew(self) -> None:
        """Take nothing from what is derived from the store, in memory, on disk or elsewhere."""
        with self.passage_search.held():
            self.passage_search.build_anew()

    def check(self) -> list[str]:
        """In what the engine contradicts the store."""
        with self.passage_search.held(), self.store.snapshot():
            return self.passage_search.check()

    def holds(self, word: str, filters: Filters | None = None) -> bool:
        """Whether a passage that passes the filters holds the word, or its title does.

        Called within `searching`, it tells of what that search saw, but for what was deleted since
        from an engine that many share. True also where the engine cannot be reached: the word is
        not known to be missing.
        """
        with self.passage_search.held(), self.store.snapshot():
            try:
                # An engine that has gone on since may put forward passages that are newer.
                found = self.passage_search.lexical(word, _PUT_FORWARD, filters or Filters())
            except SearchUnavailable:
                return True
        return bool(found.bm25)

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
            with self.passage_search.held():
                snapshot.enter_context(self.store.snapshot())
                retrieval = self._search(query, embedded, limit, filters)
            yield retrieval

    def _search(self, query: str, embedded: Vectors, limit: int, filters: Filters) -> Retrieval:
        try:
            found = self._searched(self.passage_search, query, embedded, limit, filters)
        except SearchUnavailable as error:
            if self.fallback is None:
                raise
            self._warn(str(error))
            found = self._searched(self.fallback, query, embedded, limit, filters)
            return replace(found, degraded=f"{self.fallback.engine} only: {error}")
        self._warned = ""
        return found

    def _warn(self, trouble: str) -> None:
        """Once, until a search goes well or meets another trouble."""
        if trouble != self._warned:
            self._warned = trouble
            log.warning("%s", trouble)

    def _searched(
        self,
        engine: PassageSearch,
        query: str,
        embedded: Vectors,
        limit: int,
        filters: Filters,
    ) -> Retrieval:
        engine.bring_up()
        nearest = engine.dense(embedded, self.candidates, filters)
        weighed = engine.lexical(query, self.candidates, filters, also=[*nearest.cosines])
        cosines = self._cosines(embedded, dict(nearest.cosines), list(weighed.bm25))
        fused = fuse(cosines, weighed.bm25, weighed.greatest, self.dense_weight)[:limit]
        passages = self.store.passages([i for i, _ in fused])
        generation = self.store.generation()
        return Retrieval(
            tuple(
                RetrievedPassage(passages[i], score, cosines[i], weighed.bm25.get(i))
                for i, score in fused
                if i in passages  # whatever the engine says, the store knows what there is
            ),
            generation,
            engine.indexed(),
            nearest.searchable,
        )

    def _cosines(
        self, embedded: Vectors, known: dict[int, float], wanted: Sequence[int]
    ) -> dict[int, float]:
        """Those that the search told already, and the others'."""
        others = [passage_id for passage_id in wanted if passage_id not in known]
        if others:
            ids, vectors = self.store.vectors(others)
            known.update(zip(ids.tolist(), (vectors @ embedded).tolist(), strict=True))
        return known


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
