"""One answer set, two renderings: JSON, and text for the terminal. The page renders the JSON."""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from index.documents import MEMBER, RetrievedPassage
from qa.answers import Answer, AnswerSet, Citation, Reason, Relation, Slice, Standpoint
from qa.positions import Stance
from qa.transcripts import COLON

NO_ANSWER = "These documents do not say."
REASONS = {
    Reason.LIBRARY_EMPTY: "The library holds no documents yet.",
    Reason.FILTERED_OUT: "No document passes the filters.",
    Reason.NOTHING_RETRIEVED: "No passage has anything to do with the question.",
    Reason.BELOW_THRESHOLD: "No passage that was read answers it with enough confidence.",
}
HEADINGS = {
    Relation.DIFFER: "Sources differ:",
    Relation.LIST: "Several are named:",
    Relation.POSITIONS: "Where the sources stand:",
}
STANCES = {
    Stance.DENIES: "denies it",
    Stance.CONFIRMS: "confirms it",
    Stance.SAYS: "says so",
    Stance.REPORTS: "reports it",
    Stance.DECLINES: "would not say",
}


_TERMINAL_CONTROLS = re.compile("[\x7f-\x9f]")  # JSON itself escapes only those below U+0020


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON for people and programs: readable letters, but nothing that steers a terminal."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _TERMINAL_CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def to_json(result: AnswerSet) -> dict[str, Any]:
    """The answer set as the API returns it; offsets are code points of the stored text."""
    return {
        "question": result.question,
        "searched": result.searched,
        "answered": result.answered,
        "reason": result.reason,
        "generation": result.generation,
        "took_ms": {
            "retrieve": result.took_ms.retrieve,
            "read": result.took_ms.read,
            "total": result.took_ms.total,
        },
        "relation": result.relation,
        "answers": [_answer(answer) for answer in result.answers],
        "positions": [_standpoint(standpoint) for standpoint in result.positions],
        "suggested_filters": [dataclasses.asdict(item) for item in result.suggested_filters],
        "passages": [passage_json(item) for item in result.passages],
        **({"unknown_names": list(result.unknown_names)} if result.unknown_names else {}),
        **({"degraded": result.degraded} if result.degraded else {}),
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "text": answer.text,
        "confidence": round(answer.confidence, 4),
        "sources": answer.sources,
        "first_date": answer.first_date,
        "last_date": answer.last_date,
        "members": [_slice(member) for member in answer.members],
        "citations": [_citation(citation) for citation in answer.citations],
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "document_id": citation.document_id,
        "title": citation.title,
        "source": citation.source,
        "date": citation.date,
        "author": citation.author,
        "page": citation.page,
        "version": citation.version,
        "voice": citation.voice,
        "start": citation.document_start,
        "end": citation.document_end,
        "quote": citation.quote,
        "before": citation.before,
        "after": citation.after,
        "sentence": _slice(citation.sentence),
        "confidence": round(citation.confidence, 4),
        "attribution": _attribution(citation),
    }


def _attribution(citation: Citation) -> dict[str, Any] | None:
    said = citation.attribution
    if said is None:
        return None
    return {
        "speaker": _slice(said.speaker),
        "verb": _slice(said.verb),
        "kind": said.kind,
        "quoted": said.quoted,
    }


def _standpoint(standpoint: Standpoint) -> dict[str, Any]:
    return {
        "stance": standpoint.stance,
        "who": _slice(standpoint.who) if standpoint.who else None,
        "citation": _citation(standpoint.citation),
    }


def _slice(piece: Slice) -> dict[str, Any]:
    return {"start": piece.start, "end": piece.end, "text": piece.text}


def passage_json(item: RetrievedPassage) -> dict[str, Any]:
    passage = item.passage
    return {
        "document_id": passage.document_id,
        "title": passage.title,
        "source": passage.source,
        "date": passage.date,
        "start": passage.document_start,
        "end": passage.document_end,
        "text": passage.text,
        "score": round(item.score, 6),
        "cosine": round(item.cosine, 4),
        "bm25": None if item.bm25 is None else round(item.bm25, 4),
    }


def to_terminal(result: AnswerSet) -> RenderableType:
    """Answers with the span set off in its sentence; or that there is none, and where to look."""
    parts: list[RenderableType] = []
    if result.searched != result.question:
        parts.append(Text(f"Searched for: {printable(result.searched)}", style="dim"))
    if result.degraded:
        parts.append(Text(f"Searched with {printable(result.degraded)}", style="yellow"))
    if result.unknown_names:
        parts.append(Text(printable(unmentioned(result.unknown_names)), style="yellow"))
    if not result.answered:
        parts.append(Text(NO_ANSWER, style="bold"))
        parts.append(Text(REASONS[result.reason] if result.reason else ""))
        return Group(*parts, *_closest(result.passages))
    if result.relation in HEADINGS:
        parts.append(Text(HEADINGS[result.relation] + "\n", style="bold"))
    if result.relation is Relation.POSITIONS:
        for number, standpoint in enumerate(result.positions, start=1):
            parts += [_stance(number, standpoint), _cited(standpoint.citation)]
        return Group(*parts)
    for number, answer in enumerate(result.answers, start=1):
        parts.append(_heading(number, answer))
        parts += [Text(f"   - {printable(member.text)}") for member in answer.members]
        parts += [_cited(citation) for citation in answer.citations]
    return Group(*parts)


def _heading(number: int, answer: Answer) -> Text:
    heading = Text(f"{number}. ")
    heading.append(printable(answer.text), style="bold")
    independent = f", {answer.sources} independent sources" if answer.sources > 1 else ""
    heading.append(f"  ({answer.confidence:.0%} confident{independent})", style="dim")
    return heading


def _stance(number: int, standpoint: Standpoint) -> Text:
    heading = Text(f"{number}. ")
    who = printable(standpoint.who.text) if standpoint.who else "The text itself"
    heading.append(f"{who} {STANCES[standpoint.stance]}", style="bold")
    return heading


def _cited(citation: Citation) -> Padding:
    return Padding(_place(citation), (0, 0, 1, 3))


def _place(citation: Citation) -> Text:
    sentence = citation.sentence
    start = citation.document_start - sentence.start
    end = citation.document_end - sentence.start
    text = Text(printable(sentence.text[:start]))
    text.append(printable(sentence.text[start:end]), style="bold underline")
    text.append(printable(sentence.text[end:]))
    date = f", {citation.date}" if citation.date else ""
    page = f", page {citation.page}" if citation.page else ""
    where = f"\n{printable(citation.title)} — {file_name(citation.source)}{date}{page}"
    text.append(
        f"{where} [{citation.document_start}:{citation.document_end}]",
        style="dim",
    )
    if said := citation.attribution:
        verb = f" ({printable(said.verb.text)})" if said.verb.text != COLON else ""
        text.append(f"\nwho says it: {printable(said.speaker.text)}{verb}", style="dim")
    return text


def _closest(passages: tuple[RetrievedPassage, ...]) -> list[RenderableType]:
    if not passages:
        return []
    parts: list[RenderableType] = [Text("\nClosest places (not an answer):", style="dim")]
    for item in passages[:3]:
        passage = item.passage
        words = " ".join(printable(passage.text).split())
        where = f" — {file_name(passage.source)} "
        place = f"[{passage.document_start}:{passage.document_end}]"
        short = words if len(words) <= 160 else words[:160].rsplit(" ", 1)[0] + "…"
        parts.append(Padding(Text(short + where + place, style="dim"), (0, 0, 0, 3)))
    return parts


def unmentioned(names: Sequence[str]) -> str:
    """That no document holds these names."""
    return f"No document that was searched mentions {' or '.join(f'“{name}”' for name in names)}."


def file_name(source: str) -> str:
    """The last part of the path or URL; of a member, after that of the file that holds it."""
    file, *members = source.split(MEMBER)
    return printable(", ".join([PurePath(file).name or file, *members]))


def printable(text: str) -> str:
    """Without control characters: a document must not steer the terminal."""
    return "".join(c if _harmless(c) else "\N{REPLACEMENT CHARACTER}" for c in text)


def _harmless(character: str) -> bool:
    """Python calls spaces other than " ", and the joiners of emoji and Persian, not printable."""
    return (
        character.isprintable()
        or character in "\n\t\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
        or unicodedata.category(character) == "Zs"
    )
