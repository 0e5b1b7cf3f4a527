"""Finds where the library holds a text that somebody expected in an answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from index.document_store import DocumentStore
from index.documents import Filters, Span, StoredDocument
from index.retrieval import match_expression
from index.store import Store

PLACES_AT_MOST = 10
_DOCUMENTS_LOOKED_THROUGH = 2_000  # word for word, where full-text search finds nothing
_PROPOSED = 20  # passages of full-text search that are looked through first
_ALIKE = {"'": "['’‘]", "’": "['’‘]", '"': '["“”]', "“": '["“”]', "”": '["“”]', "-": "[-–—]"}


def places_of(store: DocumentStore, expect: str) -> tuple[list[tuple[StoredDocument, Span]], bool]:
    """Where documents hold the text, and whether all were looked through for it."""
    pattern = _pattern(expect)
    with store.snapshot():
        match = match_expression(expect)
        hits = (
            store.lexical(match, _PROPOSED, Filters()) if match and isinstance(store, Store) else []
        )
        passages = store.passages([passage_id for passage_id, _ in hits])
        likely = dict.fromkeys(passage.document_id for passage in passages.values())
        found = [place for i in likely for place in _in(store.document(i), pattern)]
        if found:
            return found[: 2 * PLACES_AT_MOST], True
        others = [i for i in store.document_ids() if i not in likely]
        looked_through = others[:_DOCUMENTS_LOOKED_THROUGH]
        for document_id in looked_through:
            found += _in(store.document(document_id), pattern)
            if len(found) >= PLACES_AT_MOST:
                break
    return found, bool(found) or len(looked_through) == len(others)


def _in(
    document: StoredDocument, pattern: re.Pattern[str]
) -> Iterator[tuple[StoredDocument, Span]]:
    for match in islice(pattern.finditer(document.text), PLACES_AT_MOST):
        yield document, Span(match.start(), match.end())


def _pattern(expect: str) -> re.Pattern[str]:
    words = unicodedata.normalize("NFC", expect).split()
    spelt = ("".join(_ALIKE.get(c) or re.escape(c) for c in word) for word in words)
    return re.compile(r"\s+".join(spelt), re.IGNORECASE)
