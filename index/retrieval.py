"""Finds passages: dense and lexical search, fused by rank."""

from __future__ import annotations

import logging
import re
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np

from index import native, vector_loading
from index.documents import Filters, RetrievedPassage
from index.embedding import Embedder, Vectors
from index.store import Store
from index.vector_upkeep import Upkeep
from index.vectors import PassageVectors

log = logging.getLogger(__name__)

_WORD = re.compile(r"\w+")
_QUERY_WORDS_AT_MOST = 32

# Function words and question words: they match nearly every passage and tell none apart.
_STOP_WORDS = """
    a about after all also am an and any are as at be because been before being between both but
    by can could did do does doing for from had has have having he her hers him his how i if in
    into is it its just many me more most much my no nor not of off on once only or other our
    out over own same she should so some such than that the their them then there these they
    this those through to too under until up very was we were what when where which while who
    whom whose why will with would you your s t
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

Ranking = Sequence[tuple[int, float]]


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
        rank_constant: the k of reciprocal rank fusion (Cormack et al. 2009).
        exact_passages, recall: see `index.vector_upkeep.Upkeep`.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        *,
        candidates: int,
        rank_constant: int,
        exact_passages: int,
        recall: float,
    ) -> None:
        self.store = store
        self.embedder = embedder
        self.candidates = candidates
        self.rank_constant = rank_constant
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
        match = match_expression(query)
        lexical = self.store.lexical(match, self.candidates, filters) if match else []
        fused = fuse([dense, lexical], self.rank_constant)[:limit]
        passages = self.store.passages([i for i, _ in fused])
        cosines = self._cosines(embedded, dict(dense), list(passages))
        bm25 = dict(lexical)
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


def match_expression(query: str) -> str:
    """An FTS5 expression: any of the query's words, each quoted, stop words left out."""
    words = list(dict.fromkeys(word.lower() for word in _WORD.findall(query)))
    telling = [word for word in words if word not in STOP_WORDS] or words
    return " OR ".join(f'"{word}"' for word in telling[:_QUERY_WORDS_AT_MOST])


def fuse(rankings: Sequence[Ranking], rank_constant: int) -> list[tuple[int, float]]:
    """Reciprocal rank fusion: ids with summed ``1 / (k + rank)``, best first."""
    scores: dict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, (passage_id, _) in enumerate(ranking, start=1):
            scores[passage_id] += 1 / (rank_constant + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
