"""What a question can be answered with: a number, a time, somebody.

Only what is surely no answer is told: a date where a number is asked for, a sum of money where
people are counted. Whatever else the question is like, anything may answer it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from index.lexical import STOP_WORDS
from qa.asked_types import AnswerType, asked_type
from qa.clocks import clock
from qa.dates import moment
from qa.fates import of_a_fate
from qa.numerals import is_number_word
from qa.quantities import Quantity, numbers, quantity
from qa.units import DIMENSIONS, unit_of

_UNIT_CHARACTERS = 30  # after a number, where its unit stands if the quote leaves it out
_BEFORE_CHARACTERS = 20


_COUNTED = re.compile(r"\bhow many\s+(?P<words>\w+(?:\s+\w+){0,2})", re.IGNORECASE)
_OF_A_HUNDRED = re.compile(r"\bhow many\s+(?:per\s?cent\b|%)", re.IGNORECASE)
# "How many neurons?" asks for their number, though "two thirds of them" may stand before it.
_OF_THEM = re.compile(r"\bhow many of\b", re.IGNORECASE)
_OF_NOBODY = re.compile(r"(?:per\s?cent|%)(?! of\b)", re.IGNORECASE)  # "fees rise by 3 per cent"
# What is no adjective: "how many people | work shorter hours", "how many escaped | hours later".
_NO_ADJECTIVE = re.compile(r"people|men|women|children|.*[^s]s|(?!un).*ed|came|went|fell|left")
_PLURAL_UNIT = re.compile(r".*[^s]s|feet|pence|euro|percent|km|kg|cm|mm|mg|ml|ha")
_COUNT_WORDS = re.compile(
    r"\b(?:one|a|an|none|nobody|no|nothing|several|dozens?|scores?|hundreds|thousands|millions|few"
    r"|handful|half|both|all|pair|couple|many|most|every|twice|once)\b",
    re.IGNORECASE,
)
_TIME_WORDS = re.compile(
    r"\d|\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july"
    r"|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
    r"|today|tomorrow|yesterday|tonight|now|immediately|soon|later|earlier|ago|after|before|during"
    r"|when|while|as|until|since|once|never|always|dawn|dusk|noon|midnight|midday|christmas|easter"
    r"|(?:mid)?(?:summer|winter)|spring|autumn|fall|(?:day|night|morning|evening|afternoon|week"
    r"|month|year|decade|century|season|term|hour|minute|moment|end|start|beginning|time)s?"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|first|last|next|week(?:day|end)s?"
    r"|upon|sunrise|sunset|daybreak|nightfall|high tide|low tide|bedtime|lunchtime|mealtimes?"
    r"|halloween|thanksgiving|ramadan|advent|passover|pentecost|hanukkah|diwali"
    r"|holidays?|fortnights?|(?:dai|hour|week|fortnight|month|quarter|year)ly|annually)\b",
    re.IGNORECASE,
)
# "Due on | receipt of the invoice" is a time; "the delivery" alone is none.
_AT_AN_EVENT = re.compile(
    r"\b(?:(?:up)?on|at|until|till|before|after|following) "
    r"(?:(?:the|its|his|her|their|your) )?"
    r"(?:receipt|delivery|arrival|departure|completion|signing|signature|termination|expiry"
    r"|cancellation|acceptance|payment|request|demand|birth|death|breakfast|lunch|dinner|supper)\b",
    re.IGNORECASE,
)
_CLOCK_WORDS = re.compile(
    r"\d|\b(?:past|noon|midnight|midday|o['’]clock|dawn|dusk|sunrise|sunset|morning|evening|night"
    r"|afternoon|half|quarter|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|shortly|hours?|minutes?|before|after)\b",
    re.IGNORECASE,
)
_LASTING = re.compile(
    r"\b(?:seconds?|minutes?|hours?|days?|nights?|weeks?|weekends?|months?|years?|decades?"
    r"|centur(?:y|ies)|until|till|since|forever|ages|seasons?|terms?|overnight|briefly|life"
    r"|lifetime|winters?|summers?|kilomet|metre|mile|generations?|permanent|indefinite)"
    r"|\d\s*(?:h|hrs?|mins?|secs?|wks?|yrs?)\b",
    re.IGNORECASE,
)
# "From 4 to 22 August", "11:45 to 13:30".
_FROM_TO = re.compile(
    r"(?=.*(?:\d:\d\d|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)))"
    r".*\d.*?(?:\b(?:to|through)\b|[-–—]).*\d",
    re.IGNORECASE,
)
_TO = re.compile(r"\s*(?:\b(?P<word>to|till|until|through|and)\b|[-–—])\s*", re.IGNORECASE)
_OPENS_A_STRETCH = re.compile(r"\W*(?:from|between)\s+", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s+$", re.IGNORECASE)
_LONGEST_STRETCH = 60  # characters
_YEARS_AT_MOST = 200  # "from 1914 to 1918", not "from 1000 to 1500 members"
_GIVEN_NAME = re.compile(r"\W*(?:Jan|April|May|June|August|Sun)\W*")
_BEFORE_A_MONTH = re.compile(
    r"(?:\d(?:st|nd|rd|th)?|[-–—]|\b(?:of|in|on|since|until|till|from|to|through|between|during|before"
    r"|after|early|mid|late|last|next|this|every|each))\s*$",
    re.IGNORECASE,
)
_AFTER_A_MONTH = re.compile(r"[\s,]*(?:\d|[-–—/])")
# "Two metres of snow", "61 per cent of the members"; not "a third of 90 tonnes".
_MEASURED = re.compile(
    r"(?:\S+\s+){0,3}\S*[a-z%] of (?!(?:about|some|more|less|up to)\b)[^\W\d]", re.IGNORECASE
)
# "Neither alcohol nor a container" names what it was not.
_EXCLUDED = re.compile(r"\b(?:neither|nor)\s+(?:(?:by|from|at|in|of)\s+)?(?:an?\s+|the\s+)?$", re.I)
_EXCLUDES = re.compile(r"\bnor\b", re.IGNORECASE)
# "5.40" is a price or a time of day.
_DECIMAL = re.compile(r"\W*\d{1,2}\.\d{2}\W*")
_TIMETABLE = re.compile(r"\W*\d{1,2}[.:]\d\d(?:(?:,|,? and|,? or|;)\s+\d{1,2}[.:]\d\d)+\W*")
_AT_A_TIME = re.compile(
    r"\b(?:at|around|about|shortly|after|before|by|until|till|from|since)\s+$", re.IGNORECASE
)
_TIME_GOES_ON = re.compile(
    r"\s*(?:[ap]\.?\s?m\b|o['’]clock|local time|(?:in the|at) (?:morning|afternoon|evening|night))",
    re.IGNORECASE,
)
_MONTH_FOLLOWS = re.compile(
    r"(?:st|nd|rd|th)?(?: of)?\s+(?:January|February|March|April|May|June|July|August|September"
    r"|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b"
)
_PHONE = re.compile(r"\W*(?:\+\d[\d ()/-]{6,}|0\d[\d ]{6,})\W*")
_OPEN_ENDED = re.compile(r"\b(?:until|till|since|from|to|through)\s+(?:\w+\s)?$", re.IGNORECASE)
_BEFORE_A_YEAR = re.compile(r"\b(?:until|till|since)\s+$", re.I)  # not "from 2000 to 1500"
_OPENS = re.compile(r"\W*(?:since|from)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """A quote with what stands around it in its passage."""

    quote: str
    before: str
    after: str

    @property
    def unit(self) -> str:
        """What follows the quote in its clause."""
        return re.split(r"[.,;:?!\n]", self.after, maxsplit=1)[0]

    @property
    def counted(self) -> Quantity | None:
        """The number that the quote states, with the unit that follows it."""
        own = quantity(self.quote)
        if own is None or own.units:
            return own
        whole = quantity(self.quote + self.unit)
        return whole if whole is not None and whole.value == own.value else own


def place_of(text: str, start: int, end: int) -> Place:
    """The place of ``text[start:end]``."""
    return Place(
        text[start:end],
        text[max(0, start - _BEFORE_CHARACTERS) : start],
        text[end : end + _UNIT_CHARACTERS],
    )


def may_answer(question: str, place: Place) -> bool:
    """Whether the place can answer the question, as far as its kind goes."""
    if _EXCLUDED.search(place.before) or _EXCLUDES.search(place.quote):
        return False
    kind = asked_type(question)
    if kind is AnswerType.COUNT:
        return _counts(question, place)
    check = _CHECKS.get(kind)
    return check is None or check(place)


def counted_noun(question: str) -> str | None:
    """What "how many" asks to be counted, in lower case: "days" of "calendar days"."""
    found = _COUNTED.search(question)
    if found is None:
        return None
    words = found["words"].lower().split()
    for word in words:
        if _PLURAL_UNIT.fullmatch(word) and DIMENSIONS.get(unit_of(word) or ""):
            return word
        if word in STOP_WORDS or is_number_word(word) or _NO_ADJECTIVE.fullmatch(word):
            break
    return words[0]


def _counts(question: str, place: Place) -> bool:
    if _is_no_number(place):
        return False
    if not numbers(place.quote) and not _COUNT_WORDS.search(place.quote):
        return False
    if of_a_fate(question, place.unit):
        return False
    noun = counted_noun(question)
    unit = unit_of(noun) if noun else None
    dimension = DIMENSIONS.get(unit or "", "count")
    if _OF_A_HUNDRED.search(question):
        dimension = "share"
    if dimension == "count" and _OF_THEM.search(question) and _is_a_share_of_them(place):
        return True
    return not _of_other_dimension(place, dimension)


def _is_a_share_of_them(place: Place) -> bool:
    """Whether it counts by a fraction: "two thirds", "61 per cent | of the members"."""
    counted = place.counted
    if counted is None or "share" not in {DIMENSIONS.get(unit) for unit in counted.units}:
        return False
    return _OF_NOBODY.search(place.quote + place.unit) is None


def _pays(place: Place) -> bool:
    if _is_no_number(place):
        return False
    return not _of_other_dimension(place, "money", "share")


def _measures(place: Place) -> bool:
    return not _is_no_number(place)


def _lasts(place: Place) -> bool:
    if place.quote.strip().isdigit():
        if moment(place.quote) is not None and _BEFORE_A_YEAR.search(place.before):
            return True
    elif moment(place.quote) is not None:
        return bool(_OPEN_ENDED.search(place.before) or _OPENS.match(place.quote))
    if _FROM_TO.match(place.quote) or _is_stretch(place):
        return True
    return _LASTING.search(place.quote + place.after.split(".")[0][:16]) is not None


def _is_stretch(place: Place) -> bool:
    """Whether it goes from one time to another: "January to March", "between 9 a.m. and noon"."""
    if len(place.quote) > _LONGEST_STRETCH:
        return False
    opening = _OPENS_A_STRETCH.match(place.quote)
    start = opening.end() if opening else 0
    between = _BETWEEN.search(place.before + place.quote[:start])
    return any(
        _are_ends(place.quote[start : to.start()], place.quote[to.end() :])
        for to in _TO.finditer(place.quote, start)
        if between or (to["word"] or "").lower() != "and"  # "Monday and Friday" are two days
    )


def _are_ends(one: str, other: str) -> bool:
    begin, end = moment(one), moment(other)
    if begin and end and one.strip().isdigit():
        return 0 < (end.year or 0) - (begin.year or 0) <= _YEARS_AT_MOST
    if _DECIMAL.fullmatch(other):
        return False  # prices, maybe
    return bool((begin and end) or (clock(one) and clock(other)))


def _dates(place: Place) -> bool:
    timed = _TIME_WORDS.search(place.quote) or _is_event(place)
    if not timed or _PHONE.fullmatch(place.quote):
        return False
    return _is_time(place.quote) or not _of_other_dimension(place, "time", "count")


def _is_event(place: Place) -> bool:
    """Whether it dates a thing by another: "(on) receipt of the invoice"."""
    found = _AT_AN_EVENT.search(place.before + place.quote)
    return found is not None and found.end() > len(place.before)


def _clocks(place: Place) -> bool:
    if not _CLOCK_WORDS.search(place.quote):
        return False
    dated = moment(place.quote) is not None
    return not dated and not _of_other_dimension(place, "time", "count")


def _names(place: Place) -> bool:
    if _is_time(place.quote):
        return False
    own = quantity(place.quote)
    return own is None or in_words(own) or _MEASURED.match(place.quote) is not None


def _is_somebody(place: Place) -> bool:
    return _is_named_as_a_time(place) or _names(place)


def _is_named_as_a_time(place: Place) -> bool:
    """Whether it is Jan or May who may be meant, and no month: neither "in May" nor "May 2024"."""
    if not _GIVEN_NAME.fullmatch(place.quote):
        return False
    return not _BEFORE_A_MONTH.search(place.before) and not _AFTER_A_MONTH.match(place.after)


def _locates(place: Place) -> bool:
    if _is_time(place.quote):
        return False
    own = quantity(place.quote)
    return own is None or any(DIMENSIONS.get(unit) in {None, "length"} for unit in own.units)


_CHECKS: dict[AnswerType, Callable[[Place], bool]] = {
    AnswerType.MONEY: _pays,
    AnswerType.MEASURE: _measures,
    AnswerType.DURATION: _lasts,
    AnswerType.DATE: _dates,
    AnswerType.CLOCK: _clocks,
    AnswerType.WHO: _is_somebody,
    AnswerType.PLACE: _locates,
    AnswerType.REASON: _names,
}


def in_words(counted: Quantity) -> bool:
    """Whether a number is only a part of what is said: "two snowboarders", not "5 km" or "5"."""
    return bool(counted.units) and not any(unit in DIMENSIONS for unit in counted.units)


def _is_time(quote: str) -> bool:
    """A date or a time of day; a bare year may be a number."""
    return not quote.strip().isdigit() and (moment(quote) is not None or clock(quote) is not None)


def _is_no_number(place: Place) -> bool:
    """Whether it is a date or a time of day. Of "5.40" what stands around it tells."""
    if _TIMETABLE.fullmatch(place.quote):
        return not any(DIMENSIONS.get(unit_of(word) or "") for word in place.unit.split()[:1])
    if not _is_time(place.quote):
        return _is_day(place)
    if not _DECIMAL.fullmatch(place.quote) or _TIME_GOES_ON.match(place.after):
        return True
    counted = place.counted
    return not (counted and counted.units) and _AT_A_TIME.search(place.before) is not None


def _is_day(place: Place) -> bool:
    """Whether it is the "16" of "16 October"."""
    figures = place.quote.strip()
    return figures.isdigit() and len(figures) < 3 and _MONTH_FOLLOWS.match(place.after) is not None


def _of_other_dimension(place: Place, *dimensions: str) -> bool:
    """Whether it states a number of another dimension than these; an unknown unit is a count."""
    counted = place.counted
    if counted is None or not counted.units:
        return False
    found = {DIMENSIONS.get(unit, "count") for unit in counted.units}
    return not found & set(dimensions)
