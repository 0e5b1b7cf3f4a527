"""``qa backup`` and ``qa restore``, as a user calls them."""

from __future__ import annotations

import importlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from index.backup import back_up
from index.database import FILE_NAME
from tests.index.test_database import old_library
from tests.qa.cli_runner import Run

RESTORE = importlib.import_module("qa.cli.restore")  # in `qa.cli` the command hides its module


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    run = Run(tmp_path / "data", monkeypatch)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "mill.txt").write_text("The old mill burned down while Otto slept.")
    assert run("index", "add", tmp_path / "texts").exit_code == 0
    return run


def test_a_library_goes_into_a_file_and_comes_out_of_it(run: Run, tmp_path: Path) -> None:
    done = run("backup", tmp_path / "b.tar.gz")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("backed up generation 1: ")
    done = run("restore", tmp_path / "b.tar.gz", "--data", tmp_path / "new")
    assert done.exit_code == 0, done.output
    assert "restored generation 1" in done.stdout
    assert "checked 1 documents, 1 passages: all as it was written" in done.stdout
    other = run("--data", tmp_path / "new", "index", "list")
    assert "mill.txt" in other.stdout


def test_the_folder_of_every_command_is_the_default(run: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "b.tar")
    done = run("--data", tmp_path / "new", "restore", tmp_path / "b.tar")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "new" / FILE_NAME).is_file()


def test_a_library_in_use_is_not_restored_over(run: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "b.tar")
    done = run("restore", tmp_path / "b.tar")
    assert done.exit_code == 1
    assert "is not empty. Restore to a new folder" in done.output


def test_a_name_that_does_not_say_how_is_refused(run: Run, tmp_path: Path) -> None:
    done = run("backup", tmp_path / "b.zip")
    assert done.exit_code == 2
    assert "its name must end in .tar or .tar.gz" in done.output


def test_a_folder_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    done = run("backup", tmp_path / "nowhere" / "b.tar")
    assert done.exit_code == 1
    assert f"There is no folder {tmp_path / 'nowhere'}" in done.output


def test_a_damaged_backup_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "b.tar").write_bytes(b"no archive at all" * 100)
    done = run("restore", tmp_path / "b.tar", "--data", tmp_path / "new")
    assert done.exit_code == 1
    assert done.output.startswith(f"Error: {tmp_path / 'b.tar'} is damaged, or no backup")
    assert not (tmp_path / "new").exists()


def test_a_backup_of_a_damaged_library_is_found_out(run: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(run.data / FILE_NAME)) as connection:
        connection.execute("UPDATE documents SET text = 'The old mill stands.'")
        connection.commit()
    run("backup", tmp_path / "b.tar")
    done = run("restore", tmp_path / "b.tar", "--data", tmp_path / "new")
    assert done.exit_code == 1
    assert "is not what was stored" in done.output


def test_one_of_an_older_version_is_left_as_it_was(run: Run, tmp_path: Path) -> None:
    old_library(tmp_path / "old")
    back_up(tmp_path / "old", tmp_path / "b.tar", version="0.1.0")
    done = run("restore", tmp_path / "b.tar", "--data", tmp_path / "new")
    assert done.exit_code == 0, done.output
    assert "Its schema is 1: the version that wrote it can open it as it is." in done.stdout
    with closing(sqlite3.connect(tmp_path / "new" / FILE_NAME)) as connection:
        assert connection.execute("SELECT max(number) FROM migrations").fetchone() == (1,)


def test_one_of_a_newer_version_is_not_opened(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", tmp_path / "b.tar")
    monkeypatch.setattr(RESTORE, "MIGRATIONS", ("schema.sql",))
    done = run("restore", tmp_path / "b.tar", "--data", tmp_path / "new")
    assert done.exit_code == 0, done.output
    assert "this program knows schemas up to 1: open it with version" in done.stdout
    assert not (tmp_path / "new" / "library.seal").exists()
