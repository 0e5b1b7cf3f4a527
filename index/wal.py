"""Reads SQLite's write-ahead log without SQLite: which pages it holds, and whether it is whole.

The format is documented (sqlite.org/fileformat2.html#walformat): a header of 32 bytes, then
frames of a 24-byte header and a page. A frame counts if its salts are the header's and its
checksum, which runs on from frame to frame, fits; frames count up to the last that ends a
transaction. SQLite silently ignores all that follows a damaged frame, acknowledged or not.

The checksum is a sum of the log's 32-bit words, weighted with Fibonacci numbers, modulo 2**32. So
a frame's part of it is a product of matrices, and from the difference that a single flipped bit
makes the bit is mostly found: not where it is one of a word's highest bits, whose weights repeat.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from index.pages import PAGE_BYTES, flipped

HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24
FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES
_MAGIC = 0x377F0682  # little-endian checksums; the lowest bit set: big-endian
_VERSION = 3_007_000
_SUMMED_HEADER_BYTES = 8  # page number and database size
_FRAMES_PER_READ = 256
_MASK = 0xFFFFFFFF

State = tuple[int, int]
_Words = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Wal:
    """The committed part of a log.

    Attributes:
        salts: 8 bytes that are new each time the log begins anew; empty if there is no log.
        pages: the page number of each frame.
        sizes: of each frame that ends a transaction, the database's size in pages after it.
        flips: flipped bits, counted in the whole file, that reading has put right in memory.
        broken: the frame at which the log ends because of a flipped bit, which may be one of many.
    """

    path: Path
    salts: bytes = b""
    pages: tuple[int, ...] = ()
    sizes: tuple[int, ...] = ()
    flips: tuple[int, ...] = ()
    broken: int | None = None

    @property
    def frames(self) -> int:
        return len(self.pages)

    @property
    def page_count(self) -> int:
        """The database's size in pages; 0 if the log holds no transaction."""
        return self.sizes[-1] if self.sizes else 0

    def latest(self) -> dict[int, int]:
        """Of each page, the frame that holds its newest content."""
        return {page: frame for frame, page in enumerate(self.pages)}

    def contents(self, frames: Sequence[int]) -> Iterator[bytes]:
        """The pages in ``frames``, flipped bits put right."""
        if not frames:
            return
        with self.path.open("rb") as file:
            for frame in frames:
                start = HEADER_BYTES + frame * FRAME_BYTES
                file.seek(start)
                data = file.read(FRAME_BYTES)
                for bit in self.flips:
                    if 0 <= bit - 8 * start < 8 * FRAME_BYTES:
                        data = flipped(data, bit - 8 * start)
                yield data[FRAME_HEADER_BYTES:]


def read_wal(path: Path) -> Wal:
    """The log as it stands; no log, an empty one and an unreadable one hold no frames.

    Raises:
        ValueError: its pages have another size than ours.
    """
    try:
        with path.open("rb") as file:
            return _read(file, path)
    except FileNotFoundError:
        return Wal(path)


def mend_wal(wal: Wal) -> None:
    """Write back what reading has put right. The caller holds the lock against writers."""
    with wal.path.open("r+b", buffering=0) as file:
        for bit in wal.flips:
            file.seek(bit // 8)
            old = file.read(1)
            file.seek(bit // 8)
            file.write(flipped(old, bit % 8))


def _read(file: BinaryIO, path: Path) -> Wal:
    raw = file.read(HEADER_BYTES)
    bits = _flipped_header_bits(raw, file.read(FRAME_HEADER_BYTES)[8:16])
    file.seek(HEADER_BYTES)
    if bits is None or len(bits) > 1:
        return Wal(path, broken=None if bits is None else 0)
    header = flipped(raw, bits[0]) if bits else raw
    if (size := int.from_bytes(header[8:12], "big")) != PAGE_BYTES:
        raise ValueError(f"{path} has pages of {size} bytes; a library has {PAGE_BYTES}.")
    chain = _Chain(header, bits)
    while frames := file.read(_FRAMES_PER_READ * FRAME_BYTES):
        whole = len(frames) // FRAME_BYTES
        if not chain.add(np.frombuffer(frames, np.uint8, whole * FRAME_BYTES)):
            break
    return Wal(
        path,
        header[16:24],
        tuple(chain.pages[: chain.committed]),
        tuple(size for size in chain.sizes[: chain.committed] if size),
        tuple(chain.flips),
        chain.broken,
    )


class _Chain:
    """Follows the checksum from frame to frame."""

    def __init__(self, header: bytes, flips: list[int]) -> None:
        self.pages: list[int] = []
        self.sizes: list[int] = []
        self.committed = 0
        self.flips = flips
        self.broken: int | None = None
        self._salts = int.from_bytes(header[16:24], "big")
        self._order = ">" if header[3] & 1 else "<"
        self._state = _pair(header[24:32])

    def add(self, raw: NDArray[np.uint8]) -> bool:
        """Take the next frames; false if those behind them cannot matter."""
        rows = raw.reshape(-1, FRAME_BYTES)
        for row, part in zip(rows, self._parts(rows), strict=True):
            frame = row.tobytes()
            if not self._follows(frame, part) and not self._mended(frame, part):
                return False
        return True

    def _parts(self, rows: NDArray[np.uint8]) -> list[list[int]]:
        """What each frame adds to the checksum, whatever precedes it: shape (frames, 2)."""
        summed = [rows[:, :_SUMMED_HEADER_BYTES], rows[:, FRAME_HEADER_BYTES:]]
        words = np.concatenate(summed, axis=1).view(f"{self._order}u4").astype(np.uint32)
        parts: list[list[int]] = (words @ _WEIGHTS).tolist()
        return parts

    def _follows(self, frame: bytes, part: Sequence[int]) -> bool:
        page, size = _pair(frame[:8])
        if (
            page == 0
            or int.from_bytes(frame[8:16], "big") != self._salts
            or _advanced(self._state, part) != _pair(frame[16:24])
        ):
            return False
        self._state = _pair(frame[16:24])
        self.pages.append(page)
        self.sizes.append(size)
        if size:
            self.committed = len(self.pages)
        return True

    def _mended(self, frame: bytes, part: Sequence[int]) -> bool:
        """Put one flipped bit right, if exactly one explains why the frame does not follow."""
        bits = self._flipped_bits(frame, _advanced(self._state, part))
        if len(bits) > 1:
            self.broken = len(self.pages)
        if len(bits) != 1:
            return False
        right = flipped(frame, bits[0])
        place = HEADER_BYTES + len(self.pages) * FRAME_BYTES
        if not self._follows(right, self._parts(np.frombuffer(right, np.uint8)[None, :])[0]):
            return False
        self.flips.append(8 * place + bits[0])
        return True

    def _flipped_bits(self, frame: bytes, expected: State) -> list[int]:
        """The bits each of which would explain why the checksum is not the expected one."""
        salts = int.from_bytes(frame[8:16], "big") ^ self._salts
        stored = _pair(frame[16:24])
        if salts:
            alone = salts.bit_count() == 1 and stored == expected
            return [_bit_of(salts, 8)] if alone else []
        bits = self._flipped_words(frame, expected, stored)
        wrong = (stored[0] ^ expected[0]) << 32 | stored[1] ^ expected[1]
        if wrong.bit_count() == 1:
            bits.append(_bit_of(wrong, 16))
        return bits

    def _flipped_words(self, frame: bytes, expected: State, stored: State) -> list[int]:
        summed = frame[:_SUMMED_HEADER_BYTES] + frame[FRAME_HEADER_BYTES:]
        words = np.frombuffer(summed, f"{self._order}u4").astype(np.uint32)
        missing = np.array([(s - e) & _MASK for s, e in zip(stored, expected, strict=True)])
        found: list[int] = []
        for bit in range(32):
            weight = _WEIGHTS << np.uint32(bit)
            is_set = (words >> np.uint32(bit) & np.uint32(1)).astype(bool)
            change = np.where(is_set[:, None], np.uint32(0) - weight, weight)
            byte = bit // 8 if self._order == "<" else 3 - bit // 8
            for word in np.flatnonzero((change == missing).all(axis=1)).tolist():
                place = 4 * word + byte
                place += 0 if place < _SUMMED_HEADER_BYTES else FRAME_HEADER_BYTES - 8
                found.append(8 * place + bit % 8)
        return found


def _flipped_header_bits(raw: bytes, salts: bytes) -> list[int] | None:
    """The bits of a log's header each of which, turned around, makes it whole.

    None if it takes more than one, or if there is no header; empty if it is whole as it is.

    Args:
        salts: those of the first frame.
    """
    if len(raw) < HEADER_BYTES:
        return None
    if _is_header(raw):
        return []
    bits = [bit for bit in range(8 * HEADER_BYTES) if _is_header(flipped(raw, bit))]
    return [bit for bit in bits if flipped(raw, bit)[16:24] == salts] or None


def _is_header(raw: bytes) -> bool:
    magic, version = _pair(raw[:8])
    if magic | 1 != _MAGIC | 1 or version != _VERSION:
        return False
    words = np.frombuffer(raw[:24], ">u4" if magic & 1 else "<u4").tolist()
    state = (0, 0)
    for first, second in zip(words[::2], words[1::2], strict=True):
        low = (state[0] + first + state[1]) & _MASK
        state = (low, (state[1] + second + low) & _MASK)
    return state == _pair(raw[24:32])


def _pair(data: bytes) -> State:
    return int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")


def _bit_of(mask: int, start: int) -> int:
    """Where the one set bit of 8 big-endian bytes lies in a file, the bytes being at ``start``."""
    highest = mask.bit_length() - 1
    return 8 * (start + 7 - highest // 8) + highest % 8


def _advanced(state: State, part: Sequence[int]) -> State:
    (a, b), (c, d) = _STEP
    return (a * state[0] + b * state[1] + part[0]) & _MASK, (
        c * state[0] + d * state[1] + part[1]
    ) & _MASK


def _weights() -> tuple[_Words, tuple[State, State]]:
    """How each word of a frame, and the checksum before it, enter the checksum after it.

    One pair of words (x, y) makes (s, t) into (s + t + x, s + 2t + x + y).
    """
    pairs = (_SUMMED_HEADER_BYTES + PAGE_BYTES) // 8
    weights = np.empty((2 * pairs, 2), np.uint32)
    first, second = (1, 1), (0, 1)
    step = ((1, 0), (0, 1))
    for pair in range(pairs - 1, -1, -1):
        weights[2 * pair], weights[2 * pair + 1] = first, second
        first, second = _stepped(first), _stepped(second)
        step = (
            (step[0][0] + step[1][0] & _MASK, step[0][1] + step[1][1] & _MASK),
            (step[0][0] + 2 * step[1][0] & _MASK, step[0][1] + 2 * step[1][1] & _MASK),
        )
    return weights, step


def _stepped(weight: State) -> State:
    return (weight[0] + weight[1]) & _MASK, (weight[0] + 2 * weight[1]) & _MASK


_WEIGHTS, _STEP = _weights()
