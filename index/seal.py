"""Finds, locates and mends flipped bits in the SQLite file, which itself has no checksums.

The seal (`index.seal_file`) holds two sums of every page of the database file. Nothing writes to
that file but checkpoints, and a checkpoint writes nothing but pages of the log: so the sums after
it are known before it begins. With the lock against writers held, `checkpoint_and_seal`

1. reads the pages that SQLite's log holds, and their sums from there, not from the file;
2. writes these sums to the seal's log and syncs it;
3. lets SQLite checkpoint;
4. copies the seal's log into the seal, syncs that, and empties the seal's log.

A page is sound if it is what the seal says, what its log says, or what a frame of SQLite's log
holds. So no crash makes a sound page look damaged:

- between commit and 2: the page is as sealed; the next sealing finds the frames still there.
- during 2: a log that was cut short does not count; the file is untouched.
- during 3: pages are as sealed or as the seal's log says. (A loss of power may tear one: such a
  page stands in SQLite's log, whence the next checkpoint writes it; it is not counted as damage.)
- between 3 and 4, or during 4: the seal's log is complete. Once SQLite's log no longer holds what
  it was made from, and the file agrees with it, step 4 is done again.
- while readers hold back the checkpoint: the seal's log stays and is made anew with the next one;
  if that is cut short, the pages written so far are found in SQLite's log.

A checkpoint that is not ours makes the seal stale, not the file damaged: the last connection of
all that closes does one, unless it was opened with ``mode=ro`` or is closed by
`close_without_checkpoint`. It is recognised by a page of the table ``settings`` that has changed
together with the library's stamp: so every write transaction must change the row ``generation``
there. A stale seal stays so until `reseal`.

SQLite's log is truncated whenever it has been moved: a log that stays is applied again after a
restart, and only up to a damaged frame, over newer pages.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.database import FILE_NAME
from index.pages import PAGE_BYTES, SUMS, PageFile, Signature, Sum, Sums, flipped, sum_of
from index.seal_check import ZERO_PAGE, Flip, Stamp, compare, is_stale, stamp_of, sum_from
from index.seal_file import PAGES_PER_BLOCK, Header, Log, SealDamaged, SealFile, block_of
from index.wal import Wal, mend_wal, read_wal

_NEVER = Signature(0, 0, 0)
_LOG_SUFFIX = "-wal"


class Outcome(StrEnum):
    """What became of a sealing."""

    SEALED = "sealed"
    WAITING = "waiting"  # readers hold back the checkpoint; the seal still fits
    STALE = "stale"  # somebody else has changed the file; verify, then `reseal`
    DAMAGED = "damaged"  # SQLite's log or the seal is damaged: see `check`


class State(StrEnum):
    """What a check found."""

    CLEAN = "clean"
    DAMAGED = "damaged"
    STALE = "stale"  # somebody else has changed the file
    UNSEALED = "unsealed"  # there is no seal
    UNREADABLE = "unreadable"  # the seal's headers are damaged


@dataclass(frozen=True, slots=True)
class Report:
    """What `check` found; pages are counted from 1, as SQLite does.

    Attributes:
        generation: the library's when it was sealed.
        flips: pages with one flipped bit, which `mend` puts right.
        damaged: pages with other damage.
        missing: pages behind the end of a file that was cut short.
        unchecked: how many pages were not compared, their sums being lost.
        seal_flips: blocks of the seal with one flipped bit, which `mend` puts right.
        seal_lost: blocks of the seal with other damage.
        seal_log_flip: whether the seal's log has a flipped bit, which `mend` puts right.
        log_flips: flipped bits in SQLite's log, which `mend` puts right.
        log_broken: the frame of SQLite's log from which on SQLite ignores all, though it was whole.
    """

    state: State
    generation: int = 0
    flips: tuple[Flip, ...] = ()
    damaged: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    unchecked: int = 0
    seal_flips: tuple[int, ...] = ()
    seal_lost: tuple[int, ...] = ()
    seal_log_flip: bool = False
    log_flips: int = 0
    log_broken: int | None = None

    @property
    def pages(self) -> tuple[int, ...]:
        """All pages that are not as they should be."""
        return tuple(sorted({*(flip.page for flip in self.flips), *self.damaged, *self.missing}))


@dataclass(frozen=True, slots=True)
class Mended:
    """Pages that are as they were again, and those that could not be mended."""

    pages: tuple[int, ...]
    left: tuple[int, ...]


def checkpoint_and_seal(connection: sqlite3.Connection, folder: Path) -> Outcome:
    """Move SQLite's log into the database file and seal the pages that this changes.

    The caller holds the lock against writers; ``connection`` is in no transaction. A folder
    without a seal gets one, of the file as it is. Nothing waits for readers.
    """
    wal = _mended_wal(folder)
    if wal.broken is not None:
        return Outcome.DAMAGED
    try:
        with _opened(folder) as seal:
            if seal is None:
                return reseal(connection, folder)
            return _seal(connection, folder, seal, wal)
    except SealDamaged:
        _checkpoint(connection)
        return Outcome.DAMAGED


def reseal(connection: sqlite3.Connection, folder: Path) -> Outcome:
    """Seal the file as it is, whatever an old seal says. The caller holds the lock.

    Reads the whole file, about 0.6 GB/s. Damage that is there becomes part of the seal: first
    make sure that what the library holds is sound.
    """
    wal = _mended_wal(folder)
    if not _checkpoint(connection).complete:
        return Outcome.WAITING
    database = PageFile(folder / FILE_NAME)
    sums = np.empty(database.pages(), SUMS)
    for first, data in database.runs():
        for start in range(0, len(data), PAGE_BYTES):
            sums[first - 1 + start // PAGE_BYTES] = sum_of(data[start : start + PAGE_BYTES])
    stamp = stamp_of(connection)
    header = Header(
        b"",
        0,
        stamp.generation,
        len(sums),
        stamp.digest,
        database.signature(),
        wal.salts,
        wal.frames,
    )
    SealFile.create(folder, header, sums)
    return Outcome.SEALED


def check(folder: Path) -> Report:
    """Compare every page of the database file with the seal, at about 2 GB/s.

    The caller holds the lock against writers; readers need not stop.

    Raises:
        FileNotFoundError: there is no database.
    """
    wal = read_wal(folder / f"{FILE_NAME}{_LOG_SUFFIX}")
    found = Report(State.UNSEALED, log_flips=len(wal.flips), log_broken=wal.broken)
    database = PageFile(folder / FILE_NAME)
    try:
        with _opened(folder) as seal:
            return found if seal is None else _report(folder, database, seal, wal, found)
    except SealDamaged:
        return replace(found, state=State.UNREADABLE)


def mend(folder: Path, report: Report) -> Mended:
    """Flip back what ``report`` says can be flipped back. The caller holds the lock.

    A connection that has read a damaged page may keep it in its cache until the next commit.
    """
    _mended_wal(folder)
    database = PageFile(folder / FILE_NAME)
    mended = []
    for page, bit, expected in report.flips:
        if sum_of(flipped(database.page(page), bit)) == expected:
            database.flip(page, bit)
            mended.append(page)
    database.sync()
    left = sorted(set(report.pages) - set(mended))
    with _opened(folder) as seal:
        if seal is not None and report.state is State.DAMAGED:
            seal.mend()
            if not left and seal.log is None:
                seal.note(replace(seal.header, database=database.signature()))
    return Mended(tuple(mended), tuple(left))


def close_without_checkpoint(connection: sqlite3.Connection, folder: Path) -> None:
    """Close ``connection`` so that SQLite does no checkpoint, even if it is the last of all.

    A connection that may only read, open meanwhile, makes another one the last: itself, and it
    cannot write. What was committed stays in SQLite's log, for the next sealing.
    """
    uri = f"{(folder / FILE_NAME).resolve().as_uri()}?mode=ro"
    with suppress(sqlite3.Error), closing(sqlite3.connect(uri, uri=True)) as other:
        other.execute("SELECT count(*) FROM sqlite_master").fetchone()
        connection.close()
    connection.close()


@contextmanager
def _opened(folder: Path) -> Iterator[SealFile | None]:
    seal = SealFile.open(folder)
    try:
        yield seal
    finally:
        if seal is not None:
            seal.close()


def _mended_wal(folder: Path) -> Wal:
    wal = read_wal(folder / f"{FILE_NAME}{_LOG_SUFFIX}")
    if wal.flips:
        mend_wal(wal)
    return wal


def _seal(connection: sqlite3.Connection, folder: Path, seal: SealFile, wal: Wal) -> Outcome:
    database = PageFile(folder / FILE_NAME)
    if seal.log is not None:
        header = seal.log.header
        if wal.salts == header.salts and wal.frames < header.frames:
            return Outcome.DAMAGED  # SQLite's log has lost what we have seen in it
        if wal.salts != header.salts:
            _settle(seal, seal.log, database)
    stamp = stamp_of(connection)
    outcome = _look_again(folder, seal, database, wal, stamp)
    if seal.header.stale:
        _checkpoint(connection)
        return Outcome.STALE
    if not wal.frames:
        return outcome
    seal.write_log(*_next(seal, wal, stamp))
    moved = _checkpoint(connection)
    if moved.frames not in (None, wal.frames):
        seal.note(replace(seal.header, stale=True))  # SQLite has moved more than we could read
        return Outcome.DAMAGED
    if not moved.complete:
        seal.note(replace(seal.header, database=database.signature()))
        return Outcome.WAITING
    seal.apply_log(database.signature())
    return outcome


def _look_again(
    folder: Path, seal: SealFile, database: PageFile, wal: Wal, stamp: Stamp
) -> Outcome:
    """Compare all pages if the file has been written to since it was sealed."""
    as_sealed = seal.header.database == database.signature() and (
        wal.frames > 0 or seal.header.stamp == stamp.digest
    )
    if as_sealed or seal.header.stale:
        return Outcome.SEALED
    found = compare(database, seal, wal)
    stale = is_stale(folder / FILE_NAME, seal, found)
    seal.note(replace(seal.header, database=database.signature(), stale=stale))
    return Outcome.DAMAGED if found.pages else Outcome.SEALED


def _settle(seal: SealFile, log: Log, database: PageFile) -> None:
    """Apply the seal's log, unless SQLite's log vanished before it was moved into the file."""
    never = False
    for number, sums in sorted(log.blocks.items()):
        before = seal.sums(number)
        for place in np.flatnonzero(sums != before).tolist():
            page = number * PAGES_PER_BLOCK + place + 1
            actual = sum_of(database.page(page))
            if actual == sum_from(sums[place]):
                seal.apply_log(_NEVER)
                return
            never |= actual == sum_from(before[place])
    if never:
        seal.drop_log()
    else:
        seal.apply_log(_NEVER)


def _next(seal: SealFile, wal: Wal, stamp: Stamp) -> tuple[Header, dict[int, Sums]]:
    """The header and the blocks of sums once SQLite's log has been moved into the file."""
    before, after = seal.header.pages, wal.page_count
    blocks: dict[int, Sums] = {}

    def put(page: int, value: Sum) -> None:
        number = block_of(page)
        if number not in blocks:
            blocks[number] = seal.sums(number)
        blocks[number][(page - 1) % PAGES_PER_BLOCK] = value

    for page in range(before + 1, after + 1):
        put(page, ZERO_PAGE)
    newest = [(frame, page) for page, frame in wal.latest().items() if page <= after]
    newest.sort()
    contents = wal.contents([frame for frame, _ in newest])
    for (_, page), content in zip(newest, contents, strict=True):
        put(page, sum_of(content))
    header = replace(
        seal.header,
        serial=seal.header.serial + 1,
        generation=stamp.generation,
        pages=after,
        stamp=stamp.digest,
        salts=wal.salts,
        frames=wal.frames,
    )
    return header, blocks


def _report(folder: Path, database: PageFile, seal: SealFile, wal: Wal, found: Report) -> Report:
    differences = compare(database, seal, wal)
    if seal.header.stale or is_stale(folder / FILE_NAME, seal, differences):
        return replace(found, state=State.STALE, generation=seal.header.generation)
    damaged = bool(
        differences.pages
        or seal.mended
        or seal.lost
        or seal.log_mended
        or wal.flips
        or wal.broken is not None
    )
    return replace(
        found,
        state=State.DAMAGED if damaged else State.CLEAN,
        generation=seal.header.generation,
        flips=tuple(differences.flips),
        damaged=tuple(differences.damaged),
        missing=tuple(differences.missing),
        unchecked=differences.unchecked,
        seal_flips=tuple(sorted(seal.mended)),
        seal_lost=tuple(sorted(seal.lost)),
        seal_log_flip=seal.log_mended,
    )


class _Moved(NamedTuple):
    """What a checkpoint did: frames in SQLite's log before it; None without a log."""

    frames: int | None
    complete: bool


def _checkpoint(connection: sqlite3.Connection) -> _Moved:
    """Move SQLite's log into the file as far as readers allow, without waiting for them."""
    (timeout,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        busy, frames, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        complete = frames == moved and not busy
        if complete:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(timeout)}")
    return _Moved(None if frames < 0 else frames, complete)
