"""What workers have finished, until it is stored and a little longer.

The writer stores a file as if it had done everything itself; wherever it is about to cut or embed,
it looks here first. What is not here, it does itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from index.documents import Document, Span
from index.embedding import Embedder, Vectors
from index.ray_loading.finishing import Finished
from index.records import passage_key

_PASSAGES_KEPT = 20_000  # some 40 MB; documents are marked anew soon after they are stored


class Shelf:
    """Finished files by origin, the latest ones."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, Finished] = OrderedDict()
        self._origins: dict[str, str] = {}  # of sources
        self._vectors: dict[bytes, tuple[Vectors, str]] = {}  # and whose they are, by origin
        self._passages = 0

    def put(self, finished: Finished) -> None:
        if finished.loaded is None:
            return
        origin = finished.loaded.origin.name
        self._drop(origin)
        self._files[origin] = finished
        self._passages += finished.passages()
        for document in finished.loaded.documents:
            self._origins[document.source] = origin
        for key, vector in finished.vectors.items():
            self._vectors[key] = (vector, origin)
        while self._passages > _PASSAGES_KEPT and len(self._files) > 1:
            self._drop(next(iter(self._files)))

    def passages(self, marked: Document) -> list[Span] | None:
        """The passages of exactly this text with exactly this furniture."""
        finished = self._files.get(self._origins.get(marked.source, ""))
        if finished is None or finished.loaded is None:
            return None
        for document, ways in zip(finished.loaded.documents, finished.cuts, strict=True):
            if document.source == marked.source and document.text == marked.text:
                for way in ways:
                    if way.furniture == marked.furniture:
                        return list(way.passages)
        return None

    def vector(self, key: bytes) -> Vectors | None:
        found = self._vectors.get(key)
        return None if found is None else found[0]

    def _drop(self, origin: str) -> None:
        finished = self._files.pop(origin, None)
        if finished is None or finished.loaded is None:
            return
        self._passages -= finished.passages()
        for document in finished.loaded.documents:
            if self._origins.get(document.source) == origin:
                del self._origins[document.source]
        for key in finished.vectors:
            if key in self._vectors and self._vectors[key][1] == origin:
                del self._vectors[key]


class ShelfEmbedder:
    """An embedder that computes only what no worker has.

    Attributes:
        embedded_here: texts that it had to embed itself.
    """

    def __init__(self, embedder: Embedder, shelf: Shelf) -> None:
        self._embedder = embedder
        self._shelf = shelf
        self.embedded_here = 0

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    def warm_up(self) -> None:
        self._embedder.warm_up()

    def count_tokens(self, text: str) -> int:
        return self._embedder.count_tokens(text)

    def embed(self, texts: Sequence[str]) -> Vectors:
        found = [self._shelf.vector(passage_key(text)) for text in texts]
        missing = [text for text, vector in zip(texts, found, strict=True) if vector is None]
        own = iter(self._embedder.embed(missing) if missing else ())
        self.embedded_here += len(missing)
        rows = [next(own) if vector is None else vector for vector in found]
        return np.stack(rows) if rows else np.empty((0, self.dimension), np.float32)
