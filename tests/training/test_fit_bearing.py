"""The examples from which it is learnt which sentences speak to a claim."""

from __future__ import annotations

import dataclasses

import pytest

from benchmarks.event_sets import load
from qa.bearing import FEATURES
from qa.reporting import is_yes_no
from training.fit_bearing import EVENTS, examples
from training.regression import asked_of_events


@pytest.mark.models
def test_examples_are_the_sentences_read_and_right_where_a_gold_answer_stands() -> None:
    with asked_of_events(EVENTS) as (pipeline, items):
        [item] = [i for i in items if i.question == "Did the Lady Averil hit a container?"]
        matrix, labels = examples(pipeline, item)
        assert matrix.shape == (len(labels), len(FEATURES))
        assert 3 <= labels.sum() < len(labels) / 3
        told = matrix[:, FEATURES.index("told")]
        assert told[labels > 0].mean() > 5 * told[labels == 0].mean()
        for other in (dataclasses.replace(item, gold=()), dataclasses.replace(item, full="Who?")):
            assert len(examples(pipeline, other)[0]) == 0


def test_there_are_questions_with_and_without_an_answer_of_each_event() -> None:
    asked = [item for item in load(EVENTS).items() if is_yes_no(item.full)]
    assert {item.event for item in asked if item.gold} == {i.event for i in load(EVENTS).items()}
    assert sum(not item.gold for item in asked) > 20
