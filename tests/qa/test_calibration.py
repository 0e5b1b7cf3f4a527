"""Fitting the confidence to a user's own questions."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from index.store import Store
from qa import calibration
from qa.answers import Question
from qa.assembly import make_calibrator, make_reader
from qa.calibration import Example, examples, fit, platt
from qa.cli import main
from qa.confidence import FILE_NAME, Calibrator, chances, log_odds
from qa.errors import InvalidCalibration
from qa.settings import Settings
from tests.doubles import CapitalReader, HashingEmbedder
from tests.qa.parts import document, double_pipeline, margin_calibrator

NAMES = ["Anna", "Berta", "Cora", "Dora", "Emma", "Fina", "Gerda", "Hanna", "Ida", "Jana"]


@pytest.fixture
def pipeline(tmp_path):
    """Twenty documents: who opened which mill."""
    from qa.assembly import make_indexer

    settings = Settings(data=tmp_path, passages_read=3)
    store = Store(tmp_path, create=True)
    embedder = HashingEmbedder()
    indexer = make_indexer(settings, store, embedder)
    for number in range(20):
        name = NAMES[number % 10]
        indexer.add_document(
            document(f"the mill number {number}0{number} was opened by {name}.", f"/{number}.txt")
        )
    made = double_pipeline(settings, store, embedder)
    yield made
    made.store.close()


def asked(right: int, wrong: int) -> list[Example]:
    return [
        Example(f"who opened the mill number {n}0{n}?", (NAMES[n % 10] if n < right else "Zoe",))
        for n in range(right + wrong)
    ]


def test_a_line_with_answers_and_a_line_with_a_judgement() -> None:
    lines = [
        '{"question": "who?", "answers": ["Anna", "A. Berg"]}',
        "",
        '{"question": "why?", "answers": []}',
        '{"question": "who?", "answer": "Anna", "right": true, "at": "2026-11-01"}',
        '{"question": "who?", "answer": "Berta", "right": false}',
    ]
    assert list(examples(lines, "f")) == [
        Example("who?", ("Anna", "A. Berg")),
        Example("why?"),
        Example("who?", ("Anna",)),
        Example("who?", wrong="Berta"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"answers": []}',
        '{"question": " ", "answers": []}',
        '{"question": "who?"}',
        '{"question": "who?", "answers": "Anna"}',
        '{"question": "who?", "answers": [1]}',
        '{"question": "who?", "answer": "Anna", "right": 1}',
    ],
)
def test_a_line_that_means_nothing_is_named(line) -> None:
    with pytest.raises(InvalidCalibration, match="mine, line 2"):
        list(examples(['{"question": "q", "answers": []}', line], "mine"))


def test_a_judged_wrong_answer_says_nothing_of_others() -> None:
    example = Example("how many?", wrong="100,000")
    assert example.judge("a hundred thousand") is False
    assert example.judge("90,000") is None
    assert Example("who?").judge("Anna") is False
    assert Example("who?", ("Anna Berg",)).judge("Anna Berg") is True


def test_slope_and_shift_are_found_again() -> None:
    odds = np.random.default_rng(0).normal(0, 3, 4_000)
    right = np.random.default_rng(1).random(4_000) < chances(0.5 * odds - 1)
    slope, shift = platt(odds, right)
    assert slope == pytest.approx(0.5, abs=0.05)
    assert shift == pytest.approx(-1, abs=0.15)


def test_a_surer_candidate_stays_surer_even_if_the_questions_say_otherwise() -> None:
    odds = np.linspace(-3, 3, 100)
    assert platt(odds, odds < 0)[0] > 0


@given(st.floats(1e-12, 1 - 1e-12))
def test_log_odds_and_back(probability) -> None:
    back = chances(log_odds(np.array([probability])))[0]
    assert back == pytest.approx(probability, rel=1e-6, abs=1e-12)


def test_rescaling_moves_log_odds_and_keeps_the_order() -> None:
    before = margin_calibrator()
    matrix = np.random.default_rng(0).normal(0, 2, (30, len(before.weights)))
    after = before.rescaled(0.5, -1.0)
    np.testing.assert_allclose(
        log_odds(after.probabilities(matrix)), 0.5 * log_odds(before.probabilities(matrix)) - 1
    )


def test_a_fit_keeps_its_promise_on_the_questions_it_saw(pipeline) -> None:
    found = fit(pipeline, asked(12, 8), 0.55)
    assert (found.questions, found.unjudged, found.right) == (20, 0, 0.6)
    assert found.reached >= 0.55
    assert found.calibrator.reader == CapitalReader.version
    pipeline.calibrator = found.calibrator
    sure = [calibration.first(pipeline, example.question).confidence for example in asked(12, 8)]
    assert np.mean(sure) == pytest.approx(0.6, abs=0.1)


@pytest.mark.parametrize(
    ("right", "wrong", "precision", "says"),
    [
        (5, 5, 0.5, "At least 20 are needed"),
        (20, 0, 0.5, "20 are answered right"),
        (0, 20, 0.5, "0 are answered right"),
        (8, 12, 0.99, "lower precision"),
        (10, 10, 1.0, "between 0 and 1"),
    ],
)
def test_what_cannot_be_fitted_is_said(pipeline, right, wrong, precision, says) -> None:
    with pytest.raises(InvalidCalibration, match=says):
        fit(pipeline, asked(right, wrong), precision)


def test_a_calibration_of_another_reader_is_left_out(tmp_path, caplog) -> None:
    settings = Settings(data=tmp_path)
    packaged = Calibrator.load(settings.reader)
    packaged.rescaled(2.0, 0.0).save(tmp_path)
    reader = make_reader(settings)
    assert make_calibrator(settings, reader).bias == packaged.bias
    assert "was fitted to another reader" in caplog.text


def test_the_command_writes_what_the_next_pipeline_uses(
    seed_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_PASSAGES_READ", "3")  # fewer than usual take less time
    data, file = tmp_path / "data", tmp_path / "mine.jsonl"
    shutil.copytree(seed_library, data)
    rows = [
        {"question": "Who is the deputy director of the department?", "answers": ["Ivan Nechaev"]},
        {"question": "Who won the football match in Lisbon?", "answers": []},
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows * 12), "utf-8")
    run = CliRunner()
    command = ["--data", str(data), "calibrate", str(file), "--precision", "0.4"]
    dry = run.invoke(main, [*command, "--dry-run"])
    assert dry.exit_code == 0, dry.output
    assert not (data / FILE_NAME).exists()
    done = run.invoke(main, command)
    assert done.exit_code == 0, done.output
    assert "24 questions judged" in done.stdout
    settings = Settings(data=data)
    used = make_calibrator(settings, make_reader(settings))
    assert used.reader == make_reader(settings).version
    file.write_text('{"question": "who?"}', "utf-8")
    failed = run.invoke(main, command)
    assert failed.exit_code == 1
    assert "mine.jsonl, line 1" in failed.stderr


def test_without_a_setting_the_threshold_is_the_calibrations(tmp_path, pipeline) -> None:
    assert pipeline.settings.min_confidence == margin_calibrator().threshold
    answer = pipeline.answer(Question("who opened the mill number 101?"))
    assert all(a.confidence >= margin_calibrator().threshold for a in answer.answers)
    assert calibration.first(pipeline, "who opened the mill number 101?") is not None
