"""The last acknowledged generation outlives torn writes and flipped bits."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.highwater import FILE_NAME, HighWater
from tests.index.sealing import bits_of, flip

ONE_FOLDER = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_nothing_is_known_before_the_first_record(tmp_path):
    assert HighWater(tmp_path).read() is None
    assert HighWater(tmp_path).mend() is False
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("generations", [[0], [1, 2, 3, 4], [7, 7], [9, 3], [2**63]])
def test_what_was_recorded_last_is_read(tmp_path, generations):
    for generation in generations:
        HighWater(tmp_path).record(generation)
        assert HighWater(tmp_path).read() == generation


def slots(path: Path) -> list[tuple[int, bytes]]:
    """Where the two records stand."""
    data = path.read_bytes()
    return [(place, data[place : place + 32]) for place in (0, 4_096)]


def test_a_write_that_was_cut_short_leaves_the_record_before(tmp_path):
    high = HighWater(tmp_path)
    for generation in range(1, 4):
        high.record(generation)
    before = (tmp_path / FILE_NAME).read_bytes()
    high.record(4)
    after = (tmp_path / FILE_NAME).read_bytes()
    (place,) = [place for place, old in slots(tmp_path / FILE_NAME) if before[place:][:32] != old]
    for written in range(33):
        torn = before[:place] + after[place:][:written] + before[place + written :]
        (tmp_path / FILE_NAME).write_bytes(torn)
        assert high.read() == (4 if torn == after else 3)
        high.record(5)
        assert high.read() == 5


def test_any_flipped_bit_is_put_right(tmp_path):
    high = HighWater(tmp_path)
    path = tmp_path / FILE_NAME
    for generation in range(10, 13):
        high.record(generation)
    whole = path.read_bytes()

    @ONE_FOLDER
    @given(st.sampled_from((0, 4_096)), st.integers(0, 8 * 32 - 1))
    def one(place: int, bit: int) -> None:
        flip(path, 8 * place + bit)
        assert high.read() == 12
        assert high.mend() is True
        assert path.read_bytes() == whole
        assert high.mend() is False

    one()


def test_of_two_damaged_records_nothing_is_believed(tmp_path):
    high = HighWater(tmp_path)
    high.record(1)
    high.record(2)
    for place in (0, 4_096):
        flip(tmp_path / FILE_NAME, *(8 * place + bit for bit in (1, 70, 99)))
    assert high.read() is None
    high.record(3)
    assert high.read() == 3


def test_a_file_that_was_cut_short_is_no_error(tmp_path):
    high = HighWater(tmp_path)
    high.record(1)
    for size in (4_100, 40, 10, 0):
        os.truncate(tmp_path / FILE_NAME, size)
        assert high.read() in (None, 1)
    assert bits_of(tmp_path / FILE_NAME) == 0
