"""Locks between processes: flock on a file of the data folder, which says who holds it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.errors import LibraryBusy

_POLL_SECONDS = 0.02
_NOTE_AT_MOST = 200


@contextmanager
def locked(path: Path, purpose: str, *, wait_seconds: float) -> Iterator[None]:
    """Hold the lock on ``path``; the kernel gives it back when the process dies, however it dies.

    Args:
        purpose: what the holder does, told to those who wait in vain.
        wait_seconds: how long to wait for another holder.

    Raises:
        LibraryBusy: another process, or another thread of this one, still holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _acquire(descriptor, path, wait_seconds)
        _note(descriptor, f"process {os.getpid()} ({purpose})")
        try:
            yield
        finally:
            _note(descriptor, "")
    finally:
        os.close(descriptor)


def _note(descriptor: int, words: str) -> None:
    """Say who holds the lock. On a full disk it holds without a note: deleting must go on."""
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, words.encode("utf-8", "replace")[:_NOTE_AT_MOST], 0)


def _acquire(descriptor: int, path: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise LibraryBusy(_complaint(descriptor, path, wait_seconds)) from error
            time.sleep(_POLL_SECONDS)
        else:
            return


def _complaint(descriptor: int, path: Path, wait_seconds: float) -> str:
    holder = os.pread(descriptor, _NOTE_AT_MOST, 0).decode("utf-8", "replace") or "another process"
    waited = f" and had not finished after {wait_seconds:.0f} seconds" if wait_seconds else ""
    return (
        f"The library in {path.parent} is in use: {holder} holds {path.name}{waited}. "
        "Try again when it is done."
    )
