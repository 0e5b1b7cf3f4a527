"""Gives documents that are near copies of each other one voice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.copies import COPY_AT_LEAST, resemblance

if TYPE_CHECKING:
    from index.document_store import DocumentStore

_CANDIDATES_AT_MOST = 8


def link_copies(store: DocumentStore, document_id: int) -> int | None:
    """The voice of the stored document that this one is most nearly a copy of, if there is one."""
    stored = store.document_unchecked(document_id)
    best: tuple[float, int] | None = None
    for other_id in store.sharing_bands(document_id, _CANDIDATES_AT_MOST):
        other = store.document_unchecked(other_id)
        score = resemblance(stored.text, stored.furniture, other.text, other.furniture)
        if score >= COPY_AT_LEAST and (best is None or score > best[0]):
            best = (score, other.voice)
    return None if best is None else best[1]
