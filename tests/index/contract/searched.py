"""A library and what searches it, as one process of several has them."""

from __future__ import annotations

from dataclasses import dataclass, field

from index.document_store import DocumentStore
from index.documents import Filters
from index.embedded_search import EmbeddedSearch
from index.passage_search import PassageSearch
from index.retrieval import Retriever
from index.store import Store
from tests.doubles import HashingEmbedder
from tests.index.contract.places import Place
from tests.index.libraries import EMBEDDER

SECONDS = 30.0  # that Milvus may take; a busy machine is no failure


@dataclass
class Searched:
    """One library, opened any number of times.

    Attributes:
        milvus_uri: empty for FAISS and FTS5.
    """

    place: Place
    milvus_uri: str = ""
    _opened: list[Retriever] = field(default_factory=list)

    def retriever(
        self,
        embedder: HashingEmbedder = EMBEDDER,
        *,
        store: DocumentStore | None = None,
        candidates: int = 20,
    ) -> Retriever:
        store = store or self.place.open(create=True)
        search = self._engine(store, embedder)
        made = Retriever(store, embedder, search, candidates=candidates, dense_weight=0.45)
        self._opened.append(made)
        return made

    def close(self) -> None:
        for retriever in self._opened:
            retriever.wait()
            retriever.passage_search.close()
        self.place.close()

    def _engine(self, store: DocumentStore, embedder: HashingEmbedder) -> PassageSearch:
        if not self.milvus_uri:
            assert isinstance(store, Store)
            return EmbeddedSearch(
                store, embedder, exact_passages=1_000, recall=1.0, lexical_rows=10_000
            )
        from index.milvus.connection import Server
        from index.milvus.search import MilvusSearch

        return MilvusSearch(store, embedder, Server(self.milvus_uri, seconds=SECONDS))


def texts(retriever: Retriever, query: str, filters: Filters | None = None) -> list[str]:
    found = retriever.search(query, 20, filters)
    assert found.degraded is None
    return [item.passage.text for item in found.passages]
