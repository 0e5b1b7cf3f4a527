"""Whose words stand in a sentence and which they are: the subject of a verb, and its reach."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.documents import Span
from qa import speakers
from qa.cue_sentence import BE, LINKS, WORD, Cue, Sentence
from qa.reporting import Kind

_TAIL_OF_PRE = re.compile(
    r"^\s*(?:$|[.,;!?)\"“]|(?:on|in|at|to|during|through|by|from|after|before|late|early|yesterday"
    r"|this|last|via|earlier|later|when|as|with|over|for|while|again|once|afterwards|today)\b)",
    re.IGNORECASE,
)
_ADVERBIAL = re.compile(
    r"^\W*(?:in|on|at|after|before|during|when|while|asked|meanwhile|however|but|yet|and|as|with"
    r"|since|if|although|though|despite|speaking|according|because|by|for|from|under|earlier|later"
    r"|last|until|only|also|then|still|now|yesterday|today)\b",
    re.IGNORECASE,
)
_TOLD = re.compile("tells?|told|telling", re.IGNORECASE)
_HEARERS = re.compile(
    r"^(?:\s+(?!that\b|to\b)[\w'’-]+){1,5}?"
    r"(?=\s*[.,;]|\s+(?:on|in|at|during|by)\b)"
)
# "Expected by the end of June", "by Friday", "according to the rules".
_NOBODY = re.compile(
    r"(?:the |its |his |her |their )?(?:end|middle|start|beginning|summer|winter|spring|autumn"
    r"|rules?|plan|schedule|custom|need|size|age|season|law)\b(?! (?:firm|student|professor))"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\d|noon\b|midnight\b|(?:next|last) \w+"
    r"|(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r"(?: \d|[.,;]|$)",
    re.IGNORECASE,
)
_TITLE_WORDS = 6  # before a name: ", company director Lucia Ferran said"
_TAIL_WORDS = 5  # after a verb: "said on Tuesday in Tarn"


def finite(at: Sentence, verb: Span, kind: Kind, earlier: Sequence[Cue]) -> Cue | None:
    """A verb after its subject; the statement stands after it, or before both."""
    subject = _subject(at, verb, earlier)
    if subject is None:
        return None
    reach = _reach(at, subject, verb)
    loose = at.text[at.span.start : subject.start].endswith(
        ", as "
    )  # "128, as the firm had stated"
    direct = _beside_quotation(at, subject, verb)
    return Cue(at.span, subject, verb, kind, reach, loose=loose, direct=direct)


def _subject(at: Sentence, verb: Span, earlier: Sequence[Cue]) -> Span | None:
    start = at.clause_start(verb.start)
    head = at.text[start : verb.start]
    words = [match.group().lower() for match in WORD.finditer(head)]
    plain = [word for word in words if not word.endswith("ly")]
    shared = not plain or plain[-1] in LINKS | {"while", "by", "after", "before"}
    ing = at.text[verb.start : verb.end].lower().endswith("ing")
    progressive = ing and plain and plain[-1] in BE
    if (shared and words) or (ing and not progressive):
        return _same_subject(at, verb, earlier)
    if not words:
        return None
    if progressive:
        start_of_be = head.lower().rfind(plain[-1])
        return speakers.before(at.text, start, start + start_of_be)
    return speakers.before(at.text, start, verb.start)


def _same_subject(at: Sentence, verb: Span, earlier: Sequence[Cue]) -> Span | None:
    """The subject of an earlier verb: "He apologised but rejected ...", "..., he said, adding"."""
    own = [cue for cue in earlier if cue.verb.end <= verb.start and not cue.noun]
    if own:
        return own[-1].speaker
    return speakers.leading(at.text, at.span.start, verb.start)


def _reach(at: Sentence, subject: Span, verb: Span) -> tuple[Span, ...]:
    rest = at.rest(verb.end)
    after = Span(verb.end, max(verb.end, at.end(verb.end)))
    if subject.start < at.clause_start(verb.start) or not _is_pre(at, subject, verb, rest):
        return (after,)
    begin = at.begin(subject.start)
    before = Span(begin, max(begin, subject.start))
    # "..., he said, adding that" has a cue of its own; "..." he said, "..." goes on.
    return before, after


def _is_pre(at: Sentence, subject: Span, verb: Span, rest: str) -> bool:
    """Whether the statement stands before "he said": a quotation, or a clause and a comma."""
    clause = at.clause_start(verb.start)
    own = at.text[clause : subject.start]
    if any(q.end == clause or q.end + 1 >= clause for q in at.quotations if q.end <= clause):
        words = WORD.findall(own)
        linked = bool(words) and words[0].lower() in LINKS | {"while", "as", "although", "though"}
        return not linked and (len(words) <= _TITLE_WORDS or own.rstrip().endswith(","))
    before = at.text[at.span.start : subject.start].rstrip()
    comma = before.rfind(",")
    if comma < 0 or len(before[comma + 1 :].split()) > _TITLE_WORDS:
        return False
    if _TOLD.fullmatch(at.text, verb.start, verb.end):
        rest = _HEARERS.sub("", rest, count=1)
    tail = re.split(r"[,;:\"“]", rest, maxsplit=1)[0]
    if not _TAIL_OF_PRE.match(rest) or re.search(r"\bthat\b", tail):
        return False
    ends = len(tail) == len(rest) and len(tail.split()) <= _TAIL_WORDS
    return ends or before.count(",") > 1 or not _ADVERBIAL.match(before)


def _beside_quotation(at: Sentence, subject: Span, verb: Span) -> bool:
    return any(
        q.end <= subject.start + 2 or (q.start >= verb.end and q.start - verb.end < 80)
        for q in at.quotations
    )


def spoken_after(
    at: Sentence, verb: Span, start: int, kind: Kind, reach: tuple[Span, ...]
) -> Cue | None:
    if _NOBODY.match(at.text, start, at.span.end):
        return None
    speaker = speakers.after(at.text, start, at.span.end)
    if speaker is None or at.quoted(speaker.start):
        return None
    return Cue(at.span, speaker, verb, kind, reach, direct=bool(at.quotations))


def both_sides(at: Sentence, verb: Span) -> tuple[Span, ...]:
    begin = at.begin(verb.start)
    return Span(begin, verb.start), Span(verb.end, max(verb.end, at.end(verb.end)))
