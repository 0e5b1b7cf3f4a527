"""Every speaker, verb and quote that leaves is a slice of the stored text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.documents import Span, StoredDocument
from qa.answers import Question
from qa.attribution import attribute
from qa.citations import cite
from qa.members import members
from qa.pipeline import Pipeline
from qa.positions import positions
from qa.reporting import Kind
from tests.qa.parts import assert_verbatim

PIECES = (
    *("Ada Lind", "the ministry", "Dr. Zoë Falk", "he", "🙂 Otto", "Minister Karl Berg, 52,"),
    *("said", "denied that", "confirmed", "“We know", "it”", '"No', '"', "according to", "told"),
    *("the bridge", "is closed", "in Oslo", "100,000 workers", "would come", "by", "was quoted as"),
    *("and", "the Ministry of Rails", "denied this", "rejected the claim", "reports"),
    *(", ", ". ", ".\n", "\n\n", " – ", "; ", "\r\n", "e\u0301", "\u202e", "\u200d", "adding that"),
)
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=40).map(" ".join)
QUESTION = "Is it true that 100,000 workers would come to Oslo?"


def stored(text: str) -> StoredDocument:
    return StoredDocument(
        *(1, "/a.txt", "A", text, "text/plain", None, (), "0f", 1, None, (), "/a.txt", "", 1)
    )


def spans(text: str) -> st.SearchStrategy[Span]:
    ends = st.tuples(st.integers(0, len(text) - 1), st.integers(1, 60))
    return ends.map(lambda pair: Span(pair[0], min(len(text), pair[0] + pair[1])))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_a_text_holds_a_citation_is_made_of_its_slices(data: st.DataObject) -> None:
    text = data.draw(TEXTS)
    span = data.draw(spans(text))
    citation = cite(stored(text), span, text[span.start : span.end], 0.5, attribute(text, span))
    assert citation is not None
    pieces = [citation.sentence]
    if said := citation.attribution:
        pieces += [said.speaker, said.verb]
        assert said.speaker.text.strip() and said.verb.text.strip()
    for piece in pieces:
        assert text[piece.start : piece.end] == piece.text
        assert 0 <= piece.start < piece.end <= len(text)


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.integers(0, 200), st.sampled_from(Kind))
def test_whatever_a_text_holds_its_positions_are_slices(text: str, liked: int, kind: Kind) -> None:
    read = [[(Span(min(liked, len(text) - 1), len(text)), 0.9)]]
    for stand in positions(QUESTION, [(text, Span(0, len(text)))], read, kind):
        taken = stand.position.attribution
        parts = [stand.sentence, *([taken.who, taken.verb] if taken else [])]
        assert all(0 <= part.start < part.end <= len(text) for part in parts)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_a_text_holds_the_members_of_a_list_are_slices(data: st.DataObject) -> None:
    text = data.draw(TEXTS)
    span = data.draw(spans(text))
    for member in members(text, span):
        assert 0 <= member.start < member.end <= len(text)
        assert text[member.start : member.end].strip() == text[member.start : member.end]


QUESTIONS = (
    *("who denied the volunteer reports?", "who confirmed the volunteer reports?"),
    *("is it true that North Korea will send 100,000 volunteers?", "which ministries denied it?"),
    *("which ministries have workers on the waiting list?", "who else denied it?"),
    *("how many volunteers are there?", "when did the ambassador speak?", "who is Ivan Nechaev?"),
)


@pytest.mark.models
@pytest.mark.parametrize("question", QUESTIONS)
def test_of_the_five_texts_as_well(seeds_pipeline: Pipeline, question: str) -> None:
    result = seeds_pipeline.answer(Question(question))
    assert_verbatim(result, seeds_pipeline.store)
    for answer in result.answers:
        text = seeds_pipeline.store.document(answer.citations[0].document_id).text
        assert all(text[m.start : m.end] == m.text.strip() for m in answer.members)
    for standpoint in result.positions:
        said = standpoint.citation.attribution
        assert (standpoint.who is None) == (said is None)
        assert said is None or standpoint.who == said.speaker
        assert re.search(r"\w", standpoint.citation.quote)
