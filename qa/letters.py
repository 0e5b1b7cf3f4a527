"""Letters of all alphabets for patterns, where "[A-Z]" would leave out Élodie and Łukasz; the marks
of notes behind them."""

from __future__ import annotations

import re

_ALPHABETS = range(0x80, 0x2000)  # with Latin, Greek, Cyrillic

# Both stand within brackets.
CAPITAL = "A-Z" + "".join(letter for letter in map(chr, _ALPHABETS) if letter.isupper())
SMALL = "a-z" + "".join(letter for letter in map(chr, _ALPHABETS) if letter.islower())

_MARK = re.compile(r"(?:(?<=[^\W\d_]{3})|(?<=\d{4}))[⁰¹²³⁴-⁹]+")


def without_marks(text: str) -> str:
    """Without the marks of notes: "Lind¹", "in 1902³"; not "5 km²", "10⁶"."""
    return text if text.isascii() else _MARK.sub("", text)
