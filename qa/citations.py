"""Maps spans to their documents, and lets none leave that is not verbatim."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from index.anchors import context
from index.document_store import DocumentStore
from index.documents import Span, StoredDocument
from index.embedding import Vectors
from index.id_bits import Ids
from index.sentences import sentence_around
from qa.answers import Citation, SaidBy, Slice, Standpoint
from qa.attribution import Attribution, attribute
from qa.hearsay import is_hearsay
from qa.members import members
from qa.ranking import Scored

_EVIDENCE = 600  # characters from a name to what its bearer said

log = logging.getLogger(__name__)


class Citer:
    """Cites places of the library, each document and attribution looked up once.

    To be used within one snapshot of the store.
    """

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._documents: dict[int, StoredDocument] = {}
        self._attributions: dict[tuple[int, Span], Attribution | None] = {}

    def document(self, document_id: int) -> StoredDocument:
        if document_id not in self._documents:
            self._documents[document_id] = self._store.document(document_id)
        return self._documents[document_id]

    def vectors(self, passage_ids: Sequence[int]) -> tuple[Ids, Vectors]:
        """The ids found, and their vectors in rows."""
        return self._store.vectors(passage_ids)

    def attribution(self, place: Scored) -> Attribution | None:
        """Who the place is attributed to."""
        document_id, span = place.candidate.retrieved.passage.document_id, place.candidate.span
        if (document_id, span) not in self._attributions:
            text = self.document(document_id).text
            self._attributions[document_id, span] = attribute(text, span)
        return self._attributions[document_id, span]

    def cite(self, place: Scored) -> Citation | None:
        """A citation checked against the stored text; None if it is not what the reader saw."""
        candidate = place.candidate
        document = self.document(candidate.retrieved.passage.document_id)
        if document.text[candidate.span.start : candidate.span.end] != candidate.quote:
            return cite(document, candidate.span, candidate.quote, place.confidence)
        attribution = self.attribution(place)
        return cite(document, candidate.span, candidate.quote, place.confidence, attribution)

    def members(self, citation: Citation) -> tuple[Slice, ...]:
        """Those of the list that is quoted, if it is one."""
        text = self.document(citation.document_id).text
        span = Span(citation.document_start, citation.document_end)
        return tuple(sliced(text, member) for member in members(text, span))

    def speaker(self, taken: Standpoint) -> Citation:
        """Where the speaker of a position is named; the position's own place without one.

        Its sentence is that of the position, with what stands between where the name stands in
        another ("Lind left. She denied it").
        """
        if taken.who is None:
            return taken.citation
        document = self.document(taken.citation.document_id)
        span = Span(taken.who.start, taken.who.end)
        found = cite(document, span, taken.who.text, taken.citation.confidence)
        if found is None:
            return taken.citation
        said = taken.citation.sentence
        start, end = min(found.sentence.start, said.start), max(found.sentence.end, said.end)
        near = end - start <= _EVIDENCE
        evidence = sliced(document.text, Span(start, end)) if near else found.sentence
        return replace(found, sentence=evidence, attribution=taken.citation.attribution)


def cite(
    document: StoredDocument,
    span: Span,
    quote: str,
    confidence: float,
    attribution: Attribution | None = None,
) -> Citation | None:
    """A citation of ``document.text[span]``, or None, logged, if that is not ``quote``.

    Args:
        quote: what the reader saw.
    """
    text = document.text
    if not quote or text[span.start : span.end] != quote:
        log.error(
            "Citation dropped: document %d [%d, %d) is not what the reader quoted.",
            document.id,
            span.start,
            span.end,
        )
        return None
    before, after = context(text, span)
    return Citation(
        document_id=document.id,
        title=document.title,
        source=document.source,
        date=document.date,
        document_start=span.start,
        document_end=span.end,
        quote=quote,
        sentence=sliced(text, sentence_around(text, span)),
        confidence=confidence,
        author=document.author,
        page=bisect_right(document.pages, span.start) or None,
        version=document.content_hash,
        before=before,
        after=after,
        voice=document.voice,
        attribution=said_by(text, attribution),
    )


def said_by(text: str, attribution: Attribution | None) -> SaidBy | None:
    """The attribution as slices of ``text``; None where nobody is named ("reports suggest")."""
    if attribution is None or is_hearsay(text[attribution.who.start : attribution.who.end]):
        return None
    return SaidBy(
        sliced(text, attribution.who),
        sliced(text, attribution.verb),
        attribution.kind,
        quoted=not attribution.indirect,
    )


def sliced(text: str, span: Span) -> Slice:
    return Slice(span.start, span.end, text[span.start : span.end])
