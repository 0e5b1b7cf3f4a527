"""Times of day as texts write them: 2:08 p.m., 16:20, ten past six in the evening, noon."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa.dates import TAIL

_FRAME = r"[\s\"'“”‘’(]*(?:(?:at|around|about|shortly|after|before|by|just)\s)*"
_PART = r"(?:,? (?:in the (?P<part>morning|afternoon|evening)|at (?P<night>night)))?"
_FIGURES = re.compile(
    rf"{_FRAME}(?P<hour>\d{{1,2}})(?:[:.](?P<minute>\d{{2}}))?(?:\s*(?P<half>[ap]\.?\s?m\b\.?))?"
    rf"(?P<whole>\s*(?:hours|hrs|o['’]clock|local time))?{_PART}",
    re.IGNORECASE,
)
_HOUR_WORDS = """
    one two three four five six seven eight nine ten eleven twelve
"""
_HOURS = _HOUR_WORDS.split()
_MINUTES = {
    "five": 5,
    "ten": 10,
    "a quarter": 15,
    "quarter": 15,
    "twenty": 20,
    "twenty-five": 25,
    "half": 30,
}
_NAMED = {"noon": 12 * 60, "midday": 12 * 60, "midnight": 0}
_MINUTE_WORDS = "|".join(sorted(_MINUTES, key=len, reverse=True))
_WORDS = re.compile(
    rf"{_FRAME}(?:(?:(?P<minutes>{_MINUTE_WORDS})(?: minutes?)? (?P<side>past|to) )?"
    rf"(?P<hour>{'|'.join(_HOURS)})(?P<whole> o['’]clock)?|(?P<named>{'|'.join(_NAMED)})){_PART}",
    re.IGNORECASE,
)
_HALF_DAY = 12 * 60


@dataclass(frozen=True, slots=True)
class Clock:
    """Minutes after midnight; ``sure`` if the text tells which half of the day is meant."""

    minutes: int
    sure: bool

    def meets(self, other: Clock) -> bool:
        """Whether both may be the same time."""
        if self.sure and other.sure:
            return self.minutes == other.minutes
        return (self.minutes - other.minutes) % _HALF_DAY == 0


def clock(text: str) -> Clock | None:
    """The time of day that ``text`` as a whole states, or None."""
    return _in_figures(text) or _in_words(text)


def _in_figures(text: str) -> Clock | None:
    match = _FIGURES.match(text)
    if match is None or not TAIL.match(text, match.end()):
        return None
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    part = match["part"] or match["night"]
    if minute > 59 or not (match["half"] or match["minute"] or match["whole"] or part):
        return None
    if match["half"] or part:
        if not 1 <= hour <= 12:
            return None if match["half"] else Clock(hour % 24 * 60 + minute, True)
        late = match["half"][0] in "pP" if match["half"] else _is_late(match)
        hour = hour % 12 + 12 * late
    return Clock(hour * 60 + minute, True) if hour < 24 else None


def _in_words(text: str) -> Clock | None:
    match = _WORDS.match(text)
    if match is None or not TAIL.match(text, match.end()):
        return None
    if match["named"]:
        return Clock(_NAMED[match["named"].lower()], True)
    part = match["part"] or match["night"]
    if not (match["minutes"] or match["whole"] or part):
        return None  # "ten" alone is a number
    hour = _HOURS.index(match["hour"].lower()) + 1
    minutes = _MINUTES[match["minutes"].lower()] if match["minutes"] else 0
    sign = -1 if (match["side"] or "").lower() == "to" else 1
    total = 60 * (hour % 12 + 12 * _is_late(match)) + sign * minutes
    return Clock(total % (24 * 60), part is not None)


def _is_late(match: re.Match[str]) -> bool:
    return bool(match["night"]) or (match["part"] or "morning").lower() != "morning"
