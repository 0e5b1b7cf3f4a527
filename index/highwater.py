"""The last acknowledged generation, in a small file of its own.

SQLite silently ignores what follows a damaged frame of its log: a library whose generation is
lower than this one has lost changes that were acknowledged. Two records are written in turn, each
with its checksum, so that a torn write leaves the other.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import NamedTuple

from index.durable import sync_data, sync_folder
from index.pages import SUM_BYTES, checked, with_sum

FILE_NAME = "library.highwater"
_RECORD = struct.Struct("<4sQQ")  # magic, serial number, generation
_MAGIC = b"VHW1"
_RECORD_BYTES = _RECORD.size + SUM_BYTES
_PLACES = (0, 4_096)  # in different sectors
_FILE_BYTES = _PLACES[1] + _RECORD_BYTES


class _Record(NamedTuple):
    serial: int
    generation: int
    mended: bool


class HighWater:
    """The record of one data folder; who writes to it holds the lock against writers."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME

    def read(self) -> int | None:
        """The generation recorded last, a flipped bit put right; None if there is none."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            records = _records(descriptor)
        finally:
            os.close(descriptor)
        return max(records).generation if records else None

    def record(self, generation: int) -> None:
        """Remember ``generation``; when this returns, it lasts."""
        is_new = not self._path.exists()
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            serial = max((record.serial for record in _records(descriptor)), default=0) + 1
            _write(descriptor, _Record(serial, generation, mended=False))
            sync_data(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            sync_folder(self._path.parent)

    def mend(self) -> bool:
        """Write back what a flipped bit has damaged; whether there was something."""
        if not self._path.exists():
            return False
        descriptor = os.open(self._path, os.O_RDWR)
        try:
            found = os.pread(descriptor, _FILE_BYTES, 0)
            for record in _records(descriptor):
                if record.mended:
                    _write(descriptor, record)
            if any(found[_RECORD_BYTES : _PLACES[1]]):  # nothing is ever written there
                os.pwrite(descriptor, bytes(_PLACES[1] - _RECORD_BYTES), _RECORD_BYTES)
            changed = os.pread(descriptor, _FILE_BYTES, 0) != found
            sync_data(descriptor)
        finally:
            os.close(descriptor)
        return changed


def _records(descriptor: int) -> list[_Record]:
    found: list[_Record] = []
    for place in _PLACES:
        body = checked(os.pread(descriptor, _RECORD_BYTES, place))
        if body is not None and body.data.startswith(_MAGIC):
            _, serial, generation = _RECORD.unpack(body.data)
            found.append(_Record(serial, generation, body.mended))
    return found


def _write(descriptor: int, record: _Record) -> None:
    body = with_sum(_RECORD.pack(_MAGIC, record.serial, record.generation))
    os.pwrite(descriptor, body, _PLACES[record.serial % 2])
