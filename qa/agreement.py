"""Groups places that give the same answer.

Two spans give the same answer if they mean the same number, date or name, or have the same words
but for inflection, articles and what one of them adds. Numbers that differ never meet; "about
500" and "at least 500" meet "500", "more than 500" does not (`qa.quantities`).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa.clocks import Clock, clock
from qa.dates import Moment, moment
from qa.names import GENERIC, Name, name_of
from qa.quantities import Quantity, bound_before, numbers, quantities, quantity
from qa.ranking import Scored
from qa.words import answer_key, plain, stems

_SHARED_AT_LEAST = 0.6  # of the stems of two wordings of one answer
# "A week" is one week, "about an hour and a half" one and a half hours.
_A_UNIT = re.compile(
    r"(\W*(?:(?:about|around|roughly|nearly|almost|over|up to|(?:more|less) than) )?)"
    r"(?:an?|one|1) (second|minute|hour|day|week|month|year|decade|century)( and a half)?\W*",
    re.IGNORECASE,
)
_UNIT_WORDS = 2
_COMPARED_CHARACTERS = 400  # no answer is longer; a longer text is compared by its words alone
_NEGATIONS = frozenset({"no", "not", "never", "none", "nobody", "nothing", "without", "neither"})
_PLACE_BEFORE = re.compile(r"\b(?:in|at|near|from|around|outside|across|off)\s+$", re.IGNORECASE)
_CORE_END = re.compile(
    r",|;|:|\(|\s[–—-]\s|\b(?:with|of|for|in|at|on|from|by|to|who|which|that|whose|where|when)\b"
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a span says, as far as it can be compared; two of one ``key`` are the same, but
    for the signs of their numbers ($500, €500).

    Attributes:
        place: whether a name is used as a place, which is not the body that is named after it.
    """

    key: str
    quantity: Quantity | None = None
    moment: Moment | None = None
    clock: Clock | None = None
    name: Name | None = None
    place: bool = False
    stems: frozenset[str] = frozenset()
    core: frozenset[str] = frozenset()
    numbers: tuple[object, ...] = ()
    negations: frozenset[str] = frozenset()

    @property
    def specificity(self) -> int:
        words = self.name.words if self.name else self.stems
        return len(words) + sum(
            field is not None
            for field in (
                (self.moment.year, self.moment.month, self.moment.day) if self.moment else ()
            )
        )

    def meets(self, other: Meaning) -> bool:
        """Symmetrical; not transitive: "Lang" meets Otto Lang and Anna Lang."""
        if self.key == other.key:
            return not self._counts_another(other)
        if self.moment and other.moment:
            return self.moment.meets(other.moment)
        if self.clock and other.clock:
            return self.clock.meets(other.clock)
        if self.quantity and other.quantity:
            return self.quantity.meets(other.quantity)
        if self.quantity or other.quantity or self.moment or other.moment:
            return False
        if self.name and other.name:
            if self.place != other.place and self.name.words != other.name.words:
                return False
            return self.name.meets(other.name)
        if self.name or other.name:
            return False
        return self._same_words(other)

    def _counts_another(self, other: Meaning) -> bool:
        """Whether, though both have the same words and figures, their signs differ: $500, €500."""
        if self.quantity is None or other.quantity is None:
            return False
        return self.quantity.contradicts(other.quantity)

    def _same_words(self, other: Meaning) -> bool:
        if self.numbers != other.numbers or self.negations != other.negations:
            return False
        shared = len(self.stems & other.stems)
        if not shared:
            return False
        if self.stems == other.stems:
            return True
        nested = self.stems <= other.stems or other.stems <= self.stems
        if shared > 1 and nested and shared >= _SHARED_AT_LEAST * len(self.stems | other.stems):
            return True
        short, long = sorted((self, other), key=lambda meaning: len(meaning.stems))
        return bool(short.stems == long.core and not short.core <= _generic_stems())


def same_answer(one: str, other: str) -> bool:
    """Whether two answers to one question are the same answer."""
    return meaning(one).meets(meaning(other))


@lru_cache(maxsize=8192)
def meaning(text: str, written: str | None = None, *, place: bool = False) -> Meaning:
    """What the span ``text`` says.

    Args:
        written: the ISO date of the article, if it is known; tells which Tuesday is meant.
        place: whether a preposition of place stands before the span.
    """
    key = answer_key(text)
    if len(text) > _COMPARED_CHARACTERS:
        return Meaning(key, stems=frozenset(stems(text)), numbers=numbers(text))
    when = moment(text, _date(written))
    if when is not None:
        return Meaning(key, moment=when, quantity=quantity(text) if key.isdigit() else None)
    counted = quantity(_with_number(text))
    at = clock(text)
    if counted is not None or at is not None:
        return Meaning(key, quantity=counted, clock=at)
    named = name_of(text)
    if named is not None:
        return Meaning(key, name=named, place=place)
    counted = _counted_last(text)
    if counted is not None:
        return Meaning(key, quantity=counted)
    end = _CORE_END.search(text, 1)
    return Meaning(
        key,
        stems=frozenset(stems(text)),
        core=frozenset(stems(text[: end.start()] if end else text)),
        numbers=numbers(text),
        negations=_NEGATIONS & set(plain(text).split()),
    )


def _with_number(text: str) -> str:
    of_one = _A_UNIT.fullmatch(text)
    return f"{of_one[1]}one{of_one[3] or ''} {of_one[2]}" if of_one else text


def group(scored: Sequence[Scored]) -> list[list[Scored]]:
    """Groups of one answer each, best first, as are the places in a group.

    All places of a group say the same in pairs, so that no chain (A, A B, B) makes one answer of
    two; an answer that fits several groups goes to the one with the most specific answer. Which
    places are together does not depend on their order.

    Args:
        scored: best first.
    """
    meanings = [_in_context(item) for item in scored]
    together = _partition(meanings)
    groups: dict[int, list[Scored]] = {}
    for item, said in zip(scored, meanings, strict=True):
        groups.setdefault(together[said], []).append(item)
    return list(groups.values())


def _partition(meanings: Sequence[Meaning]) -> dict[Meaning, int]:
    """The number of the group of each meaning."""
    order = sorted(set(meanings), key=lambda said: (-said.specificity, said.key, repr(said)))
    groups: list[list[Meaning]] = []
    number: dict[Meaning, int] = {}
    for said in order:
        fitting = (i for i, group in enumerate(groups) if all(map(said.meets, group)))
        chosen = next(fitting, len(groups))
        if chosen == len(groups):
            groups.append([])
        groups[chosen].append(said)
        number[said] = chosen
    return number


def _in_context(item: Scored) -> Meaning:
    """What a place says, with what its quote leaves out: the bound of a number ("more than")."""
    passage = item.candidate.retrieved.passage
    quote = item.candidate.quote
    start = item.candidate.span.start - passage.document_start
    if not 0 <= start <= len(passage.text):
        return meaning(quote, passage.date)
    before = passage.text[bound_before(passage.text, start) : start] if quote[:1].strip() else ""
    whole = before + quote if before and quantity(quote) is not None else quote
    place = _PLACE_BEFORE.search(passage.text[max(0, start - 12) : start]) is not None
    return meaning(whole, passage.date, place=place and name_of(quote) is not None)


def _counted_last(text: str) -> Quantity | None:
    """The only number of a text that ends in it: "the economy some 300 million crowns"."""
    found = quantities(text)
    if len(found) != 1 or len(numbers(text)) != 1:
        return None
    return found[0][2] if len(text[found[0][1] :].split()) <= _UNIT_WORDS else None


def _date(written: str | None) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(written) if written else None
    except ValueError:
        return None


@lru_cache(maxsize=1)
def _generic_stems() -> frozenset[str]:
    return frozenset(stems(" ".join([*GENERIC, "man woman person people thing day time number"])))
