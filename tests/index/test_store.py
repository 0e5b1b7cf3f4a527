"""Every write is one transaction; every read inside a snapshot is of one generation."""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index import connection, database
from index.database import FILE_NAME
from index.documents import Filters, Origin, Span
from index.errors import (
    CorruptIndex,
    DiskFull,
    EmbedderMismatch,
    LibraryBusy,
    UnknownDocument,
)
from index.records import passage_key
from index.retrieval import match_expression
from index.store import Prepared, Store, content_hash
from tests.doubles import HashingEmbedder
from tests.index.libraries import (
    EMBEDDER,
    damage,
    document,
    everything,
    passage_texts,
    put,
    query,
)

RIVERS = "The Rhine is long. The Danube is longer."
LAKES = "Lake Garda is deep. Lake Como is deeper. Lake Constance is wide."


def passage_ids(store: Store) -> list[int]:
    return [row[0] for row in query(store.folder, "SELECT id FROM passages ORDER BY id")]


def found(store: Store, word: str, filters: Filters | None = None) -> list[str]:
    ids = [i for i, _ in store.lexical(match_expression(word), 10, filters or Filters())]
    passages = store.passages(ids)
    return [passages[i].text for i in ids]


def test_a_document_is_stored_whole(store):
    text = " The Rhine is long.\n\n👩\u200d👧 Café.\n"
    stored_id = store.put(
        document(text, "/r.txt", "2022-08-11"),
        [Span(1, 19), Span(21, 30)],
        EMBEDDER.embed(["a", "b"]),
        ("hashing", 64),
    )
    stored = store.document(stored_id)
    assert (stored.text, stored.source, stored.date) == (text, "/r.txt", "2022-08-11")
    assert passage_texts(store, stored_id) == ["The Rhine is long.", "👩\u200d👧 Café."]
    (summary,) = store.documents()
    assert (summary.characters, summary.passages) == (len(text), 2)
    assert store.count() == (1, 2)
    assert store.find("/r.txt") == (stored_id, content_hash(document(text, date="2022-08-11")))
    assert store.find("/other.txt") is None


def test_every_change_is_one_generation(store):
    assert store.generation() == 0
    first = put(store, RIVERS)
    assert store.generation() == 1
    assert put(store, LAKES) == first
    assert store.generation() == 2
    second = put(store, RIVERS, "/b.txt")
    assert store.generation() == 3
    store.remove(first)
    assert store.generation() == 4
    assert [summary.id for summary in store.documents()] == [second]


def test_replacing_exchanges_the_passages(store):
    stored_id = put(store, RIVERS)
    before = passage_ids(store)
    put(store, LAKES)
    assert passage_texts(store, stored_id) == LAKES.replace(". ", ".\n").split("\n")
    assert not set(before) & set(passage_ids(store))


def test_ids_are_never_used_again(store):
    document_id = put(store, RIVERS)
    seen = set(passage_ids(store))
    store.remove(document_id)
    assert put(store, LAKES) > document_id
    assert min(passage_ids(store)) > max(seen)


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


def test_changes_since_a_generation(store):
    rivers = put(store, RIVERS)
    first = passage_ids(store)
    put(store, LAKES, "/b.txt")
    store.remove(rivers)
    everything_new = store.changes_since(0, 64)
    assert everything_new.generation == 3
    assert everything_new.added.tolist() == passage_ids(store)
    assert everything_new.removed.tolist() == first
    later = store.changes_since(2, 64)
    assert (later.added.tolist(), later.removed.tolist()) == ([], first)
    assert later.vectors.shape == (0, 64)
    nothing = store.changes_since(3, 64)
    assert (len(nothing.added), len(nothing.removed), nothing.generation) == (0, 0, 3)


def test_vectors_come_back_in_the_precision_of_float16(store):
    put(store, RIVERS)
    expected = EMBEDDER.embed(["The Rhine is long.", "The Danube is longer."])
    np.testing.assert_allclose(store.changes_since(0, 64).vectors, expected, atol=1e-3)


@pytest.mark.parametrize(
    ("spans", "vectors"),
    [
        ([Span(0, 18)], 2),
        ([Span(0, 18), Span(19, 40)], 1),
        ([Span(0, 18), Span(5, 5)], 2),
    ],
)
def test_a_put_that_fails_changes_nothing(store, spans, vectors):
    put(store, LAKES)
    before = everything(store.folder)
    with pytest.raises(Exception, match=r"^vectors of shape|CHECK constraint"):
        store.put(document(RIVERS), spans, np.ones((vectors, 64), np.float32), ("hashing", 64))
    assert everything(store.folder) == before
    put(store, RIVERS)
    assert store.generation() == 2


@pytest.mark.parametrize("other", [HashingEmbedder("other"), HashingEmbedder(dimension=32)])
def test_vectors_of_another_embedder_are_refused(store, other):
    put(store, RIVERS)
    before = everything(store.folder)
    with pytest.raises(EmbedderMismatch, match=r"embedded with hashing \(64 numbers\)") as caught:
        put(store, LAKES, embedder=other)
    assert f"{other.name} ({other.dimension})" in str(caught.value)
    assert everything(store.folder) == before


def test_what_is_not_there_cannot_be_read_or_removed(store):
    put(store, RIVERS)
    before = everything(store.folder)
    for use in (store.document, store.remove):
        with pytest.raises(UnknownDocument, match="no document with the id 99"):
            use(99)
    assert everything(store.folder) == before
    assert store.passages([99]) == {}


def test_more_passages_than_one_statement_takes(store):
    put(store, "One. " * 1_203)
    assert len(store.passages([*passage_ids(store), 9_999])) == 1_203


@pytest.mark.parametrize(
    ("filters", "sources"),
    [
        (Filters(), "abc"),
        (Filters(document_ids=(2, 3, 77)), "bc"),
        (Filters(sources=("/a.txt", "/none.txt")), "a"),
        (Filters(date_from="2022-01-01"), "ab"),
        (Filters(date_from="2022-01-02"), "b"),
        (Filters(date_to="2022-01-01"), "a"),
        (Filters(date_from="2022-01-01", date_to="2023-05-09"), "ab"),
        (Filters(document_ids=(1, 3), date_to="2024-01-01"), "a"),
        (Filters(sources=("/a.txt",), document_ids=(2,)), ""),
    ],
)
def test_filters(store, filters, sources):
    for name, date in (("a", "2022-01-01"), ("b", "2023-05-09"), ("c", None)):
        put(store, f"The river {name} is long.", f"/{name}.txt", date)
    expected = [f"The river {name} is long." for name in sources]
    allowed = store.passages(store.allowed_passages(filters)).values()
    assert sorted(passage.text for passage in allowed) == expected
    assert sorted(found(store, "river", filters)) == expected


def test_a_snapshot_sees_one_generation_while_another_connection_writes(store):
    put(store, RIVERS)
    with ThreadPoolExecutor(1) as pool, store.snapshot():
        pool.submit(_put_and_close, store, LAKES, "/b.txt").result()
        assert store.generation() == 1
        assert [summary.source for summary in store.documents()] == ["/a.txt"]
        assert found(store, "lake") == []
        assert len(store.changes_since(0, 64).added) == 2
    assert store.generation() == 2
    assert len(found(store, "lake")) == 3


def test_a_snapshot_ends_when_its_reader_fails(store):
    with pytest.raises(ZeroDivisionError), store.snapshot():
        raise ZeroDivisionError
    put(store, RIVERS)
    assert store.generation() == 1


def test_writers_at_the_same_time_wait_for_each_other(store):
    start = threading.Barrier(4)

    def write(number: int) -> None:
        start.wait()
        for turn in range(5):
            _put_and_close(store, f"Writer {number} is at turn {turn}.", f"/{number}-{turn}.txt")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert store.generation() == 20
    assert store.count() == (20, 20)


def test_a_writer_that_waited_too_long_is_told_so(store, monkeypatch):
    monkeypatch.setattr(connection, "LOCK_SECONDS", 0)
    with ThreadPoolExecutor(1) as pool, store.writing("counting rivers"):
        writing = pool.submit(_put_and_close, store, RIVERS, "/a.txt")
        with pytest.raises(LibraryBusy, match=r"process \d+ \(counting rivers\)") as caught:
            writing.result()
    assert str(store.folder) in str(caught.value)
    assert store.count() == (0, 0)


def test_a_writer_that_is_no_store_is_waited_for_in_vain(store, monkeypatch):
    monkeypatch.setattr(database, "LOCK_SECONDS", 0)
    with closing(sqlite3.connect(store.folder / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(_put_and_close, store, RIVERS, "/a.txt")
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


def prepared(text: str, source: str = "/a.txt", document_id: int | None = None) -> Prepared:
    """A text that is one passage."""
    vectors = EMBEDDER.embed([text])
    return Prepared(
        document(text, source),
        [Span(0, len(text))],
        vectors,
        Origin(source, "0" * 64),
        document_id,
    )


MODEL = (EMBEDDER.name, EMBEDDER.dimension)


def test_many_changes_are_one_generation(store):
    first, second = put(store, RIVERS), put(store, LAKES, "/b.txt")
    ids = store.apply([prepared("The Po.", "/c.txt"), prepared("The Elbe.")], [second], MODEL)
    assert ids == [second + 1, first]
    assert store.generation() == 3
    assert [summary.source for summary in store.documents()] == ["/a.txt", "/c.txt"]


def test_a_change_that_fails_midway_changes_nothing(store):
    rivers = put(store, RIVERS)
    before = everything(store.folder)
    wrong = replace(prepared("The Po.", "/c.txt"), vectors=np.ones((2, 64), np.float32))
    with pytest.raises(ValueError, match=r"\(2, 64\) for 1 passages"):
        store.apply([prepared("The Elbe.", "/b.txt"), wrong], [rivers], MODEL)
    assert everything(store.folder) == before


def test_a_rename_keeps_the_id(store):
    rivers = put(store, RIVERS)
    assert store.apply([prepared(RIVERS, "/new.txt", rivers)], [], MODEL) == [rivers]
    assert store.find("/a.txt") is None
    assert store.find("/new.txt") == (rivers, content_hash(document(RIVERS)))


def test_a_document_that_was_removed_before_its_update_came_is_added(store):
    """A folder is synced while somebody deletes over REST."""
    rivers = put(store, RIVERS)
    store.remove(rivers)
    (added,) = store.apply([prepared(RIVERS, "/a.txt", rivers)], [], MODEL)
    assert added != rivers
    assert passage_texts(store, added) == [RIVERS]
    assert store.count() == (1, 1)


def test_a_rename_onto_a_source_that_was_added_meanwhile_replaces_it(store):
    rivers, lakes = put(store, RIVERS), put(store, LAKES, "/new.txt")
    assert store.apply([prepared(RIVERS, "/new.txt", rivers)], [], MODEL) == [rivers]
    assert [summary.id for summary in store.documents()] == [rivers]
    assert found(store, "lake") == []
    with pytest.raises(UnknownDocument):
        store.document(lakes)


def test_documents_are_discarded_together_and_those_that_are_gone_passed_over(store):
    ids = [put(store, RIVERS), put(store, LAKES, "/b.txt")]
    store.discard([*ids, 99])
    assert store.count() == (0, 0)
    assert store.generation() == 3


def test_passages_of_another_version_are_not_exchanged(store):
    """It was cut, and then somebody updated it: the offsets are another text's."""
    rivers = put(store, RIVERS)
    version = store.document(rivers).content_hash
    put(store, LAKES)
    before = passage_texts(store, rivers)
    arguments = ((), [Span(0, 18)], EMBEDDER.embed(["The Rhine is long."]))
    with store.writing("testing") as generation:
        assert not store.exchange_passages(rivers, version, *arguments, generation)
        assert not store.exchange_passages(99, version, *arguments, generation)
    assert passage_texts(store, rivers) == before
    version = store.document(rivers).content_hash
    with store.writing("testing") as generation:
        assert store.exchange_passages(rivers, version, *arguments, generation)
    assert passage_texts(store, rivers) == [LAKES[:18]]


def test_the_vectors_of_known_texts_come_by_their_keys(store):
    put(store, RIVERS)
    put(store, "The Rhine is long. The Po is warm.", "/b.txt")
    texts = ["The Rhine is long.", "The Po is warm.", "The Elbe is short."]
    known = store.known_vectors([passage_key(text) for text in texts])
    assert list(known) == [passage_key(text) for text in texts[:2]]
    for text in texts[:2]:
        np.testing.assert_allclose(known[passage_key(text)], EMBEDDER.embed([text])[0], atol=1e-3)


def test_a_damaged_vector_is_not_handed_on(store):
    put(store, RIVERS)
    damage(store.folder, "UPDATE passages SET vector = zeroblob(128) WHERE id = 1")
    keys = [passage_key(text) for text in ("The Rhine is long.", "The Danube is longer.")]
    assert list(store.known_vectors(keys)) == keys[1:]


def test_the_origins_below_a_folder_are_those_of_its_files(store):
    for source in ("/a/x.txt", "/a/b/y.txt", "/ab/z.txt", "/a.txt", "/a0", "/a", "/A/x.txt"):
        store.apply([prepared(f"It is {source}.", source)], [], MODEL)
    assert sorted(store.origins_under("/a")) == ["/a/b/y.txt", "/a/x.txt"]
    assert len(store.origins_under("/")) == 7
    assert store.origins_under("/a") == store.origins_under("/a/")
    assert set(store.origins_under("/a").values()) == {"0" * 64}


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
    with pytest.raises(DiskFull, match=f"library in {store.folder}. Nothing was changed"):
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


def test_each_generation_has_a_token_of_its_own(store, tmp_path):
    other = Store(tmp_path / "other", create=True)
    for each in (store, other):
        put(each, RIVERS)
        put(each, LAKES)
    tokens = [each.history_at(generation) for each in (store, other) for generation in range(3)]
    assert None not in tokens
    assert len(set(tokens)) == 6
    assert store.history() == store.history_at(2)
    assert store.history_at(3) is None
    other.close()


def _put_and_close(store: Store, text: str, source: str) -> None:
    """For a thread that ends: its connection would be left open."""
    try:
        put(store, text, source)
    finally:
        store.close()
