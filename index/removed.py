"""Documents that were just deleted, so that the deletion can be undone.

They are held in a small SQLite file of their own, which nothing searches: deleted is deleted.
Any process of the data folder can undo what another one deleted. After `UNDO_SECONDS`, or when
there is no room, a document is wiped off that file; `start` sees to it that this happens without
anything else happening.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from index.documents import Origin, Span, StoredDocument
from index.errors import LibraryError
from index.library import Connection

if TYPE_CHECKING:
    from index.indexing import Indexer, Source
    from index.postgres.beside import Beside

log = logging.getLogger(__name__)

FILE_NAME = "removed.sqlite3"
UNDO_SECONDS = 600
_DOCUMENTS_AT_MOST = 100
_CHARACTERS_AT_MOST = 20_000_000
_SIBLINGS_AT_MOST = 50  # documents of one file that are stored anew with one that comes back
_SOURCE_SHOWN = 200  # characters
_LOCK_SECONDS = 10.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS removed (
    document_id INTEGER PRIMARY KEY,
    removed_at REAL NOT NULL,      -- seconds since 1970
    origin_hash TEXT NOT NULL,
    characters INTEGER NOT NULL,
    document TEXT NOT NULL         -- JSON of `StoredDocument`
) STRICT
"""


class NotRestorable(LibraryError):
    """The document was not deleted here, or too long ago."""


class PlaceTaken(LibraryError):
    """Another document has come from the deleted one's source since."""


class RemovedDocuments:
    """What was deleted lately from the library of one data folder, by whichever process.

    Args:
        forgotten: called after documents have been let go.
        beside: what they are held in, if it is not a file of the data folder.
    """

    def __init__(
        self,
        data: Path,
        forgotten: Callable[[], object] = lambda: None,
        *,
        beside: Beside | None = None,
    ) -> None:
        self.path = data / FILE_NAME
        self._beside = beside
        self.forgotten = forgotten
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def hold(self, document: StoredDocument) -> None:
        """Keep it for a while, as long as there is room.

        A deletion must not fail because it could not be undone: what cannot be held is not.
        """
        row = (
            document.id,
            time.time(),
            document.origin_hash,
            len(document.text),
            json.dumps(asdict(document)),
        )
        try:
            with self._open() as connection:
                connection.execute("DELETE FROM removed WHERE document_id = ?", row[:1])
                connection.execute("INSERT INTO removed VALUES (?, ?, ?, ?, ?)", row)
                _let_go(connection)
        except (sqlite3.Error, LibraryError, OSError) as error:
            log.warning("A deletion cannot be undone: %s", error)
            return
        self.start()

    def restore(self, document_id: int, indexer: Indexer) -> int:
        """Put it back as it was; returns its new id. Raises `NotRestorable` or `PlaceTaken`."""
        document = self._held(document_id)
        if document is None:
            raise NotRestorable(
                f"Document {document_id} cannot be brought back: it was not deleted in the last "
                f"{UNDO_SECONDS // 60} minutes, or much was deleted after it."
            )
        there = indexer.store.find(document.source)
        if there is None:
            for _ in indexer.bring([_as_source(document, indexer)]):
                pass
        elif there[1] != document.content_hash:
            raise PlaceTaken(
                f"Document {document_id} cannot be brought back: document {there[0]} has come "
                f"from the same source since ({document.source[:_SOURCE_SHOWN]!r}). Delete that "
                "one first."
            )
        with self._open() as connection:
            connection.execute("DELETE FROM removed WHERE document_id = ?", (document_id,))
        found = indexer.store.find(document.source)
        if found is None:
            raise NotRestorable(f"Document {document_id} cannot be brought back.")
        return found[0]

    def origin_hashes(self) -> set[str]:
        """SHA-256 of the files that the held documents were read from."""
        if not self._exists():
            return set()
        with self._open() as connection:
            return {row[0] for row in connection.execute("SELECT origin_hash FROM removed")}

    def let_go(self) -> float | None:
        """Wipe what is too old; returns the seconds until something is, None if nothing is held."""
        first = None
        try:
            if self._exists():
                with self._open() as connection:
                    _let_go(connection)
                    [first] = connection.execute("SELECT min(removed_at) FROM removed").fetchone()
        except (sqlite3.Error, LibraryError, OSError) as error:
            log.warning("What was deleted cannot be wiped yet: %s", error)
            return float(UNDO_SECONDS)
        self.forgotten()
        return None if first is None else max(0.0, first + UNDO_SECONDS - time.time())

    def start(self) -> None:
        """See to it that what is too old is wiped, in a thread that no process waits for."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="undo", daemon=True)
                self._thread.start()

    def _watch(self) -> None:
        while True:
            with self._lock:
                seconds = self.let_go()
                if seconds is None:
                    self._thread = None
                    return
            time.sleep(seconds + 0.1)

    def _held(self, document_id: int) -> StoredDocument | None:
        if not self._exists():
            return None
        try:
            with self._open() as connection:
                _let_go(connection)
                row = connection.execute(
                    "SELECT document FROM removed WHERE document_id = ?", (document_id,)
                ).fetchone()
        except (sqlite3.Error, LibraryError, OSError) as error:
            log.warning("What was deleted cannot be read: %s", error)
            return None
        return None if row is None else _load(row[0])

    def _exists(self) -> bool:
        return self._beside is not None or self.path.exists()

    @contextmanager
    def _open(self) -> Iterator[Connection]:
        """One transaction; only the owner can read the file."""
        if self._beside is not None:
            with self._beside.writing() as shared:
                yield shared
            return
        with closing(self._connect()) as connection, connection:
            yield connection

    def _connect(self) -> sqlite3.Connection:
        """A damaged file is begun anew: nothing but undoing is lost with it."""
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        connection = sqlite3.connect(self.path, timeout=_LOCK_SECONDS)
        try:
            connection.execute("PRAGMA secure_delete = ON")  # what is deleted leaves no bytes
            connection.execute(_SCHEMA)
        except sqlite3.OperationalError:  # busy, or the disk is full
            connection.close()
            raise
        except sqlite3.DatabaseError:
            connection.close()
            log.warning("%s is damaged; earlier deletions cannot be undone.", self.path.name)
            self.path.unlink()
            return self._connect()
        return connection


def _let_go(connection: Connection) -> None:
    """Of what is too old, then of the oldest, as long as it is too much."""
    now = time.time()
    connection.execute(
        "DELETE FROM removed WHERE removed_at NOT BETWEEN ? AND ?", (now - UNDO_SECONDS, now + 1)
    )
    rows = connection.execute(
        "SELECT document_id, characters FROM removed ORDER BY removed_at DESC, document_id"
    ).fetchall()
    total = 0
    for number, (document_id, characters) in enumerate(rows, start=1):
        total += characters
        if number > _DOCUMENTS_AT_MOST or total > _CHARACTERS_AT_MOST:
            connection.execute("DELETE FROM removed WHERE document_id = ?", (document_id,))


def _load(text: str) -> StoredDocument:
    values = json.loads(text)
    marks = tuple(Span(**mark) for mark in values["furniture"])
    return StoredDocument(**(values | {"furniture": marks, "pages": tuple(values["pages"])}))


def _as_source(document: StoredDocument, indexer: Indexer) -> Source:
    """What the document was read from, with the other documents of the same file."""
    from index.indexing import Source  # loaders and splitter: half a second that a server saves
    from index.loaders import LoadedFile

    store = indexer.store
    siblings = [store.document(i) for i, _ in store.of_origin(document.origin).values()]
    origin = Origin(document.origin, document.origin_hash)
    if len(siblings) > _SIBLINGS_AT_MOST:
        siblings, origin = [], Origin(document.source, "")
    documents = tuple(one.as_document(one.furniture) for one in (*siblings, document))
    return Source(document.source, lambda: LoadedFile(origin, documents, ()))
