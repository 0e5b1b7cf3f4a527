"""Maps spans to their documents, and lets none leave that is not verbatim."""

from __future__ import annotations

import logging
from bisect import bisect_right

from index.anchors import context
from index.documents import Span, StoredDocument
from index.sentences import sentence_around
from qa.answers import Citation, Sentence

log = logging.getLogger(__name__)


def cite(document: StoredDocument, span: Span, quote: str, confidence: float) -> Citation | None:
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
    around = sentence_around(text, span)
    before, after = context(text, span)
    return Citation(
        document_id=document.id,
        title=document.title,
        source=document.source,
        date=document.date,
        document_start=span.start,
        document_end=span.end,
        quote=quote,
        sentence=Sentence(around.start, around.end, text[around.start : around.end]),
        confidence=confidence,
        author=document.author,
        page=bisect_right(document.pages, span.start) or None,
        version=document.content_hash,
        before=before,
        after=after,
        voice=document.voice,
    )
