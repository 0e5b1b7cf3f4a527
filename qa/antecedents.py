"""Whom "he" and "she" can mean of those whom a text names."""

from __future__ import annotations

import re

from index.documents import Span
from qa import speakers
from qa.names import NO_NAMES, TITLES
from qa.noun_phrases import DETERMINER, words_in

_POSSESSIVE = frozenset({"his", "her", "its", "their", "our", "my"})
# Endings and words of those who can be "he" or "she".
_PERSON = re.compile(
    r"(?:er|or|ist|man|woman|person|ian|ant|ee|eer|boy|girl|lady|wife|widow|aide|head|boss|clerk"
    r"|pilot|guard|witness|neighbour|friend|victim|resident|source|relative|colleague|student"
    r"|expert|official|critic|employee|child|son|uncle|aunt|mum|dad|coach|guest|priest|cook"
    r"|spouse|fan|host|apprentice|recruit|thief|one|them)$"
)
_ADDRESSED = re.compile(
    r"\b(?:I|[Ww]e) (?:(?:have|had|then|also|\w+ly) )*"
    r"(?:asked|told|called|rang|phoned|met|reached|interviewed|visited|wrote to|spoke (?:to|with)"
    r"|talked (?:to|with))\s+"
)


def addressed(text: str, start: int, end: int) -> list[Span]:
    """Whom the author of ``text[start:end]`` spoke to: "I asked | Ada Lind | about it."."""
    found = (
        speakers.after(text, match.end(), end) for match in _ADDRESSED.finditer(text, start, end)
    )
    return [
        span for span in found if span is not None and speakers.opens(text[span.start : span.end])
    ]


def may_be_person(text: str, span: Span) -> bool:
    """Whether "he" can be meant by it: a name or "the clerk", not "a window" nor "her Volvo"."""
    words = words_in(text, span.start, span.end)
    if words[0].lower in _POSSESSIVE and words[-1].capital:
        return any(word.lower in TITLES for word in words)
    return words[-1].capital or any(
        word.lower in TITLES or _PERSON.search(word.lower) for word in words
    )


def is_bare_name(text: str, span: Span) -> bool:
    """ "Ada Lind", "Mayor Lind"; not "the Courier", nor "Police"."""
    words = words_in(text, span.start, span.end)
    if len(words) == 1 and words[0].lower in NO_NAMES:
        return False
    return all(word.capital and word.lower not in DETERMINER for word in words)
