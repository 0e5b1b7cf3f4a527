"""Checkpoints that are not ours, readers, and other processes beside the seal."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index import seal as seal_module
from index.database import FILE_NAME
from index.seal import Outcome, State, check, close_without_checkpoint, mend, reseal
from index.seal_file import LOG_NAME
from tests.index.sealing import (
    WAL_NAME,
    Library,
    bits_of,
    connect,
    copy,
    crash,
    flip,
    goes_on,
    is_clean,
    library_in,
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with library_in(tmp_path / "data") as library:
        yield library


@pytest.fixture
def database(library: Library) -> Path:
    return library.folder / FILE_NAME


def test_a_foreign_checkpoint_of_what_was_not_sealed_makes_the_seal_stale(library):
    library.add(2)
    library.connection.close()  # the last connection: SQLite does a checkpoint
    assert not (library.folder / WAL_NAME).exists()
    assert check(library.folder).state is State.STALE
    again = Library(library.folder, create=False)
    again.add(1)
    assert again.seal() is Outcome.STALE
    assert (library.folder / WAL_NAME).stat().st_size == 0
    assert check(library.folder).state is State.STALE
    assert reseal(again.connection, library.folder) is Outcome.SEALED
    assert is_clean(library.folder)
    goes_on(library.folder)


def test_the_last_connection_can_be_closed_without_a_checkpoint(library):
    library.add(2)
    close_without_checkpoint(library.connection, library.folder)
    assert (library.folder / WAL_NAME).stat().st_size > 0
    assert is_clean(library.folder)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        library.count()
    goes_on(library.folder)


def test_a_connection_is_closed_whatever_has_become_of_the_file(library, database):
    database.write_bytes(b"no database at all")
    close_without_checkpoint(library.connection, library.folder)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        library.count()


def test_nothing_is_flipped_back_while_the_seal_is_stale(library, database):
    """The legitimate change of a single bit would be undone."""
    library.add(1)
    library.connection.close()
    before = database.read_bytes()
    report = check(library.folder)
    assert (report.state, report.pages) == (State.STALE, ())
    mend(library.folder, report)
    assert database.read_bytes() == before


def test_a_foreign_checkpoint_of_what_was_sealed_already_changes_nothing(library):
    library.add(2)
    assert library.seal() is Outcome.SEALED
    library.connection.close()
    assert is_clean(library.folder)
    goes_on(library.folder)


def test_a_foreign_checkpoint_after_the_seals_log_was_written(library, tmp_path, monkeypatch):
    library.add(2)
    with monkeypatch.context() as patch:
        patch.setattr(seal_module, "_checkpoint", crash)
        with pytest.raises(KeyboardInterrupt):
            library.seal()
    after = library.killed(tmp_path / "killed")
    after.count()
    after.connection.close()
    assert not (after.folder / WAL_NAME).exists()
    assert is_clean(after.folder)
    goes_on(after.folder)


def test_sqlites_log_vanishes_before_it_was_moved(library, tmp_path, monkeypatch):
    rows = library.count()
    library.add(2)
    with monkeypatch.context() as patch:
        patch.setattr(seal_module, "_checkpoint", crash)
        with pytest.raises(KeyboardInterrupt):
            library.seal()
    copy(library.folder, tmp_path / "killed")
    (tmp_path / "killed" / WAL_NAME).unlink()
    assert is_clean(tmp_path / "killed")
    after = Library(tmp_path / "killed", create=False)
    assert after.count() == rows
    goes_on(after.folder)


def test_a_restored_backup_makes_the_seal_stale(library, database, tmp_path):
    backup = database.read_bytes()
    library.add(3)
    library.seal()
    library.connection.close()
    database.write_bytes(backup)
    assert check(library.folder).state is State.STALE


def test_a_copied_folder_is_compared_anew_and_goes_on(library, tmp_path):
    copy(library.folder, tmp_path / "copied")
    assert is_clean(tmp_path / "copied")
    goes_on(tmp_path / "copied")


# Other connections


def test_a_reader_of_an_old_snapshot_holds_back_the_checkpoint_not_the_writer(library):
    with closing(connect(library.folder, read_only=True)) as reader:
        library.add(5)
        reader.execute("BEGIN")
        seen = reader.execute("SELECT count(*) FROM items").fetchone()
        for _ in range(3):
            library.add(2)
            assert library.seal() is Outcome.WAITING
            assert is_clean(library.folder)
        assert reader.execute("SELECT count(*) FROM items").fetchone() == seen
        reader.execute("COMMIT")
        assert library.seal() is Outcome.SEALED
        assert is_clean(library.folder)
        assert (library.folder / WAL_NAME).stat().st_size == 0


def test_a_crash_while_a_reader_holds_back_the_checkpoint(library, tmp_path):
    with closing(connect(library.folder, read_only=True)) as reader:
        library.add(5)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM items").fetchone()
        library.add(2)
        library.seal()
        library.remove(20)
        for number in range(2):
            after = library.killed(tmp_path / str(number))
            assert is_clean(after.folder)
            goes_on(after.folder)
            library.seal()


def test_a_change_of_one_bit_that_was_written_in_part_is_not_taken_for_damage(library, tmp_path):
    with library.transaction():
        library.connection.execute("INSERT INTO items VALUES (1000, zeroblob(3000))")
    library.seal()
    with closing(connect(library.folder, read_only=True)) as reader:
        with library.transaction():
            library.connection.execute(
                "UPDATE items SET content = ? WHERE id = 1000", (b"\x01" + bytes(2_999),)
            )
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM items").fetchone()
        library.add(1)
        assert library.seal() is Outcome.WAITING
        copy(library.folder, tmp_path / "killed")
    os.truncate(tmp_path / "killed" / LOG_NAME, 100)
    assert is_clean(tmp_path / "killed")
    goes_on(tmp_path / "killed")


def test_what_vanishes_from_the_end_of_sqlites_log_is_not_sealed_over(library):
    with closing(connect(library.folder, read_only=True)) as reader:
        library.add(5)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM items").fetchone()
        library.add(1)
        assert library.seal() is Outcome.WAITING
        wal = library.folder / WAL_NAME
        flip(wal, bits_of(wal) - 100, bits_of(wal) - 1_000)
        assert library.seal() is Outcome.DAMAGED
        flip(wal, bits_of(wal) - 100, bits_of(wal) - 1_000)
    assert library.seal() is Outcome.SEALED
    goes_on(library.folder)


def test_a_sealing_leaves_the_connections_patience_as_it_was(library):
    before = library.connection.execute("PRAGMA busy_timeout").fetchone()
    library.add(1)
    library.seal()
    assert library.connection.execute("PRAGMA busy_timeout").fetchone() == before != (0,)


def test_a_reader_of_the_newest_snapshot_keeps_the_log_but_not_the_seal_from_its_end(library):
    with closing(connect(library.folder, read_only=True)) as reader:
        library.add(5)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM items").fetchone()
        assert library.seal() is Outcome.SEALED
        assert (library.folder / WAL_NAME).stat().st_size > 0
        assert is_clean(library.folder)
        library.add(1)
        assert library.seal() is Outcome.WAITING
        assert is_clean(library.folder)
        reader.execute("COMMIT")
        assert library.seal() is Outcome.SEALED
    goes_on(library.folder)


def test_the_last_reader_does_no_checkpoint_if_it_may_only_read(library):
    library.add(1)
    reader = connect(library.folder, read_only=True)
    reader.execute("SELECT count(*) FROM items").fetchone()
    with closing(library.killed(library.folder.parent / "killed").connection):
        pass
    size = (library.folder / WAL_NAME).stat().st_size
    library.connection.close()
    reader.close()
    assert (library.folder / WAL_NAME).stat().st_size == size
    assert is_clean(library.folder)


OTHER_PROCESS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("SELECT count(*) FROM items").fetchone()
connection.close()
"""


def test_a_check_leaves_sqlites_locks_in_place(library):
    """If it dropped them, another process would think itself alone and remove SQLite's log."""
    library.add(1)
    check(library.folder)
    subprocess.run([sys.executable, "-c", OTHER_PROCESS, library.folder / FILE_NAME], check=True)
    assert (library.folder / WAL_NAME).exists()
    assert library.count() == 41
