"""What numbers count, made comparable: km and kilometres, soldiers and troops."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from qa.words import stems

# Under the names that `unit_of` gives them.
CURRENCY_SIGNS = {
    "$": "dollar",
    "£": "pound",
    "€": "euro",
    "¥": "yen",
    "₹": "rupe",
    "usd": "dollar",
    "us": "dollar",
    "eur": "euro",
    "gbp": "pound",
    "rs": "rupe",
    "inr": "rupe",
    "jpy": "yen",
    "chf": "franc",
}
# "500 EUR"; "5 US soldiers" are no dollars.
CURRENCY_CODES = {
    code: unit for code, unit in CURRENCY_SIGNS.items() if code.isalpha() and code != "us"
}

_SHORT = {
    "%": "percent",
    "pc": "percent",
    "km": "kilometre",
    "kms": "kilometre",
    "kilometer": "kilometre",
    "kilometers": "kilometre",
    "m": "metre",
    "meter": "metre",
    "meters": "metre",
    "cm": "centimetre",
    "mm": "millimetre",
    "mi": "mile",
    "ft": "foot",
    "feet": "foot",
    "ha": "hectare",
    "kg": "kilogram",
    "kgs": "kilogram",
    "mg": "milligram",
    "ng": "nanogram",
    "g": "gram",
    "tonnes": "ton",
    "tonne": "ton",
    "ml": "millilitre",
    "l": "litre",
    "liter": "litre",
    "liters": "litre",
    "h": "hour",
    "hr": "hour",
    "hrs": "hour",
    "min": "minute",
    "mins": "minute",
    "sec": "second",
    "secs": "second",
    "yr": "year",
    "yrs": "year",
    "mw": "megawatt",
    "gw": "gigawatt",
    "p": "penny",
    "pence": "penny",
    "c": "cent",
}

# Words for people: outlets name the same heads by different ones.
_PEOPLE = """people person persons passenger passengers soldier soldiers troop troops volunteer
    volunteers worker workers labourer labourers laborer laborers man men woman women child
    children member members patient patients resident residents inhabitant inhabitants dead
    death deaths victim victims casualty casualties fatality fatalities employee employees staff
    driver drivers customer customers case cases fighter fighters personnel servicemen citizen
    citizens migrant migrants refugee refugees student students job jobs post posts position
    positions life lives villager villagers survivor survivors"""
_DESCRIPTIONS = """
    more other new further additional full total old young very so such about additional
    former foreign local different separate least
"""
_DESCRIBING = frozenset(_DESCRIPTIONS.split())


@lru_cache(maxsize=1)
def _people() -> frozenset[str]:
    return frozenset(_PEOPLE.split())


@lru_cache(maxsize=2048)
def unit_of(word: str) -> str | None:
    """The name under which ``word``, in lower case, is compared; None if it names nothing."""
    if word in _DESCRIBING:
        return None
    if word in _people():
        return "people"
    stem = stems(_SHORT.get(word) or _SHORT.get(word.removesuffix("s"), word))
    return stem[0] if stem else None


_BY_DIMENSION = {
    "money": "dollar pound euro yen rupee franc crown mark florin ruble rouble krona kroner peso "
    "lira dinar shekel yuan penny cent",
    "length": "kilometre metre centimetre millimetre mile foot inch yard",
    "mass": "kilogram milligram nanogram gram ton",
    "area": "hectare acre",
    "volume": "litre millilitre gallon",
    "time": "second minute hour day night week month year decade century",
    "share": "percent share",
}
# What a unit, as `unit_of` names it, measures; whatever is not here is counted.
DIMENSIONS = {
    stem: dimension
    for dimension, words in _BY_DIMENSION.items()
    for stem in (*stems(words), *(words.split() if dimension == "share" else ()))
}

_OF_A_SMALLER: dict[str, tuple[int | Fraction, str]] = {
    "minute": (60, "second"),
    "hour": (3_600, "second"),
    "day": (86_400, "second"),
    "week": (604_800, "second"),
    "year": (12, "month"),
    "decade": (120, "month"),
    "century": (1_200, "month"),
    "kilometre": (1_000_000, "millimetre"),
    "metre": (1_000, "millimetre"),
    "centimetre": (10, "millimetre"),
    "ton": (1_000_000, "gram"),
    "kilogram": (1_000, "gram"),
    "milligram": (Fraction(1, 1_000), "gram"),
    "litre": (1_000, "millilitre"),
}
# How many of a smaller unit one is: an hour has 60 minutes, a month no fixed number of days.
SMALLER = {
    stems(unit)[0]: (Fraction(times), stems(smaller)[0])
    for unit, (times, smaller) in _OF_A_SMALLER.items()
}
