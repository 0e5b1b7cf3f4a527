"""What a question is answered with: verbatim spans, each with the place it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from index.documents import RetrievedPassage
from qa.positions import Stance
from qa.reporting import Kind


class Reason(StrEnum):
    """Why a question was not answered: the first stage that had nothing to pass on."""

    LIBRARY_EMPTY = "library_empty"
    FILTERED_OUT = "filtered_out"
    NOTHING_RETRIEVED = "nothing_retrieved"
    BELOW_THRESHOLD = "below_threshold"


class Relation(StrEnum):
    """What the answers of an answer set are to each other.

    - one: the first is the answer; others are less sure
    - differ: independent sources give different numbers, dates, names or reasons
    - list: the question asks for several, and each is one of them or holds them
    - positions: the question asks whether something is so, or who denied it, and each is where a
      source stands
    """

    ONE = "one"
    DIFFER = "differ"
    LIST = "list"
    POSITIONS = "positions"


@dataclass(frozen=True, slots=True)
class Slice:
    """``text`` is ``[start:end]`` of the text of the document that is cited."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class SaidBy:
    """Who the text attributes the quoted words to, and by which verb; see `qa.attribution`.

    Attributes:
        quoted: whether the words stand in quotation marks.
    """

    speaker: Slice
    verb: Slice
    kind: Kind
    quoted: bool


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a document; ``quote`` is ``text[document_start:document_end]`` of it.

    Attributes:
        page: counted from 1; None where the document has no pages.
        version: the document's content hash, so that the place can be found again in a later
            version, with ``before`` and ``after``, which stand around it.
        voice: near copies have the same; they are one source.
        attribution: None where the text itself says it.
    """

    document_id: int
    title: str
    source: str
    date: str | None
    document_start: int
    document_end: int
    quote: str
    sentence: Slice
    confidence: float
    author: str | None
    page: int | None
    version: str
    before: str
    after: str
    voice: int
    attribution: SaidBy | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One distinct answer with all citations that support it, best first.

    ``confidence`` is the probability that it is right, as estimated by `qa.confidence`.

    Attributes:
        members: of a list that stands in the first citation's quote, where a list is asked for.
    """

    text: str
    confidence: float
    citations: tuple[Citation, ...]
    members: tuple[Slice, ...] = ()

    @property
    def sources(self) -> int:
        """How many independent ones; near copies of one text are one."""
        return len({citation.voice for citation in self.citations})

    @property
    def first_date(self) -> str | None:
        return min(self._dates(), default=None)

    @property
    def last_date(self) -> str | None:
        return max(self._dates(), default=None)

    def _dates(self) -> list[str]:
        return [citation.date for citation in self.citations if citation.date]


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Where a source stands on what a question asks to be so; ``who`` is None for its own."""

    stance: Stance
    who: Slice | None
    citation: Citation


@dataclass(frozen=True, slots=True)
class SuggestedFilter:
    """A time that the question names, as ISO dates; None where it has no such end.

    Attributes:
        label: the words of the question that name it.
    """

    date_from: str | None
    date_to: str | None
    label: str


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

    Attributes:
        searched: the question as it was understood; differs from it in a follow-up.
        positions: for `Relation.POSITIONS`, one for each of the answers.
        unknown_names: names in the question that no document holds; what is answered all the same
            is less likely right.
        degraded: why the search may have missed what it would find else; None if all is well.
    """

    question: str
    searched: str
    generation: int
    answers: tuple[Answer, ...]
    passages: tuple[RetrievedPassage, ...]
    took_ms: Timing
    reason: Reason | None = None
    relation: Relation = Relation.ONE
    positions: tuple[Standpoint, ...] = ()
    suggested_filters: tuple[SuggestedFilter, ...] = ()
    unknown_names: tuple[str, ...] = ()
    degraded: str | None = None

    @property
    def answered(self) -> bool:
        return bool(self.answers)


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the conversation and the answer it got.

    Attributes:
        names: those in the sentences that were cited, the nearest to the quote first.
    """

    question: str
    answer: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What the user asks, with the conversation so far, oldest turn first."""

    text: str
    history: tuple[Turn, ...] = field(default=())
