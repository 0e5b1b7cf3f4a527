"""Which texts tell of the same story."""

from __future__ import annotations

from qa.stories import same_story
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


def test_a_text_that_names_whom_the_question_names_tells_it() -> None:
    assert told("How many birds did Otto Berg count in Oslo?") == {1, 2, 3}


def test_without_any_name_nothing_is_left_out() -> None:
    best = candidate(retrieved("They said that 40 birds died."), "40 birds")
    passages = [best.retrieved.passage, OTHER.passage]
    assert same_story("How many birds died?", best, passages) == {1, 3}
