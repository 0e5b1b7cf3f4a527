"""Passages are exact slices that leave nothing out but furniture."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.chunking import cut
from index.documents import Span
from index.sentences import sentence_spans
from tests.doubles import HashingEmbedder
from tests.index.texts import THOROUGH, hostile_texts, texts_with_ranges

PARAGRAPH = "North Korea has offered Russia volunteers. State television said so on Monday."


def count_words(text: str) -> int:
    return HashingEmbedder().count_tokens(text)


def count_visible(text: str) -> int:
    """Like WordPiece in what it counts as nothing: white space and zero-width characters."""
    return sum(not c.isspace() and c not in "\u200b\u200d\u00ad\ufeff\u200f" for c in text)


def cut_words(text: str, furniture: list[Span] | None = None, size: int = 12, overlap: int = 4):
    return cut(
        text,
        furniture or [],
        count_tokens=count_words,
        passage_tokens=size,
        overlap_tokens=overlap,
    )


@THOROUGH
@given(
    texts_with_ranges(),
    st.sampled_from([count_words, count_visible]),
    st.sampled_from([(1, 0), (2, 1), (8, 0), (8, 3), (20, 19), (40, 10)]),
)
@example(("ab\u200dcd\u200def\u200d" * 5, []), count_visible, (4, 1))
@example(("x" * 500, [Span(100, 101)]), count_visible, (8, 3))
def test_passages_are_trimmed_slices_that_cover_all_unmarked_text(text_and_marks, count, sizes):
    text, marks = text_and_marks
    passages = cut(
        text, marks, count_tokens=count, passage_tokens=sizes[0], overlap_tokens=sizes[1]
    )
    covered = set[int]()
    for passage in passages:
        piece = text[passage.start : passage.end]
        assert piece
        assert piece == piece.strip()
        assert count(piece) <= sizes[0]
        covered.update(range(passage.start, passage.end))
    marked = {i for mark in marks for i in range(mark.start, mark.end)}
    assert not covered & marked
    missed = {i for i, c in enumerate(text) if not c.isspace()} - marked - covered
    assert not missed
    for one, next_one in pairwise(passages):
        assert one.start <= next_one.start
        assert one.end < next_one.end


@THOROUGH
@given(hostile_texts, st.integers(2, 30))
def test_without_overlap_passages_are_disjoint(text, size):
    passages = cut_words(text, size=size, overlap=0)
    assert all(one.end <= next_one.start for one, next_one in pairwise(passages))


def test_each_copy_of_a_repeated_paragraph_has_its_own_offsets():
    text = "\n\n".join([PARAGRAPH] * 4)
    passages = cut_words(text, size=13, overlap=0)
    assert [p.start for p in passages] == [i * (len(PARAGRAPH) + 2) for i in range(4)]
    assert {text[p.start : p.end] for p in passages} == {PARAGRAPH}


def test_a_copy_after_a_marked_copy_has_its_own_offsets():
    text = f"{PARAGRAPH}\n\n{PARAGRAPH}\n\nThe end."
    first = Span(0, len(PARAGRAPH))
    assert cut_words(text, [first])[0].start == len(PARAGRAPH) + 2


def test_overlap_is_the_last_whole_sentences_of_the_passage_before():
    sentences = [f"Sentence {word} has five words." for word in ("one", "two", "three", "four")]
    text = " ".join(sentences)
    passages = [text[p.start : p.end] for p in cut_words(text, size=15, overlap=5)]
    assert passages == [" ".join(sentences[:2]), " ".join(sentences[1:4])]


def test_a_passage_begins_where_a_sentence_begins():
    text = " ".join([PARAGRAPH] * 6)
    starts = {sentence.start for sentence in sentence_spans(text)}
    passages = cut_words(text, size=20, overlap=8)
    assert len(passages) > 3
    assert {passage.start for passage in passages} <= starts


def test_a_heading_stands_in_the_passage_of_what_it_is_about():
    upper = "It has 96,000 households. Interruptions were 14 minutes each."
    lower = "It has 148,000 households. Interruptions were 31 minutes each."
    text = f"Upper Tarn\n\n{upper}\n\nLower Tarn\n\n{lower}"
    passages = [text[p.start : p.end] for p in cut_words(text, size=20, overlap=8)]
    assert passages == [f"Upper Tarn\n\n{upper}", f"Lower Tarn\n\n{lower}"]


def test_a_heading_that_does_not_fit_beside_its_text_stays_where_it_is():
    text = f"{PARAGRAPH}\n\nA heading\n\n" + " ".join(["word"] * 13)
    passages = [text[p.start : p.end] for p in cut_words(text, size=14, overlap=0)]
    assert passages == [f"{PARAGRAPH}\n\nA heading", " ".join(["word"] * 13)]


def test_nothing_is_cut_from_furniture_or_white_space():
    assert cut_words("") == []
    assert cut_words(" \n\n\u2028\xa0\t") == []
    assert cut_words("All of it.", [Span(0, 10)]) == []


def test_a_line_without_white_space_is_cut_to_size():
    passages = cut("x" * 100, [], count_tokens=count_visible, passage_tokens=30, overlap_tokens=10)
    assert passages == [Span(i, i + 20) for i in range(0, 100, 20)]


def test_no_passage_reaches_across_furniture():
    text = "Before it. Share. After it."
    assert cut_words(text, [Span(11, 17)]) == [Span(0, 10), Span(18, 27)]


@pytest.mark.parametrize(("size", "overlap"), [(10, 10), (10, 11), (10, -1), (0, 0)])
def test_an_overlap_that_does_not_fit_is_refused(size, overlap):
    with pytest.raises(ValueError, match=f"overlap_tokens={overlap} must be in \\[0, {size}\\)"):
        cut_words("Text.", size=size, overlap=overlap)
