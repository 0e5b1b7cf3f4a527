"""Questions whether the sources agree, as what they would agree on: "How many died?" of "Do the
sources agree on how many died?".

Each source is asked alone in any case, and where they differ that is told; the words about sources
would only be looked for in the texts.
"""

from __future__ import annotations

import re

_MANY = (
    r"(?:all |both )?(?:of )?(?:the |these |those |our )?(?:different |various |several |other )?"
)
_SOURCES = rf"{_MANY}(?:sources|outlets|papers|newspapers|media|reports|accounts|articles|texts)"
_AGREE = re.compile(
    rf"\W*(?:(?:do|did|have|are|where|how|on what|what) )?(?:(?:do|did|have) )?{_SOURCES} "
    r"(?:all )?(?:agreed?|in agreement|disagreed?|differ(?:ed)?|concur|contradict each other)"
    r" (?:on|about|over|as to|regarding|concerning) (?P<what>.+?)\W*",
    re.IGNORECASE,
)
_SAME = re.compile(
    rf"\W*(?:do|did|have) {_SOURCES} (?:all )?(?:give|report|name|state|cite|tell|mention|have)"
    r" (?:of )?the same (?P<what>.+?)\W*",
    re.IGNORECASE,
)
_ACCORDING = re.compile(
    r",?\s*\b(?:according to|in) (?:all |both )?(?:of )?(?:the )?(?:different|various|several)"
    r" (?:sources|outlets|papers|newspapers|media|reports|accounts|articles|texts)\b\s*,?",
    re.IGNORECASE,
)
_ASKS = re.compile(r"(?:who|whom|whose|what|which|when|where|why|how)\b", re.IGNORECASE)
_WHETHER = re.compile(r"(?:whether|if)\s+", re.IGNORECASE)
_ARTICLE = re.compile(r"(?:the|an?|his|her|its|their)\b", re.IGNORECASE)


def what_is_agreed_on(question: str) -> str:
    """What the sources are to agree on, as a question; any other question as it is."""
    found = _AGREE.fullmatch(question) or _SAME.fullmatch(question)
    if found is None:
        return _ACCORDING.sub("", question) if _ASKS.match(question.lstrip()) else question
    what = found["what"]
    if _ASKS.match(what):
        return f"{what[:1].upper()}{what[1:]}?"
    if whether := _WHETHER.match(what):
        return f"Is it true that {what[whether.end() :]}?"
    article = "" if _ARTICLE.match(what) or what[:1].isupper() else "the "
    return f"What is {article}{what}?"
