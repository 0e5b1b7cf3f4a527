"""SQLite's own part of the store; what both engines promise is in `tests.index.contract`."""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from index import connection, database
from index.database import FILE_NAME
from index.documents import Filters
from index.errors import (
    CorruptIndex,
    DiskFull,
    LibraryBusy,
    UnknownDocument,
)
from index.records import passage_key
from index.retrieval import match_expression
from index.store import Store
from tests.index.libraries import (
    MODEL,
    damage,
    everything,
    prepared,
    put,
    put_and_close,
    query,
)

RIVERS = "The Rhine is long. The Danube is longer."
LAKES = "Lake Garda is deep. Lake Como is deeper. Lake Constance is wide."


def found(store: Store, word: str, filters: Filters | None = None) -> list[str]:
    ids = [i for i, _ in store.lexical(match_expression(word), 10, filters or Filters())]
    passages = store.passages(ids)
    return [passages[i].text for i in ids]


def test_full_text_search_agrees_with_the_passages(store):
    put(store, RIVERS)
    lakes = put(store, LAKES, "/b.txt")
    assert found(store, "danube") == ["The Danube is longer."]
    put(store, "The Elbe is short.")
    assert found(store, "danube") == []
    assert found(store, "lakes garda") == [
        *("Lake Garda is deep.", "Lake Como is deeper.", "Lake Constance is wide."),
    ]
    store.remove(lakes)
    assert found(store, "lake") == []
    assert found(store, "elbe") == ["The Elbe is short."]
    check = "INSERT INTO passages_fts (passages_fts, rank) VALUES ('integrity-check', 1)"
    assert query(store.folder, check) == []


def test_full_text_search_keeps_to_the_filters(store):
    for name, date in (("a", "2022-01-01"), ("b", "2023-05-09"), ("c", None)):
        put(store, f"The river {name} is long.", f"/{name}.txt", date)
    for filters in (
        Filters(document_ids=(2,)),
        Filters(sources=("/b.txt",), date_from="2022-01-02"),
    ):
        assert found(store, "river", filters) == ["The river b is long."]


def test_a_snapshot_sees_one_generation_while_another_connection_writes(store):
    put(store, RIVERS)
    with ThreadPoolExecutor(1) as pool, store.snapshot():
        pool.submit(put_and_close, store, LAKES, "/b.txt").result()
        assert store.generation() == 1
        assert [summary.source for summary in store.documents()] == ["/a.txt"]
        assert found(store, "lake") == []
        assert len(store.changes_since(0, 64).added) == 2
    assert store.generation() == 2
    assert len(found(store, "lake")) == 3


def test_a_writer_that_waited_too_long_is_told_so(store, monkeypatch):
    monkeypatch.setattr(connection, "LOCK_SECONDS", 0)
    with ThreadPoolExecutor(1) as pool, store.writing("counting rivers"):
        writing = pool.submit(put_and_close, store, RIVERS, "/a.txt")
        with pytest.raises(LibraryBusy, match=r"process \d+ \(counting rivers\)") as caught:
            writing.result()
    assert str(store.folder) in str(caught.value)
    assert store.count() == (0, 0)


def test_a_writer_that_is_no_store_is_waited_for_in_vain(store, monkeypatch):
    monkeypatch.setattr(database, "LOCK_SECONDS", 0)
    with closing(sqlite3.connect(store.folder / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(put_and_close, store, RIVERS, "/a.txt")
            with pytest.raises(LibraryBusy, match=f"writing to the library in {store.folder}"):
                writing.result()
        other.execute("ROLLBACK")
    assert store.count() == (0, 0)


def test_a_library_that_cannot_be_written_is_not_called_busy(store, monkeypatch):
    def connect_to_read(path: Path) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)

    store.close()
    monkeypatch.setattr("index.connection.connect", connect_to_read)
    with pytest.raises(sqlite3.OperationalError, match="readonly database"):
        put(store, RIVERS)


def test_a_rename_onto_a_source_that_was_added_meanwhile_replaces_it(store):
    rivers, lakes = put(store, RIVERS), put(store, LAKES, "/new.txt")
    assert store.apply([prepared(RIVERS, "/new.txt", rivers)], [], MODEL) == [rivers]
    assert [summary.id for summary in store.documents()] == [rivers]
    assert found(store, "lake") == []
    with pytest.raises(UnknownDocument):
        store.document(lakes)


def test_a_damaged_vector_is_not_handed_on(store):
    put(store, RIVERS)
    damage(store.folder, "UPDATE passages SET vector = zeroblob(128) WHERE id = 1")
    keys = [passage_key(text) for text in ("The Rhine is long.", "The Danube is longer.")]
    assert list(store.known_vectors(keys)) == keys[1:]


def test_looking_up_what_a_folder_holds_reads_no_texts(store):
    put(store, RIVERS)
    for query_ in (
        "SELECT origin, min(origin_hash) FROM documents WHERE origin >= ? AND origin < ?"
        " GROUP BY origin ORDER BY origin",
    ):
        plan = store.rows(f"EXPLAIN QUERY PLAN {query_}", ("/a/", "/a0"))
        assert "COVERING INDEX" in str(plan)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE documents SET text = 'The Rhine was long. The Danube is longer.'",
        "UPDATE documents SET text = CAST(x'ff' || text AS TEXT)",
        "UPDATE documents SET title = 'Lakes'",
        "UPDATE documents SET date = '2022-01-01'",
        "UPDATE documents SET author = 'Otto'",
        "UPDATE documents SET pages = '[0]'",
        "UPDATE documents SET pages = '{'",
        "UPDATE documents SET furniture = '[[0, 3]]'",
        "UPDATE documents SET furniture = '[[3, 0]]'",
        "UPDATE documents SET furniture = '7'",
        "UPDATE documents SET furniture = '['",
    ],
)
def test_a_damaged_document_is_not_believed(store, change):
    rivers = put(store, RIVERS)
    damage(store.folder, change)
    with pytest.raises(CorruptIndex, match=f"Document {rivers} is damaged.*verify --repair"):
        store.document(rivers)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE passages SET text = 'The Rhine was long.' WHERE id = 1",
        "UPDATE passages SET text = CAST(x'ff' AS TEXT) WHERE id = 1",
        "UPDATE passages SET start_at = 1 WHERE id = 1",
        "UPDATE passages SET end_at = 17 WHERE id = 1",
        "UPDATE passages SET vector = zeroblob(128) WHERE id = 1",
        "UPDATE passages SET checksum = 1 WHERE id = 1",
        "UPDATE passages SET document_id = 2 WHERE id = 1",
    ],
)
def test_a_damaged_passage_is_not_believed(store, change):
    put(store, RIVERS)
    put(store, LAKES, "/b.txt")
    damage(store.folder, change)
    assert store.passages([2, 3])
    with pytest.raises(CorruptIndex, match=r"A passage of document [12] is damaged"):
        store.passages([1, 2, 3])


def test_a_full_disk_changes_nothing(store):
    """SQLite's own limit on the file's pages, which fails as a disk does."""
    put(store, RIVERS)
    before = everything(store.folder)
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull, match=f"write to {store.folder}. .* before stands"):
        put(store, LAKES * 500, "/b.txt")
    assert everything(store.folder) == before
    store._connection.execute("PRAGMA max_page_count = 1000000")
    put(store, LAKES, "/b.txt")
    assert store.generation() == 2


def test_what_is_only_noted_may_fail_on_a_full_disk(store, monkeypatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    rivers = put(store, RIVERS)
    monkeypatch.setattr(os, "pwrite", full)  # of the lock's note, and of the high-water mark
    store.remove(rivers)
    assert store.count() == (0, 0)


def test_a_disk_that_is_too_full_for_the_lock_is_called_full(store, monkeypatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(DiskFull):
        put(store, RIVERS)
    monkeypatch.undo()
    assert store.count() == (0, 0)


def test_a_change_that_is_committed_stands_though_it_cannot_be_sealed(store, monkeypatch, caplog):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(connection, "_SEALED_FROM_BYTES", 0)
    monkeypatch.setattr(connection.seal, "checkpoint_and_seal", full)
    with caplog.at_level(logging.WARNING, "index.connection"):
        put(store, RIVERS)
    assert "could not be sealed" in caplog.text
    assert store.count() == (1, 2)


def test_a_library_on_a_full_disk_can_be_opened_and_read(store, monkeypatch, caplog):
    put(store, RIVERS)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(connection.seal, "checkpoint_and_seal", full)
    other = Store(store.folder)
    assert "could not be sealed" in caplog.text
    assert found(other, "danube") == ["The Danube is longer."]
    with pytest.raises(DiskFull):
        other.settle()
    other.close()


def test_an_error_of_another_kind_is_told_as_it_is(store, monkeypatch):
    def fail(*_: object) -> int:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(OSError, match="Input/output"):
        put(store, RIVERS)


def test_another_store_sees_a_change_at_once(store):
    other = Store(store.folder)
    assert other.count() == (0, 0)
    rivers = put(store, RIVERS)
    assert (other.count(), other.generation()) == ((1, 2), 1)
    other.remove(rivers)
    assert (store.count(), store.generation()) == ((0, 0), 2)
    with pytest.raises(UnknownDocument):
        store.document(rivers)
    other.close()
