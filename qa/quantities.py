"""Numbers as texts write them: 100,000, 1,00,000, a hundred thousand, 1.5m, £2.1bn, 7.5 per cent.

Only English number words are known. A point is always a decimal point, but for two groups of
three or more (1.000.000); ``1.5m`` is a million and a half, ``5 m`` five metres.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from qa.units import CURRENCY_SIGNS, unit_of


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

    def meets(self, other: Quantity) -> bool:
        """Whether both may state the same: what only one of them says is no difference."""
        return (
            (self.value, self.bound) == (other.value, other.bound)
            and (not self.units or not other.units or bool(self.units & other.units))
            and (not self.others or not other.others or self.others == other.others)
        )


_DIGITS_AT_MOST = 30
_SPACE = " \u00a0\u2009\u202f"
_TOKEN = re.compile(
    r"(?P<digits>(?<![\w.,])[-−]?(?:"
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d|,\d)"  # 100,000
    r"|\d{1,2}(?:,\d{2})*,\d{3}(?:\.\d+)?(?!\d|,\d)"  # 1,00,000
    rf"|\d{{1,3}}(?:[{_SPACE}'’]\d{{3}})+(?!\d)"  # 100 000
    r"|\d{1,3}(?:\.\d{3}){2,}(?!\d)"  # 1.000.000
    r"|\d+,\d{1,2}(?![\d,])"  # 3,5
    r"|\d+(?:\.\d+)?(?!\d|,\d|\.\d)|\.\d+))"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?\.?(?<![^\W\d_]{4}\.))"
    r"|(?P<mark>[^\w\s])",
)

_ONES = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: number for number, word in enumerate(_ONES.split())} | {
    word: 10 * number for number, word in enumerate(_TENS.split(), start=2)
}
_LARGE = {
    "dozen": 12,
    "score": 20,
    "hundred": 100,
    "thousand": 1_000,
    "lakh": 100_000,
    "million": 1_000_000,
    "crore": 10_000_000,
    "billion": 10**9,
    "trillion": 10**12,
}
_SUFFIXES = {"k": 10**3, "m": 10**6, "mn": 10**6, "mln": 10**6, "bn": 10**9, "tn": 10**12}
_SUFFIXES_ANYWHERE = frozenset({"mn", "mln", "bn", "tn"})  # "5 m" are metres, "5 k" is unclear
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_PARTS |= {"halves": 2} | {f"{word}s": part for word, part in _PARTS.items() if word != "half"}

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
_BEFORE = re.compile(rf"(?:(?:{_LESS}|{_MORE}|{_NEAR})[^\S\n]+)+$", re.IGNORECASE)
_LONGEST_BOUND = 40
# What a number is of ends at these.
_UNIT_ENDS = """
    of in on at to from for over by with within after before since until per than that which
    who whose when where while as and or but if because were was are is had have has would will
    a an the this
"""
_ENDS = frozenset(_UNIT_ENDS.split())
_JOINS = frozenset({"and", "or", "to", "-", "–", "—", "plus"})
_WORDS_OF_UNIT = 4


@dataclass(frozen=True, slots=True)
class _Token:
    text: str  # in lower case
    start: int
    end: int
    digits: bool


def quantity(text: str) -> Quantity | None:
    """What ``text`` as a whole states as a number; None if it is no quantity.

    It may open with words that bound the number and go on with what it counts. Ranges and sums
    ("214 passengers and 19 crew") are not one number.
    """
    bound, position = _bound(text)
    tokens = _tokens(text[position:])
    currency: set[str] = set()
    at = 0
    while at < len(tokens) and not tokens[at].text[0].isalnum() and not tokens[at].digits:
        if sign := CURRENCY_SIGNS.get(tokens[at].text):
            currency.add(sign)
        at += 1
    if at < len(tokens) and tokens[at].text.rstrip(".") in CURRENCY_SIGNS:
        currency.add(CURRENCY_SIGNS[tokens[at].text.rstrip(".")])
        at += 1 + (at + 1 < len(tokens) and tokens[at + 1].text in CURRENCY_SIGNS)
    found = _number(tokens, at)
    if found is None:
        return None
    value, after, share = found
    units, rest = _units(tokens, after)
    if _joined(tokens, rest) or _one_of(tokens, at, after):
        return None
    if "percent" in units:
        value, share = value / 100, True
    units = frozenset({"share"}) if share else units | currency
    return Quantity(value, bound, units, tuple(numbers_in(tokens, rest)))


def numbers(text: str) -> tuple[Fraction, ...]:
    """All numbers of ``text`` in order, shares apart; "one" and "a" by themselves are no number."""
    return tuple(numbers_in(_tokens(text), 0))


def quantities(text: str) -> list[tuple[int, int, Quantity]]:
    """Every number in ``text`` with its start and end, what it counts and its bound."""
    tokens = _tokens(text)
    found: list[tuple[int, int, Quantity]] = []
    at = 0
    while at < len(tokens):
        number = _number(tokens, at)
        if number is None:
            at += 1
            continue
        start, end = tokens[at].start, tokens[number[1] - 1].end
        start -= start > 0 and text[start - 1] in CURRENCY_SIGNS
        at = number[1]
        _, rest = _units(tokens, at)
        whole = quantity(text[bound_before(text, start) : tokens[rest - 1].end])
        if whole is not None:
            found.append((start, end, whole))
    return found


def bound_before(text: str, start: int) -> int:
    """Where the words that bound a number at ``start`` begin ("more than | 400"), or ``start``."""
    head = text[max(0, start - _LONGEST_BOUND) : start]
    match = _BEFORE.search(head)
    if match is None:
        return start
    inside_word = match.start() and head[match.start() - 1].isalnum()
    return start if inside_word else start - len(head) + match.start()


def numbers_in(tokens: list[_Token], at: int) -> list[Fraction]:
    found: list[Fraction] = []
    while at < len(tokens):
        number = _number(tokens, at)
        if number is None or (number[1] == at + 1 and tokens[at].text in {"one", "half"}):
            at += 1
            continue
        found.append(number[0])
        at = number[1]
    return found


def _tokens(text: str) -> list[_Token]:
    return [
        _Token(
            match.group().casefold().rstrip(".") if match["word"] else match.group(),
            match.start(),
            match.end(),
            bool(match["digits"]),
        )
        for match in _TOKEN.finditer(text)
    ]


def _bound(text: str) -> tuple[Bound, int]:
    """The bound that the text opens with, and where its number can begin."""
    bound, at = Bound.EXACT, 0
    while True:
        while at < len(text) and not text[at].isalnum() and text[at] not in "-−.":
            if text[at] in CURRENCY_SIGNS:
                return bound, at
            at += 1
        match = _BOUND.match(text, at)
        if match is None or match.end() == at:
            return bound, at
        if match["less"]:
            bound = Bound.LESS
        elif match["more"]:
            bound = Bound.MORE
        at = match.end()


def _number(tokens: list[_Token], at: int) -> tuple[Fraction, int, bool] | None:
    """Value, the token after it, and whether it is a share ("two thirds")."""
    if at >= len(tokens):
        return None
    if tokens[at].digits:
        return _digits(tokens, at)
    return _part(tokens, at) or _words(tokens, at)


def _digits(tokens: list[_Token], at: int) -> tuple[Fraction, int, bool] | None:
    value = _value(tokens[at].text)
    if value is None:
        return None
    after = at + 1
    while after < len(tokens):
        hyphen = tokens[after].text == "-" and after + 1 < len(tokens)
        after += hyphen and tokens[after + 1].text in _LARGE
        word = tokens[after].text
        touching = tokens[after].start == tokens[after - 1].end
        times = _LARGE.get(word.removesuffix("s") if word != "s" else word)
        if times is None and (touching or word in _SUFFIXES_ANYWHERE):
            times = _SUFFIXES.get(word)
        if times is None:
            break
        value *= times
        after += 1
    return value, after, False


def _value(written: str) -> Fraction | None:
    if len(written) > _DIGITS_AT_MOST:
        return None
    plain = re.sub(rf"[{_SPACE}'’]", "", written.replace("−", "-"))
    if plain.count(".") > 1:
        plain = plain.replace(".", "")
    decimal_comma = re.fullmatch(r"-?\d+,\d{1,2}", plain)
    return Fraction(plain.replace(",", "." if decimal_comma else ""))


def _part(tokens: list[_Token], at: int) -> tuple[Fraction, int, bool] | None:
    """ "half", "a third", "two thirds"; "half a million" is a number."""
    words = [token.text for token in tokens[at : at + 3]]
    if words[0] == "half":
        if len(words) > 2 and words[1] in {"a", "of"} and words[2] in _LARGE:
            return Fraction(_LARGE[words[2]], 2), at + 3, False
        if len(words) > 1 and words[1] in {"a", "an"}:
            return Fraction(1, 2), at + 2, False
        return Fraction(1, 2), at + 1, True
    if len(words) > 1 and words[1] in _PARTS:
        count = 1 if words[0] in {"a", "an"} else _SMALL.get(words[0], 0)
        if count:
            return Fraction(count, _PARTS[words[1]]), at + 2, True
    return None


def _words(tokens: list[_Token], at: int) -> tuple[Fraction, int, bool] | None:
    """Number words: "twenty-one", "thirty-six hundred", "one and a half million"."""
    first = at
    total, current, seen = Fraction(0), Fraction(0), False
    end = at
    while at < len(tokens):
        word = tokens[at].text
        following = tokens[at + 1].text if at + 1 < len(tokens) else ""
        if word in _SMALL:
            if seen and not _continues(current, _SMALL[word]):
                break
            current += _SMALL[word]
        elif word in _LARGE and (seen or at == first + 1):
            times = _LARGE[word]
            if times <= 100:
                current = (current or Fraction(1)) * times
            else:
                total += (current or Fraction(1)) * times
                current = Fraction(0)
        elif word == "a" and not seen and following in _LARGE:
            at += 1
            continue
        elif seen and word == "and" and _half_follows(tokens, at + 1):
            last = tokens[end - 1].text
            current, total = _add_half(current, total, _LARGE.get(last, 1))
            at += 2
        elif seen and _links(word, following, large=bool(total) or current >= 100):
            at += 1
            continue
        else:
            break
        at += 1
        seen, end = True, at
    return (total + current, end, False) if seen else None


def _links(word: str, following: str, *, large: bool) -> bool:
    """The hyphen of "twenty-one", and the "and" of "a hundred and one"."""
    if word == "-":
        return following in _SMALL or following == "and"
    return word == "and" and large and following in _SMALL


def _continues(current: Fraction, small: int) -> bool:
    """Whether "twenty" goes on with "one", "a hundred" with "twenty"; "nine nine" does not."""
    step = 100 if current % 100 == 0 else 10 if current % 10 == 0 and current % 100 >= 20 else 0
    return 0 < small < step


def _half_follows(tokens: list[_Token], at: int) -> bool:
    words = [token.text for token in tokens[at : at + 3] if token.text != "-"]
    return words[:2] == ["a", "half"]


def _add_half(current: Fraction, total: Fraction, last: int) -> tuple[Fraction, Fraction]:
    """The half is of the last large word: "a million and a half"; else of one."""
    if last > 100:
        return current, total + Fraction(last, 2)
    return current + Fraction(last, 2), total


def _units(tokens: list[_Token], at: int) -> tuple[frozenset[str], int]:
    """What the number counts, and where the rest begins."""
    units: set[str] = set()
    first = at
    while at < len(tokens) and at < first + _WORDS_OF_UNIT:
        token = tokens[at]
        if token.digits or token.text in _ENDS or token.text in _JOINS:
            break
        if token.text == "per" or token.text == "%" or token.text[0].isalpha():
            if unit := unit_of(token.text):
                units.add(unit)
        elif token.text in CURRENCY_SIGNS:
            units.add(CURRENCY_SIGNS[token.text])
        elif token.text not in "-'’\"“”":
            break
        at += 1
    if at == first and [token.text for token in tokens[at : at + 2]] == ["per", "cent"]:
        return frozenset({"percent"}), at + 2
    return frozenset(units), at


def _joined(tokens: list[_Token], at: int) -> bool:
    """Whether a second number belongs to the first: a range or a sum."""
    if at >= len(tokens) or tokens[at].text not in _JOINS:
        return False
    return _number(tokens, at + 1) is not None


def _one_of(tokens: list[_Token], at: int, after: int) -> bool:
    """ "One of the people", "one day" and "one" name somebody, they do not count."""
    return (
        after == at + 1
        and tokens[at].text == "one"
        and after < len(tokens)
        and (tokens[after].text in {"of", "another"})
    )
