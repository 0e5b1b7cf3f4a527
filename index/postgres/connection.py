"""The library's database in PostgreSQL: snapshots, and transactions that count generations."""

from __future__ import annotations

import copy
import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import psycopg
from psycopg import errors

from index.database import LOCK_SECONDS
from index.errors import DatabaseLost, LibraryBusy
from index.library import Connection, Library
from index.postgres.schema import prepare
from index.postgres.server import Link, Server, drop
from index.postgres.statements import UNDONE, Change, Single, Snapshot, Telling

log = logging.getLogger(__name__)

_UNKNOWN = "Whether the change was made is not known: look for it, and try again."
_WRITERS = "writers"  # the lock that whoever changes the library holds
_KEY = "hashtextextended('verbatim ' || current_schema() || ' ' || %s, 0)"
_HOLDER = (
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    f" AND ((l.classid::bigint << 32) | l.objid::bigint) = {_KEY}"
)


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
        self._single = Telling(self.server, Single(self.server))
        prepare(self.server, create=create)
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def _connection(self) -> Telling:
        held: Telling = getattr(self._local, "held", None) or self._single
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
            snapshot = Snapshot(self.server)
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

    def beside(self) -> Self:
        """The same database, with transactions of its own: for what is no part of the library."""
        other = copy.copy(self)
        other._local = threading.local()
        return other

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A snapshot, as a connection."""
        with self.snapshot():
            yield self._connection

    @contextmanager
    def changing(self, purpose: str, lock: str = "") -> Iterator[Connection]:
        """A transaction that makes no generation, under a lock if one is named."""
        with self._transaction(purpose, lock) as link:
            yield self._connection
            with self.server.telling(_UNKNOWN):
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
            with self._holding(Change(link)):
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
            try:
                found = self._committed_token(generation)
            except DatabaseLost as error:
                raise DatabaseLost(f"{error} {_UNKNOWN}") from error
            if found != token:
                raise
            log.warning(
                "PostgreSQL was lost as generation %d was committed; it is there.", generation
            )

    def _committed_token(self, generation: int) -> str | None:
        """A generation's token, of what is committed, whatever this thread has under way."""
        statement = "SELECT token FROM history WHERE generation = ?"
        row = self._single.execute(statement, (generation,)).fetchone()
        return None if row is None else str(row[0])

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
            with suppress(psycopg.Error):  # else the server does, in its own time
                link.execute(f"SELECT pg_advisory_unlock({_KEY})", (name,))
            drop(link)

    @contextmanager
    def _holding(self, inner: Snapshot | Change) -> Iterator[None]:
        self._local.held = Telling(self.server, inner)
        try:
            yield
        finally:
            self._local.held = None

    @contextmanager
    def _giving_up(self) -> Iterator[None]:
        with self.server.telling(UNDONE):
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
