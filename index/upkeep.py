"""What keeps the store's file sound: checks when it is opened, seals, and what they mend."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from index import seal
from index.connection import LOCK_NAME, LibraryConnection, needing_room
from index.database import FILE_NAME, LOCK_SECONDS
from index.errors import DiskFull, LibraryBusy
from index.highwater import HighWater
from index.locking import locked
from index.reads import StoreReads

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

_OF_NO_USE = frozenset({seal.Outcome.STALE, seal.Outcome.DAMAGED})

_CHECKED_ON_OPENING = 256_000_000  # bytes, a fraction of a second; larger files: `index verify`


class StoreUpkeep(LibraryConnection, StoreReads):
    """The part of `index.store.Store` that looks after the file."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        with _as_far_as_possible(folder):
            _mend_before_opening(folder)
        LibraryConnection.__init__(self, folder, create=create)
        StoreReads.__init__(self)
        with _as_far_as_possible(folder):
            self._seal_on_opening()

    def settle(self) -> None:
        """Move SQLite's log into the database file and seal it: the file is then all there is.

        Raises `LibraryBusy` and `DiskFull`.
        """
        with self._exclusive("sealing the library"):
            if seal.checkpoint_and_seal(self._connection, self.folder) in _OF_NO_USE:
                self._renew_seal()

    def check_file(self) -> list[str]:
        """What is not as it was sealed, in sentences; nothing if all is."""
        with self._exclusive("checking the library's file"):
            report = seal.check(self.folder)
        found = [*_complaints(report)]
        if report.state is seal.State.STALE:
            found.append("The library's file was changed by another program since it was sealed.")
        elif report.state is seal.State.UNSEALED:
            found.append("The library's file has no seal.")
        elif report.state is seal.State.UNREADABLE:
            found.append("The seal of the library's file is damaged.")
        return found

    def mend_file(self) -> list[str]:
        """Set right what the seal can set right; tells, in sentences, what was done."""
        with self._exclusive("mending the library's file"):
            return _mend(self.folder)

    def reseal(self) -> None:
        """Seal the file as it is. First make sure that what it holds is sound."""
        with self._exclusive("sealing the library"):
            seal.reseal(self._connection, self.folder)

    def table_problems(self) -> Iterator[str]:
        """What SQLite finds wrong with its tables and indexes."""
        for (message,) in self.rows("PRAGMA integrity_check"):
            if message != "ok":
                yield str(message)
        for table, row, parent, _ in self.rows("PRAGMA foreign_key_check"):
            yield f"Row {row} of {table} belongs to no row of {parent}."

    def ids_used(self) -> tuple[int, int]:
        """The highest ids that a document and a passage ever had; none of them is used again."""
        known = dict(self.rows("SELECT name, seq FROM sqlite_sequence"))
        return known.get("documents", 0), known.get("passages", 0)

    def use_ids_beyond(self, document_id: int, passage_id: int) -> None:
        """Give out higher ids only; inside a transaction that `writing` began."""
        for table, least in (("documents", document_id), ("passages", passage_id)):
            known = self.rows("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,))
            if not known:
                self.change(
                    "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [(table, least)]
                )
            elif known[0][0] < least:
                self.change("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", [(least, table)])

    def size(self) -> int:
        """Bytes of the SQLite file."""
        return self._path.stat().st_size

    def acknowledged(self) -> int | None:
        """The generation that was acknowledged last, as a file of its own says; None if unknown."""
        return HighWater(self.folder).read()

    def reindex(self) -> None:
        with self.writing("building the database's indexes anew"):
            self._connection.execute("REINDEX")

    @contextmanager
    def _exclusive(self, purpose: str, wait_seconds: float = LOCK_SECONDS) -> Iterator[None]:
        lock = self.folder / LOCK_NAME
        with needing_room(self.folder), locked(lock, purpose, wait_seconds=wait_seconds):
            yield

    def _seal_on_opening(self) -> None:
        """Seal what a process that was killed has left, and what was never sealed."""
        with self._exclusive("opening the library", wait_seconds=0):
            outcome = seal.checkpoint_and_seal(self._connection, self.folder)
            if outcome in _OF_NO_USE and _is_small(self.folder):
                self._renew_seal()

    def _renew_seal(self) -> None:
        """A seal that is stale or damaged is renewed once every row is proved whole."""
        from index.verify import content_findings

        if seal.check(self.folder).state not in (seal.State.STALE, seal.State.UNREADABLE):
            return
        found = next(content_findings(self), None)
        if found is None:
            log.info("The seal of %s was renewed; every row is whole.", self.folder)
            seal.reseal(self._connection, self.folder)
        else:
            log.error("%s See: python -m qa index verify", found.message)


@contextmanager
def _as_far_as_possible(folder: Path) -> Iterator[None]:
    """A library on a full disk, or one that may only be read, is opened all the same."""
    try:
        yield
    except LibraryBusy:
        pass  # another process has it open, and checked it
    except (DiskFull, sqlite3.OperationalError, OSError) as error:
        log.warning("The library in %s could not be sealed: %s", folder, error)


def _mend_before_opening(folder: Path) -> None:
    """Flip back what has flipped, before SQLite reads it."""
    if not (folder / FILE_NAME).is_file() or not _is_small(folder):
        return
    with locked(folder / LOCK_NAME, "opening the library", wait_seconds=0):
        for done in _mend(folder):
            log.warning("%s", done)


def _is_small(folder: Path) -> bool:
    return (folder / FILE_NAME).stat().st_size <= _CHECKED_ON_OPENING


def _mend(folder: Path) -> list[str]:
    report = seal.check(folder)
    if report.state is seal.State.UNREADABLE:
        return ["The seal of the library's file is damaged."]
    told = [f"Found: {complaint}" for complaint in _complaints(report)]
    mended = seal.mend(folder, report)
    if mended.pages:
        told.append(f"{len(mended.pages)} flipped bits of {FILE_NAME} were set right.")
    if report.log_flips:
        told.append(f"{report.log_flips} flipped bits of SQLite's log were set right.")
    if report.seal_flips:
        told.append(f"{len(report.seal_flips)} flipped bits of the seal were set right.")
    if HighWater(folder).mend():
        told.append("A flipped bit of the acknowledged generation was set right.")
    if mended.left:
        told.append(
            f"{len(mended.left)} pages of {FILE_NAME} are damaged by more than one bit. "
            "See: python -m qa index verify"
        )
    return told


def _complaints(report: seal.Report) -> list[str]:
    told = []
    if report.pages:
        told.append(f"Pages {_few(report.pages)} of {FILE_NAME} are not as they were written.")
    if report.log_flips or report.log_broken is not None:
        told.append("SQLite's log is not as it was written.")
    if report.seal_flips or report.seal_lost or report.seal_log_flip:
        told.append("The seal is not as it was written.")
    return told


def _few(pages: Sequence[int]) -> str:
    shown = ", ".join(map(str, pages[:10]))
    return shown if len(pages) <= 10 else f"{shown} and {len(pages) - 10:,} more"
