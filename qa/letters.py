"""Letters of all alphabets for patterns, where "[A-Z]" would leave out Élodie and Łukasz."""

from __future__ import annotations

_ALPHABETS = range(0x80, 0x2000)  # with Latin, Greek, Cyrillic

# Both stand within brackets.
CAPITAL = "A-Z" + "".join(letter for letter in map(chr, _ALPHABETS) if letter.isupper())
SMALL = "a-z" + "".join(letter for letter in map(chr, _ALPHABETS) if letter.islower())
