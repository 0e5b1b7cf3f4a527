"""Opening the SQLite file."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from index import database
from index.database import FILE_NAME, connect, prepare
from index.documents import Document
from index.errors import CorruptIndex, LibraryMissing, SchemaTooNew
from index.records import passage_checksum, passage_key
from index.sentences import sentence_spans
from index.store import Store
from index.verify import content_findings
from tests.index.libraries import EMBEDDER, passage_texts, put


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
    assert recorded == [(1, "schema.sql", 1), (2, "schema_2.sql", 1), (3, "schema_3.sql", 1)]


def test_a_connection_is_durable_and_checks_foreign_keys(tmp_path):
    path = prepare(tmp_path, create=True)
    assert rows(path, "PRAGMA foreign_keys") == [(1,)]
    assert rows(path, "PRAGMA synchronous") == [(2,)]
    assert rows(path, "PRAGMA journal_mode") == [("wal",)]
    assert rows(path, "PRAGMA wal_autocheckpoint") == [(0,)]  # it would get ahead of the seal


def test_a_text_that_is_no_utf8_any_more_can_be_read(tmp_path):
    path = prepare(tmp_path, create=True)
    sql = "INSERT INTO settings VALUES ('broken', CAST(x'61ff62' AS TEXT)) RETURNING value"
    assert rows(path, sql) == [("a\N{REPLACEMENT CHARACTER}b",)]


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
    with pytest.raises(SchemaTooNew, match=f"{path} has schema 7.*schemas up to 3"):
        prepare(tmp_path, create=True)
    assert rows(path, "SELECT number FROM migrations") == [(1,), (2,), (3,), (7,)]


@pytest.mark.parametrize("content", [b"no database" * 500, b"SQLite format 3\x00" + b"\xff" * 500])
def test_a_file_that_is_no_database(tmp_path, content):
    path = tmp_path / FILE_NAME
    path.write_bytes(content)
    with pytest.raises(CorruptIndex, match=f"{path} is not a readable SQLite database"):
        prepare(tmp_path, create=True)
    assert path.read_bytes() == content


OLD_DOCUMENTS = [
    ("/rivers.txt", "Rivers", "2022-08-11", "The Rhine is long. The Danube is longer."),
    ("https://example.org/lakes", "Lakes", None, "Lake Garda is deep. Zoë swam 😀."),
    ("/empty.txt", "Nothing", None, "Leave a Reply"),
]


def old_library(folder: Path) -> None:
    """What the first version left: schema 1, filled as it filled it."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as connection:
        connection.executescript(files("index").joinpath("schema.sql").read_text("utf-8"))
        connection.execute(
            "CREATE TABLE migrations "
            "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT"
        )
        connection.execute("INSERT INTO migrations VALUES (1, 'schema.sql', '2026-01-01')")
        connection.execute("UPDATE settings SET value = '7' WHERE name = 'generation'")
        connection.execute("INSERT INTO settings VALUES ('embedder', 'hashing')")
        connection.execute("INSERT INTO settings VALUES ('dimension', '64')")
        for source, title, date, text in OLD_DOCUMENTS:
            _fill(connection, Document(source, title, text, "text/plain", date))


def _fill(connection: sqlite3.Connection, document: Document) -> None:
    parts = (document.title, document.date or "", document.media_type, document.text, "[]")
    hashed = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    (document_id,) = connection.execute(
        "INSERT INTO documents (source, title, date, media_type, text, furniture, content_hash,"
        " generation) VALUES (?, ?, ?, ?, ?, '[]', ?, 7) RETURNING id",
        (document.source, *parts[:1], document.date, *parts[2:4], hashed),
    ).fetchone()
    for span in sentence_spans(document.text) if "." in document.text else ():
        words = document.text[span.start : span.end]
        vector = EMBEDDER.embed([words])[0].astype("<f2").tobytes()
        connection.execute(
            "INSERT INTO passages (document_id, start_at, end_at, text, vector, generation)"
            " VALUES (?, ?, ?, ?, ?, 7)",
            (document_id, span.start, span.end, words, vector),
        )


def test_a_library_of_the_first_version_keeps_its_documents(tmp_path):
    folder = tmp_path / "data"
    old_library(folder)
    store = Store(folder)
    kept = [(d.source, d.title, d.date, store.document(d.id).text) for d in store.documents()]
    assert kept == OLD_DOCUMENTS
    assert [d.passages for d in store.documents()] == [2, 2, 0]
    assert [d.voice for d in store.documents()] == [1, 2, 3]
    assert [store.document(d.id).origin for d in store.documents()] == [d[0] for d in OLD_DOCUMENTS]
    assert store.generation() == 7
    assert store.history()
    store.close()


def test_a_library_of_the_first_version_gets_right_keys_and_checksums(tmp_path):
    folder = tmp_path / "data"
    old_library(folder)
    store = Store(folder)
    for document_id, start, end, text, vector, key, checksum in store.rows(
        "SELECT document_id, start_at, end_at, text, vector, text_key, checksum FROM passages"
    ):
        assert key == passage_key(text)
        assert checksum == passage_checksum(document_id, start, end, text, vector)
    assert len(store.known_vectors([passage_key("The Rhine is long.")])) == 1
    assert list(content_findings(store)) == []
    store.close()


def test_a_library_of_the_first_version_goes_on(tmp_path):
    folder = tmp_path / "data"
    old_library(folder)
    store = Store(folder)
    put(store, "The Elbe is short.", "/rivers.txt")
    added = put(store, "The Po is warm.", "/new.txt")
    assert store.generation() == 9
    voices = [summary.voice for summary in store.documents()]
    assert len(set(voices)) == len(voices)
    assert passage_texts(store, 1) == ["The Elbe is short."]
    assert store.document(added).origin == "/new.txt"
    store.close()


def test_the_log_is_turned_on_once_nobody_else_is_at_the_file(tmp_path, monkeypatch):
    path = tmp_path / "library.sqlite3"
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.05)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        database._log_ahead(connection)
    monkeypatch.setattr(database, "LOCK_SECONDS", 10.0)
    threading.Timer(0.2, holder.execute, ["ROLLBACK"]).start()
    database._log_ahead(connection)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    holder.close()
