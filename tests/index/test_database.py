"""Opening the SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from index import database
from index.database import FILE_NAME, connect, prepare
from index.errors import CorruptIndex, LibraryMissing, SchemaTooNew


def rows(path: Path, query: str) -> list[tuple]:
    with closing(connect(path)) as connection:
        return connection.execute(query).fetchall()


def use_migrations(monkeypatch: pytest.MonkeyPatch, folder: Path, **scripts: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, script in scripts.items():
        (folder / f"{name}.sql").write_text(script)
    monkeypatch.setattr(database, "MIGRATIONS", tuple(f"{name}.sql" for name in scripts))
    monkeypatch.setattr(database, "files", lambda _: folder)


def test_a_new_library_records_its_migrations(tmp_path):
    path = prepare(tmp_path / "deep" / "data", create=True)
    assert path == tmp_path / "deep" / "data" / FILE_NAME
    recorded = rows(path, "SELECT number, name, julianday(applied_at) > 2400000 FROM migrations")
    assert recorded == [(1, "schema.sql", 1)]


def test_a_connection_is_durable_and_checks_foreign_keys(tmp_path):
    path = prepare(tmp_path, create=True)
    assert rows(path, "PRAGMA foreign_keys") == [(1,)]
    assert rows(path, "PRAGMA synchronous") == [(2,)]
    assert rows(path, "PRAGMA journal_mode") == [("wal",)]


def test_opening_again_changes_nothing(tmp_path):
    path = prepare(tmp_path, create=True)
    before = rows(path, "SELECT * FROM settings ORDER BY name")
    assert prepare(tmp_path, create=False) == prepare(tmp_path, create=True) == path
    assert rows(path, "SELECT * FROM settings ORDER BY name") == before


def test_two_libraries_have_different_ids(tmp_path):
    query = "SELECT value FROM settings WHERE name = 'library_id'"
    ids = {rows(prepare(tmp_path / name, create=True), query)[0] for name in ("one", "two")}
    assert len(ids) == 2


def test_a_missing_library_is_not_made_by_opening_it(tmp_path):
    folder = tmp_path / "none"
    with pytest.raises(LibraryMissing, match=f"There is no library in {folder}") as caught:
        prepare(folder, create=False)
    assert f"--data {folder} index add" in str(caught.value)
    assert not folder.exists()


def test_only_what_is_new_is_applied(tmp_path, monkeypatch):
    scripts = {"first": "CREATE TABLE one (x);\n"}
    use_migrations(monkeypatch, tmp_path / "sql", **scripts)
    path = prepare(tmp_path, create=True)
    scripts["second"] = "CREATE TABLE two (x);\nINSERT INTO two\nVALUES (';\n');\n"
    use_migrations(monkeypatch, tmp_path / "sql", **scripts)
    assert prepare(tmp_path, create=False) == path
    assert rows(path, "SELECT number, name FROM migrations") == [
        (1, "first.sql"),
        (2, "second.sql"),
    ]
    assert rows(path, "SELECT x FROM two") == [(";\n",)]


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    scripts = {"first": "CREATE TABLE one (x);\n"}
    use_migrations(monkeypatch, tmp_path / "sql", **scripts)
    path = prepare(tmp_path, create=True)
    scripts |= {"second": "CREATE TABLE two (x);\n", "third": "INSERT INTO one VALUES (1);\nNO;\n"}
    use_migrations(monkeypatch, tmp_path / "sql", **scripts)
    with pytest.raises(sqlite3.OperationalError, match="syntax error"):
        prepare(tmp_path, create=False)
    assert rows(path, "SELECT number FROM migrations") == [(1,)]
    assert rows(path, "SELECT x FROM one") == []
    assert rows(path, "SELECT name FROM sqlite_master WHERE name = 'two'") == []


def test_a_newer_schema_is_left_alone(tmp_path):
    path = prepare(tmp_path, create=True)
    with closing(connect(path)) as connection:
        connection.execute("INSERT INTO migrations VALUES (7, 'later.sql', '2030-01-01')")
    with pytest.raises(SchemaTooNew, match=f"{path} has schema 7.*schemas up to 1"):
        prepare(tmp_path, create=True)
    assert rows(path, "SELECT number FROM migrations") == [(1,), (7,)]


@pytest.mark.parametrize("content", [b"no database" * 500, b"SQLite format 3\x00" + b"\xff" * 500])
def test_a_file_that_is_no_database(tmp_path, content):
    path = tmp_path / FILE_NAME
    path.write_bytes(content)
    with pytest.raises(CorruptIndex, match=f"{path} is not a readable SQLite database"):
        prepare(tmp_path, create=True)
    assert path.read_bytes() == content
