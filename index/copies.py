"""Finds near copies: syndicated articles, shortened or lightly edited.

A text is compared as the set of its runs of five words (shingles, Broder 1997). A fixed share of
their hashes is the text's signature: hashes divisible by a number that grows with the text
(Broder's "mod m" sketch, today FracMinHash, Irber et al. 2022). Documents that share a sampled
shingle are candidates, `resemblance` compares their texts. MinHash with bands needs several
times the keys to find a story that was cut down to a third: it samples Jaccard, this containment.

All hashes are fixed by what they hash: every process and machine finds the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.documents import Span

COPY_AT_LEAST = 0.3

Hashes = NDArray[np.uint64]

_SHINGLE_WORDS = 5
_COMPARED_WORDS_AT_LEAST = 20  # a shorter text is a copy only of its equal
_SAMPLED_AT_LEAST = 16  # shingles of a text, on average; at most twice as many
_NEARLY_ALL = 0.75
_RUN_AT_MOST = 0.1  # of the shorter text that one shared run counts for
_RUN_SHINGLES = 20  # that it counts for in any case
# Scripts without spaces: each sign is a word.
_SIGNS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_SIGNS}]|[^\W{_SIGNS}]+")
_QUOTED = re.compile(r"[“„«‟][^“”„«»\n]{1,2000}[”“»]|\"[^\"\n]{1,2000}\"")


def signature(text: str, furniture: Sequence[Span] = ()) -> Hashes:
    """Sampled shingles of the text without its furniture: some 16 to 32 of them, sorted.

    Empty for a text without words; a text under 20 words is one shingle.
    """
    shingles = np.unique(_shingles(_words(text, furniture)))
    level = max(0, (len(shingles) // _SAMPLED_AT_LEAST).bit_length() - 1)
    sampled: Hashes = shingles[(shingles & np.uint64((1 << level) - 1)) == 0]
    return sampled


def bands(of: Hashes) -> list[bytes]:
    """Keys of 8 bytes to store and to look up; none for a text without words."""
    return [shingle.tobytes() for shingle in of.astype("<u8")]


def resemblance(
    text: str, furniture: Sequence[Span], other: str, other_furniture: Sequence[Span]
) -> float:
    """How much of the shorter text stands in the longer one, 0 to 1; a copy from `COPY_AT_LEAST`.

    Unless nearly all of it does, a run of shared words counts for a tenth of the text at most,
    and shared quotations do not count at all: two reports that print the same statement or the
    same paragraph about a company are not copies of each other.
    """
    ours, theirs = _words(text, furniture), _words(other, other_furniture)
    if min(len(ours), len(theirs)) < _COMPARED_WORDS_AT_LEAST:
        return float(ours == theirs and bool(ours))
    if (len(ours), text) > (len(theirs), other):
        return resemblance(other, other_furniture, text, furniture)
    found = np.isin(_shingles(ours), np.unique(_shingles(theirs)))
    own = found[_unquoted(text, furniture)]
    if len(own) < _COMPARED_WORDS_AT_LEAST:
        return _shared(found)
    return min(_shared(found), _shared(own))


def _shared(found: NDArray[np.bool_]) -> float:
    """The share of a text's shingles that were ``found``, each long run of them cut short."""
    share = float(found.mean())
    if share >= _NEARLY_ALL:
        return share
    ends = np.flatnonzero(np.diff(np.concatenate(([0], found, [0]))))
    runs = ends[1::2] - ends[::2]
    counted = np.minimum(runs, max(_RUN_SHINGLES, int(_RUN_AT_MOST * len(found))))
    return float(counted.sum() / len(found))


def _words(text: str, furniture: Sequence[Span]) -> list[str]:
    return _WORD.findall(_kept(text, furniture).casefold())


def _kept(text: str, furniture: Sequence[Span]) -> str:
    pieces: list[str] = []
    end = 0
    for mark in sorted(furniture):
        if mark.start > end:
            pieces.append(text[end : mark.start])
        end = max(end, mark.end)
    pieces.append(text[end:])
    return "\n".join(pieces)


def _unquoted(text: str, furniture: Sequence[Span]) -> NDArray[np.bool_]:
    """Of each shingle, whether no word of it stands in a quotation."""
    kept = _kept(text, furniture).casefold()
    quoted: list[bool] = []
    end = 0
    for match in _QUOTED.finditer(kept):
        quoted += [False] * len(_WORD.findall(kept, end, match.start()))
        quoted += [True] * len(_WORD.findall(match.group()))
        end = match.end()
    quoted += [False] * len(_WORD.findall(kept, end))
    return ~np.convolve(quoted, np.ones(_SHINGLE_WORDS, np.int64), "valid").astype(bool)


def _shingles(words: Sequence[str]) -> Hashes:
    """Their hashes in the order of the text; one hash of everything where words are few."""
    if len(words) < _COMPARED_WORDS_AT_LEAST:
        return np.array([_hash(" ".join(words))] if words else [], np.uint64)
    known = {word: _hash(word) for word in set(words)}
    hashes = np.fromiter((known[word] for word in words), np.uint64, len(words))
    count = len(words) - _SHINGLE_WORDS + 1
    mixed = np.zeros(count, np.uint64)
    for place in range(_SHINGLE_WORDS):
        mixed = (mixed ^ hashes[place : place + count]) * _MULTIPLIER
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd; 2**64 over the golden ratio
