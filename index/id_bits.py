"""A set of passage ids as one bit per possible id: what FAISS asks for each vector it meets."""

from __future__ import annotations

import faiss
import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


class IdBits:
    """Passage ids grow from 1 and are never used again, so a million of them take 125 kB."""

    def __init__(self, ids: Ids) -> None:
        flags = np.zeros(int(ids.max(initial=-1)) + 1, dtype=bool)
        flags[ids] = True
        self._bits = np.packbits(flags, bitorder="little")

    def holds(self, ids: Ids) -> NDArray[np.bool_]:
        """For each of the ids whether it is in the set."""
        at = ids >> 3
        known = (ids >= 0) & (at < len(self._bits))
        known[known] = self._bits[at[known]] >> (ids[known] & 7).astype(np.uint8) & 1
        return known

    def discard(self, ids: Ids) -> int:
        """Take ids out; return how many of them were in."""
        held = np.unique(ids[self.holds(ids)])
        np.bitwise_and.at(self._bits, held >> 3, ~(1 << (held & 7)).astype(np.uint8))
        return len(held)

    def keep(self, others: IdBits) -> None:
        """Take out what is not in ``others`` too."""
        common = min(len(self._bits), len(others._bits))
        self._bits[:common] &= others._bits[:common]
        self._bits[common:] = 0

    def count(self) -> int:
        return int(np.bitwise_count(self._bits).sum())

    def ids(self) -> Ids:
        """The set as an array, in order."""
        return np.flatnonzero(np.unpackbits(self._bits, bitorder="little")).astype(np.int64)

    def selector(self) -> faiss.IDSelector:
        """What restricts a FAISS search to the set as it is now and will be."""
        return faiss.IDSelectorBitmap(self._bits)
