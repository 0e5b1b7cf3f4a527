"""What the tools return, as models: they give each tool its output schema.

All offsets are code points of the text of the document that is named, half-open.
"""

from __future__ import annotations

from pydantic import BaseModel

from index.documents import DocumentSummary, RetrievedPassage, StoredDocument
from qa.answers import AnswerSet, Citation, Standpoint
from qa.plain_text import to_plain
from qa.render import NO_ANSWER, REASONS


class CitedPlace(BaseModel):
    """Where the answer stands: ``quote`` is ``[start:end]`` of the document's text."""

    number: int
    document_id: int
    title: str
    source: str
    date: str | None
    page: int | None
    start: int
    end: int
    quote: str
    sentence: str
    who_says_it: str | None
    by_the_verb: str | None
    confidence: float


class GivenAnswer(BaseModel):
    """One distinct answer, in the documents' words; ``citations`` are numbers of places."""

    text: str
    confidence: float
    independent_sources: int
    citations: list[int]


class TakenPosition(BaseModel):
    """Where somebody stands on what was asked; ``who`` is null for the text itself."""

    who: str | None
    stance: str
    citation: int


class FoundPassage(BaseModel):
    """A place to look; not an answer."""

    document_id: int
    title: str
    source: str
    date: str | None
    start: int
    end: int
    text: str
    score: float


class AskResult(BaseModel):
    """An answer set.

    ``relation`` says what the answers are to each other: one (the first is the answer, others are
    less sure), differ (sources give different ones), list, or positions (who denies it, who
    confirms it). Without an answer ``reason`` says why, and ``closest`` are places to look. No
    document that was searched mentions ``unknown_names``, which the question does.
    """

    answered: bool
    in_words: str
    relation: str
    answers: list[GivenAnswer]
    positions: list[TakenPosition]
    citations: list[CitedPlace]
    reason: str | None
    unknown_names: list[str]
    searched_for: str
    closest: list[FoundPassage]


class SearchResult(BaseModel):
    """Passages, the most likely first."""

    passages: list[FoundPassage]


class ReadResult(BaseModel):
    """``text`` is ``[start:end]`` of the document; ``next_start`` is null at its end."""

    document_id: int
    title: str
    source: str
    date: str | None
    author: str | None
    characters: int
    start: int
    end: int
    text: str
    next_start: int | None


class ListedDocument(BaseModel):
    """Documents with the same ``voice`` are near copies of each other."""

    document_id: int
    title: str
    source: str
    date: str | None
    author: str | None
    media_type: str
    characters: int
    voice: int


class ListResult(BaseModel):
    """``next_after`` is null at the end of the list."""

    documents: list[ListedDocument]
    total: int
    next_after: int | None


def ask_result(result: AnswerSet) -> AskResult:
    plain = to_plain(result)
    numbers = [
        [place.number for place in plain.places if place.answer == position]
        for position in range(len(result.answers))
    ]
    answers = [
        GivenAnswer(
            text=answer.text,
            confidence=round(answer.confidence, 4),
            independent_sources=answer.sources,
            citations=cited,
        )
        for answer, cited in zip(result.answers, numbers, strict=True)
    ]
    return AskResult(
        answered=result.answered,
        in_words=plain.content,
        relation=result.relation,
        answers=answers,
        positions=[
            _position(place.standpoint, place.number) for place in plain.places if place.standpoint
        ],
        citations=[_cited(place.number, place.citation) for place in plain.places],
        reason=f"{NO_ANSWER} {REASONS[result.reason]}" if result.reason else None,
        unknown_names=list(result.unknown_names),
        searched_for=result.searched,
        closest=[] if result.answered else [found_passage(item) for item in result.passages],
    )


def in_text(result: AskResult) -> str:
    """For a model that is shown the text only: it needs the ids to read on."""
    places = [
        f"[{cited.number}] document_id {cited.document_id}, characters {cited.start}:{cited.end}"
        for cited in result.citations
    ]
    return "\n\n".join([result.in_words, *(["Places:", *places] if places else [])])


def found_passage(item: RetrievedPassage) -> FoundPassage:
    passage = item.passage
    return FoundPassage(
        document_id=passage.document_id,
        title=passage.title,
        source=passage.source,
        date=passage.date,
        start=passage.document_start,
        end=passage.document_end,
        text=passage.text,
        score=round(item.score, 6),
    )


def read_result(document: StoredDocument, start: int, end: int) -> ReadResult:
    """Of ``[start:end]``, as far as there is text."""
    characters = len(document.text)
    start, end = min(start, characters), min(end, characters)
    return ReadResult(
        document_id=document.id,
        title=document.title,
        source=document.source,
        date=document.date,
        author=document.author,
        characters=characters,
        start=start,
        end=end,
        text=document.text[start:end],
        next_start=end if end < characters else None,
    )


def listed(document: DocumentSummary) -> ListedDocument:
    return ListedDocument(
        document_id=document.id,
        title=document.title,
        source=document.source,
        date=document.date,
        author=document.author,
        media_type=document.media_type,
        characters=document.characters,
        voice=document.voice,
    )


def _cited(number: int, citation: Citation) -> CitedPlace:
    said = citation.attribution
    return CitedPlace(
        number=number,
        document_id=citation.document_id,
        title=citation.title,
        source=citation.source,
        date=citation.date,
        page=citation.page,
        start=citation.document_start,
        end=citation.document_end,
        quote=citation.quote,
        sentence=citation.sentence.text,
        who_says_it=said.speaker.text if said else None,
        by_the_verb=said.verb.text if said else None,
        confidence=round(citation.confidence, 4),
    )


def _position(standpoint: Standpoint, number: int) -> TakenPosition:
    who = standpoint.who.text if standpoint.who else None
    return TakenPosition(who=who, stance=standpoint.stance, citation=number)
