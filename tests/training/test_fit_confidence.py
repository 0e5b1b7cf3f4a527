"""The calibration's two steps, on candidates whose truth is drawn from a known law."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from qa.confidence import FEATURES, Calibrator, chances
from qa.reliability import calibration_error
from training.candidates import Asked, Judged, mixed
from training.fit_confidence import firsts, fit, levelled, main

MARGIN, NEAR = FEATURES.index("margin"), FEATURES.index("best_cosine")


def _drawn(questions: int, seed: int) -> list[Judged]:
    """At most one right candidate of three; a far library makes right ones rarer."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(questions):
        matrix = np.zeros((3, len(FEATURES)))
        matrix[:, MARGIN] = np.sort(random.normal(size=3))[::-1]
        matrix[:, NEAR] = random.uniform(-1, 1)
        likely = chances(1.5 * matrix[0, MARGIN] + 2 * matrix[0, NEAR])
        right = np.array([random.random() < likely, False, False])
        found.append(Judged(Asked("a", str(number), ("x",), frozenset()), False, matrix, right))
    return found


def _by_margin() -> Calibrator:
    count = len(FEATURES)
    weights = np.array([float(name == "margin") for name in FEATURES])
    return Calibrator(np.zeros(count), np.ones(count), weights, 1.0)


def test_the_second_step_keeps_the_order_and_mends_the_probability() -> None:
    judged, fresh = _drawn(4_000, 1), _drawn(4_000, 2)
    found = levelled(_by_margin(), judged, [1.0] * len(judged))
    sure, right = firsts(found, fresh)
    before, _ = firsts(_by_margin(), fresh)
    assert calibration_error(sure, right) < 0.03 < 0.1 < calibration_error(before, right)
    for one in fresh[:200]:
        order = _by_margin().probabilities(one.matrix).argsort()
        assert (found.probabilities(one.matrix).argsort() == order).all()


def test_nearness_counts_as_it_was_drawn() -> None:
    found = levelled(_by_margin(), judged := _drawn(8_000, 3), [1.0] * len(judged))
    assert found.weights[MARGIN] == pytest.approx(1.5, abs=0.2)
    assert found.weights[NEAR] == pytest.approx(2.0, abs=0.2)


def test_questions_without_candidates_are_passed_over() -> None:
    nothing = Judged(Asked("b", "?", (), frozenset()), False, np.zeros((0, 8)), np.zeros(0, bool))
    judged = [*_drawn(300, 4), nothing]
    sure, right = firsts(fit(judged, [1.0] * len(judged)), judged)
    assert sure[-1] == 0.0
    assert not right[-1]


def test_a_mixed_answer_is_right_that_holds_the_words_and_the_others_questions_have_none() -> None:
    asked = [question for _, questions in mixed() for question in questions]
    assert {question.group for question in asked} == {"office", "genres"}
    leave = next(
        q for q in asked if q.question == "How many days of annual leave do employees get?"
    )
    assert leave.in_part
    assert leave.right("27 days, and one more for each five years with the firm")
    assert not leave.right("26 days")
    strange = [question for question in asked if not question.in_part]
    assert strange
    assert not any(question.answers or question.right("anything") for question in strange)


def test_questions_of_a_train_split_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "wiki.train.json.gz"
    file.touch()
    result = CliRunner().invoke(main, [str(file), "--reader", str(tmp_path)])
    assert result.exit_code == 2
    assert f"--contexts {file}" in result.output.replace("\n", " ")
    assert not (tmp_path / "confidence.json").exists()
