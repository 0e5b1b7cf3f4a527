"""Sets of ids as bits, against Python's own sets."""

from __future__ import annotations

import faiss
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.id_bits import IdBits

IDS = st.sets(st.integers(0, 70))


def array(ids) -> np.ndarray:
    return np.array(sorted(ids), dtype=np.int64)


def held(bits: IdBits) -> set[int]:
    every = np.arange(-3, 200)
    return set(every[bits.holds(every)].tolist())


@given(IDS, IDS)
def test_bits_are_a_set(ids, others):
    bits = IdBits(array(ids))
    assert held(bits) == ids
    assert bits.ids().tolist() == sorted(ids)
    assert bits.count() == len(ids)
    assert bits.discard(np.concatenate([array(others), array(others)])) == len(ids & others)
    assert held(bits) == ids - others
    assert bits.count() == len(ids - others)


@given(IDS, IDS)
def test_what_two_sets_share(ids, others):
    bits = IdBits(array(ids))
    bits.keep(IdBits(array(others)))
    assert held(bits) == ids & others


@given(IDS)
def test_faiss_sees_the_set_as_it_is_by_now(ids):
    bits = IdBits(array(ids))
    selector = bits.selector()
    assert {i for i in range(200) if selector.is_member(i)} == ids
    bits.discard(array(ids)[:1])
    assert {i for i in range(200) if selector.is_member(i)} == set(array(ids)[1:].tolist())


def test_a_selector_outlives_its_set():
    selector = IdBits(array({3, 9})).selector()
    assert isinstance(selector, faiss.IDSelector)
    assert [i for i in range(20) if selector.is_member(i)] == [3, 9]
