"""What passes on what nobody is named for: "reports suggest", "rumours say"."""

from __future__ import annotations

import re

_DETERMINERS = r"(?:(?:the|some|several|many|other|these|those|such|certain|various|further) )?"
_KINDS = r"(?:(?:media|press|news|newspaper|unconfirmed|recent|earlier|first|initial|local|new) )*"
_NOUNS = (
    r"(?:reports|rumou?rs|claims|allegations|speculations?|publications|stories|suggestions"
    r"|accusations|headlines|hearsay|posts|articles)"
)
_HEARSAY = re.compile(rf"\W*{_DETERMINERS}{_KINDS}{_NOUNS}\W*", re.IGNORECASE)
_MEDIA = re.compile(r"\b(?:media|press|reports|rumou?rs|publications)\W*$", re.IGNORECASE)


def is_hearsay(who: str) -> bool:
    """Whether a speaker is none: "reports", "media reports"; "the report" of somebody is one."""
    return _HEARSAY.fullmatch(who) is not None


def only_reports(who: str) -> bool:
    """Whether it only passes on what others say: hearsay, and "state media"."""
    return is_hearsay(who) or _MEDIA.search(who) is not None
