"""Where a library can be kept: one kind of place for each engine."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from index.document_store import DocumentStore
from index.opening import open_store
from tests.index.libraries import damage

STATEMENT_SECONDS = 30.0
_TABLES = (
    *("settings", "documents", "passages", "removed_passages", "history", "copy_bands"),
    "blocks",
)


@dataclass
class Place:
    """A place for one library, opened any number of times.

    Attributes:
        url: of the PostgreSQL database; empty for SQLite.
    """

    folder: Path
    url: str = ""
    _opened: list[DocumentStore] = field(default_factory=list)

    @property
    def engine(self) -> str:
        return "postgres" if self.url else "sqlite"

    def open(self, *, create: bool = False, folder: Path | None = None) -> DocumentStore:
        """A store as another process of this machine, or of the one with ``folder``, has it."""
        store = open_store(
            folder or self.folder,
            database_url=self.url,
            database_seconds=STATEMENT_SECONDS,
            create=create,
        )
        self._opened.append(store)
        return store

    def close(self) -> None:
        for store in self._opened:
            store.close()

    def damage(self, sql: str) -> None:
        """Change rows behind the store's back, as a fault would: no trigger tidies up."""
        if not self.url:
            damage(self.folder, sql)
            return
        import psycopg

        with closing(psycopg.connect(self.url, autocommit=True)) as connection:
            connection.execute("SET session_replication_role = replica")
            changed = connection.execute(sql.encode())
            assert changed.rowcount, "nothing was damaged"


def content(store: DocumentStore) -> str:
    """The whole content of a library, to tell whether something changed."""
    return "\n".join(
        f"{table}: {row}"
        for table in _TABLES
        for row in sorted(store.rows(f"SELECT * FROM {table}"), key=repr)
    )
