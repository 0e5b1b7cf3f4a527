"""A flipped bit is found, located and mended; a crash at any moment is not taken for one."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import seal as seal_module
from index import seal_file
from index.database import FILE_NAME
from index.pages import PAGE_BYTES, release_descriptors
from index.seal import Outcome, State, check, close_without_checkpoint, mend, reseal
from index.seal_file import FILE_NAME as SEAL_NAME
from index.seal_file import LOG_NAME, SealFile
from index.wal import read_wal
from tests.index.sealing import WAL_NAME, Library, bits_of, connect, copy, flip, library_in

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


# Crashes


class Steps:
    """Copies a folder before each step that writes to it, as a crash there would leave it."""

    def __init__(self, folder: Path, to: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.copies: list[Path] = []
        self._folder, self._to, self._number = folder, to, count()
        for owner, name in (
            (os, "pwrite"),
            (os, "ftruncate"),
            (os, "truncate"),
            (os, "fsync"),
            (os, "replace"),
            (seal_file, "sync_data"),
            (seal_file, "sync_folder"),
        ):
            monkeypatch.setattr(owner, name, self._watched(getattr(owner, name)))
        monkeypatch.setattr(seal_module, "_checkpoint", self._watched_checkpoint)

    def _watched(self, step):
        def watched(*arguments, **keywords):
            self.take()
            return step(*arguments, **keywords)

        return watched

    def _watched_checkpoint(self, connection):
        """Up to here the seal's log may be cut short by a loss of power."""
        self.take()
        log = self.copies[-1] / LOG_NAME
        for kept in (1, PAGE_BYTES, log.stat().st_size - 1) if log.exists() else ():
            self.take()
            os_truncate(self.copies[-1] / LOG_NAME, kept)
        return checkpoint(connection)

    def take(self) -> None:
        self.copies.append(self._to / str(next(self._number)))
        copy(self._folder, self.copies[-1])


os_truncate, checkpoint = os.truncate, seal_module._checkpoint


CHANGES = {
    "one row": lambda library: library.add(1),
    "growth past a block of sums": lambda library: library.add(600),
    "a second commit": lambda library: (library.add(1), library.remove(3)),
    "removal": lambda library: library.remove(30),
    "shrinking": lambda library: (library.remove(30), library.connection.execute("VACUUM")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_crash_at_any_step_of_sealing_looks_like_no_damage(
    library, change, tmp_path, monkeypatch
):
    change(library)
    with monkeypatch.context() as patch:
        steps = Steps(library.folder, tmp_path / "steps", patch)
        steps.take()
        assert library.seal() is Outcome.SEALED
        steps.take()
    rows = library.count()
    assert len(steps.copies) > 10
    for folder in steps.copies:
        assert is_clean(folder), folder
        goes_on(folder)
        with closing(connect(folder)) as connection:
            assert connection.execute("SELECT count(*) FROM items").fetchone() == (rows + 3,)


def test_a_crash_during_the_first_sealing(tmp_path, monkeypatch):
    library = Library(tmp_path / "data")
    library.add(400)
    with monkeypatch.context() as patch:
        steps = Steps(library.folder, tmp_path / "steps", patch)
        library.seal()
    for folder in steps.copies:
        assert check(folder).state in (State.UNSEALED, State.CLEAN)
        goes_on(folder)
    library.connection.close()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_crash_amid_the_checkpoint_looks_like_no_damage(library, change, tmp_path, monkeypatch):
    """SQLite writes the newest content of each page, in the order of the pages, then cuts."""
    change(library)
    with monkeypatch.context() as patch:
        patch.setattr(seal_module, "_checkpoint", crash)
        with pytest.raises(KeyboardInterrupt):
            library.seal()
    wal = read_wal(library.folder / WAL_NAME)
    newest = {page: frame for page, frame in sorted(wal.latest().items()) if page <= wal.page_count}
    contents = list(wal.contents(list(newest.values())))
    for written in {0, 1, len(newest) // 2, len(newest) - 1, len(newest)}:
        for torn in (PAGE_BYTES, 512):
            folder = tmp_path / f"{written}-{torn}"
            copy(library.folder, folder)
            with (folder / FILE_NAME).open("r+b") as file:
                for page, content in list(zip(newest, contents, strict=True))[: written + 1]:
                    file.seek((page - 1) * PAGE_BYTES)
                    last = page == list(newest)[min(written, len(newest) - 1)]
                    file.write(content[:torn] if last else content)
            assert is_clean(folder)
            goes_on(folder)


@pytest.mark.parametrize("torn", [PAGE_BYTES, 512])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_power_fails_while_the_seal_is_written(library, change, torn, tmp_path, monkeypatch):
    """Of what was written since the last sync, anything may be on the disk, blocks in part."""
    change(library)
    before = tmp_path / "before"

    def watched(self, database):
        copy(library.folder, before)
        return apply_log(self, database)

    apply_log = SealFile.apply_log
    with monkeypatch.context() as patch:
        patch.setattr(SealFile, "apply_log", watched)
        library.seal()
    old, new = (before / SEAL_NAME).read_bytes(), (library.folder / SEAL_NAME).read_bytes()
    places = range(0, max(len(old), len(new)), PAGE_BYTES)
    synced_later = PAGE_BYTES  # the second header
    changed = [at for at in places if old[at:][:torn] != new[at:][:torn] and at != synced_later]
    assert len(changed) >= 2
    for kept in {*((at,) for at in changed), tuple(changed), tuple(changed[1:])}:
        folder = tmp_path / "-".join(map(str, kept))
        copy(before, folder)
        with (folder / SEAL_NAME).open("r+b") as file:
            for at in kept:
                file.seek(at)
                file.write(new[at : at + torn])
        assert is_clean(folder)
        goes_on(folder)


def crash(*_arguments: object) -> None:
    raise KeyboardInterrupt


def test_log_left_behind_by_a_killed_process_is_sealed_by_the_next(library, tmp_path):
    library.add(5)
    after = library.killed(tmp_path / "killed")
    assert (after.folder / WAL_NAME).stat().st_size > 0
    assert is_clean(after.folder)
    assert after.seal() is Outcome.SEALED
    assert after.count() == 45
    goes_on(after.folder)


# Checkpoints that are not ours


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


# Anything in any order


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.sampled_from(
            ("add", "add many", "remove", "vacuum", "seal", "seal", "read", "stop reading", "kill")
        ),
        max_size=14,
    )
)
def test_no_sequence_of_events_looks_like_damage(tmp_path_factory, events):
    base, numbers = tmp_path_factory.mktemp("data"), count()
    library, readers = Library(base / "first"), []
    library.seal()
    for event in events:
        if event == "add":
            library.add(3)
        elif event == "add many":
            library.add(400)
        elif event == "remove":
            library.remove(50)
        elif event == "vacuum":
            library.connection.execute("VACUUM")
        elif event == "seal":
            assert library.seal() in (Outcome.SEALED, Outcome.WAITING)
        elif event == "read":
            readers.append(connect(library.folder, read_only=True))
            readers[-1].execute("BEGIN")
            readers[-1].execute("SELECT count(*) FROM items").fetchone()
        elif event == "stop reading" and readers:
            readers.pop(0).close()
        elif event == "kill":
            library = library.killed(base / str(next(numbers)))
        assert is_clean(library.folder)
    for reader in readers:
        reader.close()
    goes_on(library.folder)
    library.connection.close()
    release_descriptors()


WRITER = """
import sys
from pathlib import Path
from tests.index.sealing import Library
library = Library(Path(sys.argv[1]), create=False)
while True:
    library.add(5)
    library.seal()
    library.remove(4)
    print(library.count(), flush=True)
    library.seal()
"""


def test_a_killed_writer_leaves_a_clean_library(library):
    root = Path(__file__).parent.parent.parent
    for commits in range(8):
        command = [sys.executable, "-c", WRITER, str(library.folder)]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            for _ in range(1 + commits % 3):
                writer.stdout.readline()
            writer.kill()
        assert is_clean(library.folder)
        assert library.seal() is Outcome.SEALED
        assert is_clean(library.folder)
