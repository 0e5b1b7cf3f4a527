"""What the head of a text says of it: a title, and a date where one is stated."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from index.documents import Span
from index.lines import physical_lines
from index.sentences import sentence_spans

_HEADLINE_AT_MOST = 160
_TITLE_AT_MOST = 100
_HEAD_LINES = 4
_TITLE_WITHIN = 20_000  # characters: the marks of a long text are not gone through line by line
_DATE_FIELD_AT_MOST = 100

_CREDIT = re.compile(r"\W*(?:photo|image|picture|illustration|credit|source|by)\b.{0,60}", re.I)
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s+")
_MONTHS = [
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
]
_ABBREVIATED = [month[:3] for month in _MONTHS]
_MONTH = "(?P<month>" + "|".join(f"{m[:3]}(?:{m[3:]})?" for m in _MONTHS) + r")\.?"
_DATES = (
    re.compile(r"(?P<year>\d{4})-(?P<number>\d{1,2})-(?P<day>\d{1,2})(?!\d)"),
    re.compile(_MONTH + r"\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})\b", re.I),
    re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+" + _MONTH + r",?\s+(?P<year>\d{4})\b", re.I),
)
_DATE_LABEL = re.compile(
    r"\W*(?:dated?|published|updated|posted|last updated)(?:\s+on)?\s*:?\s*", re.I
)
_DATE_LINE_AT_MOST = 60
# What a line tells: "Deadline: 30 September 2024", "The gates open on Monday, 1 June 2024", "Born
# 12 March 1971".
_TOLD = re.compile(
    r"(?:[:=][\s*_]*|\b(?:on|by|until|till|is|was|are|were|from|to|since|before|after|due"
    r"|born|died|founded|established|married|expire[sd]?|begins?|starts?|ends?)\s+)"
    r"(?:the\s+)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?\Z",
    re.IGNORECASE,
)
_OF_THE_TEXT = re.compile(
    r"\A\W*(?:by|dated?|sent|received|as of)\b"
    r"|\b(?:publi[sc]|updat|post(?:ed|ing)|writ|report|article|issue|edition|version|release|revis"
    r"|review|modif|chang|creat|print|filed|minutes|newsletter|bulletin|letter|memo|access|retriev"
    r"|archiv|appear|check)",
    re.IGNORECASE,
)
_NOT_OF_IT = re.compile(r"\b(?:due|deadline|birth|born)\b", re.IGNORECASE)  # "Report due:"
_OF_A_MEETING = re.compile(r"\b(?:meeting|session|sitting)\b", re.IGNORECASE)


def title_of(text: str, furniture: Sequence[Span], fallback: str) -> str:
    """The headline, else the first sentence, shortened; else ``fallback`` (the file's name)."""
    marks = [mark for mark in furniture if mark.start < _TITLE_WITHIN]
    for line in physical_lines(text[:_TITLE_WITHIN]):
        words = text[line.start : line.end]
        if any(line.overlaps(mark) for mark in marks) or _CREDIT.fullmatch(words):
            continue
        words = _without_date(_MARKDOWN_HEADING.sub("", words, count=1))
        if not any(c.isalpha() for c in words):
            continue
        if len(words) <= _HEADLINE_AT_MOST and not words.endswith("."):
            return words
        first = sentence_spans(words)[0]
        return shorten(words[first.start : first.end], _TITLE_AT_MOST)
    return fallback


def date_of(text: str) -> str | None:
    """The ISO date that one of the first lines states, on its own, labelled or leading."""
    for line in physical_lines(text[:2_000])[:_HEAD_LINES]:
        words = text[line.start : line.end]
        label = _DATE_LABEL.match(words)
        rest = words[label.end() :] if label else words
        leading = _match_date(rest, anywhere=False)
        if leading and (label or leading[1] == 0):
            return leading[0]
        alone = len(words) <= _DATE_LINE_AT_MOST and not words.endswith((".", "!", "?"))
        if alone and (found := _match_date(words, anywhere=True)) and not _of_a_thing(words):
            return found[0]
    return None


def tells_of_a_thing(before: str) -> bool:
    """Whether a date tells when a thing is, and not when the text was written.

    Args:
        before: what stands before the date in its line: "Kick-off: ", not "Last updated: ".
    """
    if not _TOLD.search(before):
        return False
    return not _OF_THE_TEXT.search(before) or _NOT_OF_IT.search(before) is not None


def _of_a_thing(words: str) -> bool:
    """Whether a line is "Kick-off: 12 March 2024"; minutes are of the day of their meeting."""
    starts = [m.start() for pattern in _DATES for m in pattern.finditer(words) if _iso(m)]
    before = words[: min(starts)]
    return tells_of_a_thing(before) and not _OF_A_MEETING.search(before)


def field_date(value: str) -> str | None:
    """The ISO date that a field made for dates holds, in any of the forms known here."""
    found = _match_date(value[:_DATE_FIELD_AT_MOST], anywhere=True)
    return found[0] if found else None


def shorten(words: str, at_most: int) -> str:
    """At most so many characters, cut between words and marked with an ellipsis."""
    if len(words) <= at_most:
        return words
    return words[:at_most].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _match_date(words: str, *, anywhere: bool) -> tuple[str, int] | None:
    """The first valid date and which pattern found it."""
    for number, pattern in enumerate(_DATES):
        match = pattern.search(words) if anywhere else pattern.match(words)
        if match and (iso := _iso(match)):
            return iso, number
    return None


def _iso(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    try:
        month = parts.get("number") or 1 + _ABBREVIATED.index(parts["month"][:3].lower())
        return datetime.date(int(parts["year"]), int(month), int(parts["day"])).isoformat()
    except ValueError:
        return None


def _without_date(words: str) -> str:
    label = _DATE_LABEL.match(words)
    if not label:
        return words
    for pattern in _DATES:
        if match := pattern.match(words, label.end()):
            return words[match.end() :].strip()
    return words
