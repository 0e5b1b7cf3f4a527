"""Opening the SQLite file: pragmas, and numbered migrations that record themselves."""

from __future__ import annotations

import logging
import sqlite3
import time
from importlib.resources import files
from pathlib import Path

from index.errors import CorruptIndex, LibraryMissing, SchemaTooNew
from index.locking import locked
from index.records import register_functions

log = logging.getLogger(__name__)

FILE_NAME = "library.sqlite3"
MIGRATIONS = (  # number n is the nth file; a published one never changes
    "schema.sql",
    "schema_2.sql",
    "schema_3.sql",
)
LOCK_SECONDS = 60.0
_PAUSE_SECONDS = 0.02
_LOCK_NAME = "upgrade.lock"


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode; transactions are begun in so many words."""
    connection = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")  # the store checkpoints, and seals
    connection.text_factory = _decoded
    register_functions(connection)
    return connection


def close(connection: sqlite3.Connection, folder: Path) -> None:
    """Close, and leave to `index.seal` the checkpoint that SQLite would do by itself."""
    from index.seal import close_without_checkpoint  # which knows this module

    log = folder / f"{FILE_NAME}-wal"
    if log.exists() and log.stat().st_size:
        close_without_checkpoint(connection, folder)
    else:
        connection.close()  # and SQLite removes its log, which is empty


def _decoded(value: bytes) -> str:
    """A text that is damaged is read, so that its checksum can say whose it is."""
    return value.decode("utf-8", "replace")


def prepare(folder: Path, *, create: bool) -> Path:
    """Make sure that the folder's database exists in the newest schema; return its path.

    Raises:
        LibraryMissing: it does not exist and ``create`` is false.
        SchemaTooNew: a newer version of this program wrote it.
        CorruptIndex: the file is no database.
    """
    path = folder / FILE_NAME
    if path.is_dir():
        raise CorruptIndex(f"{path} is a folder; a library is a file of this name.")
    if not path.is_file():
        if not create:
            raise LibraryMissing(
                f"There is no library in {folder}. "
                f"Make one with: python -m qa --data {folder} index add PATH"
            )
        folder.mkdir(parents=True, exist_ok=True)
    try:
        connection = connect(path)
        try:
            _migrate(connection, path)
        finally:
            close(connection, folder)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        raise CorruptIndex(f"{path} is not a readable SQLite database: {error}.") from error
    return path


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    done = applied_migrations(connection)
    if done == len(MIGRATIONS):
        return
    if 0 < done < len(MIGRATIONS):
        _keep_former(connection, path.parent)
    _log_ahead(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = applied_migrations(connection)
        if done > len(MIGRATIONS):
            raise SchemaTooNew(
                f"{path} has schema {done}, this program knows schemas up to {len(MIGRATIONS)}. "
                "Use the newer version that wrote it."
            )
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations "
            "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT"
        )
        for number, name in enumerate(MIGRATIONS[done:], start=done + 1):
            _run_script(connection, files("index").joinpath(name).read_text("utf-8"))
            connection.execute(
                "INSERT INTO migrations VALUES (?, ?, datetime('now'))", (number, name)
            )
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Turn on SQLite's write-ahead log. Where others open the file at this moment it may say so at
    once, whatever its time to wait is."""
    give_up_at = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            busy = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > give_up_at:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _keep_former(connection: sqlite3.Connection, folder: Path) -> None:
    """Back up a library that an older version wrote, which could not read it any more."""
    from index.backup import back_up  # which knows this module

    target = folder / f"before-schema-{len(MIGRATIONS)}.tar"
    with locked(folder / _LOCK_NAME, "a backup before an upgrade", wait_seconds=LOCK_SECONDS):
        if applied_migrations(connection) < len(MIGRATIONS):  # no other process was faster
            back_up(folder, target, version="", vectors=False)
            log.warning(
                "The library is brought to schema %d; %s undoes it.", len(MIGRATIONS), target
            )


def applied_migrations(connection: sqlite3.Connection) -> int:
    known = connection.execute(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'migrations'"
    ).fetchone()[0]
    if not known:
        return 0
    return int(connection.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchone()[0])


def _run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run statement by statement: `executescript` would commit the transaction around it."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
