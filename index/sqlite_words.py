"""The words of a library in SQLite's FTS5, written in the same transaction as the passages."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence

from index.documents import Filters
from index.records import where
from index.upkeep import StoreUpkeep


class SqliteWords(StoreUpkeep):
    """The part of `index.store.Store` that `index.full_text` searches."""

    has_full_text = True

    def lexical(
        self,
        match: str,
        limit: int,
        filters: Filters,
        *,
        narrower: str | None = None,
        also: Sequence[int] = (),
    ) -> list[tuple[int, float]]:
        """Passages that fit an FTS5 expression, with BM25 (higher is better), best first.

        To weigh a passage costs ten times what it costs to find that it fits: the narrower
        expression bounds how many are weighed, and each of them still by all of ``match``.

        Args:
            narrower: another expression, which a passage must fit as well.
            also: passages that are weighed in any case, and are beyond the limit.
        """
        condition, values = where(filters)
        joined = (
            " JOIN passages p ON p.id = f.rowid JOIN documents d ON d.id = p.document_id"
            if filters
            else ""
        )
        if narrower is not None:
            condition += (
                " AND +f.rowid IN (SELECT rowid FROM passages_fts WHERE passages_fts MATCH ?"
                " UNION ALL SELECT value FROM json_each(?))"
            )
            values += [narrower, json.dumps(list(also))]
        rows = self._connection.execute(
            "WITH fitting (id, score) AS MATERIALIZED"
            f" (SELECT f.rowid, -bm25(passages_fts) FROM passages_fts f{joined}"
            f" WHERE passages_fts MATCH ? AND {condition})"
            " SELECT id, score FROM fitting"
            " WHERE id IN (SELECT id FROM fitting ORDER BY score DESC, id LIMIT ?)"
            " OR id IN (SELECT value FROM json_each(?)) ORDER BY score DESC, id",
            (match, *values, limit, json.dumps(list(also))),
        )
        return [(row[0], row[1]) for row in rows]

    def holding(self, phrase: str) -> int:
        """In how many passages a phrase of FTS5 stands."""
        row = self._connection.execute(
            "SELECT count(*) FROM passages_fts WHERE passages_fts MATCH ?", (phrase,)
        ).fetchone()
        return int(row[0])

    def full_text_problems(self) -> Iterator[str]:
        """In what the full-text index contradicts the passages."""
        missing = self.rows("SELECT id FROM passages EXCEPT SELECT id FROM passages_fts_docsize")
        stray = self.rows("SELECT id FROM passages_fts_docsize EXCEPT SELECT id FROM passages")
        if missing or stray:
            yield (
                f"Full-text search misses {len(missing):,} passages "
                f"and has {len(stray):,} that are not there."
            )
        try:
            self.check_full_text()
        except sqlite3.DatabaseError as error:
            yield f"Full-text search contradicts the passages: {error}"

    def check_full_text(self) -> None:
        """Raise `sqlite3.DatabaseError` if the full-text index contradicts the passages."""
        with self._exclusive("checking full-text search"):
            self._connection.execute("BEGIN")
            try:
                self._connection.execute(
                    "INSERT INTO passages_fts (passages_fts, rank) VALUES ('integrity-check', 1)"
                )
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def rebuild_full_text(self) -> None:
        with self.writing("building full-text search anew"):
            self._connection.execute("INSERT INTO passages_fts (passages_fts) VALUES ('rebuild')")
