"""Connections to a PostgreSQL server: lent one at a time, made anew when the server was away."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import errors
from psycopg.types.string import TextLoader

from index.errors import CorruptIndex, DatabaseLost, DatabaseUnavailable, DiskFull
from index.postgres.address import WrongDatabase, named
from index.postgres.dialect import unescaped

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 15.0  # for a server that is away: as long as a restart takes
_CONNECT_SECONDS = 5
_PAUSES = (0.05, 0.1, 0.2, 0.4)  # seconds between two attempts; then the last one
_IDLE_AT_MOST = 8  # connections kept for the next statement
# Of a connection whose other end has vanished. What the URL says goes before.
_KEEPING_ALIVE = {
    "connect_timeout": _CONNECT_SECONDS,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 40_000,  # milliseconds
}
# The server gives up a client that has vanished, and with it the lock against other writers. And
# what is acknowledged is on its disk, whatever its settings say.
_PREPARE = """
SELECT set_config('tcp_keepalives_idle', '20', false),
    set_config('tcp_keepalives_interval', '5', false),
    set_config('tcp_keepalives_count', '4', false),
    set_config('statement_timeout', %s, false),
    set_config('application_name', %s, false),
    set_config('default_transaction_isolation', 'read committed', false),
    CASE WHEN current_setting('synchronous_commit') = 'off'
        THEN set_config('synchronous_commit', 'on', false) END
"""

Link = psycopg.Connection[tuple[Any, ...]]


class _Text(TextLoader):
    def load(self, data: Any) -> str:
        return unescaped(bytes(data).decode("utf-8"))


class Server:
    """One library's database.

    Args:
        url: of libpq, with its parameters, TLS among them.
        statement_seconds: a statement that takes longer is given up; 0: none is.
        patience_seconds: how long to try to reach a server that was there before.
    """

    def __init__(
        self, url: str, *, statement_seconds: float, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self.name = named(url)
        self.statement_seconds = statement_seconds
        self._url = url
        self._patience = patience_seconds
        self._idle: list[Link] = []
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._met = False
        self._away_since: float | None = None

    def __del__(self) -> None:
        if hasattr(self, "_idle"):
            self.close()

    def take(self, *, tried: bool = False) -> Link:
        """A connection of one's own, in autocommit mode; to be given back or dropped.

        Args:
            tried: whether it has to be seen to work first, since nothing can be said twice.
        """
        while True:
            with self._lock:
                if self._pid != os.getpid():  # a fork has its parent's connections
                    self._idle, self._pid = [], os.getpid()
                link = self._idle.pop() if self._idle else None
            if link is None:
                return self._connected()
            if not link.closed and (not tried or self._works(link)):
                return link
            drop(link)

    def give_back(self, link: Link) -> None:
        if link.closed or link.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            drop(link)
            return
        with self._lock:
            if len(self._idle) < _IDLE_AT_MOST and self._pid == os.getpid():
                self._idle.append(link)
                return
        drop(link)

    def close(self) -> None:
        """Close what nobody uses now."""
        with self._lock:
            idle, self._idle = self._idle, []
        for link in idle:
            drop(link)

    def _works(self, link: Link) -> bool:
        with suppress(psycopg.Error):
            link.execute("SELECT 1")
            return True
        return False

    def _connected(self) -> Link:
        """Raises `DatabaseLost` once the server has been away for too long."""
        pauses = iter(_PAUSES)
        pause = 0.0
        while True:
            try:
                link = self._connect()
            except (psycopg.OperationalError, OSError) as error:
                with self._lock:
                    self._away_since = self._away_since or time.monotonic()
                    away = time.monotonic() - self._away_since
                if not (self._met or "starting up" in str(error)) or away >= self._patience:
                    raise DatabaseLost(self._unreachable(error)) from None
                pause = next(pauses, pause)
                time.sleep(pause)
            else:
                self._met, self._away_since = True, None
                return link

    def _connect(self) -> Link:
        given = psycopg.conninfo.conninfo_to_dict(self._url)
        options: dict[str, Any] = {k: v for k, v in _KEEPING_ALIVE.items() if k not in given}
        link: Link = psycopg.connect(
            self._url, autocommit=True, prepare_threshold=None, client_encoding="utf8", **options
        )
        try:
            link.adapters.register_loader("text", _Text)
            milliseconds = str(int(self.statement_seconds * 1000))
            link.execute(_PREPARE, (milliseconds, _who()))
        except BaseException:
            drop(link)
            raise
        return link

    def _unreachable(self, error: Exception) -> str:
        """Of the reason its first line, if it is one of a connection: others may quote the URL."""
        reason = str(error).partition("\n")[0]
        for start in ("connection failed: ", "connection is bad: "):
            reason = reason.removeprefix(start)
        if not reason.startswith(
            ("connection to server", "failed to resolve", "connection timeout")
        ):
            reason = "the connection failed"
        return f"PostgreSQL cannot be reached at {self.name}: {reason}."

    @contextmanager
    def telling(self, doing: str = "") -> Iterator[None]:
        """Turns what PostgreSQL refuses into this program's errors.

        Args:
            doing: what is told where the connection was lost meanwhile.
        """
        try:
            yield
        except errors.QueryCanceled:
            raise DatabaseUnavailable(
                f"PostgreSQL took longer than {self.statement_seconds:g} seconds over a statement "
                "(QA_DATABASE_SECONDS). Nothing of it was done."
            ) from None
        except (errors.DiskFull, errors.ConfigurationLimitExceeded) as error:
            raise DiskFull(
                f"There is no room left in the database at {self.name}. "
                "What was being written was given up; what was stored before stands. "
                "Free some space and try again."
            ) from error
        except (errors.DataCorrupted, errors.IndexCorrupted) as error:
            raise CorruptIndex(
                f"PostgreSQL finds the database at {self.name} damaged: {primary(error)}."
            ) from error
        except errors.InsufficientPrivilege as error:
            raise WrongDatabase(
                f"The user of {self.name} may not do what is needed: {primary(error)}."
            ) from error
        except errors.ReadOnlySqlTransaction as error:
            raise DatabaseUnavailable(
                f"The database at {self.name} takes no changes: {primary(error)}. "
                "It may be a copy of another server."
            ) from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise DatabaseLost(
                f"PostgreSQL at {self.name} gave up: {primary(error)}. {doing}".rstrip()
            ) from error


def drop(link: Link) -> None:
    with suppress(psycopg.Error, OSError):
        link.close()


def lost(error: psycopg.Error, link: Link) -> bool:
    """Whether the connection is gone: what it was asked can be asked again, if it only reads."""
    return link.closed or isinstance(error, errors.AdminShutdown | errors.CannotConnectNow)


def primary(error: psycopg.Error) -> str:
    """What PostgreSQL says in one line, without the values of the statement."""
    told = error.diag.message_primary or "the connection was lost"
    return told.partition("\n")[0].rstrip(".")


def _who() -> str:
    """Shown to those who wait for a lock; PostgreSQL keeps 63 bytes of it."""
    return f"process {os.getpid()} on {socket.gethostname()}"[:63]
