"""The probability that a candidate is right."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ModelMissing
from qa.confidence import FEATURES, FILE_NAME, Calibrator, features
from qa.settings import Settings
from tests.qa.parts import BRIDGE, BRIDGE_AGAIN, candidate, margin_calibrator, retrieved

QUESTION = "Who opened the harbour bridge?"
CANDIDATES = [
    candidate(retrieved(BRIDGE), "Marta", 3.0),
    candidate(retrieved(BRIDGE_AGAIN, document_id=2, cosine=0.9), "Oslo", -1.0),
]


def column(name: str, question: str = QUESTION) -> list[float]:
    return [float(x) for x in features(question, CANDIDATES)[:, FEATURES.index(name)]]


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    count = len(FEATURES)
    saved = Calibrator(
        np.arange(count) / 7, np.arange(count) + 1.0, np.linspace(-1, 1, count), 0.123456
    )
    saved.save(tmp_path)
    loaded = Calibrator.load(tmp_path)
    for name in ("mean", "scale", "weights"):
        assert getattr(loaded, name) == pytest.approx(getattr(saved, name), abs=1e-6)
    assert loaded.bias == pytest.approx(saved.bias, abs=1e-6)


def test_without_a_file_the_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing) as caught:
        Calibrator.load(tmp_path)
    assert str(tmp_path / FILE_NAME) in str(caught.value)


def test_weights_of_other_features_are_refused(tmp_path: Path) -> None:
    margin_calibrator().save(tmp_path)
    stored = json.loads((tmp_path / FILE_NAME).read_text("utf-8"))
    stored["features"] = stored["features"][::-1]
    (tmp_path / FILE_NAME).write_text(json.dumps(stored), "utf-8")
    with pytest.raises(ModelMissing, match="fit_confidence"):
        Calibrator.load(tmp_path)


@pytest.mark.parametrize("text", ['{"features": [', "[]", "{}", '{"features": 1, "bias": 0}'])
def test_a_damaged_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, "utf-8")
    with pytest.raises(ModelMissing):
        Calibrator.load(tmp_path)


def test_the_packaged_weights_fit_this_code() -> None:
    packaged = Calibrator.load(Settings().reader)
    assert len(packaged.weights) == len(packaged.mean) == len(packaged.scale) == len(FEATURES)
    assert (packaged.scale > 0).all()


def test_candidates_keep_their_order_and_a_higher_margin_is_surer() -> None:
    one, other = margin_calibrator().score(QUESTION, CANDIDATES)
    assert [one.candidate, other.candidate] == CANDIDATES
    assert one.confidence == pytest.approx(1 / (1 + math.exp(-3.0)))
    assert other.confidence == pytest.approx(1 / (1 + math.exp(1.0)))


def test_nothing_is_scored_as_nothing() -> None:
    assert margin_calibrator().score(QUESTION, []) == []


def test_margins_are_seen_as_they_are() -> None:
    assert column("margin") == [3.0, -1.0]


def test_features_know_the_margins_and_words_of_a_candidate() -> None:
    if "lead" in FEATURES:
        assert column("lead") == [4.0, -4.0]
    if "echo" in FEATURES:
        assert column("echo", "Who is Marta?") == [1.0, 0.0]


@pytest.mark.parametrize("margin", [1e4, -1e4, 60.0, -60.0])
def test_extreme_margins_give_probabilities_too(margin: float) -> None:
    sure = candidate(retrieved(BRIDGE), "Marta", margin)
    (scored,) = margin_calibrator().score(QUESTION, [sure])
    assert 0 <= scored.confidence <= 1


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize("question", ["who was it that had been there?", "?", "…", "東京", "a"])
@pytest.mark.parametrize("text", [BRIDGE, "Marta", "\n\nMarta\n\n", ". Marta .", "Marta\n\n???"])
def test_odd_questions_and_texts_give_probabilities(question: str, text: str) -> None:
    found = [candidate(retrieved(text), "Marta", margin) for margin in (0.0, 0.0, 2.0)]
    for calibrator in (margin_calibrator(), Calibrator.load(Settings().reader)):
        assert all(0 < s.confidence < 1 for s in calibrator.score(question, found))


@given(words, words, words, st.floats(-30, 30))
def test_any_question_and_text_give_finite_features(
    question: str, before: str, after: str, margin: float
) -> None:
    found = [candidate(retrieved(f"{before}Marta{after}"), "Marta", margin)]
    seen = features(question, found)
    assert seen.shape == (1, len(FEATURES))
    assert np.isfinite(seen).all()
    (scored,) = margin_calibrator().score(question, found)
    assert 0 < scored.confidence < 1


def test_lead_is_over_a_different_answer() -> None:
    first, second = column("lead")
    assert (first, second) == (4.0, -4.0)


def test_the_same_answer_elsewhere_is_no_rival() -> None:
    places = [
        candidate(retrieved(BRIDGE), "Marta", 3.0),
        candidate(retrieved(BRIDGE_AGAIN, document_id=2), "Marta", 2.0),
        candidate(retrieved(BRIDGE_AGAIN, document_id=2), "Oslo", -1.0),
    ]
    leads = features(QUESTION, places)[:, FEATURES.index("lead")]
    assert list(leads) == [4.0, 3.0, -4.0]


def test_the_same_words_in_an_overlapping_passage_are_no_rival() -> None:
    later = retrieved(BRIDGE[4:], offset=4)
    places = [
        candidate(retrieved(BRIDGE), "Marta in the spring", 3.0),
        candidate(later, "by Marta", 2.0),
    ]
    leads = features(QUESTION, places)[:, FEATURES.index("lead")]
    assert list(leads) == [0.0, 0.0]


def test_reporting_verbs_are_not_looked_for() -> None:
    bridge = "who denied the harbour bridge?"
    assert column("passage_coverage", bridge) == column("passage_coverage", "who harbour bridge?")
    assert column("passage_coverage", bridge) == [1.0, 1.0]


def test_a_word_that_no_passage_holds_counts_against_all() -> None:
    assert max(column("passage_coverage", "who sold the harbour bridge?")) < 0.9
