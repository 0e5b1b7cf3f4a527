"""Passage search by Milvus: dense HNSW and BM25 in one collection, which many processes share.

The store is the truth. Before every search the collection is compared with the store's
generation and brought up to it, by one process at a time; every search is of consistency level
Strong, so that it sees what any process has written. What Milvus proposes is then scored from
the store's own texts and vectors, by the formulas of the embedded engine, and what the store
does not have is passed over.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

from index.document_store import DocumentStore
from index.documents import Filters
from index.embedding import Embedder, Vectors
from index.errors import LibraryBusy, SearchUnavailable
from index.lexical import K1
from index.lexical import terms as asked_terms
from index.milvus import checking, schema, words
from index.milvus.connection import Connection, Server, is_missing
from index.milvus.filling import Filling, Progress
from index.milvus.state import Copy, CopyState, is_unloaded
from index.milvus.weighing import Words, bm25
from index.milvus.word_weights import Hits, WordWeights
from index.passage_search import Nearest, Weighed

if TYPE_CHECKING:
    from pymilvus import MilvusClient

T = TypeVar("T")

log = logging.getLogger(__name__)

LOCK_NAME = "milvus.lock"
_PATIENCE_SECONDS = 3.0  # while another process brings the collection up
_TEXTS_KEPT = 5_000


class MilvusSearch:
    """One library's collection.

    Args:
        server: where Milvus is.
        holding: tells in how many passages a phrase of FTS5 stands, where the store has full-text
            search; None to estimate it from what Milvus says.
        on_progress: told while many passages are put.
    """

    engine = "Milvus"

    def __init__(
        self,
        store: DocumentStore,
        embedder: Embedder,
        server: Server,
        *,
        holding: Callable[[str], int] | None = None,
        on_progress: Progress = lambda _done, _of: None,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._connection = Connection(server)
        self._on_progress = on_progress
        self._lock = threading.Lock()
        self._copy: Copy | None = None
        self._is_lost = False  # the collection is not there, and its record may be
        self._weights = WordWeights(holding, self._best)
        self._texts: dict[int, Words] = {}

    def held(self) -> AbstractContextManager[object]:
        return nullcontext()  # a search of passages that are gone finds the rest all the same

    def bring_up(self) -> None:
        self._store.check_embedder(self._embedder.name, self._embedder.dimension)
        if self._store.embedder() is None:
            return  # nothing was ever added
        if not self._lock.acquire(timeout=_PATIENCE_SECONDS):
            raise SearchUnavailable("This process is bringing Milvus up to date with the library.")
        try:
            if not self._is_good(self._copy):
                self._copy = self._brought_up()
                self._weights.forget()
        finally:
            self._lock.release()

    def indexed(self) -> int:
        return self._store.passage_count()

    def dense(self, query: Vectors, limit: int, filters: Filters) -> Nearest:
        searchable = self._store.allowed_count(filters) if filters else self.indexed()
        if not searchable:
            return Nearest({}, 0)
        params = {"metric_type": "IP", "params": {"ef": max(schema.EF, limit)}}
        found = self._search([query], "dense", params, limit, filters, ["id"])
        ids = self._allowed([hit["id"] for hit in found[0]], filters)
        known, vectors = self._store.vectors(ids)  # which leaves out what is not in the store
        cosines = dict(zip(known.tolist(), (vectors @ query).tolist(), strict=True))
        best = sorted(cosines.items(), key=lambda item: (-item[1], item[0]))
        return Nearest(dict(best), searchable)

    def lexical(
        self, query: str, limit: int, filters: Filters, also: Sequence[int] = ()
    ) -> Weighed:
        if not self.indexed():
            return Weighed({}, 0.0)
        asked = asked_terms(query)
        weights = self._weights.of(
            (*asked.words, *asked.pairs), self.indexed(), self._mean(lambda copy: copy.terms)
        )
        if not weights:
            return Weighed({}, 0.0)
        found = self._search(
            [" ".join(words.terms(list(weights)))],
            "sparse",
            {"metric_type": "BM25"},
            limit,
            filters,
            ["id"],
        )
        ids = self._allowed([hit["id"] for hit in found[0]], filters)
        texts = self._read([*dict.fromkeys([*ids, *also])])
        mean = self._mean(lambda copy: copy.words)
        scores = {passage: bm25(text, weights, mean) for passage, text in texts.items()}
        return Weighed(
            {passage: score for passage, score in scores.items() if score is not None},
            (K1 + 1) * sum(weights.values()),
        )

    def warm_up(self) -> None:
        """A Milvus that is down keeps no server from starting: its searches say so."""
        try:
            self.bring_up()
        except SearchUnavailable as error:
            log.warning("%s", error)

    def trouble(self) -> str | None:
        return self._connection.trouble()

    def check(self) -> list[str]:
        if self._store.embedder() is None:
            return []
        try:
            with self._lock:
                self._copy = self._brought_up()  # another process may have built it anew
                copy = self._copy
            return checking.contradictions(self._store, self._connection, copy)
        except SearchUnavailable as error:
            return [f"Milvus could not be compared with the library: {error}"]

    def build_anew(self) -> None:
        """Build a collection beside the one that is searched, and turn to it."""
        with self._lock, self._store.snapshot():
            if self._store.embedder() is None:
                return
            with self._alone():
                state = self._state()
                _, unfinished = state.read()
                filling = self._filling(state)
                if unfinished is not None:
                    filling.drop(unfinished)
                self._copy = filling.renew(None)
                self._weights.forget()

    def settle(self) -> None:
        """Bring Milvus up, so that the next search need not; what is stored is safe without."""
        try:
            with self._store.snapshot():
                self.bring_up()
        except SearchUnavailable as error:
            log.warning("%s It will be brought up to date by the next search.", error)

    def wait(self) -> None:
        pass

    def close(self) -> None:
        self._connection.close()

    def _state(self) -> CopyState:
        return CopyState(self._connection, self._store.library_id())

    def _filling(self, state: CopyState) -> Filling:
        return Filling(self._store, self._connection, state, self._on_progress)

    def _alone(self) -> AbstractContextManager[None]:
        return self._store.alone(
            LOCK_NAME, "bringing Milvus up to date", wait_seconds=_PATIENCE_SECONDS
        )

    def _brought_up(self) -> Copy:
        state = self._state()
        current, _ = state.read()
        if current is not None and self._is_recent(current) and not self._is_lost:
            return current
        try:
            with self._alone():
                current, following = state.read()
                filling = self._filling(state)
                if self._is_lost and current is not None and not filling.exists(current):
                    current = None
                self._is_lost = False
                if current is not None and self._is_recent(current):
                    return current
                return filling.bring_up(current, following)
        except LibraryBusy as error:
            raise SearchUnavailable(
                "Another process is bringing Milvus up to date with the library."
            ) from error

    def _is_good(self, copy: Copy | None) -> bool:
        """Whether what this process knows of Milvus will do; else Milvus is asked."""
        try:
            return copy is not None and self._is_recent(copy)
        except SearchUnavailable:
            return False

    def _is_recent(self, copy: Copy) -> bool:
        """Whether the copy has all that the snapshot has; it may be of a later generation.

        Raises `SearchUnavailable` if the library never was what the copy is of.
        """
        if (copy.embedder, copy.dimension) != self._store.embedder():
            return False
        generation = self._store.generation()
        if copy.generation > generation:
            token = _elsewhere(lambda: self._token(copy.generation))
        else:
            token = self._store.history_at(copy.generation)
        if copy.generation and token != copy.history:
            raise SearchUnavailable(
                f"Milvus has a generation {copy.generation} that this library never had: another "
                "copy of the library uses it, or this one was put back to an earlier state. If "
                "this one is right: python -m qa index verify --repair"
            )
        return copy.generation >= generation

    def _token(self, generation: int) -> str | None:
        try:
            return self._store.history_at(generation)
        finally:
            self._store.close()

    def _search(
        self,
        queries: list[Any],
        field: str,
        params: dict[str, Any],
        limit: int,
        filters: Filters,
        fields: list[str],
    ) -> Hits:
        alias = schema.alias_of(self._store.library_id())

        def search(client: MilvusClient, seconds: float) -> Hits:
            return [
                list(hits)
                for hits in client.search(
                    alias,
                    data=queries,
                    anns_field=field,
                    search_params=params,
                    limit=limit,
                    filter=schema.expression(filters),
                    output_fields=fields,
                    consistency_level="Strong",
                    timeout=seconds,
                )
            ]

        return self._reading(search, alias)

    def _reading(self, read: Callable[[MilvusClient, float], T], collection: str) -> T:
        """A call that reads; a collection that a restarted server has not in memory is loaded."""

        def loading(client: MilvusClient, seconds: float) -> T:
            try:
                return read(client, seconds)
            except Exception as error:
                if is_missing(error):
                    self._copy, self._is_lost = None, True
                    raise SearchUnavailable(
                        f"Milvus has no collection {collection}, which it had. The next search "
                        "builds it anew."
                    ) from None
                if not is_unloaded(error):
                    raise
                client.load_collection(collection, timeout=seconds)
                return read(client, seconds)

        return self._connection.call(loading)

    def _allowed(self, ids: list[int], filters: Filters) -> list[int]:
        """Those that pass the filters by what the store says, in the same order."""
        if not filters or not ids:
            return ids
        passing = {entry.id for entry in self._store.search_entries(ids) if _passes(entry, filters)}
        return [passage for passage in ids if passage in passing]

    def _read(self, ids: list[int]) -> dict[int, Words]:
        """The words of those of the passages that exist; no passage ever changes."""
        missing = [passage for passage in ids if passage not in self._texts]
        found = {passage: self._texts[passage] for passage in ids if passage in self._texts}
        for entry in self._store.search_entries(missing):
            found[entry.id] = Words.of(entry.title, entry.text)
        if len(self._texts) + len(missing) > _TEXTS_KEPT:
            self._texts = {}
        self._texts |= {passage: found[passage] for passage in missing if passage in found}
        return found

    def _best(self, terms: list[str]) -> Hits:
        """The passage that suits each term best."""
        return self._search(terms, "sparse", {"metric_type": "BM25"}, 1, Filters(), ["id", "lex"])

    def _mean(self, total: Callable[[Copy], int]) -> float:
        """Per passage."""
        copy = self._copy
        return total(copy) / copy.passages if copy is not None and copy.passages else 0.0


def _passes(entry: Any, filters: Filters) -> bool:
    return (
        (not filters.document_ids or entry.document_id in filters.document_ids)
        and filters.has_source(entry.source)
        and (filters.date_from is None or (entry.date or "") >= filters.date_from)
        and (filters.date_to is None or (entry.date is not None and entry.date <= filters.date_to))
    )


def _elsewhere(read: Callable[[], T]) -> T:
    """Run in another thread, whose reads see what was written after this one's snapshot."""
    found: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            found.append(read())
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, name="milvus generation")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return found[0]
