"""Curves and calibration on cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reliability import calibration_error, curve


def test_the_surest_are_answered_first() -> None:
    # in the order of confidence: right, wrong, right, right
    found = curve([0.2, 0.9, 0.5, 0.7], [True, True, True, False])
    assert found.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert found.risk.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 4])
    assert found.aurc == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


def test_coverage_is_the_largest_that_is_accurate_enough() -> None:
    found = curve([0.9, 0.8, 0.7, 0.6, 0.5], [True, False, True, True, False])
    assert found.coverage_at(0.75) == pytest.approx(4 / 5)  # 3 of 4, past 1 of 2
    assert found.threshold_at(0.75) == 0.6
    assert found.coverage_at(0.9) == pytest.approx(1 / 5)


def test_an_accuracy_that_no_threshold_has_covers_nothing() -> None:
    found = curve([0.9, 0.8], [False, True])
    assert (found.coverage_at(0.8), found.threshold_at(0.8)) == (0.0, None)


def test_questions_of_one_confidence_are_answered_together() -> None:
    found = curve([0.5, 0.5, 0.1], [True, False, False])
    assert found.coverage.tolist() == pytest.approx([2 / 3, 1])
    assert found.coverage_at(1.0) == 0.0
    assert found.aurc == pytest.approx(2 / 3 * 1 / 2 + 1 / 3 * 2 / 3)


def test_calibration_error_is_the_distance_of_confidence_and_accuracy() -> None:
    # two bins: 0.1 and 0.3 with none right, 0.6 and 1.0 with one right
    error = calibration_error([1.0, 0.1, 0.6, 0.3], [True, False, False, False], bins=2)
    assert error == pytest.approx((0.2 + 0.3) / 2)


def test_bins_hold_equally_many_questions() -> None:
    # by width, the three high ones would share a bin and cancel out
    error = calibration_error([0.0, 0.9, 0.9, 0.9], [False, True, True, False], bins=4)
    assert error == pytest.approx((0 + 0.1 + 0.1 + 0.9) / 4)


def test_few_questions_make_few_bins() -> None:
    assert calibration_error([0.75], [True]) == pytest.approx(0.25)


def test_without_questions_there_is_nothing_to_tell() -> None:
    found = curve([], [])
    assert np.isnan(found.aurc)
    assert found.coverage_at(0.8) == 0.0
    assert np.isnan(calibration_error([], []))


@given(
    st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=60),
    st.floats(0.05, 0.95),
)
def test_from_the_threshold_on_the_precision_is_kept(pairs, precision) -> None:
    sure, right = np.array([p / 100 for p, _ in pairs]), np.array([r for _, r in pairs])
    threshold = curve(sure, right).threshold_at(precision)
    if threshold is None:
        assert all(right[sure >= t].mean() < precision for t in sure)
    else:
        assert right[sure >= threshold].mean() >= precision
        lower = [t for t in sure if t < threshold]
        assert all(right[sure >= t].mean() < precision for t in lower)
