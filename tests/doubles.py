"""Deterministic stand-ins for the two models: the same interface, milliseconds, no weights."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np

from index.embedding import Vectors
from index.retrieval import STOP_WORDS
from qa.reader import PassageSpan, Reading

_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """A bag of words, each hashed to one of ``dimension`` numbers."""

    def __init__(self, name: str = "hashing", dimension: int = 64) -> None:
        self.name = name
        self.dimension = dimension
        self.embedded: list[str] = []

    def warm_up(self) -> None:
        pass

    def count_tokens(self, text: str) -> int:
        return len(_WORD.findall(text)) or len(text.split())

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in _WORD.findall(text.lower()):
                vectors[row, zlib.crc32(word.encode()) % self.dimension] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


class CapitalReader:
    """Answers with a passage's first capitalised word that the question does not hold.

    The logit is the number of the question's telling words that the passage holds, less two.
    """

    name = "capital"
    version = "of the double"

    def __init__(self) -> None:
        self.reads = 0

    def warm_up(self) -> None:
        pass

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        self.reads += 1
        asked = {word for word in _words(question) if word not in STOP_WORDS}
        return [self._one(asked, passage) for passage in passages]

    def _one(self, asked: set[str], passage: str) -> Reading:
        shared = len(asked & set(_words(passage)))
        for match in _WORD.finditer(passage):
            if match[0][0].isupper() and match[0].lower() not in asked:
                span = PassageSpan(match.start(), match.end(), 4.0 * shared - 6.0)
                return Reading((span,), 0.0)
        return Reading((), 0.0)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
