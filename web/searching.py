"""Searching: the passages that fit, without anybody reading them for an answer."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint

from qa.conversation import follow_up
from qa.render import passage_json
from qa.searching import searching
from web.current import pipeline
from web.operations import Example, Operation, operation
from web.schemas.answers import SearchResult
from web.schemas.asking import Search

blueprint = Blueprint("searching", __name__)


@blueprint.post("/api/v1/search")
@operation(
    Operation(
        tag="Asking",
        summary="Search for passages",
        body=Search,
        returns={200: SearchResult},
        problems=("invalid-filter", "question-too-long", "library-damaged", "library-unusable"),
        example=Example(body={"query": "volunteer reports", "top_k": 3}),
    )
)
def search(body: Search) -> dict[str, Any]:
    """The passages that a question would be answered from, best first, by meaning and by words.
    None of them is an answer: `ask` reads them."""
    started = time.perf_counter()
    parts = pipeline()
    question = parts.checked(body.to_question())
    asked, limit = follow_up(question), parts.limit(body.top_k)
    with searching(parts.retriever, asked, limit, body.to_filters()) as retrieval:
        return {
            "query": question.text,
            "searched": asked.resolved,
            "generation": retrieval.generation,
            "took_ms": round(1000 * (time.perf_counter() - started), 1),
            "indexed": retrieval.indexed,
            "searchable": retrieval.searchable,
            "passages": [passage_json(found) for found in retrieval.passages],
            **({"degraded": retrieval.degraded} if retrieval.degraded else {}),
        }
