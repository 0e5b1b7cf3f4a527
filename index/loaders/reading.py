"""A file's bytes, and nothing but a file's: no pipe, no device, no file that is being written."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import UnreadableDocument
from index.loaders.limits import Limits, too_many_bytes

_BLOCK_BYTES = 1 << 20
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def read(path: Path, limits: Limits) -> bytes:
    """All bytes of a regular file.

    Raises:
        UnreadableDocument: it is missing, no regular file, too large, or changed meanwhile.
    """
    return b"".join(_blocks(path, limits))


def sha256(path: Path, limits: Limits) -> str:
    """SHA-256 of the file, in hex, in constant memory; raises as `read` does."""
    digest = hashlib.sha256()
    for block in _blocks(path, limits):
        digest.update(block)
    return digest.hexdigest()


def _blocks(path: Path, limits: Limits) -> Iterator[bytes]:
    with _open(path) as descriptor:
        before = os.fstat(descriptor)
        _check_kind(before)  # again: the path may name something else by now
        if before.st_size > limits.max_file_bytes:
            raise too_many_bytes(before.st_size, limits)
        count = 0
        while count <= before.st_size and (block := os.read(descriptor, _BLOCK_BYTES)):
            count += len(block)
            yield block
        after = os.fstat(descriptor)
    if count != before.st_size or _state(before) != _state(after):
        raise UnreadableDocument("it changed while it was read; try again")


@contextmanager
def _open(path: Path) -> Iterator[int]:
    """Neither waits for the writer of a pipe nor starts what a device starts when opened."""
    try:
        _check_kind(path.stat())
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UnreadableDocument(f"it cannot be read: {error.strerror}") from error


def _check_kind(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for test, name in _KINDS if test(status.st_mode)), "something else")
        raise UnreadableDocument(f"it is {kind}, not a file")


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns
