"""Names in a question that no document holds: "What does Project Eagle cost?", of a library that
has Heron and Falcon.

A reader takes what is asked for from the nearest thing that it finds. Where the documents never
mention whom the question names, they hardly answer it; `python -m benchmarks.unknown_names`
counts how seldom they do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from qa.claims import roots
from qa.names import spelt_alike
from qa.question_words import names_in
from qa.rivals import NO_NAMES
from qa.words import plain, stems

UNLIKELY = 3.5  # log-odds that an answer loses, by `benchmarks.unknown_names`

_WORD = re.compile(r"[^\W_]+(?:[.&][^\W_]+)*")
_ACRONYM_LETTERS = range(2, 7)
_LONG = 4  # letters; of shorter words not all have a capital in a headline
_CAPITALS_AT_LEAST = 3  # of a headline


def unknown_names(
    question: str, texts: Sequence[str], is_known: Callable[[str], bool]
) -> tuple[str, ...]:
    """The names in the question with a word that no document holds, in the question's order.

    Known is what one of the texts holds in another form or spelling, too (Korea, Korean;
    Zelensky, Zelenskyy; WHO, World Health Organization).

    Args:
        texts: what was read; most names stand there.
        is_known: whether any document holds a word; asked only of what the texts do not hold.
    """
    rest = question.strip().partition(" ")[2]  # the first word has a capital in any case
    if _is_headline(rest):
        return ()
    held = frozenset().union(*map(roots, texts))
    found: dict[str, None] = {}
    for name in names_in(rest):
        missing = [word for word in _words(name) if not roots(word) & held]
        if missing and not _otherwise(name, missing, texts) and not all(map(is_known, missing)):
            found[name] = None
    return tuple(found)


def _is_headline(text: str) -> bool:
    """With a capital to every word, or in capitals: they tell no names."""
    long = [word for word in _WORD.findall(text) if len(word) >= _LONG]
    return len(long) >= _CAPITALS_AT_LEAST and all(word[0].isupper() for word in long)


def _words(name: str) -> list[str]:
    """What distinguishes the name."""
    return [word for word in _WORD.findall(name) if plain(word) not in NO_NAMES and stems(word)]


def _otherwise(name: str, missing: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether the texts hold the missing words in another spelling, or the name abbreviated."""
    told = [_WORD.findall(other) for text in texts for other in names_in(text)]
    if any(_initials(words) in map(plain, missing) for words in told):
        return True
    if (initials := _initials(_WORD.findall(name))) and [initials] in [
        [plain(word) for word in words] for words in told
    ]:
        return True
    spelt = {plain(word) for words in told for word in words}
    return all(any(_alike(plain(word), other) for other in spelt) for word in missing)


def _alike(one: str, two: str) -> bool:
    """X200 and X300 are two."""
    return spelt_alike(one, two) and not any(c.isdigit() for c in one + two)


def _initials(words: Sequence[str]) -> str:
    """In lower case, of the words with a capital; empty if they are too few or too many."""
    letters = "".join(word[0] for word in words if word[0].isupper()).lower()
    return letters if len(letters) in _ACRONYM_LETTERS else ""
