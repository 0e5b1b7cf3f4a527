"""Times that a question names, as filters that a user may put on the search.

They filter by the dates of documents, which need not be those of what the documents tell; so
they are offered and never applied unasked.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections import Counter
from collections.abc import Sequence

from qa.answers import SuggestedFilter
from qa.dates import moment

_MONTHS = "|".join(rf"{name}|{name[:3]}\.?" for name in calendar.month_name[1:])
_DATE = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTHS})(?:,? \d{{4}})?"
    rf"|(?:{_MONTHS})(?: \d{{1,2}}(?:st|nd|rd|th)?\b)?(?:,? \d{{4}})?|(?:1[5-9]|20)\d{{2}})(?!\w)"
)
_SPAN = re.compile(
    rf"\b(?:between|from) (?P<first>{_DATE}) (?:and|to|until|till) (?P<last>{_DATE})",
    re.IGNORECASE,
)
_ONE = re.compile(
    r"\b(?P<word>before|until|till|by|after|since|from|in|on|during|of)"
    rf" (?:(?:the )?(?:end|start|beginning|middle|month|year) (?:of )?|early |late |mid-?)?"
    rf"(?P<date>{_DATE})",
    re.IGNORECASE,
)
_AT_MOST = 3

Range = tuple[datetime.date, datetime.date]


def suggested_filters(question: str, dates: Sequence[str | None]) -> tuple[SuggestedFilter, ...]:
    """A filter for each time in the question.

    Args:
        dates: those of the documents found; of a month without a year they tell which is meant.
    """
    years = Counter(int(date[:4]) for date in dates if date)
    if match := _SPAN.search(question):
        first, last = _range(match["first"], years), _range(match["last"], years)
        if first and last and first[0] <= last[1]:
            return (_suggested(first[0], last[1], match.group()),)
    found = [
        suggested
        for match in _ONE.finditer(question)
        if (meant := _range(match["date"], years))
        and (suggested := _bounded(match["word"].lower(), meant, match.group()))
    ]
    return tuple(dict.fromkeys(found))[:_AT_MOST]


def _bounded(word: str, meant: Range, label: str) -> SuggestedFilter | None:
    first, last = meant
    day = datetime.timedelta(days=1)
    try:
        if word == "before":
            return _suggested(None, first - day, label)
        if word in {"until", "till", "by"}:
            return _suggested(None, last, label)
        if word == "after":
            return _suggested(last + day, None, label)
    except OverflowError:
        return None
    if word in {"since", "from"}:
        return _suggested(first, None, label)
    return _suggested(first, last, label)


def _suggested(
    first: datetime.date | None, last: datetime.date | None, label: str
) -> SuggestedFilter:
    return SuggestedFilter(
        first.isoformat() if first else None, last.isoformat() if last else None, label
    )


def _range(text: str, years: Counter[int]) -> Range | None:
    """The first and the last day of what ``text`` names."""
    meant = moment(text)
    if meant is None:
        return None
    year = meant.year or _likeliest(years)
    if year is None or not 1 <= year <= 9999:
        return None
    month, day = meant.month, meant.day
    try:
        if month is None:
            return datetime.date(year, 1, 1), datetime.date(year, 12, 31)
        if day is None:
            last = calendar.monthrange(year, month)[1]
            return datetime.date(year, month, 1), datetime.date(year, month, last)
        return datetime.date(year, month, day), datetime.date(year, month, day)
    except ValueError:  # 29 February of another year
        return None


def _likeliest(years: Counter[int]) -> int | None:
    """The year that most of the documents found are of; the later of two."""
    return max(years, key=lambda year: (years[year], year), default=None)
