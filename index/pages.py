"""Sums of database pages, and what they find: CRC-32 finds, BLAKE2b proves.

CRC-32 (zlib's) is linear: one flipped bit changes it by a value that depends on the bit's place
alone and is different for each of a page's 32,768 bits, so a single flip is located, flipped
back, and the second sum tells whether that was right. It finds every damage of up to three bits
and every burst of up to 32; of the rest, all but one in 2**32.
"""

from __future__ import annotations

import hashlib
import os
import threading
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.durable import sync_data

PAGE_BYTES = 4_096
SUM_BYTES = 12
_STRONG_BYTES = 8
_PAGES_PER_READ = 256

SUMS = np.dtype([("crc", "<u4"), ("strong", "<u8")])  # packed: 12 bytes
Sums = NDArray[np.void]
Buffer = bytes | bytearray | memoryview


class Sum(NamedTuple):
    """CRC-32 and the first 8 bytes of BLAKE2b, little-endian."""

    crc: int
    strong: int


_ONES = 0xFFFFFFFF
UNKNOWN = Sum(0, 0)  # of a page whose sum was lost; no page that we have seen has it


def sum_of(data: Buffer) -> Sum:
    return Sum(zlib.crc32(data), _strong(data))


def crcs(data: memoryview) -> NDArray[np.uint32]:
    """The CRC-32 of each page of ``data``, which holds whole pages."""
    ends = range(PAGE_BYTES, len(data) + 1, PAGE_BYTES)
    return np.array([zlib.crc32(data[end - PAGE_BYTES : end]) for end in ends], np.uint32)


def flipped_bit(data: Buffer, expected: Sum) -> int | None:
    """The one bit that, flipped back, gives ``data`` its expected sum; None if there is none.

    Bit ``n`` is bit ``n % 8``, counted from the lowest, of byte ``n // 8``.
    """
    bit = _places(len(data)).get(zlib.crc32(data) ^ expected.crc)
    if bit is None or _strong(flipped(data, bit)) != expected.strong:
        return None
    return bit


def flipped(data: Buffer, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def with_sum(body: bytes) -> bytes:
    """A record that carries its own sum in its last 12 bytes."""
    crc, strong = sum_of(body)
    return body + crc.to_bytes(4, "little") + strong.to_bytes(_STRONG_BYTES, "little")


class Body(NamedTuple):
    data: bytes
    mended: bool  # one flipped bit of the record has been put right


def checked(record: bytes) -> Body | None:
    """The body of a record that `with_sum` made; None if more than one bit of it is wrong."""
    if len(record) <= SUM_BYTES:
        return None
    body, sums = record[:-SUM_BYTES], record[-SUM_BYTES:]
    stored = Sum(int.from_bytes(sums[:4], "little"), int.from_bytes(sums[4:], "little"))
    actual = sum_of(body)
    if actual == stored:
        return Body(body, mended=False)
    wrong = (actual.crc ^ stored.crc).bit_count() + (actual.strong ^ stored.strong).bit_count()
    if wrong == 1:  # in the sum itself
        return Body(body, mended=True)
    bit = flipped_bit(body, stored)
    return None if bit is None else Body(flipped(body, bit), mended=True)


def _strong(data: Buffer) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=_STRONG_BYTES).digest(), "little")


@lru_cache(maxsize=8)
def _places(size: int) -> dict[int, int]:
    """Of each change that one flipped bit makes to the CRC-32 of ``size`` bytes, the bit."""
    places: dict[int, int] = {}
    zero = zlib.crc32(b"\0")
    changes = [zlib.crc32(bytes([1 << bit])) ^ zero for bit in range(8)]  # in the last byte
    for byte in range(size - 1, -1, -1):
        for bit, change in enumerate(changes):
            places[change] = byte * 8 + bit
        # One zero byte further from the end: zlib's register is the complement of its result.
        changes = [zlib.crc32(b"\0", change ^ _ONES) ^ _ONES for change in changes]
    return places


class Signature(NamedTuple):
    """What tells cheaply that nobody has written to a file."""

    size: int
    modified_ns: int
    inode: int


class PageFile:
    """A database file, read and mended beside SQLite.

    POSIX drops all locks that a process holds on a file when it closes any descriptor of it,
    SQLite's locks too (sqlite.org/howtocorrupt.html, section 2.2). So a descriptor is kept, one
    per file, until the process ends or `release_descriptors` is called.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = _descriptor(path)

    def signature(self) -> Signature:
        found = os.fstat(self._descriptor)
        return Signature(found.st_size, found.st_mtime_ns, found.st_ino)

    def pages(self) -> int:
        """How many whole pages the file has."""
        return self.signature().size // PAGE_BYTES

    def page(self, number: int) -> bytes:
        """The page, counted from 1; shorter where the file ends."""
        return os.pread(self._descriptor, PAGE_BYTES, (number - 1) * PAGE_BYTES)

    def runs(self) -> Iterator[tuple[int, memoryview]]:
        """All whole pages: the number of the first of some, and their bytes until the next."""
        buffer = bytearray(_PAGES_PER_READ * PAGE_BYTES)
        first = 1
        while got := os.preadv(self._descriptor, [buffer], (first - 1) * PAGE_BYTES):
            whole = got // PAGE_BYTES
            yield first, memoryview(buffer)[: whole * PAGE_BYTES]
            if whole < _PAGES_PER_READ:
                return
            first += whole

    def flip(self, number: int, bit: int) -> None:
        """Turn one bit of a page around, on disk."""
        place = (number - 1) * PAGE_BYTES + bit // 8
        old = os.pread(self._descriptor, 1, place)
        os.pwrite(self._descriptor, flipped(old, bit % 8), place)

    def sync(self) -> None:
        sync_data(self._descriptor)


def release_descriptors() -> None:
    """Close what was kept. Only while this process has none of the databases open."""
    with _guard:
        for descriptor in _kept.values():
            os.close(descriptor)
        _kept.clear()


_guard = threading.Lock()
_kept: dict[tuple[int, int], int] = {}


def _descriptor(path: Path) -> int:
    with _guard:
        found = path.stat()
        key = (found.st_dev, found.st_ino)
        if key not in _kept:
            _kept[key] = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        return _kept[key]
