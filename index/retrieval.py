"""Finds passages: dense and lexical search, fused by rank."""

from __future__ import annotations

import logging
import re
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from index.documents import Filters, RetrievedPassage
from index.embedding import Embedder
from index.store import Store
from index.vectors import FILE_NAME as CACHE_NAME
from index.vectors import FaissVectors

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
    """Searches one library; brings its FAISS index up to date before every search.

    Args:
        candidates: how many passages each of the two searches may return.
        rank_constant: the k of reciprocal rank fusion (Cormack et al. 2009).
    """

    def __init__(
        self, store: Store, embedder: Embedder, *, candidates: int, rank_constant: int
    ) -> None:
        self.store = store
        self.embedder = embedder
        self.candidates = candidates
        self.rank_constant = rank_constant
        self._vectors: FaissVectors | None = None
        self._lock = threading.Lock()

    def warm_up(self) -> None:
        """Load the models and the cached index; repair the cache if it was not current."""
        self.embedder.warm_up()
        with self._lock:  # while saving too: a search would move the vectors
            with self.store.snapshot():
                vectors = self._load()
                cached = vectors.generation
                self._refresh(vectors)
            if vectors.generation != cached:
                vectors.save(self.store.folder)

    def search(self, query: str, limit: int, filters: Filters | None = None) -> Retrieval:
        """The ``limit`` passages most likely to answer ``query``, all of one generation."""
        filters = filters or Filters()
        embedded = self.embedder.embed([query])[0]
        # The lock keeps another thread from moving the vectors past this snapshot.
        with self._lock, self.store.snapshot():
            vectors = self._load()
            self._refresh(vectors)
            allowed = self.store.allowed_passages(filters) if filters else None
            dense = vectors.search(embedded, self.candidates, allowed)
            match = match_expression(query)
            lexical = self.store.lexical(match, self.candidates, filters) if match else []
            fused = fuse([dense, lexical], self.rank_constant)[:limit]
            passages = self.store.passages([i for i, _ in fused])
            cosines = vectors.cosines(embedded, list(passages))
            bm25 = dict(lexical)
            generation = self.store.generation()
        return Retrieval(
            tuple(
                RetrievedPassage(passages[i], score, cosines[i], bm25.get(i)) for i, score in fused
            ),
            generation,
            len(vectors),
            len(vectors) if allowed is None else len(allowed),
        )

    def _load(self) -> FaissVectors:
        if self._vectors is None:
            self.store.check_embedder(self.embedder.name, self.embedder.dimension)
            dimension, library = self.embedder.dimension, self.store.library_id()
            cached = FaissVectors.load(self.store.folder, dimension, library)
            current = self.store.generation()
            if cached is None or cached.generation > current:
                if (self.store.folder / CACHE_NAME).exists():
                    log.warning("The vector cache does not fit the library; rebuilt from SQLite.")
                cached = FaissVectors(dimension, library)
            self._vectors = cached
        return self._vectors

    def _refresh(self, vectors: FaissVectors) -> None:
        if vectors.generation == self.store.generation():
            return
        self.store.check_embedder(self.embedder.name, self.embedder.dimension)
        changes = self.store.changes_since(vectors.generation, vectors.dimension)
        vectors.apply(changes.added, changes.vectors, changes.removed, changes.generation)


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
