"""Which texts tell of the same story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from index.embedding import Vectors
from index.id_bits import Ids
from qa.stories import VectorsOf, same_story
from tests.qa.parts import candidate, retrieved

WIRE = retrieved(
    "The mayor of Tarn, Ada Lind, said that 40 birds died at Cape Sorrow.", document_id=1
)
LOCAL = retrieved("Off Cape Sorrow, as Ada Lind knows, the birds are dying.", document_id=2)
OTHER = retrieved("The bridge of Oslo was shut by Otto Berg, who counted 40 birds.", document_id=3)
BEST = candidate(WIRE, "40 birds")


def told(question: str) -> frozenset[int]:
    return same_story(question, BEST, [item.passage for item in (WIRE, LOCAL, OTHER)])


def test_texts_that_share_names_tell_the_same_story() -> None:
    assert told("How many birds died?") == {1, 2}


def test_names_may_begin_with_any_capital() -> None:
    best = candidate(retrieved("The mill of Łukasz Żak lies in Øst.", document_id=1), "mill")
    other = retrieved("There the house of Łukasz Żak burned.", document_id=2)
    passages = [best.retrieved.passage, other.passage]
    assert same_story("What burned?", best, passages) == {1, 2}


def test_a_word_that_only_opens_a_headline_is_no_shared_name() -> None:
    best = candidate(retrieved("Steering failed on the ferry Solveig. The steering is old."), "old")
    minutes = retrieved("The Kestrel Steering Committee met on Cape Sorrow.", document_id=2)
    passages = [best.retrieved.passage, minutes.passage]
    rows = {100: [1.0, 0.0], 200: [0.45, (1 - 0.45**2) ** 0.5]}
    assert same_story("How many were found?", best, passages, vectors_of(rows)) == {1}
    text = "Solveig failed. The ferry Solveig is old."
    best = candidate(retrieved(text), "old")
    other = retrieved("Solveig, at Cape Sorrow, was shut.", document_id=2)
    passages = [best.retrieved.passage, other.passage]
    assert same_story("How many were found?", best, passages, vectors_of(rows)) == {1, 2}


def test_a_text_that_names_whom_the_question_names_tells_it() -> None:
    assert told("How many birds did Otto Berg count in Oslo?") == {1, 2, 3}


def test_without_any_name_nothing_is_left_out() -> None:
    best = candidate(retrieved("They said that 40 birds died."), "40 birds")
    passages = [best.retrieved.passage, OTHER.passage]
    assert same_story("How many birds died?", best, passages) == {1, 3}


def told_by_meaning(question: str, text: str, cosine: float) -> bool:
    """Whether a text so near to that of the best answer tells the same story."""
    best = candidate(retrieved("The mayor, Ada Lind, said that 40 birds died."), "40 birds")
    other = retrieved(text, document_id=2)
    rows = {100: [1.0, 0.0], 200: [cosine, (1 - cosine**2) ** 0.5]}
    return 2 in same_story(question, best, [other.passage], vectors_of(rows))


def vectors_of(rows: Mapping[int, Sequence[float]]) -> VectorsOf:
    def vectors(ids: Sequence[int]) -> tuple[Ids, Vectors]:
        known = [i for i in ids if i in rows]
        return np.array(known), np.array([rows[i] for i in known], dtype=np.float32)

    return vectors


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("As Ada Lind knows, the birds are dying.", 0.4),  # names whom the other names
        ("So Lind told us of the sea.", 0.45),  # shares a name
        ("The sea is black, and so are they.", 0.55),  # names nobody
    ],
)
def test_the_more_two_texts_share_the_less_near_they_need_to_be(text: str, least: float) -> None:
    question = "How many were found?"
    assert told_by_meaning(question, text, least)
    assert not told_by_meaning(question, text, least - 0.15)


def test_a_text_that_names_whom_the_question_names_may_be_about_something_else() -> None:
    question = "How many birds did Otto Berg count?"
    assert told_by_meaning(question, "Otto Berg counted them.", 0.4)
    assert not told_by_meaning(question, "Otto Berg sells shoes.", 0.1)


def test_what_has_no_vector_is_judged_by_its_names() -> None:
    passages = [item.passage for item in (WIRE, LOCAL, OTHER)]
    assert same_story("How many birds died?", BEST, passages, vectors_of({})) == {1, 2}
