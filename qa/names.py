"""Names of people, bodies and places: what a span names, and whether two spans name the same.

A rule of thumb in each case, without a list of names: capitals tell where a name stands, titles
and commas tell which of several names is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from index.lexical import STOP_WORDS
from qa.words import plain

_TOKEN = re.compile(r"\w+(?:[-'’.&]\w+)*(?:[+#]+|[.])?|[&,;:()–—\[\]]|\s-\s")
_APPOSITION = frozenset(",;:()–—[]")
_RELATIVES = frozenset({"who", "which", "that", "whose", "where", "when", "as", "said"})

# Words before a name that are not part of it: "Foreign Minister Anselm Grau", "Dr. Kaminer".
_TITLES = """
    mr mrs ms miss mx dr prof professor sir dame lady lord col colonel capt captain gen general
    lt lieutenant sgt sergeant maj major admiral inspector superintendent detective officer chief
    president minister premier chancellor mayor governor senator congressman congresswoman
    representative councillor councilor councilman councilwoman alderman mp mep judge justice
    magistrate rev reverend father sister brother bishop archbishop cardinal pope rabbi imam king
    queen prince princess duke emir sultan director manager chairman chairwoman chairperson chair
    spokesman spokeswoman spokesperson ambassador envoy secretary commissioner commander
    commandant deputy vice acting former ex prime executive ceo cfo coach captain skipper trainer
    analyst economist lawyer attorney solicitor editor reporter correspondent journalist author
    founder owner co-founder engineer doctor nurse surgeon physician researcher scientist
    historian expert pundit activist farmer fisherman teacher leader harbour harbor master
"""
# Words of bodies that many bodies share: alone, or with other such words, they name none.
_GENERIC = """
    ministry embassy consulate authority agency union company committee court council government
    service office unit board department bureau commission federation parliament senate police
    army navy military coast guard church bank university college school hospital institute party
    group association society club team house newspaper paper report state national regional
    federal central international public republic people kingdom city town village county district
    foreign interior defence defense finance environment health transport energy education press
    organisers organizers residents officials authorities investigators witnesses sources source
    spokespeople firm operator tribunal panel inquiry inspectorate laboratory fire lawyers police
    the this that our their his her its one two three four five six some several many a an old
    monday tuesday wednesday thursday friday saturday sunday he she they it we i you
"""
_PARTICLES = "of for de da do del della di van von der den la le el al bin ibn & and the"
_DIRECTIONS = (
    "north south east west northern southern eastern western new upper lower great greater"
)
_AFTER_A_NAME = "of for in at from on with by to near off under over and or is was has said"
_TIMES = """
    january february march april may june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday
"""
# What a firm is besides its name.
_FORMS = """
    company corporation incorporated limited corp inc ltd gmbh ag sa llc plc holdings group brothers
    sons
"""
TITLES = frozenset(_TITLES.split())
GENERIC = TITLES | frozenset(_GENERIC.split())
TIMES = frozenset(_TIMES.split())
NO_NAMES = GENERIC | STOP_WORDS | TIMES | frozenset(_FORMS.split())  # alone they name nobody
_INSIDE = frozenset(_PARTICLES.split())
_TELLING = frozenset(_DIRECTIONS.split())
_PREPOSITIONS = frozenset(_AFTER_A_NAME.split())
_WHOLES = frozenset({"of", "for", "and", "&"})  # a name with these is not shortened to a part
_SIMILAR = 0.75
_COMPARED_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Name:
    """The words of a name in lower case, without titles and accents; ``acronym`` if it is one."""

    words: tuple[str, ...]
    acronym: bool = False

    @property
    def distinctive(self) -> bool:
        """Whether it tells one bearer from others; "the Foreign Ministry" does not."""
        return any(word not in GENERIC and word not in _INSIDE for word in self.words)

    def meets(self, other: Name) -> bool:
        """Whether both may be forms of one name: "Nechaev", "Ivan Nechaev", "I. Nechaev"."""
        if self.words == other.words:
            return True
        if not (self.distinctive and other.distinctive):
            return False
        if self.acronym != other.acronym and _abbreviates(
            *((self, other) if self.acronym else (other, self))
        ):
            return True
        if len(self.words) == len(other.words):
            return _variants(self.words, other.words)
        short, long = sorted((self.words, other.words), key=len)
        return _shortens(short, long)


@lru_cache(maxsize=4096)
def name_of(text: str) -> Name | None:
    """The name that the span is about; None if it names nobody.

    Of "Ivan Nechaev, deputy director of ...", "deputy director Ivan Nechaev" and "its deputy
    director, Ivan Nechaev" the name is ``ivan nechaev``; "the director of Otto's" has none.
    """
    segment: list[str] = []
    for token in [*_TOKEN.findall(text), ","]:
        if token.strip() in _APPOSITION or token.strip() == "-" or token in _RELATIVES:
            if found := _head(segment):
                return found
            segment = []
        else:
            segment.append(token)
    return None


def _head(segment: list[str]) -> Name | None:
    """The name that ends the segment, or that a preposition or a verb follows."""
    start = 0
    while start < len(segment):
        if not _capital(segment[start]):
            if start and segment[start] in _PREPOSITIONS:
                return None  # "the foreign ministry of Karst" is not Karst
            start += 1
            continue
        end = _run_end(segment, start)
        following = segment[end] if end < len(segment) else ""
        possessive = re.search(r"['’]s?$", segment[end - 1]) and following
        if not possessive and (not following or following in _PREPOSITIONS):
            return _name(segment[start:end])
        start = end
    return None


def _run_end(segment: list[str], start: int) -> int:
    """Where the run of capitalised words from ``start`` ends, joined by "of the" and the like."""
    end = start + 1
    while end < len(segment):
        if _capital(segment[end]) or segment[end].isdigit():  # "Channel 4"
            end += 1
            continue
        after = end
        while after < len(segment) and segment[after].lower() in _INSIDE:
            after += 1
        joins = end < after < len(segment) and _capital(segment[after])
        if not joins or (segment[end] == "of" and not _takes_of(segment[start:end], segment[end:])):
            return end
        end = after + 1
    return end


def _takes_of(head: list[str], rest: list[str]) -> bool:
    """Of "Ministry of Fisheries" and "Isle of Man" it is part; "Dieter Lanz of Quayside" ends."""
    last = plain(head[-1]).rstrip(".")
    return (last in GENERIC and last not in TITLES) or (len(head) == 1 and _capital(rest[1]))


def _capital(token: str) -> bool:
    return token[0].isupper() or (token[0].isdigit() and not token.isdigit())


def _name(run: list[str]) -> Name | None:
    words = [re.sub(r"['’]s?$", "", plain(token).rstrip(".")) for token in run]
    titled = [i for i, word in enumerate(words) if word in TITLES]
    if titled and titled[-1] + 1 < len(words):
        words, run = words[titled[-1] + 1 :], run[titled[-1] + 1 :]
    while words and words[0] in {"the", "a", "an"}:
        words, run = words[1:], run[1:]
    if not words:
        return None
    acronym = len(run) == 1 and run[0].isupper() and 2 <= len(words[0]) <= 6
    return Name(tuple(words), acronym)


def _shortens(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    if _WHOLES & set(long) and not _WHOLES & set(short):
        return False
    for at in (0, len(long) - len(short)):
        part = long[at : at + len(short)]
        left = long[:at] + long[at + len(short) :]
        if all(map(_same_word, part, short)) and not _tells_apart(left):
            return True
    # A middle name: the ends are the same.
    ends = _same_word(short[0], long[0]) and short[-1] == long[-1]
    return ends and len(short) == 2 and len(long) == 3 and not _tells_apart(long[1:2])


def _tells_apart(words: tuple[str, ...]) -> bool:
    """ "North Korea" is not Korea, and "Channel 4" is not the Channel."""
    return any(word in _TELLING or any(c.isdigit() for c in word) for word in words)


def _variants(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Two spellings of one name: the same last word, the others alike or initials."""
    return (
        len(one) > 1
        and one[-1] == two[-1]
        and not any(c.isdigit() for word in one + two for c in word)
        and all(map(spelt_alike, one[:-1], two[:-1]))
    )


def _same_word(one: str, two: str) -> bool:
    return one == two or (1 in (len(one), len(two)) and one[0] == two[0] and one[0].isalpha())


def spelt_alike(one: str, two: str) -> bool:
    """Raphael and Rafael; not Maria and Mario, who are two people."""
    if _same_word(one, two):
        return True
    if min(len(one), len(two)) < _COMPARED_LETTERS or one[0] != two[0] or one in GENERIC:
        return False
    ratio = SequenceMatcher(None, one, two, autojunk=False).ratio()
    return ratio >= _SIMILAR and one[:-1] != two[:-1]


def _abbreviates(short: Name, long: Name) -> bool:
    initials = "".join(word[0] for word in long.words if word not in _INSIDE)
    return len(initials) > 1 and initials == short.words[0].replace(".", "")
