"""Lists of vectors: built from the store, saved, loaded, and searched with hardly a loss."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from index import approximate, approximate_build
from index.approximate import FILE_NAME, ApproximateVectors, encode, origin_of, scale_for
from index.id_bits import IdBits
from index.store import Store
from index.vector_files import DamagedFile, peek
from tests.doubles import HashingEmbedder
from tests.index.libraries import put
from tests.index.many import DIMENSION, EMBEDDER, add, random_vectors, remove, truth

PASSAGES = 1_500


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("lists"), create=True)
    documents = add(store, PASSAGES)
    remove(store, documents[3:6])
    approximate_build.build(store, store.folder / FILE_NAME, DIMENSION, EMBEDDER.embed, recall=0.95)
    yield store
    store.close()


@pytest.fixture
def path(built, tmp_path) -> Path:
    """A copy that a test may change."""
    (tmp_path / FILE_NAME).write_bytes((built.folder / FILE_NAME).read_bytes())
    return tmp_path / FILE_NAME


@pytest.fixture(scope="module")
def lists(built) -> ApproximateVectors:
    return approximate.load(built.folder / FILE_NAME)


def recall(built, lists, share: float = 1.0) -> float:
    queries = random_vectors(50)
    found = 0
    for query in queries:
        wanted = {i for i, _ in truth(built, query, 10)}
        found += len(wanted & set(lists.search(query, 20, None, share).tolist()))
    return found / (10 * len(queries))


def test_the_lists_hold_every_passage_once(built, lists):
    with built.snapshot():
        wanted = np.concatenate([ids for ids, _ in built.each_vector(100)])
    assert sorted(lists.ids()) == wanted.tolist()
    assert len(lists) == len(wanted) == PASSAGES - 30


def test_each_passage_is_held_with_its_own_bytes(built, lists):
    for ids, codes in lists.rows():
        known, vectors = built.vectors(ids.tolist())
        assert known.tolist() == ids.tolist()
        np.testing.assert_array_equal(lists.encode(vectors), codes)


def test_bytes_tell_a_vector_well():
    vectors = random_vectors(200)
    scale = scale_for(vectors)
    told = (encode(vectors, scale).astype(np.float32) - 128) / scale
    assert np.abs(told - vectors).max() <= 0.5 / scale + 1e-6
    assert encode(np.array([[9.0, -9.0, 0.0]], np.float32), 100.0).tolist() == [[255, 1, 128]]


def test_some_lists_are_read_and_little_is_missed(built, lists):
    assert 1 < lists.probes < lists.lists / 2
    assert recall(built, lists) > 0.95


def test_more_recall_costs_more_lists(built, tmp_path):
    probes = []
    for wanted in (0.5, 0.9, 1.0):
        approximate_build.build(
            built, tmp_path / FILE_NAME, DIMENSION, EMBEDDER.embed, recall=wanted
        )
        probes.append(approximate.load(tmp_path / FILE_NAME).probes)
    assert probes[0] < probes[1] < probes[2]


def test_lists_lie_where_their_vectors_are(built, lists):
    """A search that reads one list finds far more than one that read any."""
    lists = approximate.load(built.folder / FILE_NAME)
    lists.probes = 1
    assert recall(built, lists) > 5 / lists.lists


def test_few_allowed_passages_are_all_found(built, lists):
    with built.snapshot():
        every = np.concatenate([ids for ids, _ in built.each_vector(100)])
    allowed = every[::50]
    for query in random_vectors(20):
        wanted = [i for i, _ in truth(built, query, 8, set(allowed.tolist()))]
        found = lists.search(query, 16, IdBits(allowed), len(allowed) / len(every))
        assert set(wanted) <= set(found.tolist()) <= set(allowed.tolist())


def test_building_twice_makes_the_same_file(built, path):
    approximate_build.build(built, path, DIMENSION, EMBEDDER.embed, recall=0.95)
    assert path.read_bytes() == (built.folder / FILE_NAME).read_bytes()


def test_the_header_says_of_what_it_is_a_copy(built, lists):
    assert lists.origin == origin_of(peek(built.folder / FILE_NAME))
    assert lists.origin == approximate.Origin(
        built.library_id(), built.generation(), built.history(), PASSAGES - 30
    )


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"format": None},
        {"library": 7},
        {"generation": "7"},
        {"history": None},
        {"passages": 1.5},
    ],
)
def test_a_header_that_does_not_say_so(built, change):
    header = peek(built.folder / FILE_NAME)
    assert origin_of(header) is not None
    assert origin_of({**header, **change}) is None


def test_flipped_bits_are_noticed(path):
    whole = path.read_bytes()
    for place in np.random.default_rng(0).integers(0, 8 * len(whole), 150).tolist():
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        with pytest.raises(DamagedFile):
            approximate.load(path)


def test_flipped_bits_of_the_header_are_noticed(path):
    whole = path.read_bytes()
    for place in range(0, 8 * (whole.index(b"\n") + 1), 5):
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        with pytest.raises(DamagedFile):
            approximate.load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"lists": 0},
        {"lists": -3},
        {"lists": 10**30},
        {"lists": None},
        {"dimension": 10**9},
        {"dimension": 1e308},
        {"scale": "x"},
        {"passages": 0},
        {"passages": -5},
    ],
)
def test_a_header_that_makes_no_sense_spends_nothing(path, change):
    line, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(json.dumps({**json.loads(line), **change}).encode() + b"\n" + rest)
    with pytest.raises(DamagedFile):
        approximate.load(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        approximate.load(tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        approximate.load(tmp_path)


@pytest.mark.parametrize("passages", [10, 40])
def test_a_handful_of_passages_can_be_in_lists_too(tmp_path, passages):
    store = Store(tmp_path, create=True)
    add(store, passages)
    approximate_build.build(store, tmp_path / FILE_NAME, DIMENSION, EMBEDDER.embed, recall=1.0)
    lists = approximate.load(tmp_path / FILE_NAME)
    query = random_vectors(1)[0]
    found = lists.search(query, 99, None, 1.0).tolist()
    assert sorted(found) == sorted(i for i, _ in truth(store, query, 99))
    store.close()


def test_vectors_that_are_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.index.many.random_vectors", lambda n: np.full((n, 16), 0.25, "f4"))
    store = Store(tmp_path, create=True)
    add(store, 300)
    approximate_build.build(store, tmp_path / FILE_NAME, DIMENSION, EMBEDDER.embed, recall=0.9)
    lists = approximate.load(tmp_path / FILE_NAME)
    assert len(lists) == 300
    assert len(lists.search(np.full(16, 0.25, np.float32), 5, None, 1.0)) == 5
    store.close()


def test_no_list_is_empty(lists):
    assert all(len(ids) for ids, _ in lists.rows())
    assert len([ids for ids, _ in lists.rows()]) == lists.lists


def test_lists_are_read_until_enough_is_found(built):
    lists = approximate.load(built.folder / FILE_NAME)
    lists.probes = 1
    query = random_vectors(1)[0]
    assert len(lists.search(query, PASSAGES, None, 1.0)) == len(lists)
    few = IdBits(lists.ids()[::40])
    assert sorted(lists.search(query, few.count(), few, 1.0).tolist()) == few.ids().tolist()


def test_what_is_tried_out_are_pieces_of_passages(tmp_path):
    store = Store(tmp_path, create=True)
    put(store, "A short one. The Rhine flows through Basel, Cologne and Rotterdam to the sea.")
    asked: list[str] = []
    embedder = HashingEmbedder(dimension=64)
    approximate_build.build(
        store,
        tmp_path / FILE_NAME,
        64,
        lambda texts: asked.extend(texts) or embedder.embed(texts),
        recall=1.0,
    )
    assert "A short one." in asked
    (piece,) = set(asked) - {"A short one."}
    assert len(piece.split()) == 6
    assert piece in "The Rhine flows through Basel, Cologne and Rotterdam to the sea."
    store.close()
