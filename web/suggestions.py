"""First questions, made of the library's own texts.

Nothing is made up: a question asks what somebody said only where a sentence says that they did,
and names them as that sentence does.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from index.document_store import DocumentStore
from index.documents import Span, StoredDocument
from index.errors import UnknownDocument
from index.sentences import sentence_spans
from qa.cues import cues
from qa.names import name_of
from qa.quotations import quotations
from qa.reporting import Kind

_SHOWN = 3
_DOCUMENTS = 8  # looked at, the last added first
_CHARACTERS = 6_000  # of each
_SPEAKER_AT_MOST = 40  # characters
# By how much there is to learn from the answer; other kinds make no short question.
_ASKED = {
    Kind.DENIES: "deny",
    Kind.WARNS: "warn of",
    Kind.PROMISES: "promise",
    Kind.DEMANDS: "demand",
    Kind.ANNOUNCES: "announce",
    Kind.CONFIRMS: "confirm",
    Kind.CLAIMS: "claim",
    Kind.SAYS: "say",
}
# First questions for the texts in seeds/, shown while the library holds them.
_EXAMPLES = {
    "000_24598830d6a6aed1.txt": "who denied the volunteer reports?",
    "003_328438cecb52f855.txt": "What did Korotchenko call North Korean builders?",
    "004_77be087f6c8edd40.txt": "How many troops was Pyongyang said to be sending?",
}


def first_questions(store: DocumentStore) -> tuple[str, ...]:
    """A few questions that the library's documents have something to say about."""
    return _of_generation(store, store.generation())


@lru_cache(maxsize=4)
def _of_generation(store: DocumentStore, generation: int) -> tuple[str, ...]:
    examples = [question for name, question in _EXAMPLES.items() if store.has_file(name)]
    return tuple(examples) or tuple(islice(_questions(store), _SHOWN))


def _questions(store: DocumentStore) -> Iterator[str]:
    """At most one of each document, and of each speaker."""
    asked: set[tuple[str, ...]] = set()
    for document_id in store.document_ids()[: -_DOCUMENTS - 1 : -1]:
        try:
            document = store.document(document_id)
        except UnknownDocument:  # deleted meanwhile
            continue
        found = [
            (kind, speaker) for kind, speaker in _said(document) if _words(speaker) not in asked
        ]
        if found:
            order = list(_ASKED)
            kind, speaker = min(found, key=lambda one: order.index(one[0]))
            asked.add(_words(speaker))
            yield f"What did {speaker} {_ASKED[kind]}?"


def _said(document: StoredDocument) -> Iterator[tuple[Kind, str]]:
    """Speakers with names of their own, and how they stand to what they said."""
    text = document.text[:_CHARACTERS]
    quoted = quotations(text)
    for sentence in sentence_spans(text):
        if any(sentence.overlaps(mark) for mark in document.furniture):
            continue
        for cue in cues(text, sentence, quoted):
            speaker = _slice(text, cue.speaker)
            if cue.kind in _ASKED and len(speaker) <= _SPEAKER_AT_MOST and _words(speaker):
                yield cue.kind, speaker


def _words(speaker: str) -> tuple[str, ...]:
    """The name in it; empty where it could be anybody's."""
    name = name_of(speaker)
    return name.words if name and name.distinctive else ()


def _slice(text: str, span: Span) -> str:
    return " ".join(text[span.start : span.end].split())
