"""What a question is answered with: verbatim spans, each with the place it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from index.documents import RetrievedPassage


class Reason(StrEnum):
    """Why a question was not answered: the first stage that had nothing to pass on."""

    LIBRARY_EMPTY = "library_empty"
    FILTERED_OUT = "filtered_out"
    NOTHING_RETRIEVED = "nothing_retrieved"
    BELOW_THRESHOLD = "below_threshold"


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence around a quote; offsets index the document's text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a document; ``quote`` is ``text[document_start:document_end]`` of it.

    Attributes:
        page: counted from 1; None where the document has no pages.
        version: the document's content hash, so that the place can be found again in a later
            version, with ``before`` and ``after``, which stand around it.
        voice: near copies have the same; they are one source.
    """

    document_id: int
    title: str
    source: str
    date: str | None
    document_start: int
    document_end: int
    quote: str
    sentence: Sentence
    confidence: float
    author: str | None
    page: int | None
    version: str
    before: str
    after: str
    voice: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One distinct answer with all citations that support it, best first.

    ``confidence`` is the probability that it is right, as estimated by `qa.confidence`.
    """

    text: str
    confidence: float
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds."""

    retrieve: float
    read: float
    total: float


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """All that is said about one question.

    ``answers`` is empty where the documents do not say; ``passages`` are then the closest
    places, which answer nothing.
    """

    question: str
    searched: str
    generation: int
    answers: tuple[Answer, ...]
    passages: tuple[RetrievedPassage, ...]
    took_ms: Timing
    reason: Reason | None = None

    @property
    def answered(self) -> bool:
        return bool(self.answers)


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the conversation and the answer it got."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What the user asks, with the conversation so far, oldest turn first."""

    text: str
    history: tuple[Turn, ...] = field(default=())
