"""The SQLite file of conversations and judgements: connections, transactions, schema versions.

It stands beside the library's file, not in it: that one has page checksums and generations of its
own, and a conversation must outlive a library that is made anew.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from index.connection import needing_room
from index.errors import LibraryBusy, LibraryError, SchemaTooNew
from index.library import Connection
from index.locking import locked

FILE_NAME = "conversations.sqlite3"
_LOCK_NAME = "conversations.lock"
_LOCK_SECONDS = 30.0

_FIRST = """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,           -- empty until there is a first question
    words TEXT NOT NULL,           -- the title as searches compare it
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    changed INTEGER NOT NULL UNIQUE, -- grows with every turn of any conversation: their order
    deleted_at TEXT                -- not null while the deletion can still be undone
) STRICT;
CREATE TABLE turns (
    conversation_id TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
    number INTEGER NOT NULL,       -- counted from 1
    question TEXT NOT NULL,
    answer TEXT NOT NULL,          -- the best answer's text; empty where there was none
    answer_set TEXT NOT NULL,      -- JSON, as the API returned it
    words TEXT NOT NULL,           -- question, answers and cited titles as searches compare them
    asked_at TEXT NOT NULL,
    PRIMARY KEY (conversation_id, number)
) STRICT;
CREATE TABLE feedback (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,      -- names what was judged: a second judgement replaces the first
    question TEXT NOT NULL,
    answer TEXT,                   -- null: that nothing was answered was judged
    correct INTEGER NOT NULL CHECK (correct IN (0, 1)),
    details TEXT NOT NULL,         -- JSON
    given_at TEXT NOT NULL
) STRICT;
"""
_MIGRATIONS = (_FIRST,)  # number n makes version n of the schema; a published one never changes


class Database(Protocol):
    """What keeps conversations and judgements: the file of a data folder, or PostgreSQL.

    Both run the same SQL; see `index.library.Connection`.
    """

    def reading(self) -> AbstractContextManager[Connection]: ...
    def writing(self) -> AbstractContextManager[Connection]: ...
    def empty_log(self) -> None: ...


class ConversationsUnreadable(LibraryError):
    """The file of conversations is damaged; the library is not concerned."""


class ConversationDatabase:
    """One connection a thread to ``FOLDER/conversations.sqlite3``, made when first used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE_NAME
        self._local = threading.local()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """All reads inside see one state of the file."""
        with self._named_errors():
            connection = self._connection()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction, on the disk when this returns; raises `LibraryBusy` or `DiskFull`."""
        with self._named_errors(), needing_room(self.folder):
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def empty_log(self) -> None:
        """Leave nothing of what was deleted in SQLite's log; as far as nobody reads there."""
        with self._named_errors(), suppress(LibraryBusy):
            self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def close(self) -> None:
        """Close this thread's connection."""
        if hasattr(self._local, "connection"):
            self._local.connection.close()
            del self._local.connection

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = self._connect()
        connection: sqlite3.Connection = self._local.connection
        return connection

    def _connect(self) -> sqlite3.Connection:
        self.folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=_LOCK_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            # What is deleted leaves no bytes behind.
            connection.execute("PRAGMA secure_delete = ON")
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        if self._version(connection) == len(_MIGRATIONS):
            return
        lock = self.folder / _LOCK_NAME
        with locked(lock, "conversations", wait_seconds=_LOCK_SECONDS):
            connection.execute("PRAGMA journal_mode = WAL")
            for number in range(self._version(connection), len(_MIGRATIONS)):
                connection.executescript(
                    f"BEGIN;{_MIGRATIONS[number]}PRAGMA user_version = {number + 1};COMMIT;"
                )

    def _version(self, connection: sqlite3.Connection) -> int:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(_MIGRATIONS):
            raise SchemaTooNew(
                f"{self.path} has schema {version}, this program knows schemas up to "
                f"{len(_MIGRATIONS)}. Use the newer version that wrote it."
            )
        return version

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
                raise
            raise LibraryBusy(
                f"Another process has been writing to {self.path} for {_LOCK_SECONDS:.0f} seconds."
            ) from error
        except sqlite3.DatabaseError as error:
            self.close()
            raise ConversationsUnreadable(
                f"{self.path} cannot be read ({error}). Move it away to begin a new one; "
                "the library is not concerned."
            ) from error
