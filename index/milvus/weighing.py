"""BM25 of the passages that were proposed, by FTS5's formula, computed from their texts.

Milvus' own figures rank its proposals and are not used beyond that: they are computed by another
formula, from other lengths, and by some servers part by part. Of each term only its inverse
document frequency is taken from Milvus, from the score of the passage that it suits best.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.lexical import K1, LEAST_WEIGHT
from index.milvus.words import Phrase, stems

_B = 0.75


@dataclass(frozen=True, slots=True)
class Words:
    """A passage as FTS5 counts it: the words of its title, and those of its text."""

    title: Sequence[str]
    text: Sequence[str]

    @classmethod
    def of(cls, title: str, text: str) -> Words:
        return cls(stems(title), stems(text))

    def __len__(self) -> int:
        return len(self.title) + len(self.text)

    def count(self, phrase: Phrase) -> int:
        return _count(self.title, phrase) + _count(self.text, phrase)


def weight(score: float, times: int, length: float) -> float:
    """FTS5's weight of a term, of which Milvus gave a passage this BM25.

    Milvus: ln(1 + (N - n + 0.5) / (n + 0.5)), where FTS5 has no "1 +".

    Args:
        times: how often the passage has the term.
        length: the passage's number of terms, as a share of the mean.
    """
    frequency = score * (times + K1 * (1 - _B + _B * length)) / (times * (K1 + 1))
    inner = math.expm1(min(frequency, 50.0))
    return max(math.log(inner), LEAST_WEIGHT) if inner > 0 else LEAST_WEIGHT


def bm25(words: Words, weights: Mapping[Phrase, float], mean: float) -> float | None:
    """What FTS5's ``-bm25()`` is of the passage; None if it holds none of the phrases.

    Args:
        weights: of each phrase; one that was asked for twice counts twice in its weight.
        mean: number of words of a passage.
    """
    norm = K1 * (1 - _B + _B * len(words) / mean) if mean else K1
    found = [(words.count(phrase), value) for phrase, value in weights.items()]
    if not any(times for times, _ in found):
        return None
    return sum(value * times * (K1 + 1) / (times + norm) for times, value in found)


def _count(words: Sequence[str], phrase: Phrase) -> int:
    if len(phrase) == 1:
        return list(words).count(phrase[0])
    size = len(phrase)
    return sum(
        tuple(words[at : at + size]) == phrase for at, word in enumerate(words) if word == phrase[0]
    )
