"""The words of a library in SQLite's FTS5, written in the same transaction as the passages."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from index.documents import Filters
from index.records import where
from index.sqlite_weighing import Scored, Weighing, on_threads
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
        threads: int = 1,
    ) -> list[Scored]:
        """See `index.sqlite_weighing.Weighing`; ``threads`` search side by side."""
        condition, values = where(filters) if filters else ("", [])
        weighing = Weighing(match, limit, condition, values, narrower, also)
        if threads <= 1:
            return weighing.whole(self._connection)
        with self.snapshot():
            return on_threads(weighing, self._connection, self._path, threads)

    def holding(self, phrase: str, at_most: int | None = None) -> int:
        """In how many passages a phrase of FTS5 stands; counted no further than ``at_most``."""
        row = self._connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM passages_fts WHERE passages_fts MATCH ? LIMIT ?)",
            (phrase, -1 if at_most is None else at_most),
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
