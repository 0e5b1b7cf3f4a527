"""Noun phrases, by rules of thumb over words and capitals instead of a parse."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.documents import Span
from qa.names import TITLES
from qa.reporting import verb_forms
from qa.words import plain

_WORD = re.compile(r"\d+(?:,\d{3})+(?!\w)|[^\W_]+(?:['’&.-][^\W_]+)*\.?(?:['’](?!\w))?|[^\w\s]")
PRONOUNS = frozenset({"he", "she", "they", "it", "we", "i", "you", "who"})
_REFLEXIVE = frozenset({"himself", "herself", "itself", "themselves"})
_DETERMINERS = """
    the a an his her its their our my your this that these those some several many two three four
    five six seven eight nine ten one another both each no other most few all
"""
DETERMINER = frozenset(_DETERMINERS.split())
_PREPOSITIONS = "of for in at from to on with by near about against behind"
INNER_PREPOSITIONS = frozenset(_PREPOSITIONS.split())
_BREAKS = """
    who which that whose when where while because but after before until unless if as than whom
    has have had is was were are be will would can could may might must did does do said told says
    been being and or via on during following since through when amid citing quoting adding
"""
BREAK = frozenset(_BREAKS.split())
_PARTICIPLE = re.compile(r"[a-z]+(?:ed|ing)$")
_PARTICLES = "of de da do del della di van von der den la le el al bin ibn & and"
NAME_PARTICLE = frozenset(_PARTICLES.split())
_SHORTENED_TITLES = "mr mrs ms dr prof col capt gen lt sgt maj rev st mt"
_SHORTENED = frozenset(_SHORTENED_TITLES.split())
_WORDS_OF_TITLE = 2  # before its last: "Deputy Finance | minister"


@dataclass(frozen=True, slots=True)
class Word:
    """A word or a sign; offsets are those of the text that it was found in."""

    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        return plain(self.text).rstrip(".")

    @property
    def capital(self) -> bool:
        return self.text[0].isupper() and self.lower not in PRONOUNS

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()


def capitals(phrase: list[Word]) -> list[Word]:
    """The capitalised words that it begins with."""
    at = 0
    while at < len(phrase) and phrase[at].capital:
        at += 1
    return phrase[:at]


def words_in(text: str, start: int, end: int) -> list[Word]:
    """The words and signs of ``text[start:end]``."""
    return [
        Word(m.group(), m.start(), m.end()) for m in _WORD.finditer(text, start, max(start, end))
    ]


def named(phrase: list[Word]) -> Span:
    """The name at the end of the phrase with its titles, else all of it."""
    phrase = _without_place(phrase)
    at = len(phrase)
    while at > 0 and (
        phrase[at - 1].capital or (phrase[at - 1].text in "&.’'" and at < len(phrase))
    ):
        at -= 1
    if at == len(phrase) or at == 0 or phrase[at - 1].lower in INNER_PREPOSITIONS:
        return Span(phrase[0].start, phrase[-1].end)
    if phrase[at - 1].lower in NAME_PARTICLE:
        return Span(phrase[0].start, phrase[-1].end)
    run = phrase[at:]
    if phrase[at - 1].lower in TITLES and run[0].lower != "the":
        while at > 0 and _is_title(phrase[at - 1]):
            at -= 1
        return Span(phrase[_of_title(phrase, at)].start, phrase[-1].end)
    if (
        phrase[0].lower in DETERMINER
        and at <= 2
        and len(run) > 1
        and phrase[at - 1] is not phrase[0]
    ):
        return Span(run[0].start, phrase[-1].end)  # "my friend | Ottoline Marsh"
    if not phrase[0].capital and phrase[0].lower not in DETERMINER:
        return Span(run[0].start, phrase[-1].end)  # "talk show host | Igor Korotchenko"
    return Span(phrase[0].start, phrase[-1].end)


def _of_title(phrase: list[Word], at: int) -> int:
    """Where a title begins that a capital tells to be more: "Finance | minister Ada Lind"."""
    before = phrase[:at]
    whole = all(word.capital and word.lower not in DETERMINER for word in before)
    return 0 if whole and len(before) <= _WORDS_OF_TITLE else at


def _without_place(phrase: list[Word]) -> list[Word]:
    """ "Ada Lind | in a talk on Channel 4": what follows a name is no part of it."""
    for at, word in enumerate(phrase):
        if at and word.lower in {"in", "at", "on", "during"} and ends_in_name(phrase[:at]):
            return phrase[:at]
        if at > 1 and word.lower == "at" and phrase[at + 1 :] and phrase[at + 1].lower == "a":
            return phrase[:at]
    return phrase


def _is_title(word: Word) -> bool:
    return word.lower in TITLES


def phrase_from(words: list[Word]) -> list[Word]:
    """The noun phrase at the beginning: up to a comma, a verb or a word such as "when"."""
    phrase: list[Word] = []
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else None
        if not word.is_word:
            if word.text in "&" and phrase:
                phrase.append(word)
                continue
            break
        if phrase and word.lower in PRONOUNS | _REFLEXIVE:
            break
        if phrase and word.lower in BREAK:
            joins = word.lower == "and" and phrase[-1].capital and following and following.capital
            if not joins:
                break
        if phrase and phrase[-1].capital and _surely_verb(word):
            break
        if phrase and _PARTICIPLE.match(word.text) and not _owns(phrase[-1]):
            break
        phrase.append(word)
        # A full stop ends the phrase unless it marks a title or an initial: "Mr.", "V."
        if word.text.endswith(".") and not _abbreviated(word):
            break
    while phrase and phrase[-1].lower in INNER_PREPOSITIONS | DETERMINER | {"and"}:
        phrase.pop()
    if phrase and phrase[-1].text.endswith(".") and not _abbreviated(phrase[-1]):
        last = phrase[-1]
        phrase[-1] = Word(last.text[:-1], last.start, last.end - 1)
    return phrase


def _owns(word: Word) -> bool:
    """Whether a noun must follow: "the", "the club's"."""
    return word.lower in DETERMINER or word.text.endswith(("'s", "’s"))


def _surely_verb(word: Word) -> bool:
    """ "said", "reports"; not "state", as in "Russian state TV"."""
    form = verb_forms().get(word.text)
    return form is not None and not form.base


def _abbreviated(word: Word) -> bool:
    return word.lower in _SHORTENED or len(word.lower) == 1


def participle(word: Word) -> bool:
    """Whether it has the form of one: "asked", "speaking"."""
    return _PARTICIPLE.match(word.text) is not None


def ends_in_name(part: list[Word]) -> bool:
    """Whether it ends in a name that is no place: "the mayor Ada Lind", not "the mayor of Tarn"."""
    at = len(part)
    while at > 0 and part[at - 1].capital:
        at -= 1
    inner = part[:at]
    while inner and inner[-1].lower in {"the", "neighbouring", "nearby"}:
        inner = inner[:-1]
    return at < len(part) and not (inner and inner[-1].lower in INNER_PREPOSITIONS)
