"""Tables beside the library's in PostgreSQL: what SQLite's libraries keep in files of their own."""

from __future__ import annotations

from contextlib import AbstractContextManager

from index.library import Connection
from index.postgres.store import PostgresStore


class Beside:
    """Transactions of conversations, keys or deletions: no change of the library.

    Args:
        lock: one of them writes at a time.
    """

    def __init__(self, store: PostgresStore, lock: str) -> None:
        self._store = store.beside()
        self._lock = lock

    def reading(self) -> AbstractContextManager[Connection]:
        """All reads inside see one state."""
        return self._store.reading()

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction, on the server's disk when this returns; raises `LibraryBusy`."""
        return self._store.changing(f"changing {self._lock}", self._lock)

    def empty_log(self) -> None:
        """What was deleted is in PostgreSQL's files until it vacuums them; see docs/postgres.md."""
