"""Archives that somebody has changed, cut short or made up are refused, and write nothing."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from index.backup import back_up
from index.backup_manifest import NAME as MANIFEST
from index.database import FILE_NAME
from index.errors import CorruptBackup, LibraryError
from index.restoring import restore
from index.store import Store
from tests.index.test_backup import data

__all__ = ["data"]  # a fixture


def rewritten(
    archive: Path, change: Callable[[tarfile.TarFile, list[tarfile.TarInfo]], None]
) -> None:
    """Exchange the archive for one that ``change`` writes from its members."""
    with tarfile.open(archive) as old:
        members = [(member, old.extractfile(member)) for member in old.getmembers()]
        contents = {m.name: file.read() for m, file in members if file is not None}
    with tarfile.open(archive, "w") as new:
        change(Rewriter(new, contents), [member for member, _ in members])  # type: ignore[arg-type]


class Rewriter:
    """An archive that is written from parts of another."""

    def __init__(self, archive: tarfile.TarFile, contents: dict[str, bytes]) -> None:
        self.archive = archive
        self.contents = contents

    def put(self, name: str, content: bytes | None = None, **attributes: object) -> None:
        content = self.contents[name] if content is None else content
        header = tarfile.TarInfo(name)
        header.size = len(content)
        for attribute, value in attributes.items():
            setattr(header, attribute, value)
        self.archive.addfile(header, io.BytesIO(content))


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/tmp/evil",
        "a/../../evil",
        "./evil",
        ".evil",
        "a//b",
        "a/b/c/d",
        "a\\b",
        "ü",
        "x" * 200,
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(data: Path, tmp_path: Path, name: str) -> None:
    archive = tmp_path / "b.tar"
    back_up(data, archive, version="1")

    def change(new: Rewriter, members: list[tarfile.TarInfo]) -> None:
        new.put(name, b"evil")
        for member in members:
            new.put(member.name)

    rewritten(archive, change)  # type: ignore[arg-type]
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(CorruptBackup, match=r"never give|no plain file"):
        restore(archive, tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert not Path("/tmp/evil").exists()


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE],
)
def test_only_plain_files_are_taken(data: Path, tmp_path: Path, kind: bytes) -> None:
    archive = tmp_path / "b.tar"
    back_up(data, archive, version="1")

    def change(new: Rewriter, members: list[tarfile.TarInfo]) -> None:
        new.put("jobs", b"", type=kind, linkname="/etc")
        new.put("jobs/passwd", b"evil")

    rewritten(archive, change)  # type: ignore[arg-type]
    with pytest.raises(CorruptBackup, match="no plain file"):
        restore(archive, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def _twice(new: Rewriter, members: list[tarfile.TarInfo]) -> None:
    new.put(FILE_NAME)
    new.put(FILE_NAME)
    new.put(MANIFEST)


def _unlisted(new: Rewriter, members: list[tarfile.TarInfo]) -> None:
    new.put(FILE_NAME)
    new.put("confidence.json", b"{}")
    new.put(MANIFEST)


def _without_library(new: Rewriter, members: list[tarfile.TarInfo]) -> None:
    new.put(MANIFEST)


def _without_manifest(new: Rewriter, members: list[tarfile.TarInfo]) -> None:
    new.put(FILE_NAME)


def _behind_manifest(new: Rewriter, members: list[tarfile.TarInfo]) -> None:
    for member in members:
        new.put(member.name)
    new.put("confidence.json", b"{}")


def _other_generation(new: Rewriter, members: list[tarfile.TarInfo]) -> None:
    new.put(FILE_NAME)
    new.put(MANIFEST, new.contents[MANIFEST].replace(b'"generation": 1', b'"generation": 2'))


def _no_json(new: Rewriter, members: list[tarfile.TarInfo]) -> None:
    new.put(FILE_NAME)
    new.put(MANIFEST, b"[" * 100_000)


def _file_as_folder(new: Rewriter, members: list[tarfile.TarInfo]) -> None:
    new.put("jobs", b"")
    new.put("jobs/0.bin", b"")


@pytest.mark.parametrize(
    "change",
    [
        *(_twice, _unlisted, _without_library, _without_manifest, _behind_manifest),
        *(_other_generation, _no_json, _file_as_folder),
    ],
)
def test_an_archive_that_holds_something_else_is_refused(
    data: Path, tmp_path: Path, change: Callable[..., None]
) -> None:
    archive = tmp_path / "b.tar"
    back_up(data, archive, version="1")
    rewritten(archive, change)
    with pytest.raises(CorruptBackup):
        restore(archive, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar", "data"]


@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz"])
def test_wherever_a_bit_flips_a_backup_is_refused_or_whole(
    data: Path, tmp_path: Path, name: str
) -> None:
    archive = tmp_path / name
    back_up(data, archive, version="1")
    content, refused = archive.read_bytes(), 0
    for number, place in enumerate(range(0, len(content), max(1, len(content) // 60))):
        archive.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
        new = tmp_path / f"new{number}"
        try:
            restore(archive, new)
        except CorruptBackup:
            refused += 1
            assert not new.exists()
        else:  # the bit was of no use: a time, or padding
            assert Store(new).document(1) == Store(data).document(1)
    assert refused > 20


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz"])
def test_one_that_was_cut_short_is_refused(
    data: Path, tmp_path: Path, name: str, share: float
) -> None:
    archive = tmp_path / name
    back_up(data, archive, version="1")
    content = archive.read_bytes()
    whole = len(content.rstrip(b"\0")) if name == "b.tar" else len(content)
    archive.write_bytes(content[: int(share * whole)])
    with pytest.raises(CorruptBackup):
        restore(archive, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_file_that_claims_more_than_the_disk_holds_is_not_written(
    data: Path, tmp_path: Path
) -> None:
    header = tarfile.TarInfo("confidence.json")
    header.size = 1 << 60
    (tmp_path / "b.tar").write_bytes(header.tobuf(tarfile.GNU_FORMAT) + b"\0" * 4096)
    with pytest.raises(LibraryError, match=r"no room|damaged"):
        restore(tmp_path / "b.tar", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_what_unpacks_to_nothing_but_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b.tar.gz").write_bytes(gzip.compress(b"no archive"))
    with pytest.raises(CorruptBackup, match="damaged, or no backup"):
        restore(tmp_path / "b.tar.gz", tmp_path / "new")
