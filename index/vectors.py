"""The FAISS index of one process: passage ids and vectors, a cache of what SQLite holds.

A saved index is a line of JSON (library, generation, checksum) and FAISS's own bytes. FAISS
parses files in native code, so bytes whose checksum does not fit are never handed to it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from index.embedding import Vectors

FILE_NAME = "vectors.faiss"
_HEADER_AT_MOST = 4_096

Ids = NDArray[np.int64]


class FaissVectors:
    """Exact inner-product search over unit vectors, by passage id."""

    def __init__(self, dimension: int, library_id: str) -> None:
        self.dimension = dimension
        self.library_id = library_id
        self.generation = 0
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def ids(self) -> Ids:
        """All passage ids, in no order."""
        return np.asarray(faiss.vector_to_array(self._index.id_map), dtype=np.int64)

    def apply(self, added: Ids, vectors: Vectors, removed: Ids, generation: int) -> None:
        """Bring the index to ``generation``; ``vectors`` has shape (len(added), dimension)."""
        if len(removed) and len(self):
            self._index.remove_ids(removed)
        if len(added):
            self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), added)
        self.generation = generation

    def search(
        self, query: Vectors, limit: int, allowed: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """The ids nearest to ``query`` (shape (dimension,)) with their cosines, best first.

        Args:
            allowed: if given, only these ids are searched.
        """
        limit = min(limit, len(self))
        if limit == 0 or (allowed is not None and not len(allowed)):
            return []
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBatch(np.asarray(allowed, dtype=np.int64))
            parameters = faiss.SearchParameters(sel=selector)
        cosines, ids = self._index.search(query[None, :], limit, params=parameters)
        return [
            (int(i), float(cosine)) for i, cosine in zip(ids[0], cosines[0], strict=True) if i >= 0
        ]

    def cosines(self, query: Vectors, ids: Sequence[int]) -> dict[int, float]:
        """The cosine of ``query`` with each of the vectors that ``ids`` name."""
        return {i: float(self._index.reconstruct(i) @ query) for i in ids}

    def save(self, folder: Path) -> None:
        """Replace the folder's cache so that a crash leaves the old one or the new one."""
        payload = faiss.serialize_index(self._index).tobytes()
        header: dict[str, int | str] = {
            "generation": self.generation,
            "dimension": self.dimension,
            "library": self.library_id,
        }
        header["sha256"] = _checksum(header, payload)
        handle, name = tempfile.mkstemp(dir=folder, prefix=FILE_NAME, suffix=".new")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(json.dumps(header).encode() + b"\n" + payload)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(folder / FILE_NAME)
            _fsync_folder(folder)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, folder: Path, dimension: int, library_id: str) -> FaissVectors | None:
        """The cached index, or None where it is missing, damaged or of another library."""
        try:
            header_line, _, payload = (folder / FILE_NAME).read_bytes().partition(b"\n")
            header = json.loads(header_line[:_HEADER_AT_MOST])
            if header.pop("sha256") != _checksum(header, payload):
                return None
            if (header["dimension"], header["library"]) != (dimension, library_id):
                return None
            loaded = cls(dimension, library_id)
            loaded._index = faiss.deserialize_index(np.frombuffer(payload, dtype=np.uint8))
            loaded.generation = int(header["generation"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError):
            return None
        return loaded


def _checksum(header: dict[str, int | str], payload: bytes) -> str:
    """SHA-256 over the header's other fields and FAISS's bytes."""
    return hashlib.sha256(json.dumps(header, sort_keys=True).encode() + payload).hexdigest()


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
