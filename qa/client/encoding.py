"""From arguments to the bodies of calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from qa.answers import Answer, AnswerSet, Citation, Turn

Earlier = str | Turn | AnswerSet


class Narrowed(TypedDict, total=False):
    """What to search; what is left out does not narrow it.

    Attributes:
        top_k: how many passages to read (of a search: to return).
        document_ids, sources: these documents only; at least one.
        date_from, date_to: documents of this time only, as in ``2022-08-31``, both included.
    """

    top_k: int | None
    document_ids: Sequence[int]
    sources: Sequence[str]
    date_from: str | None
    date_to: str | None


def question(
    text: str, history: Sequence[Earlier], conversation: str | None, narrowed: Narrowed
) -> dict[str, Any]:
    turns = [_turn(turn) for turn in history] or None
    beside = given({"history": turns, "conversation": conversation})
    return {"question": text} | beside | narrowing(narrowed)


def narrowing(narrowed: Narrowed) -> dict[str, Any]:
    """Texts are sequences too: one alone stands for a list of one.

    An empty list is sent as it is, for the service to refuse: none of the documents are not all.
    """
    told = given(dict(narrowed))
    for name in ("document_ids", "sources"):
        if name in told:
            values = told[name]
            told[name] = [values] if isinstance(values, str | int) else list(values)
    return told


def judgement(result: AnswerSet, right: bool | None) -> dict[str, Any]:
    """Of the first answer, or of there being none."""
    first = result.answers[0] if result.answers else None
    return {
        "question": result.question,
        "answer": first.text if first else None,
        "right": right,
        "searched": result.searched,
        "generation": result.generation,
    } | (_judged(first) if first else {})


def anchor(citation: Citation) -> dict[str, Any]:
    return {
        "document_id": citation.document_id,
        "version": citation.version,
        "start": citation.document_start,
        "end": citation.document_end,
        "quote": citation.quote,
        "source": citation.source,
        "before": citation.before,
        "after": citation.after,
    }


def given(value: dict[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in value.items() if item is not None}


def _turn(turn: Earlier) -> dict[str, Any]:
    if isinstance(turn, str):
        return {"question": turn}
    if isinstance(turn, Turn):
        return {"question": turn.question, "answer": turn.answer}
    first = turn.answers[0] if turn.answers else None
    if first is None:
        return {"question": turn.question}
    citations = [_cited(citation) for citation in first.citations]
    return {"question": turn.question, "answer": first.text, "citations": citations}


def _cited(citation: Citation) -> dict[str, Any]:
    """What a later question may lean on; see `qa.requests.CitedRequest`."""
    sentence, said = citation.sentence, citation.attribution
    speaker = {"start": said.speaker.start, "text": said.speaker.text} if said else None
    return {
        "start": citation.document_start,
        "sentence": {"start": sentence.start, "text": sentence.text},
        "attribution": {"speaker": speaker} if speaker else None,
    }


def _judged(answer: Answer) -> dict[str, Any]:
    cited = answer.citations[0]
    return {
        "confidence": answer.confidence,
        "source": cited.source,
        "version": cited.version,
        "start": cited.document_start,
        "end": cited.document_end,
    }
