"""The store in PostgreSQL: the same tables, the same SQL, any number of machines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from index.postgres.connection import PostgresConnection
from index.reads import StoreReads
from index.writes import StoreWrites


class PostgresStore(PostgresConnection, StoreWrites):
    """A library in a PostgreSQL database; its passages are searched by Milvus.

    What SQLite's file is looked after by (seals, mending, checkpoints) is the server's here.
    """

    has_full_text = False

    def __init__(
        self, folder: Path, url: str, *, statement_seconds: float, create: bool = False
    ) -> None:
        PostgresConnection.__init__(
            self, folder, url, statement_seconds=statement_seconds, create=create
        )
        StoreReads.__init__(self)

    def ids_used(self) -> tuple[int, int]:
        """At least the highest ids that a document and a passage ever had."""
        ((documents, passages),) = self.rows(
            "SELECT coalesce(pg_sequence_last_value("
            "pg_get_serial_sequence('documents', 'id')::regclass), 0),"
            " coalesce(pg_sequence_last_value("
            "pg_get_serial_sequence('passages', 'id')::regclass), 0)"
        )
        return documents, passages

    def use_ids_beyond(self, document_id: int, passage_id: int) -> None:
        """Give out higher ids only."""
        known = self.ids_used()
        for table, least, used in zip(
            ("documents", "passages"), (document_id, passage_id), known, strict=True
        ):
            if least > used:
                self.rows(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), ?)", (least,))

    def size(self) -> int:
        """Bytes of the library's tables and indexes."""
        ((size,),) = self.rows(
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c"
            " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
        )
        return int(size)

    def table_problems(self) -> Iterator[str]:
        """Rows that belong to no document, which PostgreSQL's constraints rule out."""
        for table in ("passages", "blocks", "copy_bands"):
            ((stray,),) = self.rows(
                f"SELECT count(*) FROM {table} t"
                " WHERE NOT EXISTS (SELECT 1 FROM documents d WHERE d.id = t.document_id)"
            )
            if stray:
                yield f"{stray:,} rows of {table} belong to no document."
        for table in ("documents", "passages"):
            ((double,),) = self.rows(f"SELECT count(*) - count(DISTINCT id) FROM {table}")
            if double:
                yield f"{double:,} rows of {table} have another's id."

    def reindex(self) -> None:
        with self.writing("building the database's indexes anew"):
            for table in ("settings", "history", "documents", "passages", "blocks", "copy_bands"):
                self._connection.execute(f"REINDEX TABLE {table}")

    def acknowledged(self) -> int | None:
        return None

    def settle(self) -> None:
        """Nothing is left to do: a commit is on the server's disk."""

    def check_file(self) -> list[str]:
        return []

    def mend_file(self) -> list[str]:
        return []

    def reseal(self) -> None:
        """There is no seal; PostgreSQL has checksums of its own (`initdb --data-checksums`)."""

    def full_text_problems(self) -> Iterator[str]:
        return iter(())

    def rebuild_full_text(self) -> None:
        """There is none."""
