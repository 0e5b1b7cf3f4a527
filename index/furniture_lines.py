"""Lines that are page furniture by their wording alone.

Menus, comment forms, share counters, picture credits, teasers, cookie notes: a line is judged as a
whole, so that a sentence which mentions one of them stays.
"""

from __future__ import annotations

import re

_FURNITURE = re.compile(
    r"""
    (?: leave\ a\ (?:reply|comment) (?:\ cancel\ reply)?
    | post\ a\ comment | add\ a\ comment | \d+\ comments? | no\ comments(?:\ yet)? | comments
    | your\ email\ address\ will\ not\ be\ published\b.*
    | required\ fields\ are\ marked\b.*
    | (?:previous|next|older|newer)\ (?:post|article|story)s?
      (?:\W+(?:previous|next|older|newer)\ (?:post|article|story)s?)*
    | read(?:ing)?\ time\s*:.* | \d+\ min(?:ute)?s?\ read
    | \d[\d,.]*\s*[km]?\ (?:shares?|views?|likes?|retweets?|reactions?)
      (?:\W+\d[\d,.]*\s*[km]?\ (?:shares?|views?|likes?|comments?|replies))*
    | shared\ \d[\d,.]*\ times? | likes?\ \d+(?:\W+dislikes?\ \d+)? | members\ online\W+\d.{0,20}
    | comments\ \(\d+\).{0,30} | you\ have\ read\ \d+\ of\ .{1,40}
    | share (?:\ (?:this|on|via)\b.{0,40})? | follow\ us\b.{0,60}
    | (?:share|tweet|pin|email|print|facebook|twitter|whatsapp|telegram|linkedin|reddit|pinterest)
      (?:[\s|,/·•]+(?:share|tweet|pin|email|print|copy\ link|facebook|twitter|x|whatsapp|telegram
      |linkedin|reddit|pinterest))*
    | subscribe (?:\ (?:now|to|for)\b.{0,60})? | sign\ up\ (?:for|to)\b.{0,60}
    | -?\s*sponsor(?:ed)?\b(?!\s*:).{0,30} | advertisements? | advertising
    | (?:.{0,40}\W)?spot_img
    | average\ rating | [1-5]\ stars? | rate\ this\ (?:article|post|story)
    | skip\ to\ (?:main\ )?content | back\ to\ top | (?:main\ )?menu | search
    | (?:log|sign)\ ?in(?:\ to\ (?:reply|comment|continue))?
    | copyright\b.{0,80} | (?:©|\(c\))\s?\d{4}.{0,80} | all\ rights\ reserved\b.{0,40}
    | we\ use\ cookies\b.* | accept\ (?:all\ )?cookies
    ) \s* [.:!*]?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TEASERS = re.compile(
    r"""
    (?: (?:this\ )?(?:week|month|day|today)['’]?s?\ top\ stories | top\ stories | more\ top\ stories
    | more\ in\ this\ (?:category|section) | more\ (?:from|on|in)\ .{1,40} | more\ stories
    | (?:related|recommended|recent|popular|similar|trending|latest|featured|other)
      \ (?:stories|articles?|posts?|news|reading|content|topics)
    | related | most\ (?:read|popular|viewed|shared)
    | recommended(?:\ for\ you)? | trending(?:\ now)?
    | you\ (?:may|might)\ also\ (?:like|enjoy|be\ interested\ in) | read\ (?:also|next|more)
    | also\ read | see\ also | what\ to\ read\ next | don['’]t\ miss | up\ next
    ) \s* [.:!]?
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Whose picture it was: "Photo: 112.ua", "(Image: AP)".
_CREDIT = re.compile(
    r"\W?(?:photo|image|picture|illustration)s?(?: (?:credit|source|by))?\s*:\s*\S.{0,60}",
    re.IGNORECASE,
)
# One teaser on one line: "Read more: Otter spotted in canal".
_TEASER = re.compile(
    r"""
    (?: (?:read|also|see) \  (?:more|read|also|next) | related | trending | sponsored
    | don['’]t\ miss
    | most\ (?:read|popular|viewed|shared) | you\ (?:may|might)\ also\ like
    | more\ (?:from|on|in)\ [^:]{1,40} | also\ in\ [^:]{1,40} | elsewhere\ on\ [^:]{1,40}
    | hot\ threads | (?:previous|next|older|newer)\ (?:post|article|story) | filed\ under
    ) \s* : \s* \S .{0,120}
    """,
    re.IGNORECASE | re.VERBOSE,
)
# A bar of links: short items between bars, some of which only a page's frame holds.
_BAR = re.compile(r"\s*[|•·]\s*")
_BAR_ITEM_AT_MOST = 40
_BAR_WORDS = re.compile(
    r"""
    \b (?: home | news | sports? | weather | jobs | puzzles | notices | fixtures | obituaries
    | about\ us | contact | help | rss | share | tweet | print | e-?mail | log\ ?in
    | sign\ (?:in|up)
    | subscribe | privacy | cookies | terms | comments? | tip\ jar | back\ page | archive ) \b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_AUTHOR = re.compile(r"about\ (?:the\ |post\ |this\ )?(?:author|writer)s?\s*:?", re.IGNORECASE)


def is_furniture(line: str) -> bool:
    """Whether nobody would look for an answer in this line, wherever it stands."""
    patterns = (_FURNITURE, _CREDIT)
    return any(p.fullmatch(line) for p in patterns) or _is_teaser(line) or _is_bar(line)


def _is_teaser(line: str) -> bool:
    return bool(_TEASER.fullmatch(line)) and not line.endswith(".")


def _is_bar(line: str) -> bool:
    """At least two telling items: a row of a table has hardly one."""
    items = [item for item in _BAR.split(line) if item]
    if len(items) < 2 or any(len(item) > _BAR_ITEM_AT_MOST for item in items):
        return False
    return sum(bool(_BAR_WORDS.search(item)) for item in items) >= 2


def heads_teasers(line: str) -> bool:
    """Whether a line is a heading such as "Related stories"."""
    return _TEASERS.fullmatch(line) is not None


def heads_author_box(line: str) -> bool:
    """Whether a line is a heading such as "About the author"."""
    return _AUTHOR.fullmatch(line) is not None
