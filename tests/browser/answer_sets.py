"""Answer sets as the API gives them, over one text: what the page makes of shapes that are rare."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, Route

TEXT = (
    "Mayor Lena Brandt denied that the 🚢 harbour would close. "
    "Otto Lind, who runs the ferries, confirmed it on Monday. "
    "The quay wall cracked over forty metres."
)


def part(words: str, start: int = 0) -> dict[str, Any]:
    at = TEXT.index(words, start)
    return {"start": at, "end": at + len(words), "text": words}


def sentence_of(words: str) -> dict[str, Any]:
    at = TEXT.index(words)
    start = TEXT.rfind(". ", 0, at) + 2 if ". " in TEXT[:at] else 0
    end = TEXT.index(".", at) + 1
    return {"start": start, "end": end, "text": TEXT[start:end]}


def citation(
    quote: str,
    document_id: int,
    *,
    speaker: str | None = None,
    verb: str = "",
    kind: str = "says",
    **more: Any,
) -> dict[str, Any]:
    at = part(quote)
    said = None
    if speaker:
        said = {"speaker": part(speaker), "verb": part(verb), "kind": kind, "quoted": False}
    return {
        "document_id": document_id,
        "title": "Harbour",
        "source": "text:Harbour",
        "date": "2022-08-11",
        "author": None,
        "page": None,
        "version": "",
        "start": at["start"],
        "end": at["end"],
        "quote": quote,
        "before": "",
        "after": "",
        "sentence": sentence_of(quote),
        "confidence": 0.6,
        "attribution": said,
        **more,
    }


def answer(*citations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "text": citations[0]["quote"],
        "confidence": citations[0]["confidence"],
        "sources": 1,
        "first_date": "2022-08-11",
        "last_date": "2022-08-17",
        "citations": list(citations),
        **more,
    }


def answer_set(question: str, *answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "question": question,
        "searched": question,
        "answered": bool(answers),
        "reason": None if answers else "below_threshold",
        "generation": 1,
        "took_ms": {"retrieve": 1.0, "read": 20.0, "total": 21.0},
        "relation": "one",
        "answers": list(answers),
        "positions": [],
        "suggested_filters": [],
        "passages": [],
        **more,
    }


def answer_with(page: Page, value: dict[str, Any]) -> list[dict[str, Any]]:
    """Let the server answer every question so; returns what is asked, as it comes."""
    asked: list[dict[str, Any]] = []

    def give(route: Route) -> None:
        asked.append(route.request.post_data_json)
        route.fulfill(json=value | {"question": asked[-1]["question"]})

    page.route("**/api/v1/ask", give)
    return asked


def explain_with(page: Page, value: dict[str, Any]) -> list[dict[str, Any]]:
    asked: list[dict[str, Any]] = []

    def give(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or "{}"))
        route.fulfill(json=value)

    page.route("**/api/v1/explain", give)
    return asked
