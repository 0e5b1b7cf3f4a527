"""Numbers of clauses and items are no answers: the "4.2" of "4.2 The Landlord may draw on it".

They open a paragraph or follow "clause", and the reader takes them for figures.
"""

from __future__ import annotations

import re

from index.lines import paragraphs

# "2.5 litres" is a figure, as is "2.1 MW": a clause begins with a word and a capital.
_CLAUSE = r"\d{1,3}(?:\.\d{1,3}){1,4}(?=\.?[^\S\n]+[\"“‘'(]?(?:[^\W\d_a-z][^\W\d_A-Z]|A\b))"
# Of minutes: "84/23 Grants".
_ITEM = r"\d{1,3}/(?:20)?\d\d(?=[^\S\n]+(?:\d+[^\S\n]+\w|[^\W\d_a-z]))"
# "6. INSURANCE", "3) Switch on"; not "12. August 2022".
_PLACE = (
    r"\d{1,2}(?=[.)][^\S\n]+[^\W\d_])"
    r"(?!\.\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))"
)
_LABEL = re.compile(rf"(?:#{{1,6}}[^\S\n]+)?\(?(?P<number>{_CLAUSE}|{_ITEM}|{_PLACE})[.)]?[^\S\n]+")
_FIGURE = re.compile(r"\d+\.\d\d(?:\.\d\d)?")  # "4.50 Fish and chips", "14.03.23 Meeting"
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,4}(?:(?:,| and| or| to)* \d{1,3}(?:\.\d{1,3}){0,4})*")
# "Under clauses 6.5 and | 13".
_REFERS = re.compile(
    r"\b(?:clause|section|article|paragraph|schedule|appendix|annex|chapter)s?[^\S\n]+"
    r"(?:\d[\d.]*,?[^\S\n]+(?:and[^\S\n]+|or[^\S\n]+|to[^\S\n]+)?)*\Z",
    re.IGNORECASE,
)
_REFERENCE_CHARACTERS = 40
# "Which clause deals with it?" is answered by such a number, as is "What place did they take?".
_ASKS_FOR_ONE = re.compile(
    r"\bwhere\b|\b(?:which|what|whose)\s+(?:\w+\s+)?(?:section|clause|article|paragraph|item|point"
    r"|chapter|schedule|appendix|annex|minute|rule|regulation|step|part|number|figure|value|score"
    r"|version|place|rank|position|question|verse|page)s?\b",
    re.IGNORECASE,
)


def after_label(question: str, text: str, start: int, end: int) -> int:
    """Where the span ``text[start:end]`` begins without the number of its clause; ``end`` if it is
    nothing else."""
    if not text[start : start + 1].isdigit() or _ASKS_FOR_ONE.search(question):
        return start
    if _NUMBER.fullmatch(text, start, end):
        before = text[max(0, start - _REFERENCE_CHARACTERS) : start]
        if _REFERS.search(before):
            return end
    line = text.rfind("\n", 0, start) + 1
    label = _LABEL.match(text, line)
    if label is None or not label.start("number") <= start < label.end("number"):
        return start
    if _FIGURE.fullmatch(label["number"]):
        return start
    if not any(paragraph.start == line for paragraph in paragraphs(text)):
        return start  # "the dam will cost about\n3.5 Million": a line goes on
    return min(label.end(), end)
