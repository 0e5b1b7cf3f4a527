"""Who speaks in a transcript, a chat or a ticket: lines that open with a name and a colon.

"Key: value" lines look the same. Somebody speaks where the same few labels come back, and what
follows them are sentences; labels that name no speaker ("Note", "Decision") are known by the word.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from index.documents import Span
from qa.letters import CAPITAL
from qa.words import plain

COLON = ":"  # stands for the verb

_NAME = (
    rf"[{CAPITAL}][\w.’'-]*(?:,? (?:(?:de|van|von|of|al) )?[{CAPITAL}][\w.’'-]*){{0,4}}"
    r"(?: \([^)\n]{1,40}\))?"
)
_LABEL = re.compile(
    r"^(?:[-*>•] )?(?:\[[^\]\n]{1,40}\] ?|\(?\d{1,2}[:.]\d\d(?:[:.]\d\d)?\)? (?:[-–—] )?)?"
    rf"(?P<bold>\*\*|__)?(?P<who>{_NAME})(?P<colon>:)?(?(bold)(?P=bold))(?(colon)|:)[^\S\n]+(?=\S)",
    re.MULTILINE,
)
_HEADING = re.compile(r"^(?:#{1,6} |---|\*\*\*|===|\[|\()", re.MULTILINE)
_SENTENCE = re.compile(r"[.!?…][\"'”’)\]*_]*\s*$")
_LABELS = """
    action actions advice agenda aim amount answer author background cause causes caution
    comment conclusion contact correction cost customer date day decision decisions deadline
    definition description details diagnosis discussion due example finding findings goal hint
    impact important info information item key keywords lesson limit limits location material
    materials method methods motion name note notes objective outcome owner place price
    priority problem product purpose question reason recommendation reference remark reminder
    requirement resolution response result results risk scope section severity solution source
    sources status step steps subject summary symptom symptoms task time tip title topic type
    update use uses transcript update updates vote votes warning warnings why how what when
    where who
"""
_NO_SPEAKERS = frozenset(_LABELS.split())
_REPLIES_AT_LEAST = 4  # labelled lines of a transcript
_SENTENCES_AT_LEAST = 0.6  # share of them that end as sentences do
_COME_BACK = 0.6  # share of them whose label comes more than once
_STRETCH = 20_000  # characters
_LONGEST = 3_000  # characters that one label speaks for


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says: the name, the colon, and where the words end."""

    who: Span
    colon: Span
    end: int

    def moved(self, by: int) -> Turn:
        who, colon = (
            replace(s, start=s.start + by, end=s.end + by) for s in (self.who, self.colon)
        )
        return Turn(who, colon, self.end + by)


def turn_at(text: str, at: int) -> Turn | None:
    """The turn of a transcript that the offset ``at`` lies in; None outside, or if it is none.

    Of a long text a stretch is looked at, from a line's begin on.
    """
    begin = max(0, at // _STRETCH - 1) * _STRETCH
    begin = text.rfind("\n", 0, begin) + 1 if begin else 0
    turn = _turn_in(text[begin : begin + 3 * _STRETCH], at - begin)
    return turn and turn.moved(begin)


def _turn_in(text: str, at: int) -> Turn | None:
    turns = _turns(text)
    number = bisect_right(turns, at, key=lambda turn: turn.who.start) - 1
    return (
        turns[number] if number >= 0 and turns[number].colon.end <= at < turns[number].end else None
    )


@lru_cache(maxsize=64)
def _turns(text: str) -> Sequence[Turn]:
    labels = [m for m in _LABEL.finditer(text) if may_speak(m["who"])]
    known = Counter(_called(m["who"]) for m in labels)
    if len(labels) < _REPLIES_AT_LEAST or len(known) < 2:
        return ()
    again = sum(known[_called(m["who"])] > 1 for m in labels)
    sentences = sum(bool(_SENTENCE.search(_line(text, m.end()))) for m in labels)
    if again < _COME_BACK * len(labels) or sentences < _SENTENCES_AT_LEAST * len(labels):
        return ()
    ends = [m.start() for m in labels[1:]] + [len(text)]
    return tuple(_turn(text, label, end) for label, end in zip(labels, ends, strict=True))


def _turn(text: str, label: re.Match[str], end: int) -> Turn:
    end = min(end, label.end() + _LONGEST)
    heading = _HEADING.search(text, label.end(), end)
    colon = text.index(COLON, label.end("who"))
    return Turn(
        Span(*label.span("who")), Span(colon, colon + 1), heading.start() if heading else end
    )


def may_speak(who: str) -> bool:
    """Whether a label can be somebody's name: "Ada Lind", not "Note"."""
    words = plain(who).split()
    return len(who) > 2 and not (len(words) == 1 and words[0] in _NO_SPEAKERS)


def _called(who: str) -> str:
    """ "HOST (Mira Castellan)" is the host."""
    return plain(who.partition(" (")[0])


def _line(text: str, start: int) -> str:
    end = text.find("\n", start)
    return text[start : end if end >= 0 else len(text)]
