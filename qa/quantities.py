"""Numbers as texts write them: 100,000, 1,00,000, a hundred thousand, 1.5m, £2.1bn, 7.5 per cent.

Only English number words are known. A point is always a decimal point, but for two groups of
three or more (1.000.000) and before a decimal comma (1.234,50); ``1.5m`` is a million and a half,
``5 m`` five metres.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from qa.numerals import SIGN, Token, number_at, numbers_in, tokens_of
from qa.units import CURRENCY_CODES, CURRENCY_SIGNS, SMALLER, unit_of


class Bound(StrEnum):
    """How a number limits what is counted.

    "About 500" and "at least 500" name the same number as "500": the one rounds, the other says
    how far the count has come. "More than 500" and "up to 500" are other statements.
    """

    EXACT = "exact"
    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what it counts.

    Attributes:
        value: of a share (7.5 per cent, a third) the share itself, 0.075.
        units: names of what is counted, made comparable by `qa.units`; empty if nothing is named.
        others: further numbers, as in "5 per cent over *two* years".
    """

    value: Fraction
    bound: Bound = Bound.EXACT
    units: frozenset[str] = frozenset()
    others: tuple[Fraction, ...] = ()

    def contradicts(self, other: Quantity) -> bool:
        """Whether both are of different things or limits, whatever their numbers: $500 and €500,
        <5% and >5%. "5 %" and "5" are not: a column's head may say "%"."""
        if self.bound != other.bound:
            return True
        return bool(self.units and other.units) and not self.units & other.units

    def meets(self, other: Quantity) -> bool:
        """Whether both may state the same: what only one of them says is no difference."""
        if (measured := self._measured()) and measured == other._measured():
            return self.bound == other.bound  # 90 minutes, 1.5 hours
        return (
            (self.value, self.bound) == (other.value, other.bound)
            and (not self.units or not other.units or bool(self.units & other.units))
            and (not self.others or not other.others or self.others == other.others)
        )

    def _measured(self) -> tuple[Fraction, str] | None:
        """The number in the smallest unit, where one unit alone is named."""
        if len(self.units) != 1 or self.others:
            return None
        (unit,) = self.units
        times, smallest = SMALLER.get(unit, (Fraction(1), unit))
        return self.value * times, smallest


_MORE = r"(?:more|greater|higher|larger) than|over|above|upwards? of|in excess of|exceeding"
_LESS = (
    r"(?:less|fewer|lower|smaller) than|under|below|up to|as many as|at (?:the )?(?:very )?most"
    r"|no more than|not more than|a maximum of"
)
_NEAR = (
    r"about|around|some|roughly|approximately|approx\.?|circa|ca?\.|nearly|almost|close to|nearer"
    r"|an estimated|estimated|at least|no (?:fewer|less) than|not less than|just|only|exactly"
    r"|a total of|altogether|in all|or so"
)
_BOUND = re.compile(
    rf"(?P<less>{_LESS})\b|(?P<more>{_MORE})\b|(?:{_NEAR}|the|its|their|his|her|another)(?!\w)",
    re.IGNORECASE,
)
# The sign touches its number: "> 500 people came" is a line of a letter that was answered.
_BOUND_SIGN = re.compile(r"(?<![^\s(|:])(?:(?P<less>[<≤])|>)(?=[$£€¥₹]?\d)")
_BEFORE = re.compile(
    rf"(?:(?:(?:{_LESS}|{_MORE}|{_NEAR})[^\S\n]+)+|(?<![^\s(|:])[<≤>])$", re.IGNORECASE
)
_LONGEST_BOUND = 40
# What a number is of ends at these.
_UNIT_ENDS = """
    of in on at to from for over by with within after before since until per than that which
    who whose when where while as and or but if because were was are is had have has would will
    a an the this
"""
_ENDS = frozenset(_UNIT_ENDS.split())
_JOINS = frozenset({"and", "or", "to", "-", "–", "—", "plus"})
_OF_MONEY = {"k": 10**3, "m": 10**6, "b": 10**9}  # "$1.5 m" are no metres
_MINUS = frozenset("-−–")
_WORDS_OF_UNIT = 4


def quantity(text: str) -> Quantity | None:
    """What ``text`` as a whole states as a number; None if it is no quantity.

    It may open with words that bound the number and go on with what it counts. Ranges and sums
    ("214 passengers and 19 crew") are not one number.
    """
    bound, position = _bound(text)
    tokens = tokens_of(text[position:])
    currency: set[str] = set()
    at = 0
    negative = False
    while at < len(tokens) and not tokens[at].text[0].isalnum() and not tokens[at].digits:
        negative = negative or _signed(tokens, at)
        if sign := CURRENCY_SIGNS.get(tokens[at].text):
            currency.add(sign)
        at += 1
    if at < len(tokens) and tokens[at].text.rstrip(".") in CURRENCY_SIGNS:
        currency.add(CURRENCY_SIGNS[tokens[at].text.rstrip(".")])
        at += 1 + (at + 1 < len(tokens) and tokens[at + 1].text in CURRENCY_SIGNS)
    found = number_at(tokens, at)
    if found is None:
        return None
    value, after, share = found
    value = -value if negative else value
    if currency and after < len(tokens) and tokens[after].text in _OF_MONEY:
        value, after = value * _OF_MONEY[tokens[after].text], after + 1
    units, rest = _units(tokens, after)
    if _joined(tokens, rest) or _one_of(tokens, at, after):
        return None
    if "percent" in units:
        value, share = value / 100, True
    units = frozenset({"share"}) if share else units | currency
    return Quantity(value, bound, units, tuple(numbers_in(tokens, rest)))


def numbers(text: str) -> tuple[Fraction, ...]:
    """All numbers of ``text`` in order, shares apart; "one" and "a" by themselves are no number."""
    return tuple(numbers_in(tokens_of(text), 0))


def quantities(text: str) -> list[tuple[int, int, Quantity]]:
    """Every number in ``text`` with its start and end, what it counts and its bound."""
    return list(_quantities(text))


@lru_cache(maxsize=512)  # sentences, which a question looks at several times
def _quantities(text: str) -> tuple[tuple[int, int, Quantity], ...]:
    tokens = tokens_of(text)
    found: list[tuple[int, int, Quantity]] = []
    at = 0
    while at < len(tokens):
        number = number_at(tokens, at)
        if number is None:
            at += 1
            continue
        start, end = tokens[at].start, tokens[number[1] - 1].end
        start = _with_signs(text, start)
        at = number[1]
        _, rest = _units(tokens, at)
        whole = quantity(text[bound_before(text, start) : tokens[rest - 1].end])
        if whole is not None:
            found.append((start, end, whole))
    return tuple(found)


def _with_signs(text: str, start: int) -> int:
    """Where the signs of a number at ``start`` begin: -$5."""
    if not start or text[start - 1] not in CURRENCY_SIGNS:
        return start
    return start - 1 - (start > 1 and SIGN.match(text, start - 2) is not None)


def _signed(tokens: list[Token], at: int) -> bool:
    """Whether this is the minus of "-$5"."""
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    return (
        tokens[at].text in _MINUS
        and following is not None
        and following.text in CURRENCY_SIGNS
        and following.start == tokens[at].end
    )


def bound_before(text: str, start: int) -> int:
    """Where the words that bound a number at ``start`` begin ("more than | 400"), or ``start``."""
    head = text[max(0, start - _LONGEST_BOUND) : start]
    match = _BEFORE.search(head)
    if match is None:
        return start
    inside_word = match.start() and head[match.start() - 1].isalnum()
    return start if inside_word else start - len(head) + match.start()


def _bound(text: str) -> tuple[Bound, int]:
    """The bound that the text opens with, and where its number can begin."""
    bound, at = Bound.EXACT, 0
    while True:
        while at < len(text) and not text[at].isalnum() and text[at] not in "-−.":
            if text[at] in CURRENCY_SIGNS or SIGN.match(text, at):
                return bound, at
            if sign := _BOUND_SIGN.match(text, at):
                bound = Bound.LESS if sign["less"] else Bound.MORE
            at += 1
        match = _BOUND.match(text, at)
        if match is None or match.end() == at:
            return bound, at
        if match["less"]:
            bound = Bound.LESS
        elif match["more"]:
            bound = Bound.MORE
        at = match.end()


def _units(tokens: list[Token], at: int) -> tuple[frozenset[str], int]:
    """What the number counts, and where the rest begins."""
    units: set[str] = set()
    first = at
    while at < len(tokens) and at < first + _WORDS_OF_UNIT:
        token = tokens[at]
        if token.digits or token.text in _ENDS or token.text in _JOINS:
            break
        if token.text == "per" or token.text == "%" or token.text[0].isalpha():
            if unit := CURRENCY_CODES.get(token.text) or unit_of(token.text):
                units.add(unit)
        elif token.text in CURRENCY_SIGNS:
            units.add(CURRENCY_SIGNS[token.text])
        elif token.text not in "-'’\"“”":
            break
        at += 1
    if at == first and [token.text for token in tokens[at : at + 2]] == ["per", "cent"]:
        return frozenset({"percent"}), at + 2
    return frozenset(units), at


def _joined(tokens: list[Token], at: int) -> bool:
    """Whether a second number belongs to the first: a range or a sum."""
    if at >= len(tokens) or tokens[at].text not in _JOINS:
        return False
    return number_at(tokens, at + 1) is not None


def _one_of(tokens: list[Token], at: int, after: int) -> bool:
    """ "One of the people", "one day" and "one" name somebody, they do not count."""
    return (
        after == at + 1
        and tokens[at].text == "one"
        and after < len(tokens)
        and (tokens[after].text in {"of", "another"})
    )
