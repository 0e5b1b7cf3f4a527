"""Search sees what is stored, whoever stored it and whatever became of the cache."""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from index import approximate_build, vector_loading
from index.approximate import FILE_NAME
from index.database import FILE_NAME as DATABASE_NAME
from index.documents import Filters
from index.embedded_search import EmbeddedSearch
from index.errors import EmbedderMismatch
from index.retrieval import Retriever
from index.store import Store
from tests.doubles import HashingEmbedder
from tests.index.damage import spoil
from tests.index.libraries import EMBEDDER, put

RIVERS = "The Rhine flows north. The Danube flows east."
LAKES = "Lake Garda is deep. Lake Como is deeper."


def make(
    store: Store,
    embedder: HashingEmbedder = EMBEDDER,
    candidates: int = 20,
    exact_passages: int = 1_000,
) -> Retriever:
    return Retriever(
        store,
        embedder,
        EmbeddedSearch(
            store,
            embedder,
            lexical_rows=10_000,
            exact_passages=exact_passages,
            recall=1.0,
        ),
        candidates=candidates,
        dense_weight=0.45,
    )


def texts(retriever: Retriever, query: str, filters: Filters | None = None) -> list[str]:
    found = retriever.search(query, 10, filters).passages
    return [retrieved.passage.text for retrieved in found]


@pytest.fixture
def retriever(store: Store) -> Retriever:
    return make(store)


@pytest.fixture
def other_store(store: Store) -> Iterator[Store]:
    """As another process has it: its own connection to the same folder."""
    other = Store(store.folder)
    yield other
    other.close()


@pytest.mark.parametrize(
    "query",
    [
        '" OR NEAR( * - : ^',
        "'; DROP TABLE passages; --",
        "_",
        "NEAR",
        "a\x00b",
        "\u0301",
        "ſ İ",
        "",
        "?",
    ],
)
def test_no_query_breaks_a_search(store, retriever, query):
    put(store, RIVERS)
    assert sorted(texts(retriever, query)) == ["The Danube flows east.", "The Rhine flows north."]


def test_search_tells_why_a_passage_was_found(store, retriever):
    put(store, RIVERS + " " + LAKES, "/w.txt", "2022-08-11")
    retrieval = retriever.search("Where does the Danube flow", 2)
    assert (retrieval.generation, retrieval.searchable, len(retrieval.passages)) == (1, 4, 2)
    best = retrieval.passages[0]
    assert best.passage.text == "The Danube flows east."
    text = RIVERS + " " + LAKES
    assert text[best.passage.document_start : best.passage.document_end] == best.passage.text
    assert (best.passage.source, best.passage.date) == ("/w.txt", "2022-08-11")
    embedded = EMBEDDER.embed(["Where does the Danube flow", "The Danube flows east."])
    assert best.cosine == pytest.approx(float(embedded[0] @ embedded[1]), abs=1e-3)
    assert best.bm25 is not None
    assert best.bm25 > 0
    # "danube" and "danube flow" stand in one of four passages, "flow" in two.
    greatest = 2.2 * (2 * math.log(3.5 / 1.5) + 1e-6)
    assert best.score == pytest.approx(0.45 * best.cosine + 0.55 * best.bm25 / greatest, abs=1e-6)


def test_what_only_one_of_the_two_searches_finds_is_returned(store):
    retriever = make(store, candidates=1)
    put(store, "Rivers flow. Rivers flow and flow and flow. Lake Garda.")
    found = retriever.search("flow and flow and flow garda", 10).passages
    assert {retrieved.passage.text for retrieved in found} == {
        "Rivers flow and flow and flow.",
        "Lake Garda.",
    }
    assert all(retrieved.bm25 for retrieved in found), "of what dense search found, too"


def test_an_empty_library_has_nothing(retriever):
    retriever.warm_up()
    retrieval = retriever.search("Rhine", 5)
    assert (retrieval.passages, retrieval.generation, retrieval.searchable) == ((), 0, 0)


def test_what_another_process_adds_and_removes_is_seen(store, other_store, retriever):
    rivers = put(store, RIVERS)
    assert len(texts(retriever, "lake garda")) == 2
    lakes = put(other_store, LAKES, "/b.txt")
    assert texts(retriever, "lake garda")[0] == "Lake Garda is deep."
    other_store.remove(lakes)
    other_store.remove(rivers)
    put(other_store, "The Elbe flows north.", "/c.txt")
    assert texts(retriever, "lake garda rhine") == ["The Elbe flows north."]
    assert retriever.search("lake", 5).generation == store.generation() == 5


def test_a_replaced_document_is_found_in_its_new_words_only(store, retriever):
    put(store, RIVERS)
    assert "The Rhine flows north." in texts(retriever, "rhine")
    put(store, LAKES)
    assert sorted(texts(retriever, "rhine")) == ["Lake Como is deeper.", "Lake Garda is deep."]


def test_filters_hold_for_both_searches(store, retriever):
    rivers = put(store, RIVERS, "/a.txt", "2022-08-11")
    put(store, LAKES, "/b.txt")
    for filters in (
        Filters(document_ids=(rivers,)),
        Filters(sources=("/a.txt",)),
        Filters(date_from="2022-01-01"),
    ):
        retrieval = retriever.search("how deep is lake garda", 10, filters)
        assert {retrieved.passage.document_id for retrieved in retrieval.passages} == {rivers}
        assert retrieval.searchable == 2
    nothing = retriever.search("lake garda", 10, Filters(sources=("/none.txt",)))
    assert (nothing.passages, nothing.searchable) == ((), 0)


def fill(store: Store, number: int) -> list[int]:
    """Documents of two sentences each, about things with numbers."""
    return [
        put(store, f"Thing {i} is of colour {i % 7}. Thing {i} weighs {i} grams.", f"/{i}.txt")
        for i in range(number)
    ]


def test_a_small_library_is_kept_in_no_file(store, retriever):
    put(store, RIVERS)
    retriever.warm_up()
    retriever.settle()
    assert not list(store.folder.glob("vectors*"))


def test_a_large_library_is_searched_in_lists_built_beside_the_searches(store):
    fill(store, 30)
    retriever = make(store, exact_passages=40, candidates=60)
    retriever.warm_up()
    before = retriever.search("thing 17 weighs", 5)
    retriever.wait()
    assert (store.folder / FILE_NAME).exists()
    after = retriever.search("thing 17 weighs", 5)
    assert after == before
    assert "Thing 17 weighs 17 grams." in {found.passage.text for found in after.passages}
    assert (after.indexed, after.searchable) == (60, 60)
    assert retriever.check() == []


def test_settling_leaves_lists_that_the_next_process_loads(store, monkeypatch):
    fill(store, 30)
    make(store, exact_passages=40).settle()
    monkeypatch.setattr(approximate_build, "build", None)
    loaded = make(store, exact_passages=40)
    loaded.warm_up()
    loaded.wait()
    assert loaded.check() == []
    assert texts(loaded, "thing 17 weighs")[0] == "Thing 17 weighs 17 grams."


def test_what_changes_after_lists_were_built_is_seen(store, other_store):
    documents = fill(store, 30)
    retriever = make(store, exact_passages=40)
    retriever.settle()
    assert "Thing 17 weighs 17 grams." in texts(retriever, "thing 17 weighs")
    other_store.remove(documents[17])
    put(other_store, LAKES, "/lakes.txt")
    assert "Thing 17 weighs 17 grams." not in texts(retriever, "thing 17 weighs")
    assert texts(retriever, "lake garda")[0] == "Lake Garda is deep."
    retrieval = retriever.search("lake garda", 5)
    assert (retrieval.generation, retrieval.indexed) == (32, 60)
    assert retriever.check() == []


def test_filters_hold_in_lists(store):
    documents = fill(store, 30)
    retriever = make(store, exact_passages=40)
    retriever.settle()
    wanted = Filters(document_ids=(documents[3], documents[9]))
    retrieval = retriever.search("thing 17 weighs", 10, wanted)
    assert {found.passage.document_id for found in retrieval.passages} == set(wanted.document_ids)
    assert (len(retrieval.passages), retrieval.searchable) == (4, 4)


def test_cosines_are_exact_however_a_passage_was_found(store):
    fill(store, 30)
    retriever = make(store, exact_passages=40, candidates=3)
    retriever.settle()
    question = "colour of thing 23, which weighs 4 grams"
    embedded = EMBEDDER.embed([question])[0]
    found = retriever.search(question, 10).passages
    assert len(found) > 3, "some that only lexical search found"
    for item in found:
        expected = float(EMBEDDER.embed([item.passage.text])[0] @ embedded)
        assert item.cosine == pytest.approx(expected, abs=1e-3)


def test_a_damaged_file_is_told_and_built_anew(store, caplog):
    fill(store, 30)
    make(store, exact_passages=40).settle()
    path = store.folder / FILE_NAME
    spoil(path)
    retriever = make(store, exact_passages=40)
    assert texts(retriever, "thing 17 weighs")[0] == "Thing 17 weighs 17 grams."
    assert "its checksum does not fit" in caplog.text
    retriever.wait()
    assert retriever.check() == []
    spoil(path)
    assert retriever.check() == [f"The file {FILE_NAME} is of no use: its checksum does not fit."]
    retriever.build_anew()
    assert retriever.check() == []


def test_checking_builds_nothing(store):
    fill(store, 30)
    retriever = make(store, exact_passages=40)
    assert retriever.check() == []
    retriever.wait()
    assert not (store.folder / FILE_NAME).exists()


def test_a_library_that_was_put_back_is_read_anew(store, retriever, tmp_path, caplog):
    put(store, RIVERS)
    with (
        closing(sqlite3.connect(tmp_path / "backup")) as backup,
        closing(sqlite3.connect(store.folder / DATABASE_NAME)) as database,
    ):
        database.backup(backup)
        put(store, LAKES, "/lakes.txt")
        assert "Lake Garda is deep." in texts(retriever, "lake garda")
        backup.backup(database)
    put(store, "The Elbe flows north.", "/elbe.txt")
    assert store.generation() == 2
    assert "Lake Garda is deep." not in texts(retriever, "lake garda")
    assert texts(retriever, "elbe")[0] == "The Elbe flows north."
    assert "was put back to another state" in caplog.text
    assert retriever.check() == []


def test_a_vector_without_a_passage_is_no_answer(store, retriever):
    put(store, RIVERS)
    retriever.search("rhine", 5)
    retriever.passage_search._vectors.add(np.array([99]), EMBEDDER.embed(["rhine"]))
    assert sorted(texts(retriever, "rhine")) == ["The Danube flows east.", "The Rhine flows north."]
    assert len(retriever.check()) == 2


def test_vectors_that_were_half_caught_up_are_thrown_away(store, retriever, monkeypatch):
    put(store, RIVERS)
    retriever.search("rhine", 5)
    put(store, LAKES, "/lakes.txt")
    asked = []
    original = store.vectors

    def fail_at_the_second(ids):
        asked.append(ids)
        if len(asked) == 2:
            raise OSError("the disk is unwell")
        return original(ids)

    monkeypatch.setattr(vector_loading, "_AT_ONCE", 1)
    monkeypatch.setattr(store, "vectors", fail_at_the_second)
    with pytest.raises(OSError, match="unwell"):
        retriever.search("lake", 5)
    assert sorted(texts(retriever, "lake"))[:2] == ["Lake Como is deeper.", "Lake Garda is deep."]
    assert retriever.check() == []


def test_searches_go_on_while_lists_are_built(store, monkeypatch):
    documents = fill(store, 30)
    reached, go = threading.Event(), threading.Event()
    original = approximate_build.build

    def build(*values, **named) -> None:
        reached.set()
        assert go.wait(30)
        original(*values, **named)

    monkeypatch.setattr(approximate_build, "build", build)
    retriever = make(store, exact_passages=40)
    retriever.warm_up()
    assert reached.wait(30)
    assert "Thing 17 weighs 17 grams." in texts(retriever, "thing 17 weighs")
    store.remove(documents[17])
    assert "Thing 17 weighs 17 grams." not in texts(retriever, "thing 17 weighs")
    go.set()
    retriever.wait()
    assert "Thing 17 weighs 17 grams." not in texts(retriever, "thing 17 weighs")
    assert retriever.check() == []


def test_many_threads_search_while_the_library_changes(store):
    retriever = make(store, exact_passages=30)
    stop, wrong = threading.Event(), []
    gone: set[int] = set()

    def search() -> None:
        while not stop.is_set():
            before = set(gone)
            found = {item.passage.document_id for item in retriever.search("thing", 50).passages}
            if found & before:
                wrong.append(found & before)
        store.close()

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    documents = fill(store, 40)
    for document in documents[::2]:
        store.remove(document)
        gone.add(document)
    stop.set()
    for thread in threads:
        thread.join()
    retriever.wait()
    assert wrong == []
    assert retriever.check() == []


@pytest.mark.parametrize("other", [HashingEmbedder("other"), HashingEmbedder(dimension=32)])
def test_another_embedder_is_refused(store, other):
    put(store, RIVERS)
    make(store).warm_up()
    with pytest.raises(EmbedderMismatch, match="QA_EMBEDDER=hashing"):
        make(store, other).warm_up()
    with pytest.raises(EmbedderMismatch, match="index rebuild"):
        make(store, other).search("rhine", 5)


def test_an_embedder_that_was_exchanged_meanwhile_is_noticed(store, other_store, retriever):
    put(store, RIVERS)
    retriever.search("rhine", 5)
    with other_store.writing("exchanging the embedder"):
        other_store.remember_embedder(("other", 64))
    with pytest.raises(EmbedderMismatch, match="embedded with other"):
        retriever.search("rhine", 5)
