"""Vectors are loaded from the lists' file only if it is this library's, and proved id by id."""

from __future__ import annotations

import json
import logging
import shutil

import numpy as np
import pytest

from index import approximate_build, vector_loading
from index.approximate import FILE_NAME
from index.errors import CorruptIndex
from index.store import Store
from index.vectors import PassageVectors
from tests.index.libraries import query as run_sql
from tests.index.many import DIMENSION, EMBEDDER, add, random_vectors, remove, truth

CENTRE = random_vectors(1)[0]


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "library", create=True)
    yield store
    store.close()


@pytest.fixture
def path(store):
    return store.folder / FILE_NAME


def build(store: Store) -> None:
    approximate_build.build(store, store.folder / FILE_NAME, DIMENSION, EMBEDDER.embed, recall=1.0)


def load(store: Store) -> PassageVectors:
    with store.snapshot():
        return vector_loading.load(store, DIMENSION)


def catch_up(store: Store, vectors: PassageVectors) -> None:
    with store.snapshot():
        assert vector_loading.belongs(store, vectors)
        vector_loading.catch_up(store, vectors)


def problems(store: Store, vectors: PassageVectors) -> list[str]:
    with store.snapshot():
        return [
            *vector_loading.contradictions(store, vectors),
            *vector_loading.damage(store, DIMENSION),
        ]


def assert_right(store: Store, vectors: PassageVectors) -> None:
    assert problems(store, vectors) == []
    with store.snapshot():
        assert vector_loading.is_current(store, vectors)
    for wanted in random_vectors(5):
        found = vectors.search(wanted, 10, store.vectors)
        expected = truth(store, wanted, 10)
        assert [i for i, _ in found] == [i for i, _ in expected]
        assert [c for _, c in found] == pytest.approx([c for _, c in expected], abs=1e-5)


def test_without_a_file_all_comes_from_the_store(store, caplog):
    assert len(load(store)) == 0
    documents = add(store, 200)
    remove(store, documents[:2])
    vectors = load(store)
    assert (len(vectors), vectors.recent) == (180, 180)
    assert_right(store, vectors)
    assert caplog.text == ""


def test_with_a_file_only_what_changed_comes_from_the_store(store):
    documents = add(store, 300)
    build(store)
    remove(store, documents[:3])
    add(store, 20)
    vectors = load(store)
    assert (len(vectors), vectors.recent, vectors.gone) == (290, 20, pytest.approx(0.1))
    assert_right(store, vectors)


def test_catching_up_is_applying_the_difference(store):
    documents = add(store, 300)
    build(store)
    vectors = load(store)
    for removed in documents[:2], documents[2:9]:
        late = add(store, 30)
        remove(store, [*removed, late[0]])
        catch_up(store, vectors)
        assert_right(store, vectors)
    assert (vectors.recent, vectors.gone) == (40, pytest.approx(0.3))


def test_catching_up_takes_the_passages_in_portions(store, monkeypatch):
    add(store, 100)
    asked = []
    original = store.vectors
    monkeypatch.setattr(vector_loading, "_AT_ONCE", 30)
    monkeypatch.setattr(store, "vectors", lambda ids: asked.append(len(ids)) or original(ids))
    load(store)
    assert asked == [30, 30, 30, 10]


def test_what_was_removed_does_not_come_back_with_an_older_file(store):
    documents = add(store, 300)
    build(store)
    gone = remove(store, documents[:1]) | remove(store, documents[5:6])
    for _ in range(2):
        vectors = load(store)
        assert not gone & set(vectors.ids().tolist())
        found = {i for i, _ in vectors.search(CENTRE, 300, store.vectors)}
        assert len(found) == 280
        assert not gone & found


def test_a_file_of_this_library_survives_a_move_and_a_copy(store, tmp_path):
    add(store, 200)
    build(store)
    store.settle()
    shutil.copytree(store.folder, tmp_path / "copy")
    copy = Store(tmp_path / "copy")
    assert load(copy).listed_generation == 1
    copy.close()


def assert_not_used(store: Store, caplog, reason: str) -> None:
    with caplog.at_level(logging.WARNING):
        vectors = load(store)
    assert vectors.listed_generation == -1
    assert f"{FILE_NAME} in {store.folder} is not used: " in caplog.text
    assert reason in caplog.text
    assert_right_but_for_the_file(store, vectors, reason)


def assert_right_but_for_the_file(store: Store, vectors: PassageVectors, reason: str) -> None:
    found = problems(store, vectors)
    assert len(found) == 1
    assert reason in found[0]
    wanted = [i for i, _ in truth(store, CENTRE, 10)]
    assert [i for i, _ in vectors.search(CENTRE, 10, store.vectors)] == wanted


def test_another_librarys_file_is_not_used(store, path, tmp_path, caplog):
    add(store, 200)
    other = Store(tmp_path / "other", create=True)
    add(other, 200)
    build(other)
    shutil.copy(other.folder / FILE_NAME, path)
    assert_not_used(store, caplog, "it is another library's")
    other.close()


def test_a_file_of_the_future_is_not_used(store, path, tmp_path, caplog):
    add(store, 200)
    store.settle()
    shutil.copytree(store.folder, tmp_path / "backup")
    add(store, 100)
    build(store)
    backup = Store(tmp_path / "backup")
    shutil.copy(path, backup.folder)
    assert_not_used(backup, caplog, "this library never was what it shows as generation 2")
    backup.close()


def test_a_file_of_another_past_is_not_used(store, path, tmp_path, caplog):
    """A backup was put back, and has moved on past the file's generation since."""
    add(store, 200)
    store.settle()
    shutil.copytree(store.folder, tmp_path / "backup")
    add(store, 100)
    build(store)
    backup = Store(tmp_path / "backup")
    add(backup, 50)
    add(backup, 50)
    shutil.copy(path, backup.folder)
    assert backup.generation() > store.generation()
    assert_not_used(backup, caplog, "this library never was what it shows as generation 2")
    backup.close()


def test_vectors_in_memory_of_another_past_are_told(store, tmp_path):
    add(store, 100)
    store.settle()
    shutil.copytree(store.folder, tmp_path / "backup")
    add(store, 100)
    vectors = load(store)
    backup = Store(tmp_path / "backup")
    add(backup, 100)
    assert backup.generation() == vectors.generation
    assert not vector_loading.belongs(backup, vectors)
    assert not vector_loading.is_current(backup, vectors)
    assert vector_loading.belongs(store, vectors)
    assert vector_loading.belongs(backup, PassageVectors(DIMENSION))
    backup.close()


def test_a_damaged_file_is_not_used(store, path, caplog):
    add(store, 200)
    build(store)
    whole = bytearray(path.read_bytes())
    whole[-1_000] ^= 4
    path.write_bytes(whole)
    assert_not_used(store, caplog, "its checksum does not fit")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it cannot be read"),
        (b"{}\n", "its header makes no sense"),
        (b"Ix" * 99, "it cannot be read"),
    ],
)
def test_a_file_that_is_none_of_ours(store, path, caplog, content, reason):
    add(store, 100)
    path.write_bytes(content)
    assert_not_used(store, caplog, reason)


def test_a_file_of_another_dimension_is_not_used(store, path, caplog):
    add(store, 200)
    build(store)
    line, rest = path.read_bytes().split(b"\n", 1)
    changed = json.dumps({**json.loads(line), "dimension": 8}).encode()
    path.write_bytes(changed + b"\n" + rest)
    assert_not_used(store, caplog, "it has not vectors of 16 numbers")


def test_a_file_that_another_process_replaces_just_now(store, path, monkeypatch, caplog):
    documents = add(store, 200)
    build(store)
    original = vector_loading.trust

    def trust_then_replace(*values):
        trusted = original(*values)
        remove(Store(store.folder), documents[:1])
        build(Store(store.folder))
        return trusted

    monkeypatch.setattr(vector_loading, "trust", trust_then_replace)
    with caplog.at_level(logging.WARNING):
        vectors = load(store)
    assert "it was replaced while it was read" in caplog.text
    assert len(vectors) == 200


def test_a_vector_that_is_not_the_stored_one_is_told(store):
    add(store, 200)
    build(store)
    add(store, 20)
    vectors = load(store)
    (listed,), (recent,) = (store.rows(f"SELECT {f}(id) FROM passages") for f in ("min", "max"))
    for changed in listed[0], recent[0]:
        other = random_vectors(1)[0].astype("<f2").tobytes()
        (before,) = run_sql(store.folder, "SELECT vector FROM passages WHERE id = ?", (changed,))
        run_sql(store.folder, "UPDATE passages SET vector = ? WHERE id = ?", (other, changed))
        assert problems(store, vectors) == [
            f"Vectors that are not those of their passages: {changed}."
        ]
        run_sql(store.folder, "UPDATE passages SET vector = ? WHERE id = ?", (*before, changed))
    assert problems(store, vectors) == []


@pytest.mark.parametrize("listed", [True, False])
def test_missing_and_strange_and_double_vectors_are_told(store, listed):
    add(store, 100)
    if listed:
        build(store)
    vectors = load(store)
    vectors.remove(np.array([7]))
    assert problems(store, vectors) == ["99 passages have vectors; the library has 100."]
    vectors.add(np.array([7, 900, 901]), store.vectors([7, 8, 9])[1])
    assert problems(store, vectors) == [
        "Vectors of passages that the library does not have: 900, 901.",
        "102 passages have vectors; the library has 100.",
    ]
    vectors.remove(np.array([900, 901]))
    vectors.add(np.array([8]), store.vectors([8])[1])
    assert "Passages that have more than one vector: 8." in problems(store, vectors)


def test_long_lists_of_complaints_are_cut(store):
    add(store, 10)
    vectors = load(store)
    vectors.add(np.arange(900, 1_000), random_vectors(100))
    first = ", ".join(map(str, range(900, 910)))
    assert f"not have: {first} and 90 more." in problems(store, vectors)[0]


def test_a_broken_vector_in_the_store_is_an_error_not_a_wrong_answer(store):
    add(store, 100)
    run_sql(store.folder, "UPDATE passages SET vector = x'0000' WHERE id = 5")
    with pytest.raises(CorruptIndex):
        load(store)
