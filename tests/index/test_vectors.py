"""The FAISS cache: exact search, and a file that is believed only if all of it is whole."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import vectors as vectors_module
from index.vectors import FILE_NAME, FaissVectors
from tests.index.texts import THOROUGH

NONE = np.array([], dtype=np.int64)


def unit(*numbers: float) -> np.ndarray:
    vector = np.array(numbers, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def make(generation: int = 5) -> FaissVectors:
    made = FaissVectors(3, "library")
    rows = np.stack([unit(1, 0, 0), unit(0, 1, 0), unit(1, 1, 0), unit(0, 0, 1)])
    made.apply(np.array([10, 20, 30, 40]), rows, NONE, generation)
    return made


def ids_of(found: list[tuple[int, float]]) -> list[int]:
    return [i for i, _ in found]


def test_search_finds_the_nearest_first():
    found = make().search(unit(1, 0.2, 0), 3)
    assert ids_of(found) == [10, 30, 20]
    expected = [unit(1, 0.2, 0) @ other for other in (unit(1, 0, 0), unit(1, 1, 0), unit(0, 1, 0))]
    assert [cosine for _, cosine in found] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("allowed", "found"),
    [([20, 40], [20, 40]), ([40, 77], [40]), ([77], []), ([], []), (None, [10, 30, 20, 40])],
)
def test_search_among_allowed_ids(allowed, found):
    assert ids_of(make().search(unit(1, 0.2, 0), 9, allowed)) == found


def test_an_empty_index_finds_nothing():
    assert FaissVectors(3, "library").search(unit(1, 0, 0), 5) == []


def test_cosines_of_ids():
    assert make().cosines(unit(0, 1, 0), [30, 10]) == pytest.approx({30: 0.5**0.5, 10: 0.0})


def test_apply_adds_and_removes():
    vectors = make()
    vectors.apply(np.array([50]), unit(1, 0, 0)[None, :], np.array([10, 99]), 6)
    assert sorted(vectors.ids()) == [20, 30, 40, 50]
    assert (len(vectors), vectors.generation) == (4, 6)
    assert ids_of(vectors.search(unit(1, 0, 0), 1)) == [50]
    vectors.apply(NONE, np.zeros((0, 3), np.float32), np.array([20, 30, 40, 50]), 7)
    assert len(vectors) == 0
    assert vectors.search(unit(1, 0, 0), 1) == []


@THOROUGH
@given(st.lists(st.sets(st.integers(1, 12)), max_size=6))
def test_changes_lead_where_they_say(generations):
    vectors = FaissVectors(3, "library")
    held = set[int]()
    for number, wanted in enumerate(generations, start=1):
        added, removed = sorted(wanted - held), sorted(held - wanted)
        rows = np.ones((len(added), 3), np.float32)
        vectors.apply(np.array(added, np.int64), rows, np.array(removed, np.int64), number)
        held = wanted
        assert sorted(vectors.ids()) == sorted(held)
        assert sorted(ids_of(vectors.search(unit(1, 1, 1), 99))) == sorted(held)


def test_what_is_saved_is_loaded(tmp_path):
    make().save(tmp_path)
    loaded = FaissVectors.load(tmp_path, 3, "library")
    assert loaded is not None
    assert (loaded.generation, loaded.library_id, loaded.dimension) == (5, "library", 3)
    assert loaded.ids().tolist() == make().ids().tolist()
    assert loaded.search(unit(1, 2, 3), 4) == make().search(unit(1, 2, 3), 4)
    assert loaded.cosines(unit(1, 2, 3), [40]) == make().cosines(unit(1, 2, 3), [40])
    loaded.apply(NONE, np.zeros((0, 3), np.float32), np.array([10]), 6)
    assert len(loaded) == 3


def test_saving_replaces_the_file_and_leaves_no_other(tmp_path):
    make(generation=1).save(tmp_path)
    make(generation=2).save(tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / FILE_NAME]
    loaded = FaissVectors.load(tmp_path, 3, "library")
    assert loaded is not None
    assert loaded.generation == 2


def test_a_save_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    make(generation=1).save(tmp_path)

    def fail(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(vectors_module.os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        make(generation=2).save(tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / FILE_NAME]
    loaded = FaissVectors.load(tmp_path, 3, "library")
    assert loaded is not None
    assert loaded.generation == 1


@pytest.mark.parametrize(("dimension", "library"), [(4, "library"), (3, "other"), (3, "")])
def test_a_cache_of_another_library_or_model_is_not_used(tmp_path, dimension, library):
    make().save(tmp_path)
    assert FaissVectors.load(tmp_path, dimension, library) is None


def test_a_missing_cache(tmp_path):
    assert FaissVectors.load(tmp_path, 3, "library") is None
    (tmp_path / FILE_NAME).mkdir()
    assert FaissVectors.load(tmp_path, 3, "library") is None


def test_a_flipped_bit_anywhere_is_noticed(tmp_path):
    make().save(tmp_path)
    path = tmp_path / FILE_NAME
    whole = path.read_bytes()
    for position in range(len(whole)):
        for bit in (0, 1, 6):
            damaged = bytearray(whole)
            damaged[position] ^= 1 << bit
            path.write_bytes(damaged)
            assert FaissVectors.load(tmp_path, 3, "library") is None, (position, bit)


def test_a_generation_that_was_changed_is_noticed(tmp_path):
    make(generation=5).save(tmp_path)
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes().replace(b'"generation": 5', b'"generation": 7'))
    assert FaissVectors.load(tmp_path, 3, "library") is None


@pytest.mark.parametrize("kept", [0, 1, 40, 200, -1])
def test_a_truncated_file_is_noticed(tmp_path, kept):
    make().save(tmp_path)
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes()[:kept])
    assert FaissVectors.load(tmp_path, 3, "library") is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"[]\n", b"5\n", b"null\n", b"{}\n", b"\xff\xfe\n", b"[" * 4_096, b'"sha256"\n'],
)
def test_a_file_that_is_no_cache(tmp_path, content):
    (tmp_path / FILE_NAME).write_bytes(content)
    assert FaissVectors.load(tmp_path, 3, "library") is None


def test_a_cache_that_this_version_of_faiss_cannot_read(tmp_path):
    header: dict[str, int | str] = {"generation": 5, "dimension": 3, "library": "library"}
    payload = b"Inew" + bytes(100)
    header["sha256"] = vectors_module._checksum(header, payload)
    (tmp_path / FILE_NAME).write_bytes(json.dumps(header).encode() + b"\n" + payload)
    assert FaissVectors.load(tmp_path, 3, "library") is None


def test_saving_into_a_folder_that_is_gone_fails(tmp_path):
    with pytest.raises(FileNotFoundError):
        make().save(tmp_path / "gone")
