"""Why a question got no answer, or not the one expected: what became of it in each stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from index.documents import Filters, RetrievedPassage, Span, StoredDocument
from qa.answers import AnswerSet, Question
from qa.errors import InvalidQuestion
from qa.expected import PLACES_AT_MOST, places_of
from qa.pipeline import Examined, Pipeline
from qa.ranking import Scored

MAX_EXPECTED = 1_000  # characters
_CANDIDATES = 10


class Stage(StrEnum):
    """How far a place came; the later in this list, the farther."""

    MARKED = "marked"
    FILTERED_OUT = "filtered_out"
    NO_PASSAGE = "no_passage"
    NOT_RETRIEVED = "not_retrieved"
    NOT_READ = "not_read"
    NOT_EXTRACTED = "not_extracted"
    BELOW_THRESHOLD = "below_threshold"
    OUTSCORED = "outscored"
    SHOWN = "shown"


NOT_IN_LIBRARY = "not_in_library"
ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Ranks:
    """A passage and where each search ranked it, from 1; None if it did not return it."""

    span: Span
    fused: int | None
    dense: int | None
    lexical: int | None
    cosine: float | None
    bm25: float | None
    read: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where the library holds the expected text, and what became of it.

    Attributes:
        found: the reader's span there.
        lost_to: the span that was preferred.
    """

    document: StoredDocument
    span: Span
    stage: Stage
    ranks: Ranks | None = None
    found: Scored | None = None
    lost_to: Scored | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What became of a question, and of the answer that was expected.

    Attributes:
        verdict: the stage of the first place, or `NOT_IN_LIBRARY`; without an expected text
            `ANSWERED` or the reason of the answer set.
        candidates: what the reader found, best first.
        all_looked_through: whether the expected text was looked for in every document.
    """

    result: AnswerSet
    expect: str | None
    threshold: float
    passages_read: int
    verdict: str
    places: tuple[Place, ...]
    candidates: tuple[Scored, ...]
    all_looked_through: bool = True

    def shown(self, item: Scored) -> bool:
        passage = item.candidate.retrieved.passage
        return _is_shown(self.result, passage.document_id, item.candidate.span)


def explain(
    pipeline: Pipeline,
    question: Question,
    expect: str | None = None,
    top_k: int | None = None,
    filters: Filters | None = None,
) -> Explanation:
    """Ask, and tell where the expected text stands in each stage.

    Args:
        expect: words of a document; case, quotation marks and white space do not count.

    Raises:
        InvalidQuestion: as `Pipeline.answer` does, or for an ``expect`` that is too long.
    """
    expect = _checked(expect)
    limit = pipeline.limit(top_k)
    examined = pipeline.examine(pipeline.checked(question), limit, filters)
    result = examined.result
    candidates = tuple(examined.read.kept[:_CANDIDATES])
    threshold = pipeline.settings.min_confidence
    if expect is None:
        verdict = ANSWERED if result.answered else str(result.reason)
        return Explanation(result, None, threshold, limit, verdict, (), candidates)
    found, everywhere = places_of(pipeline.store, expect)
    traced = _Trace(pipeline, examined, expect, limit, filters or Filters())
    order = list(Stage)
    places = sorted(
        (traced.place(document, span) for document, span in found),
        key=lambda place: -order.index(place.stage),
    )
    verdict = places[0].stage if places else NOT_IN_LIBRARY
    return Explanation(
        result,
        expect,
        threshold,
        limit,
        verdict,
        tuple(places[:PLACES_AT_MOST]),
        candidates,
        everywhere,
    )


class _Trace:
    """Follows places through the stages of one question."""

    def __init__(
        self, pipeline: Pipeline, examined: Examined, expect: str, limit: int, filters: Filters
    ) -> None:
        self._pipeline = pipeline
        self._examined = examined
        self._expect = expect
        self._limit = limit
        self._filters = filters
        wide = 2 * pipeline.settings.candidates  # all that both searches propose
        query = examined.asked.resolved
        self._proposed = pipeline.retriever.search(query, wide, filters).passages

    def place(self, document: StoredDocument, span: Span) -> Place:
        """How far the place came."""
        if not passes(document, self._filters):
            return Place(document, span, Stage.FILTERED_OUT)
        passages = self._passages_at(document.id, span)
        if not passages:
            marked = any(mark.overlaps(span) for mark in document.furniture)
            return Place(document, span, Stage.MARKED if marked else Stage.NO_PASSAGE)
        ranks = min(
            (self._ranks(item) for item in passages),
            key=lambda r: (not r.read, r.fused or len(self._proposed) + 1),
        )
        if not ranks.read:
            stage = Stage.NOT_RETRIEVED if ranks.fused is None else Stage.NOT_READ
            return Place(document, span, stage, ranks)
        return self._read(document, span, ranks)

    def _read(self, document: StoredDocument, span: Span, ranks: Ranks) -> Place:
        read = self._examined.read
        first = read.kept[0] if read.kept else None
        here = next((s for s in read.scored if _at(s, document.id, span)), None)
        if here is None:
            inside = (s for s in read.kept if _at(s, document.id, ranks.span))
            return Place(document, span, Stage.NOT_EXTRACTED, ranks, None, next(inside, first))
        if _is_shown(self._examined.result, document.id, span):
            return Place(document, span, Stage.SHOWN, ranks, here)
        over = (k for k in read.kept if k.candidate.overlaps(here.candidate) and k != here)
        lost_to = next(over, first if first != here else None)
        sure = here.confidence >= self._pipeline.settings.min_confidence
        stage = Stage.OUTSCORED if sure else Stage.BELOW_THRESHOLD
        return Place(document, span, stage, ranks, here, lost_to)

    def _passages_at(self, document_id: int, span: Span) -> list[RetrievedPassage]:
        """The document's passages over the place: what its own words find there."""
        filters = Filters(document_ids=(document_id,))
        wide = 2 * self._pipeline.settings.candidates
        found = self._pipeline.retriever.search(self._expect, wide, filters).passages
        over = [i for i in found if _passage_span(i).overlaps(span)]
        whole = [i for i in over if _holds(_passage_span(i), span)]
        return whole or over

    def _ranks(self, item: RetrievedPassage) -> Ranks:
        key, proposed = item.passage.id, self._proposed
        read = {i.passage.id for i in self._examined.passages}
        known = next((i for i in proposed if i.passage.id == key), None)
        most = self._pipeline.settings.candidates
        nearest = sorted(proposed, key=lambda i: -i.cosine)[:most]
        by_words = sorted(
            (i for i in proposed if i.bm25 is not None), key=lambda i: -(i.bm25 or 0.0)
        )[:most]
        return Ranks(
            _passage_span(item),
            _rank(key, proposed),
            _rank(key, nearest),
            _rank(key, by_words),
            known.cosine if known else None,
            known.bm25 if known else None,
            key in read,
        )


def passes(document: StoredDocument, filters: Filters) -> bool:
    """Whether a search with these filters may use the document."""
    return (
        (not filters.document_ids or document.id in filters.document_ids)
        and filters.has_source(document.source)
        and (filters.date_from is None or (document.date or "") >= filters.date_from)
        and (filters.date_to is None or "" < (document.date or "") <= filters.date_to)
    )


def _checked(expect: str | None) -> str | None:
    if expect is None or not expect.strip():
        return None
    if len(expect) > MAX_EXPECTED:
        raise InvalidQuestion(
            f"The expected text has {len(expect):,} characters; "
            f"at most {MAX_EXPECTED:,} are allowed."
        )
    return expect


def _is_shown(result: AnswerSet, document_id: int, span: Span) -> bool:
    return any(
        citation.document_id == document_id
        and Span(citation.document_start, citation.document_end).overlaps(span)
        for answer in result.answers
        for citation in answer.citations
    )


def _at(item: Scored, document_id: int, span: Span) -> bool:
    passage = item.candidate.retrieved.passage
    return passage.document_id == document_id and item.candidate.span.overlaps(span)


def _passage_span(item: RetrievedPassage) -> Span:
    return Span(item.passage.document_start, item.passage.document_end)


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _rank(passage_id: int, items: Sequence[RetrievedPassage]) -> int | None:
    ranks = {item.passage.id: rank for rank, item in enumerate(items, start=1)}
    return ranks.get(passage_id)
