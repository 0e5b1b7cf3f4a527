"""Which files of a folder are taken."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index.errors import UnreadableDocument
from index.folders import files_under, is_reached, is_wanted, walk
from index.store import Store

TREE = (
    "b.txt",
    "a.MD",
    "sub/c.html",
    "sub/deeper/d.csv",
    "d.pdf",
    ".hidden.txt",
    ".git/e.txt",
    "sub/.cache/f.txt",
    "README",
    "program.exe",
)
TAKEN = ("a.MD", "b.txt", "d.pdf", "sub/c.html", "sub/deeper/d.csv")


def make(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Text.")
    return folder


def walked(folder: Path) -> list[str]:
    def fail(folder: Path, reason: str) -> None:
        raise AssertionError((folder, reason))

    return sorted(str(path.relative_to(folder)) for path in walk(folder, fail))


def test_files_under_folders_are_those_of_a_known_format(tmp_path):
    make(tmp_path, *TREE)
    (tmp_path / "folder.txt").mkdir()
    assert files_under([tmp_path]) == [tmp_path / name for name in TAKEN]
    assert files_under([tmp_path / ".git"]) == [tmp_path / ".git" / "e.txt"]


def test_files_that_are_named_are_kept_whatever_they_are(tmp_path):
    make(tmp_path, "z.exe", ".hidden.txt", "a.txt")
    named = [tmp_path / name for name in ("z.exe", ".hidden.txt", "a.txt")]
    assert files_under(named) == named


def test_a_path_that_does_not_exist(tmp_path):
    with pytest.raises(UnreadableDocument, match=f"{tmp_path}/none does not exist"):
        files_under([tmp_path, tmp_path / "none"])


def test_what_is_reached_by_a_link_only_is_left_out(tmp_path):
    outside = make(tmp_path / "outside", "x.txt", "y.txt")
    inside = make(tmp_path / "inside", "a.txt")
    (inside / "link.txt").symlink_to(outside / "x.txt")
    (inside / "linked").symlink_to(outside, target_is_directory=True)
    (inside / "round").symlink_to(inside, target_is_directory=True)
    assert walked(inside) == ["a.txt"]


def test_a_library_in_the_folder_is_left_out(tmp_path):
    make(tmp_path, "a.txt", "data/jobs/1/job.json", "data/notes.txt")
    assert "data/jobs/1/job.json" in walked(tmp_path)
    Store(tmp_path / "data", create=True).close()
    assert walked(tmp_path) == ["a.txt"]


def test_a_folder_that_cannot_be_listed_is_told_and_the_others_are_walked(tmp_path, monkeypatch):
    make(tmp_path, "a.txt", "closed/b.txt", "open/c.txt")
    scandir, told = os.scandir, []

    def refusing(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = list(walk(tmp_path, lambda folder, reason: told.append((folder, reason))))
    assert found == [tmp_path / "a.txt", tmp_path / "open" / "c.txt"]
    assert told == [(tmp_path / "closed", "Permission denied")]


def test_a_file_that_cannot_be_looked_at_is_left_to_who_reads_it(tmp_path, monkeypatch):
    make(tmp_path, "a.txt")

    def refusing(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "lstat", refusing)
    assert [path.name for path in walk(tmp_path, lambda *_: None)] == ["a.txt"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("a.txt", True),
        ("A.TXT", True),
        (".a.txt", False),
        ("a", False),
        ("a.txt~", False),
        ("a.zip", True),
        (".txt", False),
    ],
)
def test_a_name_tells_whether_a_file_is_wanted(name, wanted):
    assert is_wanted(Path("/x", name)) is wanted


def test_what_is_reached_is_what_the_walk_comes_to(tmp_path):
    make(tmp_path, *TREE, "data/x.txt", "sub/deeper/.x/y/z.txt")
    Store(tmp_path / "data", create=True).close()
    (tmp_path / "linked").symlink_to(tmp_path / "sub", target_is_directory=True)
    names = [
        *(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()),
        "linked/c.html",
        "data/jobs/1/job.json",
    ]
    reached = [n for n in names if is_wanted(Path(n)) and is_reached(tmp_path / n, tmp_path)]
    assert sorted(reached) == walked(tmp_path) == list(TAKEN)


def test_what_is_outside_of_the_folder_is_not_reached(tmp_path):
    assert not is_reached(tmp_path / "a.txt", tmp_path / "sub")
    assert is_reached(tmp_path, tmp_path)
    assert is_reached(tmp_path / "gone" / "a.txt", tmp_path)
