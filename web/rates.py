"""How often each key may ask, counted for all processes of a server together.

The counts are in a small SQLite file: exact with any number of worker processes, at some ten
microseconds a request, against the many milliseconds that an answer takes. They may be lost:
nothing is synced to the disk, and where the file cannot be used the request is granted. A limit of
use is no lock.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

FILE_NAME = "rates.sqlite3"

log = logging.getLogger(__name__)

_MINUTE = 60.0
_AT_ONCE = 10.0  # seconds' worth of requests that may come at once
_LOCK_SECONDS = 1.0
_SCHEMA = "CREATE TABLE IF NOT EXISTS due (key TEXT PRIMARY KEY, at REAL NOT NULL) STRICT"


class Rates:
    """A token bucket for each key, kept as the time when it is full again.

    That is the generic cell rate algorithm (ITU-T I.371), which has one number to keep.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = folder / FILE_NAME
        self._clock = clock
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None

    def take(self, key: str, per_minute: int) -> float:
        """Count a request: 0 if it is granted, else the seconds until one will be."""
        if not per_minute:
            return 0.0
        every = _MINUTE / per_minute
        room = max(every, _AT_ONCE)
        try:
            with self._lock:
                return self._taken(key, every, room)
        except sqlite3.Error as error:
            log.warning("Requests are not counted: %s.", error)
            return 0.0

    def _taken(self, key: str, every: float, room: float) -> float:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            now = self._clock()
            row = connection.execute("SELECT at FROM due WHERE key = ?", (key,)).fetchone()
            # Never further ahead than a full bucket, should the clock have been set back.
            due = max(now, min(row[0], now + room)) if row else now
            wait = due + every - (now + room)
            if wait > 1e-6:  # less is rounding
                return wait
            connection.execute("INSERT OR REPLACE INTO due VALUES (?, ?)", (key, due + every))
            return 0.0
        finally:
            connection.execute("COMMIT")

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            connection = sqlite3.connect(
                self._path, timeout=_LOCK_SECONDS, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(_SCHEMA)
            self._opened = connection
        return self._opened
