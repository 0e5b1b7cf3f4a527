"""SQLite's log is read as SQLite reads it, and a flipped bit in it does not go unseen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.database import FILE_NAME
from index.pages import PAGE_BYTES, release_descriptors
from index.seal import Outcome, State, check, mend
from index.wal import FRAME_BYTES, HEADER_BYTES, mend_wal, read_wal
from tests.index.sealing import WAL_NAME, Library, bits_of, connect, copy, flip, library_in

ONE_FOLDER = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with library_in(tmp_path / "data") as library:
        yield library


@pytest.fixture
def log(library: Library) -> Path:
    for _ in range(4):
        library.add(3)
        library.remove(1)
    return library.folder / WAL_NAME


def test_no_log_and_an_empty_one_hold_no_frames(library, tmp_path):
    assert read_wal(tmp_path / "none").pages == ()
    assert (library.folder / WAL_NAME).stat().st_size == 0
    wal = read_wal(library.folder / WAL_NAME)
    assert (wal.pages, wal.page_count, wal.flips, wal.broken) == ((), 0, (), None)


def test_it_finds_the_frames_that_sqlite_finds(library, log):
    wal = read_wal(log)
    _, frames, moved = library.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    (pages,) = library.connection.execute("PRAGMA page_count").fetchone()
    assert (wal.frames, wal.page_count, len(wal.sizes)) == (frames, pages, 8)
    assert moved == frames
    database = (library.folder / FILE_NAME).read_bytes()
    newest = wal.latest()
    for page, content in zip(newest, wal.contents(list(newest.values())), strict=True):
        assert content == database[(page - 1) * PAGE_BYTES : page * PAGE_BYTES]


def test_frames_of_an_unfinished_transaction_do_not_count(library, log):
    before = read_wal(log)
    library.connection.execute("PRAGMA cache_size = 5")
    library.connection.execute("BEGIN")
    library.connection.executemany(
        "INSERT INTO items (content) VALUES (zeroblob(3000))", [()] * 200
    )
    assert log.stat().st_size > HEADER_BYTES + FRAME_BYTES * (before.frames + 50)
    assert read_wal(log) == before
    library.connection.execute("ROLLBACK")
    library.add(1)
    wal = read_wal(log)
    assert wal.pages[: before.frames] == before.pages
    assert len(wal.sizes) == len(before.sizes) + 1
    assert wal.broken is None


def test_frames_of_the_log_before_do_not_count(library, log):
    before = read_wal(log)
    library.connection.execute("PRAGMA wal_checkpoint(RESTART)")
    library.add(1)
    wal = read_wal(log)
    assert log.stat().st_size >= HEADER_BYTES + FRAME_BYTES * before.frames
    assert len(wal.sizes) == 1
    assert wal.salts != before.salts
    assert wal.broken is None


def test_checksums_of_the_other_byte_order(library, log, tmp_path):
    """What a big-endian machine writes: the same sums, of words read the other way round."""
    data = bytearray(log.read_bytes())
    data[3] |= 1
    state = (0, 0)
    places = [(0, 24, 24)]
    places += [
        (start, start + 8, start + 16)
        for start in range(HEADER_BYTES, len(data) - FRAME_BYTES + 1, FRAME_BYTES)
    ]
    for start, end, sums in places:
        words = bytes(data[start:end])
        words += bytes(data[sums + 8 : sums + 8 + PAGE_BYTES]) if start else b""
        state = checksum(words, state)
        data[sums : sums + 8] = b"".join(part.to_bytes(4, "big") for part in state)
    other = tmp_path / "big-endian"
    other.write_bytes(data)
    assert read_wal(other).pages == read_wal(log).pages != ()
    flip(other, 8 * (HEADER_BYTES + 24 + 103))
    assert read_wal(other).flips == (8 * (HEADER_BYTES + 24 + 103),)


def checksum(data: bytes, state: tuple[int, int]) -> tuple[int, int]:
    """As the format's document has it (sqlite.org/fileformat2.html#checksum_algorithm)."""
    low, high = state
    for place in range(0, len(data), 8):
        low = (low + int.from_bytes(data[place : place + 4], "big") + high) & 0xFFFFFFFF
        high = (high + int.from_bytes(data[place + 4 : place + 8], "big") + low) & 0xFFFFFFFF
    return low, high


def test_a_log_of_another_page_size_is_refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE one (column)")
        with pytest.raises(ValueError, match="pages of 8192 bytes"):
            read_wal(tmp_path / WAL_NAME)


def test_any_flipped_bit_is_put_right_or_told(library, log):
    whole, data = read_wal(log), log.read_bytes()

    @ONE_FOLDER
    @given(st.one_of(st.integers(0, 8 * 200), st.integers(0, bits_of(log) - 1)))
    def one(bit: int) -> None:
        flip(log, bit)
        wal = read_wal(log)
        if wal.broken is None:
            assert wal.flips == (bit,)
            assert (wal.pages, wal.sizes, wal.salts) == (whole.pages, whole.sizes, whole.salts)
            newest = list(wal.latest().values())
            contents = list(wal.contents(newest))
            mend_wal(wal)
            assert contents == list(whole.contents(newest))
        else:
            assert wal.flips == ()
            assert wal.frames < whole.frames
            flip(log, bit)
        assert log.read_bytes() == data

    one()


def test_most_flipped_bits_are_put_right(log):
    bits = range(8 * HEADER_BYTES, bits_of(log), 4_099)
    mended = 0
    for bit in bits:
        flip(log, bit)
        mended += read_wal(log).flips == (bit,)
        flip(log, bit)
    assert 0.65 < mended / len(bits) < 0.9


def test_the_contents_that_reading_put_right_are_those_that_were_written(library, log):
    newest = list(read_wal(log).latest().values())
    contents = list(read_wal(log).contents(newest))
    for frame in newest:
        flip(log, 8 * (HEADER_BYTES + frame * FRAME_BYTES + 24 + 4 * frame))
    assert list(read_wal(log).contents(newest)) == contents
    assert len(read_wal(log).flips) == len(newest)


def test_a_check_tells_and_mending_puts_right(library, log):
    data = log.read_bytes()
    flip(log, 8 * (HEADER_BYTES + 3 * FRAME_BYTES + 24 + 400))
    report = check(library.folder)
    assert (report.state, report.log_flips, report.pages) == (State.DAMAGED, 1, ())
    mend(library.folder, report)
    assert log.read_bytes() == data
    assert check(library.folder).state is State.CLEAN


def test_a_sealing_puts_right_what_it_can(library, log, tmp_path):
    flip(log, 8 * (HEADER_BYTES + 3 * FRAME_BYTES + 24 + 400))
    copy(library.folder, tmp_path / "killed")
    assert library.seal() is Outcome.SEALED
    assert check(library.folder).state is State.CLEAN
    mend(tmp_path / "killed", check(tmp_path / "killed"))
    with closing(connect(tmp_path / "killed")) as connection:
        rows = connection.execute("SELECT count(*) FROM items").fetchone()
    assert rows == (library.count(),)
    release_descriptors()


def test_nothing_is_moved_from_a_log_that_is_damaged_for_good(library, log):
    highest = 8 * (HEADER_BYTES + 3 * FRAME_BYTES + 24 + 403) + 7  # of a little-endian word
    flip(log, highest)
    database = (library.folder / FILE_NAME).read_bytes()
    report = check(library.folder)
    assert (report.state, report.log_broken) == (State.DAMAGED, 3)
    assert library.seal() is Outcome.DAMAGED
    assert (library.folder / FILE_NAME).read_bytes() == database
    flip(log, highest)
    assert library.seal() is Outcome.SEALED
