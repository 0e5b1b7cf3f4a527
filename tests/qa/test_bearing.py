"""How likely a sentence speaks to what a question asks to be so."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.documents import Span
from index.sentences import sentence_spans
from qa.bearing import BIAS, FEATURES, MEAN, SCALE, WEIGHTS, Sentence, bearings, likely
from qa.claims import roots, without_names
from qa.reporting import Kind

QUESTION = "Did the engines of the Lady Averil fail before the wreck?"


def far(_: str, texts: Sequence[str]) -> NDArray[np.floating]:
    return np.zeros(len(texts))


def cut(text: str) -> list[Sentence]:
    return [Sentence(0, text, span, None) for span in sentence_spans(text)]


def column(name: str, text: str, question: str = QUESTION) -> list[float]:
    return [float(row[FEATURES.index(name)]) for row in bearings(question, cut(text), far).matrix]


def test_a_sentence_need_not_repeat_the_name() -> None:
    assert roots("Lady Averil").isdisjoint(without_names(QUESTION))
    text = "The Lady Averil left on Sunday. Her engines failed before the wreck. It rained."
    named, told, other = column("told", text)
    assert told == 1.0
    assert named == other == 0.0


def test_a_claim_of_little_but_names_keeps_them() -> None:
    assert without_names("Did Ada Lind resign?") == roots("Ada Lind resign")


def test_the_most_that_a_sentence_holds_counts_names_too() -> None:
    text = "It rained. Engines of the Lady Averil fail before a wreck."
    assert bearings(QUESTION, cut(text), far).share == pytest.approx(1.0)
    assert bearings(QUESTION, cut("It rained."), far).share == 0.0
    assert bearings(QUESTION, [], far).share == 0.0


def test_who_takes_up_what_was_said_before_speaks_of_it() -> None:
    text = "Some say that her engines failed before the wreck. The owner denied this. It rained."
    said, denied, other = column("told", text)
    assert said > denied > other == 0.0
    assert column("decides", text) == [0.0, 1.0, 0.0]
    attributions = bearings(QUESTION, cut(text), far).attributions
    assert attributions[1] is not None and attributions[1].kind is Kind.DENIES


def test_an_answer_speaks_of_what_the_question_above_it_asks() -> None:
    text = "Did the engines fail before the wreck?\n\nNo. They were running. It rained."
    asked, answer, *others = column("told", text)
    assert asked == 1.0
    assert 0.0 < answer < asked
    assert set(others) == {0.0}
    assert column("asks", text)[:2] == [1.0, 0.0]


def test_what_is_nearer_in_meaning_or_begins_no_text_is_likelier() -> None:
    text = "Engines failed. Engines failed."
    titled, other = cut(text)

    def near(_: str, texts: Sequence[str]) -> NDArray[np.floating]:
        return np.ones(len(texts))

    less, more = (likely(bearings(QUESTION, [other], like).matrix)[0] for like in (far, near))
    assert less < more
    assert likely(bearings(QUESTION, [titled], far).matrix)[0] < less


def test_what_is_surely_about_something_else_is_not_looked_up() -> None:
    text = "It rained. Her engines failed before the wreck. Otto denied that boots were stolen."
    asked: list[str] = []

    def noted(_: str, texts: Sequence[str]) -> NDArray[np.floating]:
        asked.extend(texts)
        return np.full(len(texts), 0.7)

    whole = likely(bearings(QUESTION, cut(text), noted).matrix)
    assert len(asked) == 3
    asked.clear()
    known = bearings(QUESTION, cut(text), noted, least=0.5)
    assert asked == ["Her engines failed before the wreck."]
    assert likely(known.matrix)[1] == pytest.approx(whole[1])
    assert known.matrix[2, FEATURES.index("told")] == 0.0, "it takes up nothing said before"
    assert known.attributions[2] is None
    bearings(QUESTION, cut(text), noted, least=0.5, among={0, 2})
    assert len(asked) == 1


def test_the_weights_are_one_for_each_feature() -> None:
    assert len(MEAN) == len(SCALE) == len(WEIGHTS) == len(FEATURES)
    assert (SCALE > 0).all()
    assert np.isfinite([*MEAN, *WEIGHTS, BIAS]).all()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(max_size=60))
def test_whatever_is_asked_and_read_the_chances_are_chances(text: str, question: str) -> None:
    known = bearings(question, [*cut(text), Sentence(0, text, Span(0, len(text)), None)], far)
    chances = likely(known.matrix)
    assert len(chances) == len(known.attributions)
    assert ((chances >= 0) & (chances <= 1)).all()
    assert 0.0 <= known.share <= 1.0 + 1e-9
    for taken in filter(None, known.attributions):
        for part in (taken.who, taken.verb):
            assert 0 <= part.start < part.end <= len(text)
