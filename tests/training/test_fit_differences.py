"""The fit of how likely another source's words answer the same question."""

from __future__ import annotations

import numpy as np

from qa.comparing import BIAS, FEATURES, MEAN, SCALE, WEIGHTS
from qa.confidence import chances
from training.regression import fit, left_out, standard


def test_it_finds_what_tells_and_leaves_what_does_not() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(400, 2))
    labels = (matrix[:, 0] + 0.1 * rng.normal(size=400) > 0).astype(float)
    weights, bias = fit(matrix, labels)
    assert weights[0] > 10 * abs(weights[1])
    right = (chances(matrix @ weights + bias) > 0.5) == (labels > 0)
    assert right.mean() > 0.95


def test_each_event_is_judged_by_the_others() -> None:
    matrix = np.array([[1.0], [0.9], [-1.0], [-0.9], [1.0], [-1.0]])
    labels = np.array([1.0, 1.0, 0.0, 0.0, 0.0, 1.0])
    events = np.array(["a", "a", "a", "a", "b", "b"])
    judged = left_out(matrix, labels, events)
    assert judged[4] > 0.5 > judged[5]  # as in the other event, whatever its own labels say


def test_a_column_that_never_changes_does_no_harm() -> None:
    mean, scale = standard(np.array([[1.0, 2.0], [1.0, 4.0]]))
    assert mean.tolist() == [1.0, 3.0] and scale.tolist() == [1.0, 1.0]


def test_the_weights_in_use_are_one_for_each_feature() -> None:
    assert len(MEAN) == len(SCALE) == len(WEIGHTS) == len(FEATURES)
    assert (SCALE > 0).all() and np.isfinite([*MEAN, *WEIGHTS, BIAS]).all()
