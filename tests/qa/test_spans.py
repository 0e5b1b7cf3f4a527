"""Choosing spans by their logits."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qa.spans import PassageSpan, best_spans, drop_overlaps
from qa.windows import Window, word_edges


def window(words: list[int], paragraphs: list[int]) -> Window:
    opens, closes = word_edges(np.array(words, dtype=np.int64))
    places = np.arange(len(words))
    return Window(places, places, places + 1, opens, closes, np.array(paragraphs, dtype=np.int64))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Window, list[float], list[float], int]:
    count = draw(st.integers(0, 12))
    steps = st.lists(st.booleans(), min_size=count, max_size=count)
    words = np.cumsum(draw(steps)).tolist() if count else []
    paragraphs = np.cumsum(draw(steps)).tolist() if count else []
    logits = st.lists(st.floats(-9, 9, width=32), min_size=count, max_size=count, unique=True)
    return window(words, paragraphs), draw(logits), draw(logits), draw(st.integers(1, 15))


@given(cases())
def test_the_best_of_all_spans_that_are_allowed_is_found(
    case: tuple[Window, list[float], list[float], int],
) -> None:
    some, starts, ends, most = case
    allowed = [
        float(np.float32(starts[i]) + np.float32(ends[j]))
        for i in range(len(some))
        for j in range(i, min(i + most, len(some)))
        if some.opens[i] and some.closes[j] and some.paragraphs[i] == some.paragraphs[j]
    ]
    found = best_spans(
        some,
        np.array(starts, np.float32),
        np.array(ends, np.float32),
        max_tokens=most,
        count=100,
    )
    assert [span.logit for span in found] == sorted(allowed, reverse=True)
    for span in found:
        i, j = span.passage_start, span.passage_end - 1
        assert 0 <= j - i < most
        assert some.opens[i] and some.closes[j]
        assert span.logit == np.float32(starts[i]) + np.float32(ends[j])


def test_of_overlapping_spans_the_best_is_kept() -> None:
    long, short, apart = PassageSpan(0, 9, 1.0), PassageSpan(4, 9, 2.0), PassageSpan(9, 12, 0.5)
    assert drop_overlaps([long, short, apart], 3) == [short, apart]


def test_no_more_spans_are_kept_than_asked_for() -> None:
    spans = [PassageSpan(i, i + 1, float(i)) for i in range(5)]
    assert [span.logit for span in drop_overlaps(spans, 2)] == [4.0, 3.0]
