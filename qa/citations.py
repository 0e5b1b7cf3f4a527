"""Maps spans to their documents, and lets none leave that is not verbatim."""

from __future__ import annotations

import logging

from index.documents import Passage, Span
from index.sentences import sentence_around
from qa.answers import Citation, Sentence

log = logging.getLogger(__name__)


def cite(passage: Passage, span: Span, text: str, quote: str, confidence: float) -> Citation | None:
    """A citation of ``text[span]``, or None, logged, if that is not ``quote``.

    Args:
        span: offsets in ``text``, the document's stored text.
        quote: what the reader saw.
    """
    if not quote or text[span.start : span.end] != quote:
        log.error(
            "Citation dropped: document %d [%d, %d) is not what the reader quoted.",
            passage.document_id,
            span.start,
            span.end,
        )
        return None
    around = sentence_around(text, span)
    return Citation(
        document_id=passage.document_id,
        title=passage.title,
        source=passage.source,
        date=passage.date,
        document_start=span.start,
        document_end=span.end,
        quote=quote,
        sentence=Sentence(around.start, around.end, text[around.start : around.end]),
        confidence=confidence,
    )
