"""Addresses are never quoted in part: "tarn" of "finance@tarn.example" reaches nobody.

The reader's words end at every punctuation mark, and so do the spans that it finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_AROUND = 200  # characters; hardly an address is longer
_MAIL = r"(?<![\w.%+-])[\w%+][\w.%+-]*@[\w-]+(?:\.[\w-]+)+"
_URL = r"(?<!\w)(?:(?:https?|ftp)://|www\.)[^<>\"“”„«»]+"
# Country codes that are words, too (at, in, it), may open a sentence after a missing space.
_HOST = (
    r"(?<![\w.@-])(?:[a-z\d-]{1,63}\.){1,5}(?:com|org|net|edu|gov|de|eu|uk|fr|nl|ch|io)"
    r"(?![\w@-])(?:/[^<>\"“”„«»]*)?"
)
_ADDRESS = re.compile("|".join((_MAIL, _URL, _HOST)), re.IGNORECASE)
_TELEPHONE = re.compile(r"(?<![\w+])\+\d(?:[ ()/-]{0,2}\d){6,14}(?!\d|[.,:]\d)")
_OF_TELEPHONES = frozenset("+0123456789()/- ")
_LONGEST_TELEPHONE = 30
_AFTER = (".", ",", ";", ":", "!", "?", "'", "’", "…")  # these end the clause around an address


def whole_address(text: str, start: int, end: int) -> tuple[int, int]:
    """The span ``text[start:end]`` with the rest of an address that it begins or ends within."""
    return _around(text, start)[0], max(end, _around(text, end)[1])


def _around(text: str, at: int) -> tuple[int, int]:
    """Where the address that holds both characters beside ``at`` begins and ends, or ``at``."""
    for least, match in _addresses_near(text, at):
        first, last = least + match.start(), least + match.start() + len(_bare(match.group()))
        if first < at < last:
            return first, last
    return at, at


def _addresses_near(text: str, at: int) -> Iterator[tuple[int, re.Match[str]]]:
    """Addresses, and where the text begins in which each was found."""
    beside = text[max(0, at - 1) : at + 1]
    if _OF_TELEPHONES.issuperset(beside):
        least = max(0, at - _LONGEST_TELEPHONE)
        for match in _TELEPHONE.finditer(text[least : at + _LONGEST_TELEPHONE]):
            yield least, match
    if len(beside) == 2 and not any(map(str.isspace, beside)):
        head = text[max(0, at - _AROUND) : at].split()[-1]
        tail = text[at : at + _AROUND].split(maxsplit=1)[0]
        for match in _ADDRESS.finditer(head + tail):
            yield at - len(head), match


def _bare(address: str) -> str:
    """Without the marks of its sentence, and the bracket that was opened before it."""
    while address.endswith(_AFTER) or (address.endswith(")") and "(" not in address):
        address = address[:-1]
    return address
