"""The members of a list that stands in one span: "the A bureau, the B bureau and the C ministry".

Each is a slice. What only looks like a list stays whole: a name with its trade ("the director,
Ada Lind"), "search and rescue teams", "the Ministry of Trade and Industry".
"""

from __future__ import annotations

import re

from index.documents import Span
from qa.letters import CAPITAL
from qa.names import TITLES
from qa.words import plain

_BREAK = re.compile(
    r"\s*[,;]\s+(?:(?:and|or|as well as|along with|plus)\s+)?"
    r"|\s+(?:and|or|as well as|&)\s+|\s*\n\s*"
)
_JOINED = re.compile(r"\s+(?:and|or|as well as|&)\s+")
_LEADING = re.compile(
    r"(?:both|either|including|namely|such as|and|or)\s+|[\s\"'“”‘’(•*–—-]+", re.I
)
_NUMBER = re.compile(r"\d{1,2}[.)]\s+")
_TRAILING = re.compile(r"[\s\"'“”‘’).,;:]+\Z")
_OWN = re.compile(
    rf"[\"“‘]?(?:[{CAPITAL}\d]|(?:the|an?|its|his|her|their|two|three|four|five|some|a)\b)"
)
_OF = re.compile(rf"\b(?:of|for)\s+(?:the\s+)?[{CAPITAL}][\w’'-]*\Z")
_RELATIVE = re.compile(r"\b(?:who|which|that|whose|where|when|because|said|has|had|was|were|is)\b")
_NAMED = (
    rf"(?:(?:[Tt]he|[Aa]n?)\s)?[{CAPITAL}][\w’'&-]*"
    rf"(?:\s(?:(?:of|for|and|&|the|de|von|van|al)\s){{0,2}}[{CAPITAL}][\w’'&-]*){{0,8}}"
)
_ASIDE = r"(?:\s\([^()\n]{1,80}\))?"  # "Ada Lind (chair)"
_BEFORE = re.compile(rf"(?<![\w’'&-])({_NAMED}){_ASIDE},\s+(?:and\s+|or\s+)?\Z")
_AFTER = re.compile(
    rf"{_ASIDE},\s+(?:and|or)\s+{_NAMED}\b{_ASIDE}"
    rf"|{_ASIDE},\s+{_NAMED}{_ASIDE}(?=,\s|\s+(?:and|or)\s+(?:the\s)?[{CAPITAL}])"
)
_LAST = re.compile(
    rf"{_ASIDE}\s+(?:and|or)\s+{_NAMED}\b{_ASIDE}"
    rf"|{_ASIDE},\s+{_NAMED}{_ASIDE}(?=[.;]?\s*(?:\n|\Z)|[.;]\s)"
)
_NO_NAME = re.compile(rf"(?:(?:The|An?|Its|His|Her|Their) )?[^{CAPITAL}]+")
_REACH = 150  # characters to the next member
_LONGEST = 12  # words
_MOST = 30


def members(text: str, span: Span) -> tuple[Span, ...]:
    """The members of ``text[span]``, at least two; none if it is no list.

    Where the span is a part of a list of names, those beside it are members, too.
    """
    span = _whole_list(text, span)
    whole = text[span.start : span.end]
    parts = _with_trades(text, _parts(text, span))
    if not 2 <= len(parts) <= _MOST:
        return ()
    words = [text[part.start : part.end] for part in parts]
    if any(len(part.split()) > _LONGEST or _RELATIVE.search(part) for part in words):
        return ()
    if len(parts) == 2 and not _two(whole, words):
        return ()
    return tuple(parts)


def _whole_list(text: str, span: Span) -> Span:
    start, end = span.start, span.end
    if not re.match(_NAMED, text[start:end]):
        return span
    while match := _BEFORE.search(text, max(0, start - _REACH), start):
        start = match.start(1)
    while match := _AFTER.match(text, end, end + _REACH):
        end = match.end()
    # Of three, the last needs no "and": "Lind, Berg, Denk."; "in Tarn, Norway." is no list.
    several = len(_parts(text, Span(start, end))) > 1
    if several and (match := _LAST.match(text, end, end + _REACH)):
        end = match.end()
    return Span(start, end)


def _parts(text: str, span: Span) -> list[Span]:
    """What stands between commas and "and", outside brackets."""
    marks = [
        mark
        for mark in _BREAK.finditer(text, span.start, span.end)
        if not _depth(text[span.start : mark.start()])
    ]
    if other := [mark for mark in marks if mark.group().strip() != "&"]:
        marks = other  # "Brunn & Sons" among others is one
    semicolons = [mark for mark in marks if ";" in mark.group()]
    if len(semicolons) > 1:
        marks = semicolons  # "Tarn, Norway; Velm, Sweden; and Orrin, Denmark" are three
    found: list[Span] = []
    start = span.start
    for mark in marks:
        found.append(_trimmed(text, Span(start, mark.start())))
        start = mark.end()
    found.append(_trimmed(text, Span(start, span.end)))
    return [part for part in found if part.start < part.end]


def _depth(before: str) -> int:
    return before.count("(") - before.count(")")


def _trimmed(text: str, part: Span) -> Span:
    start, end = part.start, part.end
    while match := _LEADING.match(text, start, end):
        start = match.end()
    if _opens_line(text, start) and (match := _NUMBER.match(text, start, end)):
        start = match.end()  # "1. apples"
    if match := _TRAILING.search(text, start, end):
        opened = text.count("(", start, end) > text.count(")", start, match.start())
        end = end if opened and ")" in match.group() else match.start()
    return Span(start, max(start, end))


def _opens_line(text: str, at: int) -> bool:
    return not text[text.rfind("\n", 0, at) + 1 : at].strip()


def _with_trades(text: str, parts: list[Span]) -> list[Span]:
    """ "The director, Ada Lind" is one."""
    found: list[Span] = []
    for part in parts:
        before = text[found[-1].start : found[-1].end] if found else ""
        beside = bool(found) and text[found[-1].end : part.start].strip() == ","
        trade = _NO_NAME.fullmatch(before) is not None and text[part.start].isupper()
        if beside and (
            trade or (_is_titled(text[part.start : part.end]) and not _is_titled(before))
        ):
            found[-1] = Span(found[-1].start, part.end)
        else:
            found.append(part)
    return found


def _is_titled(words: str) -> bool:
    """ "Mayor of Tarn", "deputy director of ..."."""
    word = re.match(r"[^\W\d_]+(?=\s(?:of|for|at|in|to)\b|\Z)", words)
    return word is not None and plain(word.group()) in TITLES


def _two(whole: str, words: list[str]) -> bool:
    """Whether two parts are two members; with a comma alone they are not."""
    if not _JOINED.search(whole) or not all(_OWN.match(word) for word in words):
        return False
    one_word = len(words[1].split()) == 1
    return not (one_word and _OF.search(words[0]))
