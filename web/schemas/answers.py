"""Answer sets: what a question gets."""

from __future__ import annotations

from pydantic import Field

from qa.answers import Reason, Relation
from qa.positions import Stance
from qa.reporting import Kind
from web.schemas.base import Problem, Value

_OFFSET = "in Unicode code points of the document's stored text"


class Slice(Value):
    """A piece of a document's text: exactly text[start:end]."""

    start: int = Field(description=f"Where it begins, {_OFFSET}.", ge=0)
    end: int = Field(description=f"Where it ends (not included), {_OFFSET}.", ge=0)
    text: str


class SaidBy(Value):
    """Who the text attributes the quoted words to, and by which verb."""

    speaker: Slice
    verb: Slice
    kind: Kind
    quoted: bool = Field(description="Whether the words stand in quotation marks.")


class Citation(Value):
    """A place in a document. “quote” is text[start:end] of it, always."""

    document_id: int
    title: str
    source: str = Field(description="What the document is listed under: a path, a URL, a name.")
    date: str | None = Field(description="The document's, ISO; null where it has none.")
    author: str | None
    page: int | None = Field(description="A PDF's page, counted from 1; else null.")
    version: str = Field(description="Changes whenever the document does.")
    voice: int = Field(description="Near copies of one text have the same; they count once.")
    start: int = Field(description=f"Where the quote begins, {_OFFSET}.", ge=0)
    end: int = Field(description=f"Where the quote ends (not included), {_OFFSET}.", ge=0)
    quote: str
    before: str = Field(description="What stands before the quote; to find it again.")
    after: str = Field(description="What stands after the quote; to find it again.")
    sentence: Slice = Field(description="The sentence around the quote.")
    confidence: float = Field(ge=0, le=1)
    attribution: SaidBy | None = Field(description="Null where the text itself says it.")


class Answer(Value):
    """A distinct answer with every place that supports it, best first."""

    text: str = Field(description="The quote of the first citation.")
    confidence: float = Field(description="Estimated probability that it is right.", ge=0, le=1)
    sources: int = Field(description="How many independent sources give it.", ge=1)
    first_date: str | None = Field(description="Earliest date of the documents cited.")
    last_date: str | None = Field(description="Latest date of the documents cited.")
    members: list[Slice] = Field(description="Of a list in the first quote, if one is asked for.")
    citations: list[Citation] = Field(min_length=1)


class Standpoint(Value):
    """Where a source stands on what the question asks to be so."""

    stance: Stance
    who: Slice | None = Field(description="Null where the text itself takes the position.")
    citation: Citation


class SuggestedFilter(Value):
    """A time that the question names; it is not applied."""

    date_from: str | None
    date_to: str | None
    label: str = Field(description="The words of the question that name it.")


class Passage(Value):
    """A retrieved place. It answers nothing."""

    document_id: int
    title: str
    source: str
    date: str | None
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str
    score: float = Field(description="For sorting; higher is better.")
    cosine: float = Field(description="Similarity of meaning, -1 to 1.")
    bm25: float | None = Field(description="Weight of shared words; null if there are none.")


class Timing(Value):
    """Milliseconds."""

    retrieve: float = Field(ge=0)
    read: float = Field(ge=0)
    total: float = Field(ge=0)


class Filters(Value):
    """The filters that were in force; those that were not are missing."""

    document_ids: list[int] | None = None
    sources: list[str] | None = None
    date_from: str | None = None
    date_to: str | None = None


class AnswerSet(Value):
    """All that is said about one question."""

    question: str
    searched: str = Field(description="The question as understood; in a follow-up, written out.")
    answered: bool = Field(description="False where the documents do not say.")
    reason: Reason | None = Field(description="Which stage had nothing to pass on; else null.")
    generation: int = Field(description="The state of the library that was searched.", ge=0)
    took_ms: Timing
    relation: Relation = Field(
        description="What the answers are to each other: one (others are less sure), differ "
        "(sources say different things), list (each is a member), positions (who denies, who "
        "confirms)."
    )
    answers: list[Answer] = Field(description="Best first; empty where the documents do not say.")
    positions: list[Standpoint] = Field(description="One for each answer, for “positions” only.")
    suggested_filters: list[SuggestedFilter]
    passages: list[Passage] = Field(description="The closest places; not answers.")
    conversation: str | None = Field(
        None, description="Where it is kept; null if that was deleted meanwhile."
    )
    turn: int | None = Field(None, description="Its number there, from 1.")
    filters: Filters | None = None
    unknown_names: list[str] | None = Field(
        None,
        description="Names in the question that no document that was searched mentions; missing "
        "if there are none.",
    )
    degraded: str | None = Field(
        None,
        description="Why the search may have missed what it would find else; missing if all is "
        "well.",
    )


class BatchItem(Value):
    """What became of one question: an answer set or a problem, the other is null."""

    id: str | int | None = Field(description="As it was sent.")
    answer_set: AnswerSet | None
    problem: Problem | None


class BatchAnswers(Value):
    """The answers, in the order of the questions."""

    results: list[BatchItem]


class SearchResult(Value):
    """The passages that fit a query, best first. None of them is an answer."""

    query: str
    searched: str = Field(description="The query as understood; in a follow-up, written out.")
    generation: int = Field(description="The state of the library that was searched.", ge=0)
    took_ms: float = Field(ge=0)
    indexed: int = Field(description="Passages of the library.", ge=0)
    searchable: int = Field(description="Passages that pass the filters.", ge=0)
    passages: list[Passage]
    degraded: str | None = Field(
        None,
        description="Why the search may have missed what it would find else; missing if all is "
        "well.",
    )
