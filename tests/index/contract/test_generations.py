"""What a store of either engine promises of its states: one writer, readers undisturbed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from index import connection
from index.documents import Filters
from index.errors import LibraryBusy, LibraryMissing, UnknownDocument
from tests.index.contract.places import Place, content
from tests.index.libraries import MODEL, prepared, put, put_and_close

RIVERS = "The Rhine is long. The Danube is longer."
LAKES = "Lake Garda is deep. Lake Como is deeper. Lake Constance is wide."


def test_a_missing_library_is_not_made_by_opening_it(place):
    with pytest.raises(LibraryMissing, match=r"There is no library in .*index add"):
        place.open()
    assert place.open(create=True).generation() == 0
    assert place.open().library_id() == place.open(create=True).library_id() != ""


def test_processes_that_begin_at_once_make_one_library(place):
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _: _begin(place), range(4)))
    assert len(set(ids)) == 1


def _begin(place: Place) -> str:
    store = place.open(create=True)
    try:
        return store.library_id()
    finally:
        store.close()


def test_two_libraries_have_nothing_in_common(store, another_place):
    other = another_place.open(create=True)
    put(store, RIVERS)
    assert other.count() == (0, 0)
    assert other.library_id() != store.library_id()


def test_another_process_sees_a_change_at_once(place, store, tmp_path):
    """On another machine, even: with a data folder of its own, where the engine is shared."""
    elsewhere = tmp_path / "elsewhere" if place.url else None
    other = place.open(folder=elsewhere)
    assert other.count() == (0, 0)
    rivers = put(store, RIVERS)
    assert (other.count(), other.generation()) == ((1, 2), 1)
    assert other.document(rivers) == store.document(rivers)
    assert (other.history(), other.library_id()) == (store.history(), store.library_id())
    other.remove(rivers)
    assert (store.count(), store.generation()) == ((0, 0), 2)
    with pytest.raises(UnknownDocument):
        store.document(rivers)


def test_a_snapshot_sees_one_generation_while_another_connection_writes(store):
    put(store, RIVERS)
    with ThreadPoolExecutor(1) as pool, store.snapshot():
        pool.submit(put_and_close, store, LAKES, "/b.txt").result()
        pool.submit(put_and_close, store, LAKES, "/a.txt").result()
        assert store.generation() == 1
        with store.snapshot():
            assert [summary.source for summary in store.documents()] == ["/a.txt"]
        assert len(store.changes_since(0, 64).added) == 2
        assert store.document(1).text == RIVERS
    assert store.generation() == 3


def test_what_a_transaction_has_changed_only_it_can_see(place, store):
    other = place.open()
    with store.writing("testing") as generation:
        store.set_setting("voices", "7")
        assert (store.generation(), store.setting("voices")) == (generation, "7")
        with store.snapshot():
            assert store.setting("voices") == "7"
        assert (other.generation(), other.setting("voices")) == (0, "0")
    assert (other.generation(), other.setting("voices")) == (1, "7")


def test_a_transaction_that_fails_leaves_nothing(store):
    put(store, RIVERS)
    before, history = content(store), store.history()

    def fail() -> None:
        with store.writing("testing"):
            store.set_setting("voices", "7")
            store.change("DELETE FROM passages WHERE id = ?", [(1,), (2,)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert content(store) == before
    assert store.history() == history
    put(store, LAKES)
    assert store.history_at(2) not in (None, history)


def test_a_writer_that_waited_too_long_is_told_who_writes(place, store, monkeypatch):
    monkeypatch.setattr(connection, "LOCK_SECONDS", 0)
    other = place.open()
    other.lock_seconds = 0  # type: ignore[attr-defined]  # PostgreSQL's
    with ThreadPoolExecutor(1) as pool, store.writing("counting rivers"):
        writing = pool.submit(put_and_close, other, RIVERS, "/a.txt")
        with pytest.raises(LibraryBusy, match=r"process \d+ .*\(counting rivers\)") as caught:
            writing.result()
    assert store.name in str(caught.value)
    assert store.count() == (0, 0)
    put(other, RIVERS)


def test_a_lock_is_held_by_one_and_keeps_no_writer_waiting(place, store):
    other = place.open()
    with store.alone("testing.lock", "resting"):
        with (
            pytest.raises(LibraryBusy, match=r"process \d+.*\(resting\)"),
            other.alone("testing.lock", "working"),
        ):
            pass
        with other.alone("another.lock", "working"):
            put(other, RIVERS)
    with other.alone("testing.lock", "working", wait_seconds=1):
        pass


@pytest.mark.parametrize(
    ("filters", "sources"),
    [
        (Filters(), "abc"),
        (Filters(document_ids=(2, 3, 77)), "bc"),
        (Filters(sources=("/a.txt", "/none.txt")), "a"),
        (Filters(sources=("/a.txt' OR '1'='1", "%", "?", "/\0.txt", ":id", "\\")), ""),
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
    allowed = store.passages(store.allowed_passages(filters)).values()
    expected = [f"The river {name} is long." for name in sources]
    assert sorted(passage.text for passage in allowed) == expected


def test_ids_that_were_taken_elsewhere_are_given_to_nobody(store):
    with store.writing("testing"):
        store.use_ids_beyond(40, 70)
    assert put(store, RIVERS) > 40
    assert min(store.passages(range(200))) > 70
    documents, passages = store.ids_used()
    assert (documents, passages) >= (41, 72)
    store.apply([prepared("The Po.", "/b.txt")], [1], MODEL)
    assert store.ids_used() > (documents, passages)
