"""Names in a question that no document mentions: "What does Project Eagle cost?", of a library
that has Heron and Falcon.

A reader takes what is asked for from the nearest thing that it finds. Where the documents never
mention whom the question names, they hardly answer it; how hardly, `python -m
benchmarks.unknown_names` counts. But a text may well say Spain where the question says Spanish, and
the lessee where it says the Tenant. So only what is surely a name counts: a capital inside of an
English sentence, no article before it, the last word of its name, no acronym, abbreviation, role
or nationality; or letters with digits, as in X200.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from index.lexical import STOP_WORDS
from qa.claims import roots
from qa.names import NO_NAMES, spelt_alike
from qa.words import plain

AGAINST = 2.0  # log-odds that an answer loses where a name is unknown
AGAINST_IN_PLACE = 3.5  # and where the documents have another in its place, as Project Heron

_TOKEN = re.compile(r"\w+(?:[-'’.&]\w+)*|[^\w\s]")
_POSSESSIVE = re.compile(r"['’]s?$")
_MODEL = re.compile(r"(?P<letters>[^\W\d_]+)-?(?P<digits>\d+)[^\W_]*")
_LETTERS_AT_LEAST = 4
_LOOKED_UP_AT_MOST = 8  # names; nobody asks for more
# Of nationalities; that some names end so, too, leaves those alone.
_NATIONAL = ("ish", "ese", "ian", "ean", "can", "man", "yan", "ans")
_NATIONAL_WORDS = "french dutch greek swiss czech thai welsh irish scots arab turk"
_DETERMINERS = """
    the a an this these those my your his her its our their any each every no all some another
    which what
"""
# What is often shortened, feasts that stand for a day, and greetings.
_SHORTENED = """
    mount saint street avenue road square fort point lake river island christmas easter eve thanks
    regards hello please
"""
_ENGLISH_WORDS = """
    the of and or to for from with by on is are were did does has have had who what which when where
    why how whose whom can about
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())  # but for what is a word of German, too: was, in, an
_NO_NAMES = NO_NAMES | frozenset(_SHORTENED.split()) | frozenset(_NATIONAL_WORDS.split())
_WITH_ARTICLE = frozenset(_DETERMINERS.split())


@dataclass(frozen=True, slots=True)
class Unknown:
    """Names that no document mentions.

    Attributes:
        against: log-odds that any answer loses by them; 0 where there are none.
    """

    names: tuple[str, ...] = ()
    against: float = 0.0


@dataclass(frozen=True, slots=True)
class _Named:
    """A name in a question.

    Attributes:
        name: as it stands there.
        last: its last word, which tells it from others.
        before: the word before that, and the one before it, in lower case; empty at the start.
    """

    name: str
    last: str
    before: tuple[str, str]


def unknown_names(question: str, texts: Sequence[str], is_known: Callable[[str], bool]) -> Unknown:
    """The names in the question, as it was asked, that no document holds in any form.

    Args:
        texts: what was read; most names stand there, as they are or in another spelling.
        is_known: whether any document holds a word; asked only of what the texts do not hold.
    """
    read = _Read(texts)
    asked = list(_names(question))[:_LOOKED_UP_AT_MOST]
    unknown = [n for n in asked if not read.holds(n) and not is_known(n.last) and not read.has(n)]
    in_place = any(read.has_another_for(named) for named in unknown)
    against = AGAINST_IN_PLACE if in_place else AGAINST
    return Unknown(tuple(dict.fromkeys(n.name for n in unknown)), against if unknown else 0.0)


def _names(question: str) -> Iterator[_Named]:
    tokens = _TOKEN.findall(question)
    lower = [plain(_POSSESSIVE.sub("", token)) for token in tokens]
    if _ENGLISH.isdisjoint(lower) or _is_headline(tokens[1:]):
        return
    for start, end in _runs(tokens):
        last = _POSSESSIVE.sub("", tokens[end - 1])
        shortened = tokens[end : end + 1] == ["."] and end + 1 < len(tokens)
        with_article = plain(tokens[start - 1]) in _WITH_ARTICLE
        if _MODEL.fullmatch(last) or not (with_article or shortened or _is_no_name(last)):
            name = " ".join([*tokens[start : end - 1], last])
            yield _Named(name, last, (lower[end - 2], lower[end - 3] if end > 2 else ""))


def _runs(tokens: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Of words that may be names, but for those that open the question, a sentence, a greeting."""
    may_be = [number > 0 and _may_be_named(token) for number, token in enumerate(tokens)]
    start = 0
    for is_one, run in groupby(may_be):
        end = start + sum(1 for _ in run)
        if is_one and tokens[start - 1][0].isalnum():
            yield start, end
        start = end


def _may_be_named(token: str) -> bool:
    return token[0].isupper() or bool(_MODEL.fullmatch(token))


def _is_no_name(word: str) -> bool:
    lower = plain(word)
    if lower in _NO_NAMES or not word.isalpha():
        return True
    capitals = sum(c.isupper() for c in word)
    return len(word) < _LETTERS_AT_LEAST or capitals > 1 or lower.endswith(_NATIONAL)


def _is_headline(tokens: Sequence[str]) -> bool:
    """With a capital to every word that says anything: they tell no names."""
    said = [t for t in tokens if t[0].isalpha() and plain(t) not in STOP_WORDS | _ENGLISH]
    return len(said) > 2 and all(token[0].isupper() for token in said)


class _Read:
    """The texts that were read."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def holds(self, named: _Named) -> bool:
        """The name's last word, or a form of it: Korea and Korean, X200 and X-200."""
        if _MODEL.fullmatch(named.last):
            return _condensed(named.last) in self._condensed
        return not self._roots.isdisjoint(roots(named.last))

    def has(self, named: _Named) -> bool:
        """The name in another spelling, or abbreviated."""
        one = plain(named.last)
        if any(c.isdigit() for c in one):
            return False
        if any(spelt_alike(one, other) for other in self._capitals):
            return True
        initials = "".join(word[0] for word in named.name.split())
        return len(initials) > 1 and initials.lower() in self._capitals

    def has_another_for(self, named: _Named) -> bool:
        """Whether a text names another where the question has this one: "Project Heron"."""
        model = _MODEL.fullmatch(named.last)
        if model:
            return any(
                found["letters"].lower() == model["letters"].lower()
                for text in self._texts
                for found in _MODEL.finditer(text)
            )
        before, earlier = named.before
        if before in STOP_WORDS and (not earlier or earlier in STOP_WORDS):
            return False
        place = (earlier, before) if before in STOP_WORDS else (before,)
        return any(
            tuple(plain(token) for token in tokens[at - len(place) : at]) == place
            for tokens in self._tokens
            for at in range(len(place), len(tokens))
            if tokens[at][0].isupper() and tokens[at - 1][0].isalnum()
        )

    @cached_property
    def _tokens(self) -> list[list[str]]:
        return [_TOKEN.findall(text) for text in self._texts]

    @cached_property
    def _roots(self) -> frozenset[str]:
        return frozenset().union(*map(roots, self._texts))

    @cached_property
    def _capitals(self) -> frozenset[str]:
        return frozenset(
            plain(_POSSESSIVE.sub("", token))
            for tokens in self._tokens
            for token in tokens
            if token[0].isupper()
        )

    @cached_property
    def _condensed(self) -> str:
        return " ".join(map(_condensed, self._texts))


def _condensed(text: str) -> str:
    """Letters and digits alone."""
    return "".join(c for c in plain(text) if c.isalnum())
