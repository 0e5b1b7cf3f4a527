"""What a question asks for: a number, a time, somebody."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from qa.question_words import plainly_asked


class AnswerType(StrEnum):
    """What is asked for; `OPEN` may be anything."""

    COUNT = "count"
    MONEY = "money"
    MEASURE = "measure"
    DURATION = "duration"
    DATE = "date"
    CLOCK = "clock"
    WHO = "who"
    PLACE = "place"
    REASON = "reason"
    OPEN = "open"


_NO_SUM_FOLLOWS = r"(?!['’-]| (?:budget|costs?|fine|pass|pay|price|rate|salary|ticket)\b)"
# "What is the deadline for the fee to be paid?" asks for no sum, "What is the day price?" does.
_NO_SUM = (
    r"(?:(?:is|was|are|were) the (?:[a-z]+ )?)?"
    r"(?:time limit|deadline|dates?|days?|months?|years?|period|purpose|way)\b" + _NO_SUM_FOLLOWS
)
_QUESTIONS = (
    (
        AnswerType.COUNT,
        r"how many\b|(?:what|which)(?: is| was|['’]?s) the (?:total |exact |overall )?number of",
    ),
    (AnswerType.REASON, r"why\b|what (?:has |had )?(?:caused?|triggered|set off|led to|started)\b"),
    (AnswerType.REASON, r"what (?:is|was|were|are) the (?:main )?(?:causes?|reasons?)\b"),
    (AnswerType.CLOCK, r"(?:at |by )?(?:what|which) time\b(?! limit)"),
    (
        AnswerType.DATE,
        r"(?:since )?when\b|(?:in |on |by |since )?(?:what|which) (?:date|day|year|month)\b"
        + _NO_SUM_FOLLOWS,
    ),
    (
        AnswerType.MONEY,
        r"how much (?:money|does it cost|did it cost|is it worth)\b"
        rf"|(?:how much (?!time\b)|what (?!{_NO_SUM})).*"
        r"\b(?:costs?|paid|pay|spent|worth|price|budget|salary|fined?|earns?)\b",
    ),
    (AnswerType.DURATION, r"how long\b(?! is (?:the|a)\b)|for how long\b"),
    (
        AnswerType.MEASURE,
        r"how (?:old|far|high|tall|deep|fast|wide|heavy|large|big|much|long)\b"
        r"|what (?:percentage|share|proportion)\b|at what (?:speed|age|height|depth)\b",
    ),
    (AnswerType.PLACE, r"where\b"),
    (AnswerType.WHO, r"whom?\b|whose\b|by whom\b"),
)
_BEFORE_HOW = re.compile(r"(?:up to|[a-z]{2,7}) (?=how\b)", re.IGNORECASE)  # "within how many days"
_COMPILED = tuple((kind, re.compile(form, re.IGNORECASE)) for kind, form in _QUESTIONS)


@lru_cache(maxsize=256)
def asked_type(question: str) -> AnswerType:
    """What the question asks for; `AnswerType.OPEN` if that cannot be told."""
    question = plainly_asked(question)
    before = _BEFORE_HOW.match(question)
    start = before.end() if before else 0
    return next((kind for kind, form in _COMPILED if form.match(question, start)), AnswerType.OPEN)
