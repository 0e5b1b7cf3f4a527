"""Whether a text tells of another than the one that is asked for: of Falcon, not of Heron.

Reports, contracts and manuals are written alike, each of its own project, customer or model. Two
such texts do not differ, they speak of two things. Told by the place: where one text says "the
budget for Heron is", the other says "the budget for Falcon is", and of Heron it says nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from index.lexical import STOP_WORDS
from qa.names import NO_NAMES, TIMES, spelt_alike
from qa.words import plain, stems

_TOKEN = re.compile(r"\w+(?:[-'’.&]\w+)*|[^\w\s]|\n")
_TELLS_NOTHING = STOP_WORDS | TIMES
_EDGE = ("", "")


@dataclass(frozen=True, slots=True)
class _Place:
    """A word that may be a name, in lower case, with the two words on either side of it."""

    word: str
    before: tuple[str, str]
    after: tuple[str, str]

    @property
    def opens(self) -> bool:
        """Whether a sentence begins with it: then it may be any word."""
        return not self.before[1][:1].isalnum()

    def alike(self) -> Iterator[tuple[str, ...]]:
        """What stands around it: a word on one side and two on the other."""
        yield (*self.before, "_", self.after[0])
        yield (self.before[1], "_", *self.after)


def tells_of_another(names: Iterable[str], home: str, other: str) -> bool:
    """Whether ``other`` names somebody else where ``home`` names whom the question asks about.

    It does not where it holds the last word of the name: Roan is Benedikt Roan.

    Args:
        names: those in the question.
        home: the text of the best answer.
        other: a text of another source.
    """
    held, known = frozenset(stems(home)), frozenset(stems(other))
    missing = frozenset(stem for stem in map(_last, names) if stem in held and stem not in known)
    if not missing:
        return False
    around = _around(home)
    own = frozenset(place.word for places in around.values() for place in places)
    elsewhere = _around(other)
    sure = {p.word for places in elsewhere.values() for p in places if not p.opens} - own - held
    for context, places in elsewhere.items():
        named = {place.word for place in around.get(context, ()) if _is(place.word, missing)}
        rivals = sure.intersection(place.word for place in places)
        if any(_are_two(name, rival) for name in named for rival in rivals):
            return True
    return False


def _are_two(name: str, rival: str) -> bool:
    """Not two spellings of one; X200 and X300 are two."""
    return not spelt_alike(name, rival) or any(c.isdigit() for c in name + rival)


def _last(name: str) -> str | None:
    """The stem of the last word of a name that tells it from others."""
    words = [word for word in plain(name).split() if word not in NO_NAMES]
    return next(iter(stems(words[-1])), None) if words else None


def _is(word: str, names: Collection[str]) -> bool:
    return any(stem in names for stem in stems(word))


@lru_cache(maxsize=256)
def _around(text: str) -> Mapping[tuple[str, ...], list[_Place]]:
    """The places of names in a text, by what stands around them, if that says anything."""
    found: dict[tuple[str, ...], list[_Place]] = defaultdict(list)
    for place in _places(text):
        for context in place.alike():
            if any(map(_tells, context)):
                found[context].append(place)
    return found


def _tells(word: str) -> bool:
    return word[:1].isalpha() and word not in _TELLS_NOTHING


def _places(text: str) -> Iterator[_Place]:
    tokens = _TOKEN.findall(text)
    words = [*_EDGE, *(re.sub(r"['’]s$", "", plain(token)) for token in tokens), *_EDGE]
    for number, token in enumerate(tokens):
        word = words[number + 2]
        if (token[0].isupper() or _has_digit_and_letter(token)) and word not in NO_NAMES:
            yield _Place(
                word,
                (words[number], words[number + 1]),
                (words[number + 3], words[number + 4]),
            )


def _has_digit_and_letter(token: str) -> bool:
    return any(c.isdigit() for c in token) and any(c.isalpha() for c in token)
