"""What goes with the content of a chat completion: its citations, in two shapes."""

from __future__ import annotations

from typing import Any

from qa.answers import AnswerSet
from qa.plain_text import Place, PlainAnswer
from qa.render import to_json


def beside_content(result: AnswerSet, plain: PlainAnswer, host: str) -> dict[str, Any]:
    """``annotations`` as OpenAI has them, and ``verbatim`` with exact offsets.

    Args:
        host: where the page is, as in ``http://127.0.0.1:8000/``.
    """
    annotations = [_annotation(place, host) for place in plain.places]
    return {"annotations": annotations, "verbatim": _verbatim(result, plain)}


def _annotation(place: Place, host: str) -> dict[str, Any]:
    """The marker ``[n]`` of the content, and the place in the page that it stands for."""
    citation = place.citation
    where = f"start={citation.document_start}&end={citation.document_end}"
    return {
        "type": "url_citation",
        "url_citation": {
            "start_index": place.marker.start,
            "end_index": place.marker.end,
            "title": citation.title,
            "url": f"{host}#document={citation.document_id}&{where}",
        },
    }


def _verbatim(result: AnswerSet, plain: PlainAnswer) -> dict[str, Any]:
    """The answer set as the REST API has it, its citations in one list, by their numbers."""
    told = to_json(result)
    of_answers = [answer.pop("citations") for answer in told["answers"]]
    cited = (citation for citations in of_answers for citation in citations)
    for number, answer in enumerate(told["answers"]):
        words = plain.words[number]
        answer |= {"content_start": words.start, "content_end": words.end}
        answer["citations"] = [place.number for place in plain.places if place.answer == number]
    for place, position in zip(plain.places, told["positions"], strict=False):
        position["citation"] = place.number
    citations = [{"number": n, **citation} for n, citation in enumerate(cited, start=1)]
    return {**told, "citations": citations}
