"""Haystack's extractive pipeline over its in-memory store, as its tutorial on extractive question
answering sets it up: python -m benchmarks.peers.haystack_peer EMBEDDER READER READ."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from haystack import Document, Pipeline
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)
from haystack_integrations.components.readers.transformers import TransformersExtractiveReader

from benchmarks.peers.narrowing import cut
from benchmarks.peers.protocol import serve


class Haystack:
    def __init__(self, embedder: str, reader: str, read: int) -> None:
        self.embedder = embedder
        self.store = InMemoryDocumentStore()
        self.pipeline = Pipeline()
        self.pipeline.add_component(
            "embedder", SentenceTransformersTextEmbedder(model=embedder, progress_bar=False)
        )
        self.pipeline.add_component(
            "retriever", InMemoryEmbeddingRetriever(document_store=self.store, top_k=read)
        )
        loaded = TransformersExtractiveReader(model=reader, no_answer=False)
        loaded.warm_up()
        cut(loaded.model)
        self.pipeline.add_component("reader", loaded)
        self.pipeline.connect("embedder.embedding", "retriever.query_embedding")
        self.pipeline.connect("retriever.documents", "reader.documents")

    def index(self, passages: Sequence[dict[str, str]]) -> None:
        indexing = Pipeline()
        embedder = SentenceTransformersDocumentEmbedder(model=self.embedder, progress_bar=False)
        indexing.add_component("embedder", embedder)
        indexing.add_component("writer", DocumentWriter(document_store=self.store))
        indexing.connect("embedder", "writer")
        documents = [
            Document(content=each["text"], meta={"title": each["title"]}) for each in passages
        ]
        indexing.run({"documents": documents})

    def ask(self, question: str) -> str:
        found = self.pipeline.run(
            {"embedder": {"text": question}, "reader": {"query": question, "top_k": 5}}
        )
        answers = found["reader"]["answers"]
        return str(answers[0].data or "") if answers else ""


if __name__ == "__main__":
    serve(Haystack(sys.argv[1], sys.argv[2], int(sys.argv[3])))
