"""What a store of either engine promises of documents and passages."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from index.documents import Span
from index.errors import EmbedderMismatch, UnknownDocument
from index.records import content_hash, passage_key
from tests.doubles import HashingEmbedder
from tests.index.contract.places import content
from tests.index.libraries import (
    EMBEDDER,
    MODEL,
    document,
    passage_ids,
    passage_texts,
    prepared,
    put,
    put_and_close,
)

RIVERS = "The Rhine is long. The Danube is longer."
LAKES = "Lake Garda is deep. Lake Como is deeper. Lake Constance is wide."


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
    before = content(store)
    with pytest.raises(Exception, match=r"^vectors of shape|CHECK constraint|check constraint"):
        store.put(document(RIVERS), spans, np.ones((vectors, 64), np.float32), ("hashing", 64))
    assert content(store) == before
    put(store, RIVERS)
    assert store.generation() == 2


@pytest.mark.parametrize("other", [HashingEmbedder("other"), HashingEmbedder(dimension=32)])
def test_vectors_of_another_embedder_are_refused(store, other):
    put(store, RIVERS)
    before = content(store)
    with pytest.raises(EmbedderMismatch, match=r"embedded with hashing \(64 numbers\)") as caught:
        put(store, LAKES, embedder=other)
    assert f"{other.name} ({other.dimension})" in str(caught.value)
    assert content(store) == before


def test_what_is_not_there_cannot_be_read_or_removed(store):
    put(store, RIVERS)
    before = content(store)
    for use in (store.document, store.remove):
        with pytest.raises(UnknownDocument, match="no document with the id 99"):
            use(99)
    assert content(store) == before
    assert store.passages([99]) == {}


def test_more_passages_than_one_statement_takes(store):
    put(store, "One. " * 1_203)
    assert len(store.passages([*passage_ids(store), 9_999])) == 1_203


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
            put_and_close(store, f"Writer {number} is at turn {turn}.", f"/{number}-{turn}.txt")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert store.generation() == 20
    assert store.count() == (20, 20)


def test_many_changes_are_one_generation(store):
    first, second = put(store, RIVERS), put(store, LAKES, "/b.txt")
    ids = store.apply([prepared("The Po.", "/c.txt"), prepared("The Elbe.")], [second], MODEL)
    assert ids == [second + 1, first]
    assert store.generation() == 3
    assert [summary.source for summary in store.documents()] == ["/a.txt", "/c.txt"]


def test_a_change_that_fails_midway_changes_nothing(store):
    rivers = put(store, RIVERS)
    before = content(store)
    wrong = replace(prepared("The Po.", "/c.txt"), vectors=np.ones((2, 64), np.float32))
    with pytest.raises(ValueError, match=r"\(2, 64\) for 1 passages"):
        store.apply([prepared("The Elbe.", "/b.txt"), wrong], [rivers], MODEL)
    assert content(store) == before


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


def test_the_origins_below_a_folder_are_those_of_its_files(store):
    for source in ("/a/x.txt", "/a/b/y.txt", "/ab/z.txt", "/a.txt", "/a0", "/a", "/A/x.txt"):
        store.apply([prepared(f"It is {source}.", source)], [], MODEL)
    assert sorted(store.origins_under("/a")) == ["/a/b/y.txt", "/a/x.txt"]
    assert len(store.origins_under("/")) == 7
    assert store.origins_under("/a") == store.origins_under("/a/")
    assert set(store.origins_under("/a").values()) == {"0" * 64}


def test_each_generation_has_a_token_of_its_own(store, another_place):
    other = another_place.open(create=True)
    for each in (store, other):
        put(each, RIVERS)
        put(each, LAKES)
    tokens = [each.history_at(generation) for each in (store, other) for generation in range(3)]
    assert None not in tokens
    assert len(set(tokens)) == 6
    assert store.history() == store.history_at(2)
    assert store.history_at(3) is None
    other.close()
