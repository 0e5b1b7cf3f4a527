"""Questions about what the sources say, as what they say it of: "How many died?" of "Do the sources
agree on how many died?", "Is it true that six died?" of "Which paper says that six died?".

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
# "Which paper says (that) the fee was paid?"; not "which report says more?".
_SAYS = re.compile(
    r"\W*(?:which|what) (?:outlet|source|paper|newspaper|site|article|report|account|text)s?"
    r" (?:(?:says?|claims?|writes?|states?|reports?|said|claimed|wrote|stated|reported) that"
    r"|(?:says?|claims?|writes?|states?|said|claimed)(?= (?:the|an?|\d\S*|[^\W\d_]+) .*"
    r"\b(?:is|are|was|were|has|have|had|will|did|does)\b)) (?P<what>.+?)\W*",
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


def asked_of_sources(question: str) -> str:
    """What the sources are to agree on or to say, as a question; any other question as it is."""
    if says := _SAYS.fullmatch(question):
        return f"Is it true that {says['what']}?"
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
