"""The seal's two files: the sums of all pages, and the log of those about to change.

``library.seal`` is made of blocks of 4,096 bytes, each with its number and its own sum, so that
it is checked and mended as the database is: two equal headers, then the sums of 340 pages per
block. ``library.seal-log`` is empty, or holds a header and the blocks that are to replace those of
the seal: written and synced before the seal is touched, so that a torn write is written again.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index.durable import sync_data, sync_folder
from index.pages import (
    PAGE_BYTES,
    SUM_BYTES,
    SUMS,
    UNKNOWN,
    Body,
    Signature,
    Sums,
    checked,
    with_sum,
)

FILE_NAME = "library.seal"
LOG_NAME = "library.seal-log"
_MAGIC = b"VSEAL001"
_NUMBER_BYTES = 4
_PAYLOAD_BYTES = PAGE_BYTES - _NUMBER_BYTES - SUM_BYTES
PAGES_PER_BLOCK = _PAYLOAD_BYTES // SUMS.itemsize
_HEADERS = 2
_LOG_HEADER = 0xFFFFFFFF  # the number of the log's first block
_FIELDS = struct.Struct("<8s8sQQQ16sQQQ8sQ?I16s")


class SealDamaged(Exception):
    """Both headers of the seal are unreadable: what it says is lost."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the sums describe.

    Attributes:
        identity: of this seal; a log of another one is ignored.
        serial: grows by one with every sealing.
        pages: how many the database has.
        stamp: tells the library's contents, see `index.seal`.
        database: the file as it was when it was sealed.
        salts, frames: which part of SQLite's log the sums include.
        generation: the library's when it was sealed; for messages.
        stale: somebody else has changed the database; the sums say nothing.
    """

    identity: bytes
    serial: int
    generation: int
    pages: int
    stamp: bytes
    database: Signature
    salts: bytes
    frames: int
    stale: bool = False

    def pack(self, images: int = 0, digest: bytes = b"") -> bytes:
        packed = _FIELDS.pack(
            _MAGIC,
            self.identity,
            self.serial,
            self.generation,
            self.pages,
            self.stamp,
            *self.database,
            self.salts,
            self.frames,
            self.stale,
            images,
            digest,
        )
        return packed.ljust(_PAYLOAD_BYTES, b"\0")

    @classmethod
    def unpack(cls, payload: bytes) -> tuple[Header, int, bytes] | None:
        """The header, and of how many blocks with which digest it is the log's."""
        magic, identity, serial, generation, pages, stamp, *rest = _FIELDS.unpack_from(payload)
        if magic != _MAGIC:
            return None
        size, modified_ns, inode, salts, frames, stale, images, digest = rest
        database = Signature(size, modified_ns, inode)
        salts = salts.rstrip(b"\0") and salts
        header = cls(identity, serial, generation, pages, stamp, database, salts, frames, stale)
        return header, images, digest


@dataclass(frozen=True, slots=True)
class Log:
    """What the seal will be as soon as SQLite's log has been moved into the database."""

    header: Header
    blocks: Mapping[int, Sums]


class SealFile:
    """An open seal. Whoever writes to it holds the lock against writers.

    Attributes:
        mended: the seal's blocks in which reading has put one flipped bit right.
        log_mended: the same happened in the log.
        lost: the blocks damaged beyond that; the sums in them are unknown.
    """

    def __init__(self, folder: Path, descriptor: int) -> None:
        self.mended: set[int] = set()
        self.lost: set[int] = set()
        self.log_mended = False
        self._descriptor = descriptor
        self._log_path = folder / LOG_NAME
        self.header = self._read_header()
        self.log = self._read_log()
        if self.log is None:
            self.mended |= self.lost  # a header: the other one has all of it
        self.lost.clear()

    @classmethod
    def open(cls, folder: Path) -> SealFile | None:
        """The folder's seal; None if there is none. Raises `SealDamaged`."""
        try:
            descriptor = os.open(folder / FILE_NAME, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            return cls(folder, descriptor)
        except BaseException:
            os.close(descriptor)
            raise

    @staticmethod
    def create(folder: Path, header: Header, sums: Sums) -> None:
        """Write a new seal in place of any other; a crash leaves the old one or the new one."""
        header = replace(header, identity=secrets.token_bytes(8), serial=1)
        head = header.pack()
        whole = [_block(number, head) for number in range(_HEADERS)]
        for number in range(_blocks(len(sums))):
            own = sums[number * PAGES_PER_BLOCK : (number + 1) * PAGES_PER_BLOCK]
            whole.append(_sum_block(number, own))
        new = folder / f"{FILE_NAME}.new"
        with new.open("wb") as file:
            file.writelines(whole)
            file.flush()
            os.fsync(file.fileno())
        new.replace(folder / FILE_NAME)
        sync_folder(folder)

    def close(self) -> None:
        os.close(self._descriptor)

    def all_sums(self) -> Sums:
        """The sum of every page, page 1 first: shape (pages,)."""
        blocks = [self.sums(number) for number in range(_blocks(self.header.pages))]
        return np.concatenate([np.empty(0, SUMS), *blocks])[: self.header.pages]

    def sums(self, number: int) -> Sums:
        """A copy of one block of sums: shape (340,); zeros where the file ends before it."""
        if number >= _blocks(self.header.pages):
            return np.zeros(PAGES_PER_BLOCK, SUMS)
        log = self.log if self.log is not None and number in self.log.blocks else None
        if log is not None and log.header.serial == self.header.serial:
            return log.blocks[number].copy()  # the header came to disk, perhaps not the block
        body = self._read(_HEADERS + number)
        if body is None and log is not None:
            self.lost.discard(_HEADERS + number)  # cut short while the log was applied
            return log.blocks[number].copy()
        if body is None:
            return np.full(PAGES_PER_BLOCK, np.array(tuple(UNKNOWN), SUMS))
        return np.frombuffer(body.data[:-_NUMBER_BYTES], SUMS).copy()

    def write_log(self, header: Header, blocks: Mapping[int, Sums]) -> None:
        """Write down what `apply_log` will do; when this returns, it lasts."""
        images = b"".join(_sum_block(number, blocks[number]) for number in sorted(blocks))
        first = _block(_LOG_HEADER, header.pack(len(blocks), _digest(images)))
        is_new = not self._log_path.exists()
        with self._log_path.open("wb") as file:
            file.write(first + images)
            file.flush()
            sync_data(file.fileno())
        if is_new:
            sync_folder(self._log_path.parent)
        self.log = Log(header, dict(blocks))

    def apply_log(self, database: Signature) -> None:
        """Make the seal what the log says. May be done again, as often as it is cut short."""
        assert self.log is not None
        header = replace(self.log.header, database=database)
        for number, sums in self.log.blocks.items():
            self._write(_HEADERS + number, _sum_block(number, sums))
        os.ftruncate(self._descriptor, (_HEADERS + _blocks(header.pages)) * PAGE_BYTES)
        self.note(header)
        self.drop_log()

    def note(self, header: Header) -> None:
        """Replace the header; of the two, one is whole at any moment."""
        for number in range(_HEADERS):
            self._write(number, _block(number, header.pack()))
            if number == 0:
                sync_data(self._descriptor)
        self.header = header

    def drop_log(self) -> None:
        os.truncate(self._log_path, 0)
        self.log = None

    def mend(self) -> None:
        """Write back what has to be put right."""
        self.all_sums()
        for number in sorted(self.mended - set(range(_HEADERS))):
            body = checked(self._raw(number))
            if body is not None:
                self._write(number, with_sum(body.data))
        if self.log is not None and self.log_mended:
            self.write_log(self.log.header, self.log.blocks)
        self.note(self.header)
        sync_data(self._descriptor)
        self.mended.clear()

    def _read_header(self) -> Header:
        found: list[Header] = []
        for number in range(_HEADERS):
            body = self._read(number)
            header = None if body is None else Header.unpack(body.data)
            if header is not None:
                found.append(header[0])
        if not found:
            raise SealDamaged(f"Both headers of {FILE_NAME} are damaged.")
        return found[0]

    def _read(self, number: int) -> Body | None:
        body = _checked_block(self._raw(number), number)
        if body is None:
            self.lost.add(number)
        elif body.mended:
            self.mended.add(number)
        return body

    def _read_log(self) -> Log | None:
        """The log, unless it is another seal's, was cut short, or belongs to the past.

        One that seems to be applied already may be so in part: its header was written, not synced.
        """
        try:
            data = self._log_path.read_bytes()
        except FileNotFoundError:
            return None
        first = _checked_block(data[:PAGE_BYTES], _LOG_HEADER)
        unpacked = None if first is None else Header.unpack(first.data)
        if first is None or unpacked is None:
            return None
        header, images, digest = unpacked
        if header.identity != self.header.identity:
            return None
        if header.serial not in (self.header.serial, self.header.serial + 1):
            return None
        blocks: dict[int, Sums] = {}
        whole = b""
        for start in range(PAGE_BYTES, (images + 1) * PAGE_BYTES, PAGE_BYTES):
            body = _checked_block(data[start : start + PAGE_BYTES])
            if body is None:
                return None
            self.log_mended |= body.mended
            whole += with_sum(body.data)
            blocks[_number(body.data) - _HEADERS] = np.frombuffer(
                body.data[:-_NUMBER_BYTES], SUMS
            ).copy()
        self.log_mended |= first.mended
        return Log(header, blocks) if _digest(whole) == digest else None

    def _raw(self, number: int) -> bytes:
        return os.pread(self._descriptor, PAGE_BYTES, number * PAGE_BYTES)

    def _write(self, number: int, block: bytes) -> None:
        os.pwrite(self._descriptor, block, number * PAGE_BYTES)


def block_of(page: int) -> int:
    """The block of sums that has the page's; it stands there at ``(page - 1) % 340``."""
    return (page - 1) // PAGES_PER_BLOCK


def _blocks(pages: int) -> int:
    return -(-pages // PAGES_PER_BLOCK)


def _sum_block(number: int, sums: Sums) -> bytes:
    return _block(_HEADERS + number, sums.tobytes())


def _block(number: int, payload: bytes) -> bytes:
    padded = payload.ljust(_PAYLOAD_BYTES, b"\0")
    return with_sum(padded + number.to_bytes(_NUMBER_BYTES, "little"))


def _number(body: bytes) -> int:
    return int.from_bytes(body[-_NUMBER_BYTES:], "little")


def _checked_block(block: bytes, number: int | None = None) -> Body | None:
    body = checked(block) if len(block) == PAGE_BYTES else None
    if body is None or number not in (None, _number(body.data)):
        return None
    return body


def _digest(images: bytes) -> bytes:
    return hashlib.blake2b(images, digest_size=16).digest()
