"""What befell those who are counted: how many died is no answer to how many were hurt."""

from __future__ import annotations

import re
from functools import lru_cache

_FATES = tuple(
    re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for words in (
        r"dead|die[sd]?|dying|deaths?|kill(?:s|ed|ing)?|fatal(?:ly|ities)?|perish(?:ed)?|murdered"
        r"|(?:lost|lose|losing|claimed|claims?) (?:\w+ )?li(?:fe|ves)|drown(?:ed)?|toll",
        r"injur(?:ed|ing|ies|y)|hurt|wound(?:s|ed|ing)|hospital(?:s|i[sz]ed)?|in hospital",
        r"missing|unaccounted|disappeared|vanished",
        r"arrest(?:s|ed)?|detain(?:ed)?|prisoners?|captured|in custody|jailed",
        r"evacuat(?:ed|ing|ion)|homeless|displaced",
        r"rescued|saved|surviv(?:ed|ors?)",
    )
)
_BEFELL = re.compile(
    r"(?:\s+(?!and\b)[\w’'-]+){0,5}?"
    r"\s+(?:died|dead|killed|drowned|injured|hurt|wounded|missing|perished|lost their lives)\b",
    re.IGNORECASE,
)
_OF_ANY_FATE = re.compile(
    r"\b(?:victims?|casualt(?:y|ies)|bod(?:y|ies)|affected|struck|hit|suffer\w*|harmed|lost|harm)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def fates(text: str) -> frozenset[int]:
    """Numbers of the fates that ``text`` tells of."""
    return frozenset(number for number, form in enumerate(_FATES) if form.search(text))


def of_another_fate(question: str, sentence: str) -> bool:
    """Whether the question asks for one fate and the sentence tells of others only."""
    asked = fates(question)
    return bool(asked) and bool(told := fates(sentence)) and not asked & told


def of_a_fate(question: str, after: str) -> bool:
    """Whether the question asks for no fate, and what follows a number counts those of one.

    How many were at a concert is not how many died there.

    Args:
        after: what follows the number in its text.
    """
    return not fates(question) and not _OF_ANY_FATE.search(question) and bool(_BEFELL.match(after))
