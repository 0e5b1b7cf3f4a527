"""An answer set as plain text, for programs that show a message: numbered citations, no colours.

The answer's words stand in it as they stand in the document, character for character; whatever is
around them (titles, the sentence) is in one line each, so that no document can pass off its own
text as another's citation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.documents import Span
from qa.answers import Answer, AnswerSet, Citation, Relation, Standpoint
from qa.render import HEADINGS, NO_ANSWER, REASONS, STANCES, printable, unmentioned

_OTHERS = "Less sure:"
_SOURCES = "Sources:"
_SEARCHED = "Searched for: "
_DEGRADED = "This search may have missed something. It used "
_MARKED = re.compile(r" \[\d+\]")
_QUOTED = re.compile("“(.*)”$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """A citation with its number in the text.

    Attributes:
        answer: which of the answers it supports, from 0.
        marker: where ``[number]`` stands, behind the answer's words.
    """

    number: int
    answer: int
    marker: Span
    citation: Citation
    standpoint: Standpoint | None = None


@dataclass(frozen=True, slots=True)
class PlainAnswer:
    """All offsets are code points of ``content``.

    Attributes:
        words: for each of the answers, where its words stand.
    """

    content: str
    words: tuple[Span, ...]
    places: tuple[Place, ...]


def to_plain(result: AnswerSet) -> PlainAnswer:
    writer = _Writer()
    if result.answered:
        _answers(writer, result)
        writer.paragraph(_SOURCES)
        for place in writer.places:
            writer.paragraph(_source(place))
    else:
        writer.paragraph(NO_ANSWER)
        if result.reason:
            writer.paragraph(REASONS[result.reason])
    if result.unknown_names:
        writer.paragraph(_line(unmentioned(result.unknown_names)))
    if result.searched != result.question:
        writer.paragraph(_SEARCHED + _line(result.searched))
    if result.degraded:
        writer.paragraph(_DEGRADED + _line(result.degraded))
    return PlainAnswer(writer.content, tuple(writer.words), tuple(writer.places))


def answer_in(content: str) -> str:
    """The words of the first answer in a text of `to_plain`; any other text as it is.

    Empty where nothing was answered.
    """
    if content.startswith(NO_ANSWER):
        return ""
    for paragraph in content.split("\n\n"):
        if marked := _MARKED.search(paragraph):
            before = paragraph[: marked.start()]
            quoted = _QUOTED.search(before)
            return quoted[1] if quoted else before
    return content


class _Writer:
    def __init__(self) -> None:
        self.content = ""
        self.words: list[Span] = []
        self.places: list[Place] = []

    def paragraph(self, text: str) -> None:
        self.content += ("\n\n" if self.content else "") + text

    def answer(self, text: str) -> None:
        start = len(self.content)
        self.content += text
        self.words.append(Span(start, len(self.content)))

    def cite(self, citation: Citation, standpoint: Standpoint | None = None) -> None:
        number = len(self.places) + 1
        if not self.places or self.places[-1].marker.end != len(self.content):
            self.content += " "
        marker = Span(len(self.content), len(self.content) + len(f"[{number}]"))
        self.content += f"[{number}]"
        self.places.append(Place(number, len(self.words) - 1, marker, citation, standpoint))


def _answers(writer: _Writer, result: AnswerSet) -> None:
    if result.relation in HEADINGS:
        writer.paragraph(HEADINGS[result.relation])
    if result.relation is Relation.POSITIONS:
        for answer, standpoint in zip(result.answers, result.positions, strict=True):
            _position(writer, answer, standpoint)
        return
    for number, answer in enumerate(result.answers):
        if number == 1 and result.relation is Relation.ONE:
            writer.paragraph(_OTHERS)
        _answer(writer, answer)


def _answer(writer: _Writer, answer: Answer) -> None:
    writer.paragraph("")
    writer.answer(answer.text)
    for citation in answer.citations:
        writer.cite(citation)
    independent = f", {answer.sources} independent sources" if answer.sources > 1 else ""
    writer.content += f" ({answer.confidence:.0%} confident{independent})"


def _position(writer: _Writer, answer: Answer, standpoint: Standpoint) -> None:
    """Of "who denied" the answer is who did, of "did …" it is what is said."""
    writer.paragraph("")
    said = standpoint.citation.quote
    if standpoint.who and answer.text == standpoint.who.text != said:
        writer.answer(answer.text)
        writer.content += f" {STANCES[standpoint.stance]}: “{said}”"
    else:
        who = _line(standpoint.who.text) if standpoint.who else "The text itself"
        writer.content += f"{who} {STANCES[standpoint.stance]}: “"
        writer.answer(said)
        writer.content += "”"
    writer.cite(standpoint.citation, standpoint)


def _source(place: Place) -> str:
    return f"[{place.number}] " + ", ".join(_described(place.citation))


def _described(citation: Citation) -> Iterator[str]:
    yield _line(citation.title)
    if citation.date:
        yield citation.date
    if citation.page:
        yield f"page {citation.page}"
    if citation.sentence.text == citation.quote:  # it stands above
        return
    sentence = f"“{_line(citation.sentence.text)}”"
    if said := citation.attribution:
        sentence += f" (who says it: {_line(said.speaker.text)}, {_line(said.verb.text)})"
    yield sentence


def _line(text: str) -> str:
    return " ".join(printable(text).split())
