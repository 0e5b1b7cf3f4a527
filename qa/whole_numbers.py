"""Numbers are never quoted in part: "twelve" of "four hundred and twelve" is another number."""

from __future__ import annotations

import re

from qa.numerals import is_number_word
from qa.quantities import quantities

_AROUND = 60  # characters; no number is longer
_JOINS = frozenset({"and", "a"})
_LAST = re.compile(r"([^\W\d_]+|[\d.,]+)[\s-]+$")
_NEXT = re.compile(r"[\s-]+([^\W\d_]+)")


def whole_number(text: str, start: int, end: int) -> tuple[int, int]:
    """The span ``text[start:end]`` with the rest of a number that it begins or ends within."""
    before, after = _LAST.search(text, max(0, start - 20), start), _NEXT.match(text, end, end + 20)
    if not any(match and _is_part(match[1]) for match in (before, after)):
        return start, end
    least = max(0, start - _AROUND)
    for first, last, _ in quantities(text[least : end + _AROUND]):
        first, last = first + least, last + least
        if first < start < last:
            start = first
        if first < end < last:
            end = last
    return start, end


def _is_part(word: str) -> bool:
    lower = word.lower()
    return lower in _JOINS or lower[0].isdigit() or is_number_word(lower)
