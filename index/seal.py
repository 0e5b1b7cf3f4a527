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

A checkpoint that is not ours (the last connection of all that closes does one, unless it was
opened with ``mode=ro``) makes the seal stale, not the file damaged. It is recognised by a page of
the table ``settings`` that has changed together with the library's stamp: so every write
transaction must change the row ``generation`` there. A stale seal stays so until `reseal`.

SQLite's log is truncated whenever it has been moved: a log that stays is applied again after a
restart, and only up to a damaged frame, over newer pages.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.database import FILE_NAME
from index.pages import (
    PAGE_BYTES,
    SUMS,
    UNKNOWN,
    PageFile,
    Signature,
    Sum,
    Sums,
    crcs,
    flipped,
    flipped_bit,
    sum_of,
)
from index.seal_file import (
    PAGES_PER_BLOCK,
    Header,
    Log,
    SealDamaged,
    SealFile,
    block_of,
)
from index.wal import Wal, mend_wal, read_wal

_ZERO_PAGE = sum_of(bytes(PAGE_BYTES))  # a page that a growing file skips
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


class Flip(NamedTuple):
    """One flipped bit: bit ``bit % 8``, from the lowest, of byte ``bit // 8`` of the page."""

    page: int
    bit: int
    expected: Sum


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


@dataclass(slots=True)
class _Differences:
    """Pages that are none of the things they may be."""

    flips: list[Flip] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)
    torn: list[int] = field(default_factory=list)  # the next checkpoint writes them anew
    missing: list[int] = field(default_factory=list)
    unchecked: int = 0

    @property
    def pages(self) -> list[int]:
        return [*(flip.page for flip in self.flips), *self.damaged, *self.missing]


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
    stamp = _stamp(connection)
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
        if seal is not None and (report.seal_flips or report.flips):
            seal.mend()
            if report.state is not State.STALE and not left and seal.log is None:
                seal.note(replace(seal.header, database=database.signature()))
    return Mended(tuple(mended), tuple(left))


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
    stamp = _stamp(connection)
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
    folder: Path, seal: SealFile, database: PageFile, wal: Wal, stamp: _Stamp
) -> Outcome:
    """Compare all pages if the file has been written to since it was sealed."""
    as_sealed = seal.header.database == database.signature() and (
        wal.frames > 0 or seal.header.stamp == stamp.digest
    )
    if as_sealed or seal.header.stale:
        return Outcome.SEALED
    found = _compare(database, seal, wal)
    stale = _is_stale(folder, seal, found)
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
            if actual == _sum(sums[place]):
                seal.apply_log(_NEVER)
                return
            never |= actual == _sum(before[place])
    if never:
        seal.drop_log()
    else:
        seal.apply_log(_NEVER)


def _next(seal: SealFile, wal: Wal, stamp: _Stamp) -> tuple[Header, dict[int, Sums]]:
    """The header and the blocks of sums once SQLite's log has been moved into the file."""
    before, after = seal.header.pages, wal.page_count
    blocks: dict[int, Sums] = {}

    def put(page: int, value: Sum) -> None:
        number = block_of(page)
        if number not in blocks:
            blocks[number] = seal.sums(number)
        blocks[number][(page - 1) % PAGES_PER_BLOCK] = value

    for page in range(before + 1, after + 1):
        put(page, _ZERO_PAGE)
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
    differences = _compare(database, seal, wal)
    if seal.header.stale or _is_stale(folder, seal, differences):
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
    )


def _compare(database: PageFile, seal: SealFile, wal: Wal) -> _Differences:
    sums = seal.all_sums()
    known = (sums["crc"] != UNKNOWN.crc) | (sums["strong"] != UNKNOWN.strong)
    found = _Differences(unchecked=int((~known).sum()))
    doubts: list[int] = []
    for first, data in database.runs():
        actual = crcs(data)
        own = slice(first - 1, first - 1 + len(actual))
        wrong = np.ones(len(actual), np.bool_)
        wrong[: len(sums[own])] = (actual[: len(sums[own])] != sums[own]["crc"]) & known[own]
        doubts += (np.flatnonzero(wrong) + first).tolist()
    may_be = _Acceptable(sums, seal, wal)
    for page in doubts:
        may_be.judge(page, database.page(page), found)
    sizes = [seal.header.pages, *wal.sizes]
    sizes += [] if seal.log is None else [seal.log.header.pages]
    found.missing += range(database.pages() + 1, min(sizes) + 1)
    return found


class _Acceptable:
    """What a page may be."""

    def __init__(self, sums: Sums, seal: SealFile, wal: Wal) -> None:
        self._sums, self._log, self._wal = sums, seal.log, wal
        self._frames: dict[int, list[int]] = {}
        for frame, page in enumerate(wal.pages):
            self._frames.setdefault(page, []).append(frame)

    def judge(self, page: int, data: bytes, found: _Differences) -> None:
        """Note in ``found`` what is wrong with the page, if anything is."""
        candidates = self._candidates(page)
        if sum_of(data) in candidates:
            return
        for expected in candidates:
            bit = flipped_bit(data, expected)
            if bit is not None:
                found.flips.append(Flip(page, bit, expected))
                return
        (found.torn if page in self._frames else found.damaged).append(page)

    def _candidates(self, page: int) -> list[Sum]:
        candidates = [_sum(self._sums[page - 1])] if page <= len(self._sums) else [_ZERO_PAGE]
        log = self._log
        if log is not None and page <= log.header.pages and block_of(page) in log.blocks:
            candidates.append(_sum(log.blocks[block_of(page)][(page - 1) % PAGES_PER_BLOCK]))
        contents = self._wal.contents(self._frames.get(page, ()))
        return candidates + [sum_of(content) for content in contents]


class _Stamp(NamedTuple):
    """What tells a library's contents apart from its other generations and other libraries."""

    generation: int
    digest: bytes


def _stamp(connection: sqlite3.Connection) -> _Stamp:
    rows = dict(
        connection.execute(
            "SELECT name, value FROM settings WHERE name IN ('generation', 'library_id')"
        )
    )
    text = f"{rows.get('library_id')}\n{rows.get('generation')}"
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    return _Stamp(int(rows.get("generation", 0)), digest)


def _is_stale(folder: Path, seal: SealFile, found: _Differences) -> bool:
    """Whether the pages differ because another generation of the library was written."""
    if not found.pages and not found.torn:
        return False
    uri = f"{(folder / FILE_NAME).resolve().as_uri()}?immutable=1"  # without SQLite's log
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            stamp = _stamp(connection)
            (page,) = connection.execute(
                "SELECT rootpage FROM sqlite_master WHERE name = 'settings'"
            ).fetchone()
    except (sqlite3.Error, ValueError, TypeError, OverflowError):
        return False
    sealed = [seal.header.stamp, *([] if seal.log is None else [seal.log.header.stamp])]
    if stamp.digest in sealed:
        return False
    # One flipped bit can make a generation into another: then nothing else differs by more.
    flipped_alone = page in {flip.page for flip in found.flips} and not found.damaged
    return page in [*found.pages, *found.torn] and not flipped_alone


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


def _sum(entry: np.void) -> Sum:
    return Sum(int(entry["crc"]), int(entry["strong"]))
