"""Files that are believed only if all of them is whole: a line of JSON, arrays, a checksum.

The arrays are raw little-endian numbers in the order in which they were written; SHA-256 over
all that stands before it ends the file. No native code parses any of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from index.durable import sync_data, sync_folder

_HEADER_AT_MOST = 16_384
_PIECE = 8_000_000
_CHECKSUM_BYTES = hashlib.sha256().digest_size
_UNFINISHED = ".new"

Header = dict[str, int | float | str]


class DamagedFile(Exception):
    """A file is not what was written; the message says in what."""


class Writer:
    """Passes arrays on to a file, and keeps the checksum."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._checksum = hashlib.sha256()

    def line(self, header: Header) -> None:
        self._put(json.dumps(header).encode() + b"\n")

    def array(self, values: NDArray[Any]) -> None:
        little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
        self._put(little.data.cast("B"))

    def finish(self) -> None:
        self._file.write(self._checksum.digest())

    def _put(self, data: bytes | memoryview) -> None:
        self._checksum.update(data)
        self._file.write(data)


class Reader:
    """Reads back what a `Writer` wrote. Nothing it returns may be believed before `finish`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._checksum = hashlib.sha256()
        self.left = os.fstat(file.fileno()).st_size - _CHECKSUM_BYTES

    def line(self) -> Header:
        line = self._file.readline(_HEADER_AT_MOST)
        self.left -= len(line)
        self._checksum.update(line)
        return _parsed(line)

    def array(self, dtype: type[Any], *shape: int) -> NDArray[Any]:
        """The next array; no memory is spent on more than the file holds."""
        kind = np.dtype(dtype).newbyteorder("<")
        size = kind.itemsize
        for length in shape:
            size *= length
        if not 0 <= size <= self.left:
            raise DamagedFile("it is too short for what its header says")
        data = bytearray(size)
        if self._file.readinto(data) != size:  # type: ignore[attr-defined]
            raise DamagedFile("it ended while it was read")
        self.left -= size
        self._checksum.update(data)
        return np.frombuffer(data, dtype=kind).reshape(shape)

    def finish(self) -> None:
        """Raise `DamagedFile` unless all was read, and is what was written."""
        if self.left:
            raise DamagedFile("it is longer than its header says")
        if self._file.read() != self._checksum.digest():
            raise DamagedFile("its checksum does not fit")


def peek(path: Path) -> Header | None:
    """A file's header, unverified; None if there is none. For telling whether reading pays."""
    try:
        with path.open("rb") as file:
            return _parsed(file.readline(_HEADER_AT_MOST))
    except (OSError, DamagedFile):
        return None


def verify(path: Path) -> None:
    """Raise `DamagedFile` if a file is not what was written, `OSError` if it cannot be read."""
    with path.open("rb") as file:
        reader = Reader(file)
        while (count := min(reader.left, _PIECE)) > 0:
            reader.array(np.uint8, count)
        reader.finish()


@contextmanager
def replacing(path: Path) -> Iterator[Writer]:
    """Write a file so that a crash at any moment leaves the old one or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=_UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as file:
            writer = Writer(file)
            yield writer
            writer.finish()
            file.flush()
            sync_data(file.fileno())
        Path(name).replace(path)
        sync_folder(path.parent)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def unfinished(path: Path) -> list[Path]:
    """What `replacing` has not finished: of a process that is at it, or that was killed."""
    return sorted(path.parent.glob(f"{path.name}*{_UNFINISHED}"))


def _parsed(line: bytes) -> Header:
    try:
        header = json.loads(line) if line.endswith(b"\n") else None
    except (ValueError, RecursionError) as error:
        raise DamagedFile("its header cannot be read") from error
    if not isinstance(header, dict):
        raise DamagedFile("it has no header")
    return header
