"""Numbers are never quoted in part: "twelve" of "four hundred and twelve" is another number."""

from __future__ import annotations

import re

from qa.clocks import clock
from qa.dates import moment
from qa.numerals import FRACTION, SIGN, is_number_word
from qa.quantities import quantities

_AROUND = 60  # characters; no number is longer
# "the autumn of | 2025", "early | June", "between | 3 and 5 per cent"
_BEGINS = re.compile(
    r"(?:(?:(?:early|late|mid|the (?:beginning|end|middle|start) of)[ -])?"
    r"(?:spring|summer|autumn|winter|fall) of |(?:early|late|mid)[ -])$",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"(?:(?:spring|summer|autumn|winter|fall) )?(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov"
    r"|Dec)[a-z]*(?: (?:1\d|20)\d\d)?|(?:1\d|20)\d\d)\W*"
)
_BETWEEN = re.compile(r"\bbetween $", re.IGNORECASE)
_TWO = re.compile(r"\S*\d\S*(?: \w+)? and \S*\d")
_JOINS = frozenset({"and", "a", "minus"})
_LAST = re.compile(r"([^\W\d_]+|[\d.,]+)[\s-]+$")
_INSIDE_BEFORE = re.compile(r"\d[.,'’]?\Z")
_INSIDE_AFTER = re.compile(rf"[.,'’\u00a0\u2009\u202f]?\d|[ \u00a0]?{FRACTION}")
_NEXT = re.compile(r"[\s-]+([^\W\d_]+)")


def whole_number(text: str, start: int, end: int) -> tuple[int, int]:
    """The span ``text[start:end]`` with the rest of a number that it begins or ends within."""
    start = _with_sign(text, start, end)
    if opening := _opening(text, start, end):
        return opening.start(), end
    before, after = _LAST.search(text, max(0, start - 20), start), _NEXT.match(text, end, end + 20)
    in_words = any(match and _is_part(match[1]) for match in (before, after))
    if not in_words and not _cuts_figures(text, start, end):
        return start, end
    least = max(0, start - _AROUND)
    for first, last, _ in quantities(text[least : end + _AROUND]):
        first, last = first + least, last + least
        if first < start < last:
            start = first
        if first < end < last:
            end = last
    return start, end


def _with_sign(text: str, start: int, end: int) -> int:
    """Where "-5" begins; the dash before a date or a time of day is none: "TARN –12 March"."""
    if not start or not SIGN.match(text, start - 1):
        return start
    quote = text[start:end]
    return start if moment(quote) or clock(quote) else start - 1


def _cuts_figures(text: str, start: int, end: int) -> bool:
    """Whether there may be more of the figures that ``text[start:end]`` begins or ends with."""
    before = text[start : start + 1].isdigit() and _INSIDE_BEFORE.search(
        text, max(0, start - 2), start
    )
    after = text[max(start, end - 1) : end].isdigit() and _INSIDE_AFTER.match(text, end)
    return bool(before or after)


def _opening(text: str, start: int, end: int) -> re.Match[str] | None:
    """What a date or a range begins with, where ``text[start:end]`` is the rest of it."""
    least = max(0, start - _AROUND)
    if _TWO.match(text, start, end):
        return _BETWEEN.search(text, least, start)
    return _BEGINS.search(text, least, start) if _DATED.fullmatch(text, start, end) else None


def _is_part(word: str) -> bool:
    lower = word.lower()
    return lower in _JOINS or lower[0].isdigit() or is_number_word(lower)
