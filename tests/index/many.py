"""Libraries of many passages with random vectors, and the truth about them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import count

import numpy as np

from index.documents import Document, Span
from index.store import Prepared, Store
from tests.doubles import HashingEmbedder

DIMENSION = 16
MODEL = ("hashing", DIMENSION)
PER_DOCUMENT = 10

_numbers = count()
_chance = np.random.default_rng(7)
_CENTRES = _chance.standard_normal((12, DIMENSION))


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def random_vectors(many: int) -> np.ndarray:
    """Unit vectors around a dozen centres."""
    centres = _CENTRES[_chance.integers(0, len(_CENTRES), many)]
    return unit(centres + 0.7 * _chance.standard_normal((many, DIMENSION)))


def prepared() -> Prepared:
    number = next(_numbers)
    words = [f"Words {number} {part}. " for part in range(PER_DOCUMENT)]
    ends = np.cumsum([len(some) for some in words]).tolist()
    spans = [Span(end - len(some), end) for some, end in zip(words, ends, strict=True)]
    document = Document(f"/{number}.txt", str(number), "".join(words), "text/plain")
    return Prepared(document, spans, random_vectors(PER_DOCUMENT))


class Embedder(HashingEmbedder):
    """What the vectors are said to be of; its own are random like them."""

    def __init__(self) -> None:
        super().__init__(*MODEL)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        chance = np.random.default_rng([zlib.crc32(text.encode()) for text in texts])
        centres = _CENTRES[chance.integers(0, len(_CENTRES), len(texts))]
        return unit(centres + 0.7 * chance.standard_normal((len(texts), DIMENSION)))


EMBEDDER = Embedder()


def add(store: Store, passages: int) -> list[int]:
    """Add documents of ten passages each in one change; their ids."""
    return store.apply([prepared() for _ in range(passages // PER_DOCUMENT)], [], MODEL)


def remove(store: Store, documents: Sequence[int]) -> set[int]:
    """Remove documents in one change; the ids of their passages."""
    gone = set[int]()
    for document in documents:
        gone |= {
            r[0] for r in store.rows("SELECT id FROM passages WHERE document_id = ?", (document,))
        }
    store.apply([], documents, MODEL)
    return gone


def truth(store: Store, query: np.ndarray, limit: int, allowed=None) -> list[tuple[int, float]]:
    """The nearest passages, by comparing all that the store holds."""
    with store.snapshot():
        batches = list(store.each_vector(1_000))
    ids = np.concatenate([ids for ids, _ in batches])
    cosines = np.concatenate([vectors for _, vectors in batches]) @ query
    best = [at for at in np.argsort(-cosines) if allowed is None or ids[at] in allowed]
    return [(int(ids[at]), float(cosines[at])) for at in best[:limit]]
