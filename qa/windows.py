"""A passage as the reader sees it: tokens, what they stand for, and windows that fit the model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from index.lines import paragraphs

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_NO_WORD = -1


@dataclass(frozen=True, slots=True)
class Tokens:
    """All of a passage's tokens, one entry per token in each array.

    Attributes:
        starts, ends: offsets in the passage's text, in code points.
        words: the number of the word that it is a piece of.
        paragraphs: the number of the paragraph that it stands in.
    """

    ids: Ints
    starts: Ints
    ends: Ints
    words: Ints
    paragraphs: Ints


@dataclass(frozen=True, slots=True)
class Window:
    """A run of a passage's tokens that fits into the model beside the question.

    Attributes:
        starts, ends, paragraphs: as in `Tokens`.
        opens, closes: whether it is the first, the last piece of a word of this window.
    """

    ids: Ints
    starts: Ints
    ends: Ints
    opens: Flags
    closes: Flags
    paragraphs: Ints

    def __len__(self) -> int:
        return len(self.ids)


def tokens(text: str, encoding: Encoding) -> Tokens:
    """What the tokenizer made of ``text``, as arrays."""
    ids = np.array(encoding.ids, dtype=np.int64)
    offsets = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
    words = np.array([_NO_WORD if w is None else w for w in encoding.word_ids], dtype=np.int64)
    starts, ends = np.ascontiguousarray(offsets.T)
    return Tokens(ids, starts, ends, words, _paragraph_numbers(text, starts))


def windows(whole: Tokens, room: int, stride: int) -> Iterator[Window]:
    """Windows of at most ``room`` tokens, each sharing ``stride`` tokens with the one before."""
    for part in _cut(len(whole.ids), room, stride):
        opens, closes = word_edges(whole.words[part])
        yield Window(
            whole.ids[part],
            whole.starts[part],
            whole.ends[part],
            opens,
            closes,
            whole.paragraphs[part],
        )


def _cut(count: int, room: int, stride: int) -> Iterator[slice]:
    start = 0
    while True:
        stop = min(start + room, count)
        yield slice(start, stop)
        if stop == count:
            return
        start = stop - stride


def word_edges(words: Ints) -> tuple[Flags, Flags]:
    """Which tokens open and which close a word, so that no span cuts one in two.

    Args:
        words: the number of the word that each token is a piece of.
    """
    changes = words[1:] != words[:-1]
    edge = np.ones(min(len(words), 1), dtype=np.bool_)
    return np.concatenate([edge, changes]), np.concatenate([changes, edge])


def _paragraph_numbers(text: str, starts: Ints) -> Ints:
    """For each token, by where it starts, the number of the paragraph that it stands in."""
    begins = np.array([paragraph.start for paragraph in paragraphs(text)], dtype=np.int64)
    return np.searchsorted(begins, starts, side="right")
