"""Statements as PostgreSQL is sent them: in a snapshot, in a change, or by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import psycopg

from index.errors import DatabaseLost
from index.library import Values
from index.postgres.dialect import bound, translated
from index.postgres.server import Link, Server, drop, lost

UNDONE = "Nothing of the change was made. Try again."
_TRIES = 3  # of a statement whose connection is lost; the server itself is waited for longer
_STATE = (
    "SELECT s.value, h.token FROM settings s"
    " LEFT JOIN history h ON h.generation::text = s.value WHERE s.name = 'generation'"
)
_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Fetched:
    """All rows of a statement, which need no connection any more."""

    def __init__(self, cursor: psycopg.Cursor[tuple[Any, ...]]) -> None:
        self.description: Sequence[Any] = cursor.description or ()
        self.rowcount = cursor.rowcount
        self._rows = iter(cursor.fetchall() if cursor.description else ())

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def __iter__(self) -> Iterator[Any]:
        return self._rows


class Snapshot:
    """One state of the library, which outlives the connection that it is read by.

    A generation with its token is one state for all time: if the server was away and the library
    is still of that generation, a new transaction reads what the old one read.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._link, self._state = self._begun()

    def execute(self, statement: str, values: Values = (), /) -> Fetched:
        query, row = translated(statement), bound(statement, values)
        for _ in range(_TRIES):
            try:
                return Fetched(self._link.execute(query, row))
            except psycopg.Error as error:
                if not lost(error, self._link):
                    raise
                final = error
                self._resume()
        raise final

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> None:
        raise RuntimeError("A snapshot changes nothing.")

    def end(self) -> None:
        with suppress(psycopg.Error):
            self._link.execute("COMMIT")
        self._server.give_back(self._link)

    def _begun(self) -> tuple[Link, tuple[Any, ...] | None]:
        """The state is of the time of the transaction's first statement, which asks for it."""
        for _ in range(_TRIES):
            link = self._server.take()
            try:
                link.execute(_BEGIN_READING)
                return link, link.execute(_STATE).fetchone()
            except psycopg.Error as error:
                gone, final = lost(error, link), error
                drop(link)
                self._server.close()
                if not gone:
                    raise
        raise final

    def _resume(self) -> None:
        former = self._state
        drop(self._link)
        self._link, self._state = self._begun()
        if self._state != former:
            raise DatabaseLost(
                f"PostgreSQL at {self._server.name} was away, and the library has changed since. "
                "Ask again."
            )


class Change:
    """A transaction that writes; if its connection is lost, it is."""

    def __init__(self, link: Link) -> None:
        self.link = link

    def execute(self, statement: str, values: Values = (), /) -> Fetched:
        return Fetched(self.link.execute(translated(statement), bound(statement, values)))

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> None:
        if rows:
            with self.link.cursor() as cursor:
                cursor.executemany(translated(statement), [bound(statement, row) for row in rows])


class Single:
    """Statements outside any transaction: they only read, and are asked again if need be."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def execute(self, statement: str, values: Values = (), /) -> Fetched:
        query, row = translated(statement), bound(statement, values)
        for _ in range(_TRIES):
            link = self._server.take()
            try:
                return Fetched(link.execute(query, row))
            except psycopg.Error as error:
                if not lost(error, link):
                    raise
                final = error
                self._server.close()
            finally:
                self._server.give_back(link)
        raise final

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> None:
        raise RuntimeError("A change needs a transaction.")


class Telling:
    """Statements whose failures are this program's errors."""

    def __init__(self, server: Server, inner: Snapshot | Change | Single) -> None:
        self._server = server
        self._inner = inner
        self._doing = UNDONE if isinstance(inner, Change) else ""

    def execute(self, statement: str, values: Values = (), /) -> Fetched:
        with self._server.telling(self._doing):
            return self._inner.execute(statement, values)

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> None:
        with self._server.telling(self._doing):
            self._inner.executemany(statement, rows)
