"""Search sees what is stored, whoever stored it and whatever became of the cache."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import Filters
from index.errors import EmbedderMismatch
from index.retrieval import STOP_WORDS, Retriever, fuse, match_expression
from index.store import Store
from index.vectors import FILE_NAME, FaissVectors
from tests.doubles import HashingEmbedder
from tests.index.libraries import EMBEDDER, put
from tests.index.texts import THOROUGH, hostile_texts

RIVERS = "The Rhine flows north. The Danube flows east."
LAKES = "Lake Garda is deep. Lake Como is deeper."


def make(store: Store, embedder: HashingEmbedder = EMBEDDER, candidates: int = 20) -> Retriever:
    return Retriever(store, embedder, candidates=candidates, rank_constant=60)


def texts(retriever: Retriever, query: str, filters: Filters | None = None) -> list[str]:
    found = retriever.search(query, 10, filters).passages
    return [retrieved.passage.text for retrieved in found]


def cached(store: Store) -> FaissVectors | None:
    return FaissVectors.load(store.folder, EMBEDDER.dimension, store.library_id())


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
    ("query", "expression"),
    [
        ("Where does the Rhine flow?", '"rhine" OR "flow"'),
        ('" OR NEAR( * - : ^', '"near"'),
        ("rhine* -danube text:elbe ^oder", '"rhine" OR "danube" OR "text" OR "elbe" OR "oder"'),
        ('say "hello" AND NOT {x}', '"say" OR "hello" OR "x"'),
        ("Rhine rhine RHINE", '"rhine"'),
        ("What is it?", '"what" OR "is" OR "it"'),
        ("Żółć 北京", '"żółć" OR "北京"'),
        ("", ""),
        (' \n"*()^:-', ""),
    ],
)
def test_match_expression(query, expression):
    assert match_expression(query) == expression


def test_a_long_query_is_cut_to_its_first_telling_words():
    words = [f"w{number}" for number in range(100)]
    assert match_expression(f"the {' '.join(words)}") == " OR ".join(f'"{w}"' for w in words[:32])


@THOROUGH
@given(st.one_of(st.text(), hostile_texts, st.sampled_from(sorted(STOP_WORDS))))
def test_a_match_expression_holds_nothing_but_quoted_words(query):
    assert re.fullmatch(r'("\w[^"\s]*"( OR "\w[^"\s]*")*)?', match_expression(query))


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


def test_fuse_sums_reciprocal_ranks():
    fused = fuse([[(1, 0.9), (2, 0.8)], [(2, 7.0), (3, 5.0)]], 60)
    assert [i for i, _ in fused] == [2, 1, 3]
    assert dict(fused) == pytest.approx({1: 1 / 61, 2: 1 / 61 + 1 / 62, 3: 1 / 62})
    assert fuse([[(9, 1.0)], [(4, 1.0)]], 60) == [(4, 1 / 61), (9, 1 / 61)]
    assert fuse([[], []], 60) == []


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
    assert best.score == pytest.approx(2 / 61)


def test_what_only_one_of_the_two_searches_finds_is_returned(store):
    retriever = make(store, candidates=1)
    put(store, "Rivers flow. Rivers flow and flow and flow. Lake Garda.")
    found = retriever.search("flow and flow and flow garda", 10).passages
    assert {retrieved.passage.text: retrieved.bm25 is None for retrieved in found} == {
        "Rivers flow and flow and flow.": True,
        "Lake Garda.": False,
    }


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


def test_warming_up_writes_the_cache(store, retriever):
    put(store, RIVERS)
    retriever.warm_up()
    saved = cached(store)
    assert saved is not None
    assert (saved.generation, len(saved)) == (1, 2)


@pytest.mark.parametrize("damage", ["missing", "stale", "corrupt", "from the future", "not needed"])
def test_warming_up_repairs_the_cache_from_sqlite(store, damage):
    lakes = put(store, LAKES, "/b.txt")
    make(store).warm_up()
    path = store.folder / FILE_NAME
    if damage == "missing":
        path.unlink()
    elif damage == "corrupt":
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    elif damage == "from the future":
        future = FaissVectors(EMBEDDER.dimension, store.library_id())
        future.generation = 99
        future.save(store.folder)
    elif damage == "stale":
        put(store, RIVERS)
        store.remove(lakes)
    repaired = make(store)
    repaired.warm_up()
    saved = cached(store)
    assert saved is not None
    assert saved.generation == store.generation()
    wanted = store.passages(range(99))
    assert sorted(saved.ids()) == sorted(wanted)
    assert sorted(texts(repaired, "lake")) == sorted(p.text for p in wanted.values())


def test_a_current_cache_is_not_written_again(store, monkeypatch):
    put(store, RIVERS)
    make(store).warm_up()
    saved = []
    monkeypatch.setattr(FaissVectors, "save", lambda *_: saved.append(1))
    make(store).warm_up()
    assert saved == []


def test_no_search_moves_the_vectors_while_they_are_saved(store, retriever, monkeypatch):
    put(store, RIVERS)
    held = []
    monkeypatch.setattr(FaissVectors, "save", lambda *_: held.append(retriever._lock.locked()))
    retriever.warm_up()
    assert held == [True]


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
    other_store.rewrite(lambda _: ((), [], EMBEDDER.embed([])), ("other", 64))
    with pytest.raises(EmbedderMismatch, match="embedded with other"):
        retriever.search("rhine", 5)
