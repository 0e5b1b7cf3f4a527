"""First questions say nothing that the texts do not."""

from __future__ import annotations

import dataclasses
import re

from index.documents import Span
from index.indexing import Indexer
from index.store import Store
from tests.qa.parts import document
from web.suggestions import _said, first_questions

DENIED = "Mayor Lena Brandt denied on Monday that the quay would be closed."
SAID = 'The ferries leave at noon. "All of them," said Otto Lind, who runs the harbour.'
NOBODY = "The old mill burned down. Officials said nothing. He said it was late."


def add(indexer: Indexer, *texts: str) -> None:
    for number, text in enumerate(texts):
        indexer.add_document(document(text, f"/texts/{number}.txt", f"Text {number}"))


def test_they_ask_for_what_a_named_speaker_said(indexer: Indexer, store: Store) -> None:
    add(indexer, DENIED, SAID, NOBODY)
    questions = first_questions(store)
    assert questions == ("What did Otto Lind say?", "What did Mayor Lena Brandt deny?")
    for question in questions:
        speaker = re.fullmatch(r"What did (.+) \w+\?", question)
        assert speaker is not None
        assert any(speaker[1] in text for text in (DENIED, SAID))


def test_each_speaker_and_each_document_has_one(indexer: Indexer, store: Store) -> None:
    add(indexer, DENIED, f"{DENIED} Later {SAID}", DENIED)
    assert first_questions(store) == ("What did Mayor Lena Brandt deny?", "What did Otto Lind say?")


def test_they_follow_the_library(indexer: Indexer, store: Store) -> None:
    assert first_questions(store) == ()
    add(indexer, DENIED)
    assert len(first_questions(store)) == 1
    indexer.remove("/texts/0.txt")
    assert first_questions(store) == ()


def test_nobody_in_particular_and_furniture_suggest_nothing(indexer: Indexer, store: Store) -> None:
    add(indexer, NOBODY)
    assert first_questions(store) == ()
    add(indexer, DENIED)
    stored = store.document(store.document_ids()[-1])
    assert [speaker for _, speaker in _said(stored)] == ["Mayor Lena Brandt"]
    marked = dataclasses.replace(stored, furniture=(Span(0, len(stored.text)),))
    assert list(_said(marked)) == []
