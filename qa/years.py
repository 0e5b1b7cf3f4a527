"""The year that a question names, and places that speak of another.

Asked how many cases there were in 2023, a reader likes the number of 2024 in a text that has
none of 2023.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.documents import Passage, Span
from index.sentences import sentence_around
from qa.asked_types import AnswerType, asked_type
from qa.ranking import Candidate

AGAINST = 2.5  # log-odds that a place of another year loses
AGAINST_IF_UNKNOWN = 3.5  # and where nothing that was read is of the year that is asked for
_YEAR = r"(?:1[0-9]|20)\d\d"
_YEARS = re.compile(rf"(?<![\w.,$€£-]){_YEAR}(?![\w%]|[.,]\d)")
_SPANS = re.compile(
    rf"(?<![\w.,])(?P<first>{_YEAR})\s?(?:[-–—/]|to|and|until|till)\s?(?P<last>{_YEAR}|\d\d)(?!\d)"
)
_DECADE = re.compile(r"(?<!\w)(?P<decade>(?:1[0-9]|20)\d)0['’]?s\b")
# A number that its own words give a year: "312 in 2024", "(2024: 312)".
_IN_YEAR = re.compile(
    rf"(?:\s\([^()]{{0,40}}\))?(?:\s[\w%]+){{0,2}}?\s\(?in\s(?P<year>{_YEAR})(?!\d)"
)
_YEAR_BEFORE = re.compile(rf"(?<!\d)(?P<year>{_YEAR}): ?[^\s()]{{0,3}}$")
_NUMBER = re.compile(r"\d[\d.,]*")
_OPEN = re.compile(rf"\b(?:since|from|after|until|till|before|by)\s+{_YEAR}", re.IGNORECASE)


def of_the_year(question: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates; it speaks against those whose sentence names other years only.

    A number of another year, beside one of the year that is asked for, is none: of "388 in 2022 and
    351 in 2021" the second.

    Left alone are questions that name no year or several, and those that ask for one.
    """
    asked = {int(year) for year in _YEARS.findall(question)}
    if len(asked) != 1 or asked_type(question) is AnswerType.DATE or _DECADE.search(question):
        return list(candidates)
    (year,) = asked
    candidates = [c for c in candidates if not _beside_the_year(year, c)]
    known = any(_mentions(year, candidate.retrieved.passage) for candidate in candidates)
    against = AGAINST if known else AGAINST_IF_UNKNOWN
    return [replace(c, against=against) if _of_another(year, c) else c for c in candidates]


def _beside_the_year(year: int, candidate: Candidate) -> bool:
    text = candidate.retrieved.passage.text
    start = candidate.span.start - candidate.retrieved.passage.document_start
    end = start + len(candidate.quote)
    if not _NUMBER.search(candidate.quote) or str(year) in candidate.quote:
        return False
    own = _year_of_number(text, start, end)
    if own is None or own == year:
        return False
    around = sentence_around(text, Span(start, end))
    return any(
        _year_of_number(text, number.start(), number.end()) == year
        for number in _NUMBER.finditer(text, around.start, around.end)
        if not re.fullmatch(_YEAR, number.group())
    )


def _year_of_number(text: str, start: int, end: int) -> int | None:
    found = _IN_YEAR.match(text, end) or _YEAR_BEFORE.search(text, max(0, start - 12), start)
    return int(found["year"]) if found else None


def _mentions(year: int, passage: Passage) -> bool:
    return f"{year:04}" in f"{passage.date} {passage.title} {passage.text}"


def _of_another(year: int, candidate: Candidate) -> bool:
    passage = candidate.retrieved.passage
    if (passage.date or "").startswith(f"{year:04}"):  # "this year"
        return False
    start = candidate.span.start - passage.document_start
    around = sentence_around(passage.text, Span(start, start + len(candidate.quote)))
    sentence = passage.text[around.start : around.end]
    named = {int(found) for found in _YEARS.findall(sentence)}
    if not named or year in named or _OPEN.search(sentence):
        return False
    return not any(year in span for span in _stretches(sentence))


def _stretches(sentence: str) -> list[range]:
    """Of several years: 2019-2023, 2013-14, the 1990s."""
    found = [
        range(int(m["first"]), int(m["first"][: -len(m["last"])] + m["last"]) + 1)
        for m in _SPANS.finditer(sentence)
    ]
    decades = (10 * int(m["decade"]) for m in _DECADE.finditer(sentence))
    return found + [range(first, first + 10) for first in decades]
