"""A flipped bit is found, located and mended, in the database and in the seal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.database import FILE_NAME
from index.pages import PAGE_BYTES, release_descriptors
from index.seal import Outcome, State, check, mend, reseal
from index.seal_file import FILE_NAME as SEAL_NAME
from index.seal_file import LOG_NAME, SealFile
from tests.index.sealing import (
    WAL_NAME,
    Library,
    bits_of,
    crash,
    flip,
    goes_on,
    is_clean,
    library_in,
)

ONE_FOLDER = settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with library_in(tmp_path / "data") as library:
        yield library


@pytest.fixture
def database(library: Library) -> Path:
    return library.folder / FILE_NAME


def test_a_library_without_a_seal_gets_one(tmp_path):
    library = Library(tmp_path)
    library.add(400)
    assert check(tmp_path).state is State.UNSEALED
    assert library.seal() is Outcome.SEALED
    assert is_clean(tmp_path)
    assert (tmp_path / WAL_NAME).stat().st_size == 0
    assert check(tmp_path).generation == 2
    library.connection.close()
    release_descriptors()


# Flipped bits


def test_any_flipped_bit_of_the_database_is_found_and_mended(library, database):
    whole = database.read_bytes()

    @ONE_FOLDER
    @given(st.integers(0, bits_of(database) - 1))
    def one(bit: int) -> None:
        flip(database, bit)
        report = check(library.folder)
        place = bit // (8 * PAGE_BYTES) + 1, bit % (8 * PAGE_BYTES)
        assert report.state is State.DAMAGED
        assert [found[:2] for found in report.flips] == [place]
        assert report.pages == (place[0],)
        mended = mend(library.folder, report)
        assert (mended.pages, mended.left) == ((place[0],), ())
        assert database.read_bytes() == whole
        assert is_clean(library.folder)

    one()
    goes_on(library.folder)


def test_one_flipped_bit_in_each_of_many_pages(library, database):
    whole = database.read_bytes()
    pages = len(whole) // PAGE_BYTES
    flip(database, *(8 * PAGE_BYTES * page + 97 * page for page in range(pages)))
    report = check(library.folder)
    assert report.pages == tuple(range(1, pages + 1))
    assert mend(library.folder, report).left == ()
    assert database.read_bytes() == whole


def test_more_than_one_flipped_bit_of_a_page_is_found_but_not_mended(library, database):
    pages = database.stat().st_size // PAGE_BYTES
    bit = st.integers(0, 8 * PAGE_BYTES - 1)

    @ONE_FOLDER
    @given(st.integers(1, pages), st.sets(bit, min_size=2, max_size=9))
    def several(page: int, bits: set[int]) -> None:
        places = [(page - 1) * 8 * PAGE_BYTES + bit for bit in bits]
        flip(database, *places)
        damaged = database.read_bytes()
        try:
            report = check(library.folder)
            assert (report.state, report.damaged, report.flips) == (State.DAMAGED, (page,), ())
            assert mend(library.folder, report).left == (page,)
            assert database.read_bytes() == damaged
        finally:
            flip(database, *places)  # the next example's library is whole again

    several()


def test_flipped_bits_of_the_generation_are_damage_not_another_generation(library, database):
    place = database.read_bytes().index(b"generation2") + len("generation")
    flip(database, 8 * place, 8 * place + 2)  # 2 -> 7
    assert check(library.folder).state is State.DAMAGED


def test_a_flipped_bit_of_the_generation_is_damage_not_another_generation(library, database):
    whole = database.read_bytes()
    place = whole.index(b"generation2") + len("generation")
    flip(database, 8 * place)  # 2 -> 3
    report = check(library.folder)
    assert report.state is State.DAMAGED
    assert mend(library.folder, report).left == ()
    assert database.read_bytes() == whole


def test_a_file_that_was_cut_short_misses_pages(library, database):
    pages = database.stat().st_size // PAGE_BYTES
    os.truncate(database, (pages - 2) * PAGE_BYTES - 100)
    assert check(library.folder).missing == (pages - 2, pages - 1, pages)


def test_pages_behind_the_end_are_damage(library, database):
    pages = database.stat().st_size // PAGE_BYTES
    with database.open("ab") as file:
        file.write(b"x" * PAGE_BYTES)
    assert check(library.folder).damaged == (pages + 1,)


def test_damage_stays_known_whatever_is_committed_beside_it(library, database):
    page = library.connection.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'history'"
    ).fetchone()[0]
    untouched = database.stat().st_size // PAGE_BYTES - 3
    assert untouched != page
    flip(database, (untouched - 1) * 8 * PAGE_BYTES + 77)
    library.add(1)
    assert library.seal() is Outcome.DAMAGED
    report = check(library.folder)
    assert report.pages == (untouched,)
    assert mend(library.folder, report).left == ()
    goes_on(library.folder)


# The seal's own files


def test_any_flipped_bit_of_the_seal_is_found_and_mended(library):
    seal = library.folder / SEAL_NAME
    whole = seal.read_bytes()

    @ONE_FOLDER
    @given(st.integers(0, bits_of(seal) - 1))
    def one(bit: int) -> None:
        flip(seal, bit)
        report = check(library.folder)
        assert report.state is State.DAMAGED
        assert report.seal_flips == (bit // (8 * PAGE_BYTES),)
        assert report.pages == ()
        mend(library.folder, report)
        assert seal.read_bytes() == whole
        assert is_clean(library.folder)

    one()
    goes_on(library.folder)


def test_any_flipped_bit_of_the_seals_log_is_found_and_mended(library, monkeypatch):
    """Once the checkpoint has been done, the log alone says what is sound."""
    library.add(2)
    with monkeypatch.context() as patch:
        patch.setattr(SealFile, "apply_log", crash)
        with pytest.raises(KeyboardInterrupt):
            library.seal()
    log = library.folder / LOG_NAME
    whole = log.read_bytes()
    assert is_clean(library.folder)

    @ONE_FOLDER
    @given(st.integers(0, bits_of(log) - 1))
    def one(bit: int) -> None:
        flip(log, bit)
        report = check(library.folder)
        assert (report.state, report.pages) == (State.DAMAGED, ())
        assert report.seal_log_flip
        mend(library.folder, report)
        assert log.read_bytes() == whole
        assert is_clean(library.folder)

    one()
    goes_on(library.folder)


def test_a_lost_block_of_the_seal_leaves_its_pages_unchecked(tmp_path):
    library = Library(tmp_path)
    library.add(500)
    library.seal()
    flip(tmp_path / SEAL_NAME, 2 * 8 * PAGE_BYTES + 5, 2 * 8 * PAGE_BYTES + 500)
    report = check(tmp_path)
    assert (report.state, report.seal_lost, report.unchecked) == (State.DAMAGED, (2,), 340)
    flip(tmp_path / FILE_NAME, 400 * 8 * PAGE_BYTES)
    assert check(tmp_path).pages == (401,)
    flip(tmp_path / FILE_NAME, 400 * 8 * PAGE_BYTES)
    assert reseal(library.connection, tmp_path) is Outcome.SEALED
    assert is_clean(tmp_path)
    library.connection.close()
    release_descriptors()


def test_a_seal_with_two_damaged_headers_is_unreadable(library):
    seal = library.folder / SEAL_NAME
    flip(seal, 1, 2)
    assert check(library.folder).state is State.DAMAGED  # the second header is enough
    flip(seal, 8 * PAGE_BYTES + 1, 8 * PAGE_BYTES + 2)
    assert check(library.folder).state is State.UNREADABLE
    library.add(1)
    assert library.seal() is Outcome.DAMAGED
    assert reseal(library.connection, library.folder) is Outcome.SEALED
    assert is_clean(library.folder)
