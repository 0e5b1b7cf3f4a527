"""The library's SQLite file: connections, snapshots, and transactions that count generations."""

from __future__ import annotations

import errno
import logging
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index import seal
from index.database import LOCK_SECONDS, close, connect, prepare
from index.errors import DiskFull, LibraryBusy
from index.highwater import HighWater
from index.library import Library
from index.locking import locked

log = logging.getLogger(__name__)

LOCK_NAME = "library.lock"
_SEALED_FROM_BYTES = 64_000_000  # of SQLite's log, before it is moved into the database file


class LibraryConnection(Library):
    """One connection per thread to the SQLite file of a data folder.

    Args:
        folder: the data folder.
        create: make the library if there is none; otherwise `LibraryMissing` is raised.
    """

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.folder = folder
        self.name = str(folder)
        self._path = prepare(folder, create=create)
        self._local = threading.local()

    @property
    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = connect(self._path)
        connection: sqlite3.Connection = self._local.connection
        return connection

    def close(self) -> None:
        """Close this thread's connection."""
        if hasattr(self._local, "connection"):
            close(self._local.connection, self.folder)
            del self._local.connection

    @contextmanager
    def alone(self, name: str, purpose: str, *, wait_seconds: float = 0) -> Iterator[None]:
        with locked(self.folder / name, purpose, wait_seconds=wait_seconds):
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN")
        try:
            self.generation()  # a deferred transaction starts with its first read
            yield
        finally:
            self._connection.execute("COMMIT")

    @contextmanager
    def writing(self, purpose: str) -> Iterator[int]:
        lock = self.folder / LOCK_NAME
        with needing_room(self.folder), locked(lock, purpose, wait_seconds=LOCK_SECONDS):
            with self._transaction() as generation:
                self._begin_generation(generation, secrets.token_hex(8))
                yield generation
            self._secure(generation)

    def _secure(self, generation: int) -> None:
        """The change is committed: a disk that is too full to seal it does not undo it."""
        try:
            HighWater(self.folder).record(generation)
            if self._log_bytes() > _SEALED_FROM_BYTES:
                seal.checkpoint_and_seal(self._connection, self.folder)
        except (sqlite3.OperationalError, OSError) as error:
            log.warning("The library in %s could not be sealed: %s", self.folder, error)

    def _log_bytes(self) -> int:
        try:
            return self._path.with_name(f"{self._path.name}-wal").stat().st_size
        except FileNotFoundError:
            return 0

    @contextmanager
    def _transaction(self) -> Iterator[int]:
        connection = self._connection
        self._begin(connection)
        try:
            yield self.generation() + 1
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _begin(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
                raise
            raise LibraryBusy(
                f"Another process has been writing to the library in {self.folder} "
                f"for {LOCK_SECONDS:.0f} seconds. Try again when it is done."
            ) from error


@contextmanager
def needing_room(folder: Path) -> Iterator[None]:
    """Calls a full disk by its name: raises `DiskFull`."""
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        if not _no_room(error):
            raise
        raise DiskFull(
            f"There is no room left to write to {folder}. What was being written was given up; "
            "what was stored before stands. Free some space and try again."
        ) from error


def _no_room(error: sqlite3.OperationalError | OSError) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL  # not all have one
