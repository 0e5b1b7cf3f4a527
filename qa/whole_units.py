"""The unit that follows a number belongs to it: "16 bar" where the reader took "16"."""

from __future__ import annotations

import re

_LONGEST = 10  # characters of a unit, the space before it included
_CERTAIN = (
    r"(?:°[CFK]|°dH|%|‰|per ?cent|dB(?:\(A\))?|[mckµμ]m[²³]?|[kmµμn]g|ml|hl|kW|MW|GW|kWh|MWh|GWh"
    r"|[km]V|m?Ah|mA|[kMG]?Hz|Nm|[khM]Pa|mbar|rpm|km|m/s|m[²³])(?:/(?:min|[hslLd]|m[²³]|k?g|km))?"
)
# Words, initials and labels, too: they are units where the clause ends with them.
_UNSURE = r"(?:bar|V(?: [AD]C)?|Wh?|A|N|[hgltms]|min)(?=[^\S\n]*(?:[.,;:()\n]|\Z))"
_UNIT = re.compile(rf"(?<=\d)[^\S\n]?(?:{_CERTAIN}|{_UNSURE})(?![\w/°²³])")


def whole_unit(text: str, start: int, end: int) -> int:
    """Where ``text[start:end]`` ends with the unit of the number that it ends with."""
    least = max(start, end - _LONGEST)
    for match in _UNIT.finditer(text[: end + _LONGEST + 2], least):
        if match.start() <= end < match.end():
            return match.end()
    return end
