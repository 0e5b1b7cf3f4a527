"""Numbers in digits and in words, as `qa.quantities` reads them out of a text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

_DIGITS_AT_MOST = 30
_SPACE = " \u00a0\u2009\u202f"
FRACTION = r"(?:[¼½¾⅐-⅞]|(?:1/[23458]|2/[35]|3/[458]|4/5|[57]/8)(?![\w/]))"  # after a number
# The dash of "-5" and "–$5", not that of "10 –15", "10%–15%" and of a list's lines.
SIGN = re.compile(r"(?<![^ \t\u00a0(:|])(?<![\d%][ \u00a0])[-−–](?=[$£€¥₹]?\.?\d)")
_TOKEN = re.compile(
    rf"(?P<digits>(?<![\w.,])(?:(?<!%)(?<![\d%][{_SPACE}])[-−]|{SIGN.pattern})?(?:"
    rf"\d{{1,3}}(?:(?!\d)|[ \u00a0]){FRACTION}(?!\w)|[¼½¾⅐-⅞](?!\w)"  # 2½, 2 1/2
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d|,\d)"  # 100,000
    r"|\d{1,2}(?:,\d{2})*,\d{3}(?:\.\d+)?(?!\d|,\d)"  # 1,00,000
    r"|\d{1,3}(?:\.\d{3})+,\d{1,2}(?![\d,])"  # 1.234,50
    rf"|\d{{1,3}}(?:[{_SPACE}'’]\d{{3}})+(?:(?:\.\d+|,\d{{1,2}})(?!\d|[.,]\d))?(?!\d)"  # 100 000,50
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
_HYPHENS = frozenset("-‐‑")
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_PARTS |= {"halves": 2} | {f"{word}s": part for word, part in _PARTS.items() if word != "half"}


@dataclass(frozen=True, slots=True)
class Token:
    text: str  # in lower case
    start: int
    end: int
    digits: bool


def is_number_word(word: str) -> bool:
    """Whether the word, in lower case, can be a part of a number."""
    return word in _SMALL or word in _LARGE or word in _SUFFIXES_ANYWHERE


def numbers_in(tokens: list[Token], at: int) -> list[Fraction]:
    found: list[Fraction] = []
    while at < len(tokens):
        number = number_at(tokens, at)
        if number is None or (number[1] == at + 1 and tokens[at].text in {"one", "half"}):
            at += 1
            continue
        found.append(number[0])
        at = number[1]
    return found


def tokens_of(text: str) -> list[Token]:
    found = []
    for match in _TOKEN.finditer(text):
        word = match.group().rstrip(".") if match["word"] else match.group()
        end = match.start() + len(word)  # a full stop is no part of a number
        written = word.casefold() if match["word"] else word
        found.append(Token(written, match.start(), end, bool(match["digits"])))
    return found


def number_at(tokens: list[Token], at: int) -> tuple[Fraction, int, bool] | None:
    """Value, the token after it, and whether it is a share ("two thirds")."""
    if at >= len(tokens):
        return None
    if tokens[at].text == "minus" and at + 1 < len(tokens):
        found = _unsigned(tokens, at + 1)
        return (-abs(found[0]), *found[1:]) if found else None
    return _unsigned(tokens, at)


def _unsigned(tokens: list[Token], at: int) -> tuple[Fraction, int, bool] | None:
    if tokens[at].digits:
        return _digits(tokens, at)
    return _part(tokens, at) or _words(tokens, at)


def _digits(tokens: list[Token], at: int) -> tuple[Fraction, int, bool] | None:
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
    written = re.sub("^[−–]", "-", written)
    if "/" in written or not written[-1].isdecimal():
        return _with_fraction(written)
    plain = re.sub(rf"[{_SPACE}'’]", "", written)
    decimal_comma = re.fullmatch(r"-?[\d.]+,\d{1,2}", plain)
    if decimal_comma or plain.count(".") > 1:
        plain = plain.replace(".", "")
    return Fraction(plain.replace(",", "." if decimal_comma else ""))


def _with_fraction(written: str) -> Fraction:
    """2½, 2 1/2, ½."""
    figures = written.lstrip("-")
    if "/" in figures:
        whole, part = figures.split()
        value = Fraction(part)
    else:
        whole = figures[:-1].strip()
        value = Fraction(unicodedata.numeric(figures[-1])).limit_denominator(10)
    value += int(whole or 0)
    return -value if written.startswith("-") else value


def _part(tokens: list[Token], at: int) -> tuple[Fraction, int, bool] | None:
    """ "half", "a third", "two thirds"; "half a million" is a number."""
    words = [token.text for token in tokens[at : at + 3]]
    if words[0] == "half":
        if len(words) > 2 and words[1] in {"a", "of"} and words[2] in _LARGE:
            return Fraction(_LARGE[words[2]], 2), at + 3, False
        if len(words) > 1 and words[1] in {"a", "an"}:
            return Fraction(1, 2), at + 2, False
        return Fraction(1, 2), at + 1, True
    last = at + 1 + _is_hyphen(tokens, at + 1)
    if last < len(tokens) and tokens[last].text in _PARTS:
        count = 1 if words[0] in {"a", "an"} else _SMALL.get(words[0], 0)
        if 0 < count < 20:  # "twenty-fifth" counts places
            return Fraction(count, _PARTS[tokens[last].text]), last + 1, True
    return None


def _is_hyphen(tokens: list[Token], at: int) -> bool:
    """Whether this token joins two words into one: "two-thirds"."""
    if not 0 < at < len(tokens) - 1 or tokens[at].text not in _HYPHENS:
        return False
    return (tokens[at - 1].end, tokens[at + 1].start) == (tokens[at].start, tokens[at].end)


def _words(tokens: list[Token], at: int) -> tuple[Fraction, int, bool] | None:
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


def _half_follows(tokens: list[Token], at: int) -> bool:
    words = [token.text for token in tokens[at : at + 3] if token.text != "-"]
    return words[:2] == ["a", "half"]


def _add_half(current: Fraction, total: Fraction, last: int) -> tuple[Fraction, Fraction]:
    """The half is of the last large word: "a million and a half"; else of one."""
    if last > 100:
        return current, total + Fraction(last, 2)
    return current + Fraction(last, 2), total
