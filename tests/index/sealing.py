"""A small sealed library, and what may happen to its folder."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.database import FILE_NAME
from index.pages import PAGE_BYTES, release_descriptors
from index.seal import Outcome, State, check, checkpoint_and_seal

WAL_NAME = f"{FILE_NAME}-wal"


def connect(folder: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """As the store connects: no checkpoint of SQLite's own while it is open."""
    uri = (folder / FILE_NAME).resolve().as_uri() + ("?mode=ro" if read_only else "")
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA synchronous = OFF")  # processes are killed here, not machines
    return connection


class Library:
    """A database with a table ``items``; each commit has its generation."""

    def __init__(self, folder: Path, *, create: bool = True) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.connection = connect(folder)
        if create:
            self.connection.execute("PRAGMA journal_mode = WAL")
            with self.transaction():
                for statement in (
                    "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
                    "INSERT INTO settings VALUES ('generation', '0'), ('library_id', 'a1b2')",
                    "CREATE TABLE items (id INTEGER PRIMARY KEY, content BLOB)",
                    "CREATE TABLE history (generation INTEGER PRIMARY KEY, token TEXT)",
                ):
                    self.connection.execute(statement)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        yield
        self.connection.execute("UPDATE settings SET value = value + 1 WHERE name = 'generation'")
        self.connection.execute(
            "INSERT INTO history SELECT value, hex(randomblob(8)) FROM settings WHERE name ="
            " 'generation'"
        )
        self.connection.execute("COMMIT")

    def add(self, count: int, size: int = 3_000) -> None:
        with self.transaction():
            self.connection.executemany(
                "INSERT INTO items (content) VALUES (?)", [(os.urandom(size),)] * count
            )

    def remove(self, count: int) -> None:
        with self.transaction():
            self.connection.execute(
                "DELETE FROM items WHERE id IN (SELECT id FROM items ORDER BY id LIMIT ?)",
                (count,),
            )

    def count(self) -> int:
        return int(self.connection.execute("SELECT count(*) FROM items").fetchone()[0])

    def seal(self) -> Outcome:
        return checkpoint_and_seal(self.connection, self.folder)

    def killed(self, folder: Path) -> Library:
        """The library as a process would find it if this one were killed now."""
        copy(self.folder, folder)
        return Library(folder, create=False)


def copy(folder: Path, to: Path) -> None:
    """What is on the disk; SQLite's shared memory is not."""
    to.mkdir(parents=True)
    for path in folder.iterdir():
        if not path.name.endswith("-shm"):
            shutil.copyfile(path, to / path.name)


def flip(path: Path, *bits: int) -> None:
    """Turn bits around; bit ``n`` is bit ``n % 8`` of byte ``n // 8``."""
    with path.open("r+b", buffering=0) as file:
        for bit in bits:
            file.seek(bit // 8)
            old = file.read(1)[0]
            file.seek(bit // 8)
            file.write(bytes([old ^ 1 << bit % 8]))


def bits_of(path: Path) -> int:
    return 8 * path.stat().st_size


def page_of(folder: Path, number: int) -> bytes:
    return (folder / FILE_NAME).read_bytes()[(number - 1) * PAGE_BYTES : number * PAGE_BYTES]


@contextmanager
def library_in(folder: Path) -> Iterator[Library]:
    library = Library(folder)
    library.add(40)
    library.seal()
    yield library
    library.connection.close()
    release_descriptors()


def is_clean(folder: Path) -> bool:
    report = check(folder)
    return report.state is State.CLEAN and not report.pages and not report.unchecked


def goes_on(folder: Path) -> None:
    """Whoever opens the folder next seals it, and finds it sound then and after a change."""
    library = Library(folder, create=False)
    assert library.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert library.seal() is Outcome.SEALED
    assert is_clean(folder)
    library.add(3)
    assert is_clean(folder)
    assert library.seal() is Outcome.SEALED
    assert is_clean(folder)
    library.connection.close()
    release_descriptors()


def crash(*_arguments: object) -> None:
    raise KeyboardInterrupt
