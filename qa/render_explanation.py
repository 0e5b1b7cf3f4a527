"""An explanation as JSON, and as text for the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from qa.answers import Reason
from qa.explain import ANSWERED, NOT_IN_LIBRARY, Explanation, Place, Ranks, Stage
from qa.ranking import Scored
from qa.render import REASONS, file_name, printable, unmentioned

_ANSWERED = "The question was answered."


def to_json(explanation: Explanation) -> dict[str, Any]:
    """As the API returns it; see docs/api.md."""
    result = explanation.result
    return {
        "question": result.question,
        "searched": result.searched,
        "expect": explanation.expect,
        "generation": result.generation,
        "threshold": round(explanation.threshold, 4),
        "verdict": explanation.verdict,
        "message": message(explanation),
        "places": [_place(place, explanation) for place in explanation.places],
        "candidates": [
            {**_span(item), "margin": _margin(item), "shown": explanation.shown(item)}
            for item in explanation.candidates
        ],
    }


def message(explanation: Explanation) -> str:
    """What became of the question, in a sentence; and what made answers less likely, in another."""
    unknown = explanation.result.unknown_names
    why = f" {unmentioned(unknown)} That lowers the confidence of every answer." if unknown else ""
    return _message(explanation) + why


def _message(explanation: Explanation) -> str:
    if explanation.verdict == ANSWERED:
        return _ANSWERED
    if explanation.verdict == NOT_IN_LIBRARY:
        if explanation.all_looked_through:
            return "No document of the library holds these words."
        return "These words were not found; the library is too large to look through all of it."
    if explanation.expect is None:
        return REASONS[Reason(explanation.verdict)]
    return place_message(explanation.places[0], explanation)


def place_message(place: Place, explanation: Explanation) -> str:
    """What became of a place, in a sentence."""
    match place.stage:
        case Stage.MARKED:
            return "It stands in a range that is marked as page furniture, which is not searched."
        case Stage.FILTERED_OUT:
            return "Its document does not pass the filters."
        case Stage.NO_PASSAGE:
            return "No passage of its document holds it."
        case Stage.NOT_RETRIEVED:
            return "Neither search proposed its passage for this question."
        case Stage.NOT_READ:
            return (
                f"Its passage was ranked {_number(place.ranks)}; the reader read "
                f"{explanation.passages_read}. Reading more (top_k) would reach it."
            )
        case Stage.NOT_EXTRACTED:
            return "Its passage was read, and the reader preferred other words of it."
        case Stage.OUTSCORED:
            return "The reader found it; surer answers were shown instead."
        case Stage.BELOW_THRESHOLD:
            sure = f"{place.found.confidence:.2f}" if place.found else "low"
            return (
                f"The reader found it with a confidence of {sure}; "
                f"{explanation.threshold:.2f} is needed."
            )
        case Stage.SHOWN:
            return "It is shown among the answers."


def _number(ranks: Ranks | None) -> str:
    return str(ranks.fused) if ranks else "lower"


def _place(place: Place, explanation: Explanation) -> dict[str, Any]:
    document, span = place.document, place.span
    return {
        "document_id": document.id,
        "title": document.title,
        "source": document.source,
        "date": document.date,
        "start": span.start,
        "end": span.end,
        "text": document.text[span.start : span.end],
        "stage": place.stage,
        "message": place_message(place, explanation),
        "passage": _ranks(place.ranks) if place.ranks else None,
        "span": _own(place.found) if place.found else None,
        "lost_to": _span(place.lost_to) if place.lost_to else None,
    }


def _ranks(ranks: Ranks) -> dict[str, Any]:
    return {
        "start": ranks.span.start,
        "end": ranks.span.end,
        "fused_rank": ranks.fused,
        "dense_rank": ranks.dense,
        "lexical_rank": ranks.lexical,
        "cosine": None if ranks.cosine is None else round(ranks.cosine, 4),
        "bm25": None if ranks.bm25 is None else round(ranks.bm25, 4),
        "read": ranks.read,
    }


def _own(item: Scored) -> dict[str, Any]:
    candidate = item.candidate
    return {
        "start": candidate.span.start,
        "end": candidate.span.end,
        "text": candidate.quote,
        "confidence": round(item.confidence, 4),
        "margin": _margin(item),
    }


def _span(item: Scored) -> dict[str, Any]:
    candidate = item.candidate
    return {
        "document_id": candidate.retrieved.passage.document_id,
        "title": candidate.retrieved.passage.title,
        "start": candidate.span.start,
        "end": candidate.span.end,
        "text": candidate.quote,
        "confidence": round(item.confidence, 4),
    }


def _margin(item: Scored) -> float:
    return round(item.candidate.margin, 4)


def to_terminal(explanation: Explanation) -> RenderableType:
    """The verdict, the places of the expected text, and what the reader found."""
    parts: list[RenderableType] = [Text(message(explanation), style="bold")]
    for place in explanation.places:
        parts.append(Padding(_place_text(place, explanation), (1, 0, 0, 3)))
    if explanation.candidates:
        parts.append(Text("\nWhat the reader found:", style="dim"))
    for item in explanation.candidates:
        mark = "  shown" if explanation.shown(item) else ""
        where = printable(item.candidate.retrieved.passage.title)
        line = f"{item.confidence:.2f}  {printable(item.candidate.quote)} — {where}{mark}"
        parts.append(Padding(Text(line), (0, 0, 0, 3)))
    return Group(*parts)


def _place_text(place: Place, explanation: Explanation) -> Text:
    document, span = place.document, place.span
    text = Text(printable(document.text[span.start : span.end]), style="bold")
    where = f" — {file_name(document.source)} [{span.start}:{span.end}]"
    text.append(where, style="dim")
    text.append(f"\n{place_message(place, explanation)}", style="not bold")
    if ranks := place.ranks:
        told = (("fused", ranks.fused), ("dense", ranks.dense), ("lexical", ranks.lexical))
        line = ", ".join(f"{name} {rank or 'none'}" for name, rank in told)
        text.append(f"\nrank: {line}", style="not bold dim")
    if place.lost_to:
        lost_to = printable(place.lost_to.candidate.quote)
        text.append(f"\npreferred: {lost_to}", style="not bold dim")
    return text
