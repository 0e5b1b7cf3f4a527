"""A crash at any moment is not taken for damage, and whoever comes next goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import seal as seal_module
from index import seal_file
from index.database import FILE_NAME
from index.pages import PAGE_BYTES, release_descriptors
from index.seal import Outcome, State, check
from index.seal_file import FILE_NAME as SEAL_NAME
from index.seal_file import LOG_NAME, SealFile
from index.wal import read_wal
from tests.index.sealing import (
    WAL_NAME,
    Library,
    connect,
    copy,
    crash,
    goes_on,
    is_clean,
    library_in,
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with library_in(tmp_path / "data") as library:
        yield library


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


def test_log_left_behind_by_a_killed_process_is_sealed_by_the_next(library, tmp_path):
    library.add(5)
    after = library.killed(tmp_path / "killed")
    assert (after.folder / WAL_NAME).stat().st_size > 0
    assert is_clean(after.folder)
    assert after.seal() is Outcome.SEALED
    assert after.count() == 45
    goes_on(after.folder)


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
