"""Dates as texts write them: 11 August, Aug. 11, 2022, 2022-08-11.

A date in figures alone (03/04/2022) is read as day and month where only that is possible, or
where points divide it; otherwise it is no date.
"""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass

from qa.letters import without_marks

_MONTH_NAMES = [name.lower() for name in calendar.month_name[1:]]
_MONTH = "(?P<month>" + "|".join(rf"{n[:3]}(?:{n[3:]})?" for n in _MONTH_NAMES) + r"|sept)\.?"
_WEEKDAY_NAMES = [name.lower() for name in calendar.day_name]
_WEEKDAY = "(?P<weekday>" + "|".join(rf"{n[:3]}(?:{n[3:]})?" for n in _WEEKDAY_NAMES) + ")"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"  # "11. August"
_YEAR = r"(?P<year>[12]\d{3})"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_YEAR}(?P<mark>[-/])(?P<number>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}})",
        rf"(?P<day>\d{{1,2}})\.(?P<number>\d{{1,2}})\.{_YEAR}",
        rf"(?P<one>\d{{1,2}})/(?P<two>\d{{1,2}})/{_YEAR}",
        rf"(?:the )?{_DAY}(?: day)?(?: of)? {_MONTH}(?:,? {_YEAR})?",
        rf"{_MONTH} (?:the )?{_DAY}(?:,? {_YEAR})?",
        rf"{_MONTH}(?:,? (?:of )?{_YEAR})?",
        _YEAR,
    )
)
_FRAME = re.compile(
    r"[\s\"'“”‘’(\[]*(?:(?:on|in|at|by|since|from|dated?|the year|early|late|mid)[ -])*(?:"
    rf"(?:(?:last|next|this|the) )?{_WEEKDAY}\b\.?(?:,? (?:the )?)?)?",
    re.IGNORECASE,
)
TAIL = re.compile(r"[\s\"'“”‘’.,;:!?)\]]*\Z")


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, month or year, as far as the text states it.

    Attributes:
        weekday: 0 is Monday.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None

    def meets(self, other: Moment) -> bool:
        """Whether both may be the same: nothing that both state differs, and one thing is shared.

        "August 2022" and "11 August" meet, "2022" and "11 August" share nothing.
        """
        pairs = [
            (self.year, other.year),
            (self.month, other.month),
            (self.day, other.day),
            (self.weekday, other.weekday),
        ]
        stated = [(one, two) for one, two in pairs if one is not None and two is not None]
        return bool(stated) and all(one == two for one, two in stated)


def moment(text: str, written: datetime.date | None = None) -> Moment | None:
    """The date that ``text`` as a whole states; None if it is no date.

    Args:
        written: the day of the article; makes a date of a bare weekday, the last one up to
            that day, as news use it.
    """
    text = " ".join(
        without_marks(text).split()
    )  # a line may end within a date, and its spaces may be hard ones
    frame = _FRAME.match(text)
    if frame is None:
        return None
    weekday = _weekday(frame["weekday"])
    rest = text[frame.end() :]
    for form in _FORMS:
        match = form.match(rest)
        if match and TAIL.match(rest, match.end()):
            return _moment(match, weekday)
    if weekday is not None and TAIL.match(rest):
        return _last(weekday, written)
    return None


def _weekday(name: str | None) -> int | None:
    if not name:
        return None
    return next(i for i, full in enumerate(_WEEKDAY_NAMES) if full[:3] == name[:3].lower())


def _last(weekday: int, written: datetime.date | None) -> Moment:
    if written is None:
        return Moment(weekday=weekday)
    back = (written.weekday() - weekday) % 7
    if written.toordinal() <= back:
        return Moment(weekday=weekday)
    day = written - datetime.timedelta(days=back)
    return Moment(day.year, day.month, day.day, weekday)


def _moment(match: re.Match[str], weekday: int | None) -> Moment | None:
    parts = match.groupdict()
    year = int(parts["year"]) if parts.get("year") else None
    day = int(parts["day"]) if parts.get("day") else None
    month = _month(parts)
    if parts.get("one"):
        one, two = int(parts["one"]), int(parts["two"])
        if one <= 12 and two <= 12 and one != two:
            return None
        day, month = (one, two) if two <= 12 else (two, one)
    if month is not None and not 1 <= month <= 12:
        return None
    if day is not None and not _valid(year, month, day):
        return None
    if weekday is None and year and month and day:
        weekday = datetime.date(year, month, day).weekday()
    return Moment(year, month, day, weekday)


def _month(parts: dict[str, str | None]) -> int | None:
    if name := parts.get("month"):
        return next(
            i for i, full in enumerate(_MONTH_NAMES, start=1) if full[:3] == name[:3].lower()
        )
    return int(parts["number"] or 0) if parts.get("number") else None


def _valid(year: int | None, month: int | None, day: int) -> bool:
    # 29 February is a date as long as the year is not known; 2024 is a leap year.
    return month is not None and 1 <= day <= calendar.monthrange(year or 2024, month)[1]
