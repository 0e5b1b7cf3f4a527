"""Compares the database file with its seal, and tells damage from another generation."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.pages import PAGE_BYTES, UNKNOWN, PageFile, Sum, Sums, crcs, flipped_bit, sum_of
from index.seal_file import PAGES_PER_BLOCK, SealFile, block_of
from index.wal import Wal

ZERO_PAGE = sum_of(bytes(PAGE_BYTES))  # a page that a growing file skips


class Flip(NamedTuple):
    """One flipped bit: bit ``bit % 8``, from the lowest, of byte ``bit // 8`` of the page."""

    page: int
    bit: int
    expected: Sum


@dataclass(slots=True)
class Differences:
    """Pages that are none of the things they may be."""

    flips: list[Flip] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)
    torn: list[int] = field(default_factory=list)  # the next checkpoint writes them anew
    missing: list[int] = field(default_factory=list)
    unchecked: int = 0

    @property
    def pages(self) -> list[int]:
        return [*(flip.page for flip in self.flips), *self.damaged, *self.missing]


def compare(database: PageFile, seal: SealFile, wal: Wal) -> Differences:
    sums = seal.all_sums()
    known = (sums["crc"] != UNKNOWN.crc) | (sums["strong"] != UNKNOWN.strong)
    found = Differences(unchecked=int((~known).sum()))
    doubts: list[int] = []
    for first, data in database.runs():
        actual = crcs(data)
        own = slice(first - 1, first - 1 + len(actual))
        wrong = np.ones(len(actual), np.bool_)
        wrong[: len(sums[own])] = (actual[: len(sums[own])] != sums[own]["crc"]) & known[own]
        doubts += (np.flatnonzero(wrong) + first).tolist()
    may_be = _Acceptable(sums, seal, wal)
    for page in doubts:
        may_be.judge(page, database.page(page), found)
    sizes = [seal.header.pages, *wal.sizes]
    sizes += [] if seal.log is None else [seal.log.header.pages]
    found.missing += range(database.pages() + 1, min(sizes) + 1)
    return found


class _Acceptable:
    """What a page may be."""

    def __init__(self, sums: Sums, seal: SealFile, wal: Wal) -> None:
        self._sums, self._log, self._wal = sums, seal.log, wal
        self._frames: dict[int, list[int]] = {}
        for frame, page in enumerate(wal.pages):
            self._frames.setdefault(page, []).append(frame)

    def judge(self, page: int, data: bytes, found: Differences) -> None:
        """Note in ``found`` what is wrong with the page, if anything is."""
        candidates = self._candidates(page)
        if sum_of(data) in candidates:
            return
        for expected in candidates:
            bit = flipped_bit(data, expected)
            if bit is not None:
                found.flips.append(Flip(page, bit, expected))
                return
        (found.torn if page in self._frames else found.damaged).append(page)

    def _candidates(self, page: int) -> list[Sum]:
        candidates = [sum_from(self._sums[page - 1])] if page <= len(self._sums) else [ZERO_PAGE]
        log = self._log
        if log is not None and page <= log.header.pages and block_of(page) in log.blocks:
            candidates.append(sum_from(log.blocks[block_of(page)][(page - 1) % PAGES_PER_BLOCK]))
        contents = self._wal.contents(self._frames.get(page, ()))
        return candidates + [sum_of(content) for content in contents]


class Stamp(NamedTuple):
    """What tells a library's contents apart from its other generations and other libraries."""

    generation: int
    digest: bytes


def stamp_of(connection: sqlite3.Connection) -> Stamp:
    rows = dict(
        connection.execute(
            "SELECT name, value FROM settings WHERE name IN ('generation', 'library_id')"
        )
    )
    text = f"{rows.get('library_id')}\n{rows.get('generation')}"
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    generation = str(rows.get("generation", 0))
    return Stamp(int(generation) if generation.isdecimal() else -1, digest)


def is_stale(database: Path, seal: SealFile, found: Differences) -> bool:
    """Whether the pages differ because another generation of the library was written."""
    if not found.pages and not found.torn:
        return False
    uri = f"{database.resolve().as_uri()}?immutable=1"  # without SQLite's log
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            stamp = stamp_of(connection)
            (page,) = connection.execute(
                "SELECT rootpage FROM sqlite_master WHERE name = 'settings'"
            ).fetchone()
    except (sqlite3.Error, ValueError, TypeError, OverflowError):
        return False
    sealed = [seal.header.stamp, *([] if seal.log is None else [seal.log.header.stamp])]
    if stamp.digest in sealed or stamp.generation < 0:  # the same, or none that was ever written
        return False
    # Flipped bits can make a generation into another: then nothing else differs by more. A commit
    # changes the page of the settings and that of the history.
    different = {*found.pages, *found.torn}
    flipped_alone = page in {flip.page for flip in found.flips} and not found.damaged
    return page in different and len(different) > 1 and not flipped_alone


def sum_from(entry: np.void) -> Sum:
    return Sum(int(entry["crc"]), int(entry["strong"]))
