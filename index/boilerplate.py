"""Marks page furniture: what a page shows around its article.

Nothing is cut. The marked ranges stay in the stored text, where offsets count them, and yield
no passages. The rules work on lines:

1. a line that is furniture by its wording (comment forms, share counters, picture credits, ...);
2. a heading of teasers or of an author box, with the lines that belong to it;
3. a long line that repeats an earlier one of the same document;
4. lists and bars of links that hold no sentence, see `index.links`;
5. a number or a short label that stands between or beside such lines;
6. at head and tail, lines that other documents of the same site show too. In the middle they
   stay: a clause that many contracts share is what people ask for.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Collection, Sequence

from index.documents import Span
from index.lines import physical_lines
from index.links import mark_links

_REPEAT_AT_LEAST = 40  # characters; shorter lines repeat for good reasons
_EDGE_LINES = 6  # of a document's head, and of its tail, that may prove to be its site's
_EDGE_LINE_AT_MOST = 1_000  # characters
_EDGES_AT_MOST = 0.5  # of the text; where more repeats, documents are made from one template
_LABEL_AT_MOST = 60
_BIO_AT_LEAST = 80

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
    | -?\s*sponsor(?:ed)?\b.{0,30} | advertisements? | advertising
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
_MASTHEAD = re.compile(r"\beditor[- ]in[- ]chief (?:of|at)\b", re.IGNORECASE)
_REACTION = re.compile(
    r"(?:happy|sad|excited|sleepy|angry|surprised?|love|like|dislike|wow|haha|funny|cry|shocked)",
    re.IGNORECASE,
)
# "12. Governing law", "(a)", "§ 5", "Article 7": part of what the document says.
_CLAUSE = re.compile(
    r"\W{0,3}(?:\d{1,3}(?:\.\d{1,3})*|[a-z]|[ivx]{1,5})[.)]\s|§|(?:article|section|clause)\s+\d",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[\s%.,/|]*\d[\d\s%.,/|]*")
_ENDS_SENTENCE = re.compile(r"[.!?][\"'”’)\]]*$")
_TRAILS_OFF = re.compile(r"(?:\.\.\.|…|\[…\]|\[\.\.\.\])$")


def furniture(
    text: str, repeated: Collection[bytes] = (), links: Sequence[Span] = ()
) -> tuple[Span, ...]:
    """The marked ranges of ``text``, in order, not touching each other.

    Args:
        repeated: those of the `block_keys` that several documents of the site have.
        links: ranges of ``text`` that its format makes links; Markdown's own are found anyway.
    """
    lines = physical_lines(text)
    words = [text[line.start : line.end] for line in lines]
    marked = _marks(lines, words, links)
    if repeated and _mark_edges(words, marked, repeated):
        _mark_neighbours(words, marked)
    return _ranges(lines, marked)


def block_keys(text: str, links: Sequence[Span] = ()) -> list[bytes]:
    """Keys, 8 bytes each, of the lines that may prove to be furniture of the document's site.

    These are the first six and the last six lines that are no furniture by themselves. A line
    counts as its site's once it stands in several documents that are no copies of each other.
    """
    lines = physical_lines(text)
    words = [text[line.start : line.end] for line in lines]
    marked = _marks(lines, words, links)
    edges = (_edge(words, marked, order) for order in _both_ways(words))
    return list(dict.fromkeys(_key(words[i]) for edge in edges for i in edge))


def _marks(lines: Sequence[Span], words: Sequence[str], links: Sequence[Span]) -> list[bool]:
    """What the document alone tells, line by line."""
    marked = [_is_furniture(line) for line in words]
    _mark_reactions(words, marked)
    _mark_teasers(words, marked)
    _mark_author_boxes(words, marked)
    _mark_repeats(words, marked)
    mark_links(words, _links_of(lines, links), marked)
    _mark_neighbours(words, marked)
    _mark_masthead(words, marked)
    return marked


def _is_furniture(line: str) -> bool:
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


def _mark_reactions(words: Sequence[str], marked: list[bool]) -> None:
    """Rows of a reaction widget: three of its labels or more, each a whole line."""
    rows = [i for i, line in enumerate(words) if _REACTION.fullmatch(line)]
    if len({words[i].lower() for i in rows}) >= 3:
        for i in rows:
            marked[i] = True


def _mark_teasers(words: Sequence[str], marked: list[bool]) -> None:
    """A heading such as "Related stories", and all below it up to a whole paragraph."""
    inside = False
    for i, line in enumerate(words):
        if _TEASERS.fullmatch(line):
            inside = True
        elif inside and _ENDS_SENTENCE.search(line) and not _TRAILS_OFF.search(line):
            inside = False
        if inside:
            marked[i] = True


def _mark_author_boxes(words: Sequence[str], marked: list[bool]) -> None:
    """A heading such as "About the author", the name below it and one paragraph."""
    inside = False
    for i, line in enumerate(words):
        if _AUTHOR.fullmatch(line):
            inside = True
        if inside:
            marked[i] = True
            inside = len(line) < _BIO_AT_LEAST


def _mark_repeats(words: Sequence[str], marked: list[bool]) -> None:
    seen: set[str] = set()
    for i, line in enumerate(words):
        key = " ".join(line.casefold().split())
        if len(key) >= _REPEAT_AT_LEAST and key in seen:
            marked[i] = True
        seen.add(key)


def _links_of(lines: Sequence[Span], links: Sequence[Span]) -> list[list[Span]]:
    """Of each line, the parts of it that are links, counted from its start."""
    inside: list[list[Span]] = [[] for _ in lines]
    starts = [line.start for line in lines]
    for link in sorted(links):
        for i in range(max(0, bisect_right(starts, link.start) - 1), len(lines)):
            line = lines[i]
            if line.start >= link.end:
                break
            if line.overlaps(link):
                start, end = max(line.start, link.start), min(line.end, link.end)
                inside[i].append(Span(start - line.start, end - line.start))
    return inside


def _mark_edges(words: Sequence[str], marked: list[bool], repeated: Collection[bytes]) -> list[int]:
    """What the site repeats, from the first line on and from the last one back."""
    found: list[int] = []
    for order in _both_ways(words):
        run: list[int] = []
        for i in _edge(words, marked, order):
            if _key(words[i]) not in repeated:
                break
            run.append(i)
        found += _up_to_a_long_one(words, run)
    left = sum(len(line) for line, is_marked in zip(words, marked, strict=True) if not is_marked)
    found = list(dict.fromkeys(found))
    if sum(len(words[i]) for i in found) > _EDGES_AT_MOST * left:
        return []
    for i in found:
        marked[i] = True
    return found


def _edge(words: Sequence[str], marked: Sequence[bool], order: range) -> list[int]:
    """The first lines in ``order`` that are not marked, up to one that is no candidate."""
    edge: list[int] = []
    for i in order:
        if marked[i]:
            continue
        clause = _CLAUSE.match(words[i])
        if len(edge) == _EDGE_LINES or len(words[i]) > _EDGE_LINE_AT_MOST or clause:
            break
        edge.append(i)
    return edge


def _up_to_a_long_one(words: Sequence[str], run: Sequence[int]) -> list[int]:
    """Short lines repeat for good reasons, unless a long one follows that repeats too."""
    long = [place for place, i in enumerate(run) if len(words[i]) >= _REPEAT_AT_LEAST]
    return list(run[: long[-1] + 1]) if long else []


def _both_ways(words: Sequence[str]) -> tuple[range, range]:
    return range(len(words)), range(len(words) - 1, -1, -1)


def _key(line: str) -> bytes:
    plain = " ".join(line.casefold().split())
    return hashlib.blake2b(plain.encode(), digest_size=8).digest()


def _mark_neighbours(words: Sequence[str], marked: list[bool]) -> None:
    """Bare numbers beside furniture, and short labels between two pieces of it."""
    for order in _both_ways(words):
        for i in order:
            if not marked[i] and _NUMBER.fullmatch(words[i]) and any(_around(marked, i)):
                marked[i] = True
    for i, line in enumerate(words):
        label = len(line) <= _LABEL_AT_MOST and not _ENDS_SENTENCE.search(line)
        if label and i > 0 and all(_around(marked, i)):
            marked[i] = True


def _mark_masthead(words: Sequence[str], marked: list[bool]) -> None:
    """The outlet's own line directly above the furniture that closes the page."""
    last = max((i for i, is_marked in enumerate(marked) if not is_marked), default=-1)
    if 0 < last < len(words) - 1 and _MASTHEAD.search(words[last]):
        marked[last] = True


def _around(marked: Sequence[bool], i: int) -> list[bool]:
    """The marks of the neighbours; beyond an end of the document counts as unmarked."""
    return [0 <= j < len(marked) and marked[j] for j in (i - 1, i + 1)]


def _ranges(lines: Sequence[Span], marked: Sequence[bool]) -> tuple[Span, ...]:
    ranges: list[Span] = []
    previous = False
    for line, is_marked in zip(lines, marked, strict=True):
        if is_marked and previous:
            ranges[-1] = Span(ranges[-1].start, line.end)
        elif is_marked:
            ranges.append(line)
        previous = is_marked
    return tuple(ranges)
