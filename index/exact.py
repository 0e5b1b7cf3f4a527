"""Vectors in float16, as the store holds them, all of which are compared with the query."""

from __future__ import annotations

import faiss
import numpy as np

from index.embedding import Vectors
from index.id_bits import IdBits, Ids

Found = tuple[Ids, Vectors]


class ExactVectors:
    """Inner-product search over vectors by passage id. Fast while the vectors fit a CPU's cache."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._half = faiss.IndexScalarQuantizer(
            dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self._index = faiss.IndexIDMap(self._half)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def ids(self) -> Ids:
        """All passage ids, in no order."""
        return np.asarray(faiss.vector_to_array(self._index.id_map), dtype=np.int64)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """``vectors`` has shape (len(ids), dimension)."""
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), ids)

    def remove(self, ids: Ids) -> None:
        """Ids that are not there are passed over."""
        if len(ids) and len(self):
            self._index.remove_ids(ids)

    def search(self, query: Vectors, limit: int, allowed: IdBits | None) -> Found:
        """Ids of the vectors nearest to ``query`` (shape (dimension,)) and their cosines."""
        limit = min(limit, len(self))
        if not limit:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        selector = allowed and allowed.selector()
        parameters = faiss.SearchParameters(sel=selector) if selector else None
        cosines, ids = self._index.search(query[None, :], limit, params=parameters)
        return ids[0][ids[0] >= 0], cosines[0][ids[0] >= 0]

    def rows(self, first: int, end: int) -> Found:
        """Ids and vectors of some of them, by their place."""
        return self.ids()[first:end], self._half.reconstruct_n(first, end - first)
