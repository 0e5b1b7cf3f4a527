"""Searches with a question as it was asked and as it is meant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from index.documents import Filters, RetrievedPassage
from index.retrieval import Retrieval, Retriever
from qa.conversation import Resolved

RANK_CONSTANT = 60  # of reciprocal rank fusion (Cormack et al. 2009)


@contextmanager
def searching(
    retriever: Retriever, asked: Resolved, limit: int, filters: Filters | None
) -> Iterator[Retrieval]:
    """As `Retriever.searching`, with both wordings, fused; a plain question is searched once.

    What the resolved question is nearest to counts: cosines are of that where it found a passage.
    """
    if not asked.changed:
        with retriever.searching(asked.raw, limit, filters) as retrieval:
            yield retrieval
        return
    as_asked = retriever.search(asked.raw, limit, filters)
    with retriever.searching(asked.resolved, limit, filters) as retrieval:
        if as_asked.generation == retrieval.generation:  # else it may hold what is no longer there
            retrieval = replace(retrieval, passages=_fused(retrieval, as_asked, limit))
        yield retrieval


def _fused(first: Retrieval, second: Retrieval, limit: int) -> tuple[RetrievedPassage, ...]:
    found: dict[int, RetrievedPassage] = {}
    scores: dict[int, float] = {}
    for retrieval in (first, second):
        for rank, item in enumerate(retrieval.passages, start=1):
            key = item.passage.id
            found.setdefault(key, item)
            scores[key] = scores.get(key, 0.0) + 1 / (RANK_CONSTANT + rank)
    order = sorted(scores, key=lambda key: -scores[key])  # stable: the resolved question's first
    return tuple(replace(found[key], score=scores[key]) for key in order[:limit])
