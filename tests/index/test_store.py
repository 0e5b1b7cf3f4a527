"""Every write is one transaction; every read inside a snapshot is of one generation."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index import database
from index.documents import Filters, Span
from index.errors import EmbedderMismatch, LibraryBusy, UnknownDocument
from index.retrieval import match_expression
from index.store import Store, content_hash
from tests.doubles import HashingEmbedder
from tests.index.libraries import EMBEDDER, document, everything, passage_texts, put, query

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
    with pytest.raises(Exception, match=r"zip\(\)|CHECK constraint"):
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
    monkeypatch.setattr(database, "LOCK_SECONDS", 0)
    with ThreadPoolExecutor(1) as pool, store._writing():
        writing = pool.submit(_put_and_close, store, RIVERS, "/a.txt")
        with pytest.raises(LibraryBusy, match=f"writing to the library in {store.folder}"):
            writing.result()
    assert store.count() == (0, 0)


def test_a_library_that_cannot_be_written_is_not_called_busy(store, monkeypatch):
    def connect_to_read(path: Path) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)

    monkeypatch.setattr("index.store.connect", connect_to_read)
    with pytest.raises(sqlite3.OperationalError, match="readonly database"):
        put(store, RIVERS)


def _put_and_close(store: Store, text: str, source: str) -> None:
    """For a thread that ends: its connection would be left open."""
    try:
        put(store, text, source)
    finally:
        store.close()
