"""Backups: taken while others write, restored as they were or refused, and undoing an upgrade."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import stat
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from index.backup import back_up
from index.backup_manifest import NAME as MANIFEST
from index.database import FILE_NAME, MIGRATIONS, prepare
from index.documents import Document
from index.errors import CorruptBackup, LibraryError, LibraryMissing
from index.jobs import JobStore, Kind, State, Upload
from index.restoring import restore
from index.store import Store
from index.verify import findings
from tests.conftest import ROOT
from tests.index.libraries import eventually, indexer_of
from tests.index.test_database import OLD_DOCUMENTS, old_library

WRITER = """
import sys
from pathlib import Path
from index.documents import Document
from index.store import Store
from tests.index.libraries import indexer_of
store = Store(Path(sys.argv[1]))
indexer = indexer_of(store)
for number in range(100_000):
    text = f"This is text number {number}. It was written by Anna{number}."
    indexer.add_document(Document(f"/texts/{number}.txt", f"Text {number}", text, "text/plain"))
    if number % 3 == 2:
        indexer.remove(f"/texts/{number - 1}.txt")
    print(number, flush=True)
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    store = Store(folder, create=True)
    text = "The Rhine is long. The Danube is longer."
    indexer_of(store).add_document(Document("/rivers.txt", "Rivers", text, "text/plain"))
    store.close()
    return folder


def problems(folder: Path) -> list[str]:
    store = Store(folder)
    try:
        return [found.message for found in findings(store, list, lambda: None)]
    finally:
        store.close()


@contextmanager
def writing(data: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that adds and removes documents, one a transaction."""
    command = [sys.executable, "-c", WRITER, str(data)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("name", ["backup.tar", "backup.tar.gz"])
def test_what_is_backed_up_comes_back_as_it_was(data: Path, tmp_path: Path, name: str) -> None:
    made = back_up(data, tmp_path / name, version="1.2.3")
    told = restore(tmp_path / name, tmp_path / "new")
    assert told == made
    assert (made.version, made.schema, made.generation) == ("1.2.3", len(MIGRATIONS), 1)
    store, former = Store(tmp_path / "new"), Store(data)
    assert store.document(1) == former.document(1)
    assert (store.library_id(), store.history()) == (former.library_id(), former.history())
    assert problems(tmp_path / "new") == []


def test_it_is_packed_only_where_its_name_says_so(data: Path, tmp_path: Path) -> None:
    for name, magic in (("a.tar", b""), ("a.tar.gz", b"\x1f\x8b"), ("a.tgz", b"\x1f\x8b")):
        back_up(data, tmp_path / name, version="1")
        assert (tmp_path / name).read_bytes()[:2] == (magic or b"li")  # of library.sqlite3


def test_others_than_its_owner_cannot_read_it(data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "b.tar", version="1")
    restore(tmp_path / "b.tar", tmp_path / "new")
    for path in (tmp_path / "b.tar", tmp_path / "new", tmp_path / "new" / FILE_NAME):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_each_backup_beside_a_writer_is_one_committed_state(data: Path, tmp_path: Path) -> None:
    generations = []
    with writing(data) as writer:
        for number in range(6):
            archive, new = tmp_path / f"{number}.tar", tmp_path / f"new{number}"
            made = back_up(data, archive, version="1")
            assert writer.poll() is None
            restore(archive, new)
            assert problems(new) == []
            assert Store(new).generation() == made.generation
            generations.append(made.generation)
            before = made.generation
            eventually(lambda known=before: Store(data).generation() > known, "it is written")
    assert generations == sorted(set(generations))
    assert problems(data) == []


def test_a_backup_does_not_disturb_the_library(data: Path, tmp_path: Path) -> None:
    before = (data / FILE_NAME).read_bytes()
    log = data / f"{FILE_NAME}-wal"
    logged = log.read_bytes() if log.exists() else b""
    back_up(data, tmp_path / "b.tar", version="1")
    assert (data / FILE_NAME).read_bytes() == before
    assert (log.read_bytes() if log.exists() else b"") == logged
    assert problems(data) == []


def test_what_was_acknowledged_is_in_a_waiting_job_or_in_the_library(
    data: Path, tmp_path: Path
) -> None:
    jobs = JobStore(data)
    upload = Upload("note.txt", "upload:note.txt")
    job = jobs.create(Kind.ADD, [(upload, io.BytesIO(b"The Volga is longer still."))])
    back_up(data, tmp_path / "b.tar", version="1")
    restore(tmp_path / "b.tar", tmp_path / "new")
    (waiting,) = JobStore(tmp_path / "new").waiting()
    assert (waiting.id, waiting.state) == (job.id, State.QUEUED)
    assert JobStore(tmp_path / "new").upload(waiting, 0).read_bytes().startswith(b"The Volga")


def test_other_databases_and_files_come_along_in_the_same_way(data: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(data / "conversations.sqlite3")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE turns (words TEXT)")
        connection.execute("INSERT INTO turns VALUES ('hello')")
        connection.commit()
        (data / "confidence.json").write_text("{}")
        (data / "originals").mkdir()
        (data / "originals" / ("a" * 64)).write_bytes(b"original")
        back_up(data, tmp_path / "b.tar", version="1")  # while the other is open, in its log
    restore(tmp_path / "b.tar", tmp_path / "new")
    with closing(sqlite3.connect(tmp_path / "new" / "conversations.sqlite3")) as connection:
        assert connection.execute("SELECT words FROM turns").fetchall() == [("hello",)]
    assert (tmp_path / "new" / "confidence.json").read_text() == "{}"
    assert (tmp_path / "new" / "originals" / ("a" * 64)).read_bytes() == b"original"


def test_what_was_deleted_and_what_can_be_made_again_stays_out(data: Path, tmp_path: Path) -> None:
    out = ["removed.sqlite3", "rates.sqlite3", "rebuild.sqlite3", "library.lock", "library.seal"]
    out += ["library.highwater", "before-schema-3.tar", "vectors.new", "x.sqlite3-wal"]
    for name in out:
        (data / name).touch()
    (data / "vectors.exact").write_bytes(b"v")
    (data / "jobs").mkdir(exist_ok=True)
    (data / "jobs" / ".staging").mkdir()
    (data / "jobs" / ".staging" / "0.bin").write_bytes(b"not queued")
    (data / "link").symlink_to("/etc/passwd")
    made = back_up(data, tmp_path / "b.tar", version="1")
    assert [entry.name for entry in made.files] == ["vectors.exact", FILE_NAME]
    made = back_up(data, tmp_path / "b.tar", version="1", vectors=False)
    assert [entry.name for entry in made.files] == [FILE_NAME]


def test_a_backup_into_the_data_folder_does_not_hold_itself(data: Path) -> None:
    for _ in range(2):
        made = back_up(data, data / "b.tar", version="1")
    assert [entry.name for entry in made.files] == [FILE_NAME]


def test_a_file_that_vanishes_meanwhile_is_passed_over(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data / "confidence.json").write_text("{}")
    monkeypatch.setattr("index.backup._files", lambda folder: [folder / "gone", folder / FILE_NAME])
    made = back_up(data, tmp_path / "b.tar", version="1")
    assert [entry.name for entry in made.files] == [FILE_NAME]


def test_a_backup_that_fails_leaves_the_older_one(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(data, tmp_path / "b.tar", version="1")
    former = (tmp_path / "b.tar").read_bytes()
    monkeypatch.setattr("index.backup._state", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        back_up(data, tmp_path / "b.tar", version="2")
    assert (tmp_path / "b.tar").read_bytes() == former
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar", "data"]


def test_without_a_library_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="no library"):
        back_up(tmp_path, tmp_path / "b.tar", version="1")


def test_a_folder_that_is_in_use_is_not_restored_over(data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "b.tar", version="1")
    before = sorted(path.name for path in data.iterdir())
    with pytest.raises(LibraryError, match=r"is not empty\. Restore to a new folder"):
        restore(tmp_path / "b.tar", data)
    assert sorted(path.name for path in data.iterdir()) == before
    (tmp_path / "file").touch()
    with pytest.raises(LibraryError, match="is not empty"):
        restore(tmp_path / "b.tar", tmp_path / "file")
    (tmp_path / "empty").mkdir()
    restore(tmp_path / "b.tar", tmp_path / "empty" / "deep" / "new")
    assert Store(tmp_path / "empty" / "deep" / "new").generation() == 1


def test_an_empty_folder_is_filled_and_not_replaced(data: Path, tmp_path: Path) -> None:
    (data / "originals").mkdir()
    (data / "originals" / ("a" * 64)).write_bytes(b"original")
    back_up(data, tmp_path / "b.tar", version="1")
    (tmp_path / "mounted").mkdir()
    before = (tmp_path / "mounted").stat().st_ino
    restore(tmp_path / "b.tar", tmp_path / "mounted")
    assert (tmp_path / "mounted").stat().st_ino == before
    names = sorted(path.name for path in (tmp_path / "mounted").iterdir())
    assert names == [FILE_NAME, "originals"]
    assert (tmp_path / "mounted" / "originals" / ("a" * 64)).read_bytes() == b"original"
    (tmp_path / "bad.tar").write_bytes((tmp_path / "b.tar").read_bytes()[:5_000])
    (tmp_path / "other").mkdir()
    with pytest.raises(CorruptBackup):
        restore(tmp_path / "bad.tar", tmp_path / "other")
    assert list((tmp_path / "other").iterdir()) == []


def library_of(schema: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an older version left; schema 2 is that of version 0.2."""
    old_library(folder)
    with monkeypatch.context() as older:
        older.setattr("index.database.MIGRATIONS", MIGRATIONS[:schema])
        prepare(folder, create=False)
    for archive in folder.glob("*.tar"):
        archive.unlink()


@pytest.mark.parametrize("schema", range(1, len(MIGRATIONS)))
def test_an_upgrade_can_be_undone_from_the_backup_that_it_makes(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    schema: int,
) -> None:
    folder = tmp_path / "data"
    library_of(schema, folder, monkeypatch)
    (folder / "confidence.json").write_text("{}")
    before = sqlite3.connect(folder / FILE_NAME)
    with closing(before):
        tables = before.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
        rows = before.execute("SELECT * FROM documents ORDER BY id").fetchall()
    assert len(Store(folder).documents()) == len(OLD_DOCUMENTS)  # it was upgraded
    archive = folder / f"before-schema-{len(MIGRATIONS)}.tar"
    assert str(archive) in caplog.text
    told = restore(archive, tmp_path / "undone")
    assert told.schema == schema
    with closing(sqlite3.connect(tmp_path / "undone" / FILE_NAME)) as undone:
        assert undone.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall() == tables
        assert undone.execute("SELECT * FROM documents ORDER BY id").fetchall() == rows
    assert (tmp_path / "undone" / "confidence.json").read_text() == "{}"
    assert len(Store(tmp_path / "undone").documents()) == len(OLD_DOCUMENTS)  # and again


def test_a_new_library_and_one_of_today_are_not_backed_up_by_themselves(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Store(data).close()
    assert not list(data.glob("*.tar"))
    assert not caplog.records


def test_a_manifest_tells_what_a_person_would_ask(data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "b.tar", version="1.2.3")
    with tarfile.open(tmp_path / "b.tar") as archive:
        file = archive.extractfile(MANIFEST)
        assert file is not None
        told = json.load(file)
    assert told["created_at"][:10] == time.strftime("%Y-%m-%d", time.gmtime())
    assert (told["version"], told["format"], told["generation"]) == ("1.2.3", 1, 1)
    assert told["files"][0]["name"] == FILE_NAME
    assert os.fspath(data) not in json.dumps(told)
