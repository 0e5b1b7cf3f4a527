"""Search over vectors: exact, in lists, and both at once; what is removed stays removed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import vectors as vectors_module
from index.approximate import ApproximateVectors, Origin, encode, scale_for
from index.vectors import PassageVectors
from tests.index.texts import THOROUGH

NONE = np.array([], dtype=np.int64)
ROWS = {10: (1, 0, 0), 20: (0, 1, 0), 30: (1, 1, 0), 40: (0, 0, 1)}


def unit(*numbers: float) -> np.ndarray:
    vector = np.array(numbers, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def exact_of(rows: dict[int, tuple[float, ...]]):
    """As the store tells vectors: in the order of the ids, those that exist."""

    def exact(ids):
        known = sorted(set(ids) & set(rows))
        stacked = [unit(*rows[i]) for i in known] or [np.zeros((0, 3), np.float32)]
        return np.array(known, np.int64), np.vstack(stacked)

    return exact


def lists_of(rows: dict[int, tuple[float, ...]], generation: int = 5) -> ApproximateVectors:
    """Two lists, of which both are read."""
    vectors = np.stack([unit(*row) for row in rows.values()])
    scale = scale_for(vectors)
    origin = Origin("library", generation, "token", len(rows))
    made = ApproximateVectors(origin, np.eye(3, dtype=np.float32)[:2], scale, probes=2)
    ids = np.array(list(rows), np.int64)
    for number in (0, 1):
        made.put(number, ids[number::2].copy(), encode(vectors[number::2], scale))
    return made


def make(listed: int) -> PassageVectors:
    """The four rows, so many of them in lists."""
    names = sorted(ROWS)
    lists = lists_of({i: ROWS[i] for i in names[:listed]}) if listed else None
    made = PassageVectors(3, lists)
    recent = names[listed:]
    made.add(np.array(recent, np.int64), exact_of(ROWS)(recent)[1])
    return made


def search(vectors: PassageVectors, query: np.ndarray, limit: int, allowed=None):
    allowed = None if allowed is None else np.array(allowed, np.int64)
    return vectors.search(query, limit, exact_of(ROWS), allowed)


def ids_of(found: list[tuple[int, float]]) -> list[int]:
    return [i for i, _ in found]


@pytest.fixture(params=[(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (4, 99)])
def vectors(request, monkeypatch) -> PassageVectors:
    listed, all_read = request.param
    monkeypatch.setattr(vectors_module, "_ALL_READ", all_read)
    return make(listed)


def test_search_finds_the_nearest_first_with_exact_cosines(vectors):
    query = unit(1, 0.2, 0)
    found = search(vectors, query, 3)
    assert ids_of(found) == [10, 30, 20]
    expected = [query @ unit(*ROWS[i]) for i in (10, 30, 20)]
    assert [cosine for _, cosine in found] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("allowed", "found"),
    [([20, 40], [20, 40]), ([40, 77], [40]), ([77], []), ([], []), (None, [10, 30, 20, 40])],
)
def test_search_among_allowed_ids(vectors, allowed, found):
    assert ids_of(search(vectors, unit(1, 0.2, 0), 9, allowed)) == found


def test_nothing_finds_nothing():
    assert search(PassageVectors(3), unit(1, 0, 0), 5) == []
    assert search(PassageVectors(3), unit(1, 0, 0), 5, [10]) == []


def test_a_question_of_zeros_is_answered(vectors):
    assert len(search(vectors, np.zeros(3, np.float32), 9)) == 4


def test_what_is_removed_is_gone(vectors):
    vectors.remove(np.array([10, 40, 99]))
    assert sorted(vectors.ids()) == [20, 30]
    assert len(vectors) == 2
    assert ids_of(search(vectors, unit(1, 0.2, 0), 9)) == [30, 20]
    assert ids_of(search(vectors, unit(1, 0.2, 0), 9, [10, 20])) == [20]
    vectors.remove(np.array([10, 20, 30, 40]))
    assert len(vectors) == 0
    assert search(vectors, unit(1, 0.2, 0), 9) == []


def test_removing_twice_counts_once(vectors):
    vectors.remove(np.array([10, 10]))
    vectors.remove(np.array([10]))
    assert len(vectors) == 3


def test_how_much_is_new_and_how_much_is_gone():
    vectors = make(3)
    assert (vectors.recent, vectors.gone, vectors.listed_generation) == (1, 0, 5)
    vectors.remove(np.array([10, 40]))
    assert (vectors.recent, vectors.gone) == (0, pytest.approx(1 / 3))
    assert (make(0).recent, make(0).gone, make(0).listed_generation) == (4, 0, -1)


def test_vectors_begin_at_the_generation_of_their_lists():
    assert (make(2).generation, make(2).history) == (5, "token")
    assert (make(0).generation, make(0).history) == (0, "")


def test_many_removals_do_not_starve_a_search():
    chance = np.random.default_rng(3)
    rows = {i: tuple(chance.standard_normal(3)) for i in range(1, 401)}
    vectors = PassageVectors(3, lists_of(rows))
    query = unit(1, 2, 3)
    nearest = sorted(rows, key=lambda i: -(unit(*rows[i]) @ query))
    vectors.remove(np.array(nearest[:380]))
    assert ids_of(vectors.search(query, 10, exact_of(rows))) == nearest[380:390]


@pytest.mark.parametrize("all_read", [0, 400])
def test_few_allowed_among_many_are_found(monkeypatch, all_read):
    monkeypatch.setattr(vectors_module, "_ALL_READ", all_read)
    chance = np.random.default_rng(3)
    rows = {i: tuple(chance.standard_normal(3)) for i in range(1, 401)}
    vectors = PassageVectors(3, lists_of(rows))
    query = unit(1, 2, 3)
    nearest = sorted(rows, key=lambda i: -(unit(*rows[i]) @ query))
    vectors.remove(np.array(nearest[200:210]))
    allowed = np.array([*nearest[190:220], 9_999])
    found = ids_of(vectors.search(query, 15, exact_of(rows), allowed))
    assert found == nearest[190:200] + nearest[210:215]


def test_a_vector_that_the_store_does_not_have_is_not_an_answer():
    vectors = make(4)
    without = {i: row for i, row in ROWS.items() if i != 10}
    found = vectors.search(unit(1, 0.2, 0), 9, exact_of(without))
    assert ids_of(found) == [30, 20, 40]


@pytest.mark.parametrize("listed", [0, 2, 4])
def test_rows_tell_all_that_is_held(listed):
    vectors = make(listed)
    vectors.remove(np.array([20, 30]))
    seen = set()
    for ids, held, as_held in vectors.rows():
        seen |= set(ids.tolist())
        stored = np.stack([unit(*ROWS[i]) for i in ids.tolist()] or [np.zeros(3)])[: len(ids)]
        half = stored.astype(np.float16).astype(np.float32)
        np.testing.assert_array_equal(as_held(half), held)
    assert seen == {10, 40}


@THOROUGH
@given(
    st.sets(st.integers(1, 12), min_size=1),
    st.lists(st.sets(st.integers(13, 24)), max_size=4),
    st.lists(st.integers(1, 24), max_size=12),
)
def test_changes_lead_where_they_say(listed, additions, removals):
    chance = np.random.default_rng(0)
    rows = {i: tuple(chance.standard_normal(3)) for i in range(1, 25)}
    vectors = PassageVectors(3, lists_of({i: rows[i] for i in sorted(listed)}))
    held, ever = set(listed), set(listed)
    for added in additions:
        new = sorted(added - ever)
        vectors.add(np.array(new, np.int64), exact_of(rows)(new)[1])
        held |= set(new)
        ever |= set(new)
        gone = removals[: len(removals) // 2]
        removals = removals[len(removals) // 2 :]
        vectors.remove(np.array(gone, np.int64))
        held -= set(gone)
        assert len(vectors) == len(held)
        assert sorted(vectors.ids()) == sorted(held)
        query = unit(1, 1, 1)
        assert sorted(ids_of(vectors.search(query, 99, exact_of(rows)))) == sorted(held)
