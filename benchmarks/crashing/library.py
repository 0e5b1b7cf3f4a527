"""The library that is written to: texts that name their source, and no model."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.documents import Document
from index.embedded_search import EmbeddedSearch
from index.embedding import Vectors
from index.indexing import Indexer
from index.loaders import Limits
from index.retrieval import Retriever
from index.store import Store

WORDS = (
    "river",
    "lake",
    "hill",
    "wood",
    "mill",
    "ford",
    "dale",
    "marsh",
    "cliff",
    "shore",
    "field",
    "stone",
)
NAMES = [f"/crash/{number}.txt" for number in range(8)]
LIMITS = Limits(
    max_file_bytes=10**6,
    max_text_characters=10**6,
    max_pages=10,
    max_members=10,
    max_expanded_bytes=10**6,
    max_seconds=10.0,
    max_memory_bytes=10**9,
)

State = dict[str, str]  # source to text


class WordEmbedder:
    """A bag of hashed words: no model, since models are not what is tested here."""

    name = "words"
    dimension = 32

    def warm_up(self) -> None:
        pass

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.full((len(texts), self.dimension), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                vectors[row, zlib.crc32(word.encode()) % self.dimension] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@dataclass
class Parts:
    """One process' view of the library."""

    store: Store
    indexer: Indexer
    retriever: Retriever


def open_library(folder: Path) -> Parts:
    store = Store(folder, create=True)
    embedder = WordEmbedder()
    indexer = Indexer(
        store,
        embedder,
        passage_tokens=12,
        overlap_tokens=0,
        limits=LIMITS,
        mark_furniture=True,
    )
    # Few exact passages, so that there is an approximate index, in its file.
    retriever = Retriever(
        store,
        embedder,
        EmbeddedSearch(
            store,
            embedder,
            lexical_rows=10_000,
            exact_passages=20,
            recall=0.99,
        ),
        candidates=50,
        dense_weight=0.45,
    )
    return Parts(store, indexer, retriever)


def story(source: str, chance: random.Random) -> Document:
    """A text whose every sentence names its source and version."""
    tag = f"{Path(source).stem}v{chance.randrange(10**9)}"
    sentences = [
        f"The {' '.join(chance.sample(WORDS, 4))} of {tag} is number {number}."
        for number in range(chance.randint(1, 6))
    ]
    return Document(source, tag, " ".join(sentences), "text/plain")


def contents(store: Store) -> State:
    return {s.source: store.document(s.id).text for s in store.documents()}
