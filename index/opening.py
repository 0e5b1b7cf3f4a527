"""Opens a library's store: SQLite in the data folder, or PostgreSQL where a URL names one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from index.document_store import DocumentStore, States
from index.errors import DatabaseUnavailable
from index.jobs import Jobs, JobStore

if TYPE_CHECKING:
    from index.postgres.beside import Beside
    from index.postgres.store import PostgresStore


def open_store(
    data: Path, *, database_url: str, database_seconds: float, create: bool = False
) -> DocumentStore:
    """The store of a library.

    Args:
        data: the data folder of this machine.
        database_url: a URL of libpq; empty for SQLite.
        database_seconds: see `index.postgres.server.Server`.
        create: make the library if there is none; otherwise `LibraryMissing` is raised.
    """
    if database_url:
        try:
            from index.postgres.store import PostgresStore
        except ImportError as error:  # psycopg is an extra
            raise DatabaseUnavailable(
                "database_url names a PostgreSQL database, and psycopg is not installed. "
                'Install it with: pip install "psycopg[binary]"'
            ) from error

        return PostgresStore(data, database_url, statement_seconds=database_seconds, create=create)
    from index.store import Store

    return Store(data, create=create)


def open_jobs(store: States) -> Jobs:
    """The jobs of a library, kept where its documents are."""
    if _is_postgres(store):
        from index.postgres.jobs import PostgresJobs

        return PostgresJobs(store)
    return JobStore(store.folder)


def open_beside(store: States, lock: str) -> Beside | None:
    """Where a library in PostgreSQL keeps what others keep in files of the data folder."""
    if _is_postgres(store):
        from index.postgres.beside import Beside

        return Beside(store, lock)
    return None


def _is_postgres(store: States) -> TypeGuard[PostgresStore]:
    """Without psycopg, which is an extra, no store is."""
    module = sys.modules.get("index.postgres.store")
    return module is not None and isinstance(store, module.PostgresStore)
