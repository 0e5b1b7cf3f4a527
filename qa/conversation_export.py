"""A conversation as a file: Markdown to read and pass on, JSON for programs."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from typing import Any

from qa.conversations import StoredTurn, Summary
from qa.render import NO_ANSWER, REASONS, file_name, unmentioned
from qa.transcripts import COLON

_SPECIAL = re.compile(r"[\\`*_\[\]<>&#|~]")
_AT_LINE_START = re.compile(r"(?m)^([-+=]|\d+(?=[.)]))")
_GONE = "no longer in the library"
_RELATIONS = {"differ": "Sources differ.", "positions": "Who says so, and who does not:"}


def to_document(summary: Summary, turns: Sequence[StoredTurn]) -> dict[str, Any]:
    """Everything that is kept, as JSON."""
    return {**dataclasses.asdict(summary), "turns": [dataclasses.asdict(turn) for turn in turns]}


def to_markdown(summary: Summary, turns: Sequence[StoredTurn]) -> str:
    """Each question, its answers, and each citation with its sentence and place.

    What comes from documents is escaped: a Markdown reader shows it, and runs none of it.
    """
    parts = [f"# {escaped(summary.title) or 'Conversation'}"]
    for turn in turns:
        parts += _turn(turn)
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Text that a Markdown reader shows as it stands, in lines without outer spaces."""
    lines = (line.strip() for line in text.splitlines())
    plain = "\n".join(line for line in lines if line)
    return _AT_LINE_START.sub(_before, _SPECIAL.sub(r"\\\g<0>", plain))


def _before(match: re.Match[str]) -> str:
    return f"\\{match[1]}" if not match[1].isdigit() else f"{match[1]}\\"


def _turn(turn: StoredTurn) -> Iterator[str]:
    result = turn.answer_set
    yield f"## {_in_line(turn.question)}"
    if result.get("searched", turn.question) != turn.question:
        yield f"Searched for: {_in_line(result['searched'])}"
    if unknown := result.get("unknown_names"):
        yield _in_line(unmentioned(unknown))
    if not result.get("answers"):
        yield f"**{NO_ANSWER}** {_reason(result.get('reason'))}".strip()
        return
    if relation := _RELATIONS.get(result.get("relation", "")):
        yield relation
    number = 0
    for answer in result["answers"]:
        yield f"**{_in_line(answer['text'])}** ({answer['confidence']:.0%} confident)"
        for citation in answer["citations"]:
            number += 1
            yield _citation(number, citation)


def _reason(name: str | None) -> str:
    return next((words for reason, words in REASONS.items() if reason == name), "")


def _citation(number: int, citation: dict[str, Any]) -> str:
    quoted = "\n".join(f"> {line}" for line in escaped(citation["sentence"]["text"]).split("\n"))
    where = [
        _in_line(citation["title"]),
        _in_line(citation.get("author") or ""),
        citation["date"] or "",
        _in_line(file_name(citation["source"])),
        f"page {citation['page']}" if citation.get("page") else "",
        f"characters {citation['start']} to {citation['end']}",
        _said(citation),
        _GONE if citation.get("gone") else "",
    ]
    return f"{quoted}\n>\n> \\[{number}\\] {', '.join(part for part in where if part)}"


def _said(citation: dict[str, Any]) -> str:
    attribution = citation.get("attribution")
    speaker = (attribution or {}).get("speaker")
    if not attribution or not speaker:
        return ""
    verb = attribution["verb"]["text"]
    return _in_line(speaker["text"]) + (f" ({_in_line(verb)})" if verb != COLON else "")


def _in_line(text: str) -> str:
    return " ".join(escaped(text).split())
