"""The library's database in PostgreSQL: snapshots, and transactions that count generations."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors

from index.database import LOCK_SECONDS
from index.errors import DatabaseLost, LibraryBusy
from index.library import Library, Values
from index.postgres.dialect import bound, translated
from index.postgres.schema import prepare
from index.postgres.server import Link, Server, drop, lost

log = logging.getLogger(__name__)

_UNDONE = "Nothing of the change was made. Try again."
_WRITERS = "writers"  # the lock that whoever changes the library holds
_KEY = "hashtextextended('verbatim ' || current_schema() || ' ' || %s, 0)"
_HOLDER = (
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    f" AND ((l.classid::bigint << 32) | l.objid::bigint) = {_KEY}"
)
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


class _Snapshot:
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


class _Change:
    """A transaction that writes; if its connection is lost, it is."""

    def __init__(self, link: Link) -> None:
        self.link = link

    def execute(self, statement: str, values: Values = (), /) -> Fetched:
        return Fetched(self.link.execute(translated(statement), bound(statement, values)))

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> None:
        if rows:
            with self.link.cursor() as cursor:
                cursor.executemany(translated(statement), [bound(statement, row) for row in rows])


class _Single:
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


class _Telling:
    """Statements whose failures are this program's errors."""

    def __init__(self, server: Server, inner: _Snapshot | _Change | _Single) -> None:
        self._server = server
        self._inner = inner
        self._doing = _UNDONE if isinstance(inner, _Change) else ""

    def execute(self, statement: str, values: Values = (), /) -> Fetched:
        with self._server.telling(self._doing):
            return self._inner.execute(statement, values)

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> None:
        with self._server.telling(self._doing):
            self._inner.executemany(statement, rows)


class PostgresConnection(Library):
    """Any number of threads; what each has under way has a connection of its own.

    Args:
        folder: the data folder of this machine.
        url: of the database.
        statement_seconds: see `index.postgres.server.Server`.
        create: make the library if there is none; otherwise `LibraryMissing` is raised.
    """

    def __init__(
        self, folder: Path, url: str, *, statement_seconds: float, create: bool = False
    ) -> None:
        self.folder = folder
        self.server = Server(url, statement_seconds=statement_seconds)
        self.name = self.server.name
        self.lock_seconds = LOCK_SECONDS
        self._local = threading.local()
        self._single = _Telling(self.server, _Single(self.server))
        prepare(self.server, create=create)
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def _connection(self) -> _Telling:
        held: _Telling = getattr(self._local, "held", None) or self._single
        return held

    def close(self) -> None:
        """Close what no thread uses now."""
        self.server.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        if getattr(self._local, "held", None) is not None:
            yield
            return
        with self.server.telling():
            snapshot = _Snapshot(self.server)
        with self._holding(snapshot):
            try:
                yield
            finally:
                snapshot.end()

    @contextmanager
    def writing(self, purpose: str) -> Iterator[int]:
        with self._transaction(purpose, _WRITERS) as link:
            generation, token = self.generation() + 1, secrets.token_hex(8)
            self._begin_generation(generation, token)
            yield generation
            self._commit(link, generation, token)

    @contextmanager
    def changing(self, purpose: str) -> Iterator[None]:
        """A transaction that is no change of the library: of jobs, which have no generation."""
        with self._transaction(purpose, "") as link:
            yield
            with self._giving_up():
                link.execute("COMMIT")

    @contextmanager
    def _transaction(self, purpose: str, lock: str) -> Iterator[Link]:
        """A transaction under a lock, if any; rolled back unless it is committed inside."""
        if getattr(self._local, "held", None) is not None:
            raise RuntimeError("A transaction is under way in this thread.")
        with self.server.telling():
            link = self.server.take(tried=True)
        try:
            with self._giving_up():
                link.execute("BEGIN")
                if lock:
                    self._lock(link, lock, purpose, self.lock_seconds, "xact_")
            with self._holding(_Change(link)):
                yield link
        finally:
            if not link.closed:
                with suppress(psycopg.Error):
                    link.execute("ROLLBACK") if _is_open(link) else None
            self.server.give_back(link)

    def _commit(self, link: Link, generation: int, token: str) -> None:
        """A lost connection leaves open whether the change was made: then the library tells."""
        try:
            with self._giving_up():
                link.execute("COMMIT")
        except DatabaseLost:
            if not link.closed:
                raise
            found = self._single.execute(
                "SELECT token FROM history WHERE generation = ?", (generation,)
            ).fetchone()
            if found is None or found[0] != token:
                raise
            log.warning(
                "PostgreSQL was lost as generation %d was committed; it is there.", generation
            )

    @contextmanager
    def alone(self, name: str, purpose: str, *, wait_seconds: float = 0) -> Iterator[None]:
        """The lock is the server's; it gives it back when the process dies, however it dies."""
        with self.server.telling():
            link = self.server.take(tried=True)
            try:
                self._lock(link, name, purpose, wait_seconds, "")
            except BaseException:
                drop(link)
                raise
        try:
            yield
        finally:
            drop(link)  # and with it the lock

    @contextmanager
    def _holding(self, inner: _Snapshot | _Change) -> Iterator[None]:
        self._local.held = _Telling(self.server, inner)
        try:
            yield
        finally:
            self._local.held = None

    @contextmanager
    def _giving_up(self) -> Iterator[None]:
        with self.server.telling(_UNDONE):
            yield

    def _lock(self, link: Link, name: str, purpose: str, wait_seconds: float, scope: str) -> None:
        """Raises `LibraryBusy`. The server keeps those who wait in a queue."""
        milliseconds = max(1, int(wait_seconds * 1000))
        local = "true" if scope else "false"
        link.execute(
            f"SELECT set_config('lock_timeout', %s, {local}),"
            f" set_config('statement_timeout', '0', {local}),"
            f" set_config('application_name', left(%s || ' (' || %s || ')', 63), {local})",
            (str(milliseconds), link.info.parameter_status("application_name"), purpose),
        )
        try:
            link.execute(f"SELECT pg_advisory_{scope}lock({_KEY})", (name,))
        except errors.LockNotAvailable:
            raise LibraryBusy(self._complaint(link, name, wait_seconds)) from None
        link.execute(
            f"SELECT set_config('lock_timeout', '0', {local}),"
            f" set_config('statement_timeout', %s, {local})",
            (str(int(self.server.statement_seconds * 1000)),),
        )

    def _complaint(self, link: Link, name: str, wait_seconds: float) -> str:
        with suppress(psycopg.Error):
            link.execute("ROLLBACK") if _is_open(link) else None
        holder = None
        with suppress(psycopg.Error):
            holder = link.execute(_HOLDER, (name,)).fetchone()
        who = holder[0] if holder else "another process"
        waited = f" and had not finished after {wait_seconds:.0f} seconds" if wait_seconds else ""
        return (
            f"The library in {self.name} is in use: {who} holds its lock “{name}”{waited}. "
            "Try again when it is done."
        )


def _is_open(link: Link) -> bool:
    return link.info.transaction_status != psycopg.pq.TransactionStatus.IDLE
