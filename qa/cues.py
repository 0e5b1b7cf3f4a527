"""What in a sentence attributes words to somebody: a verb, a noun or a phrase, and its reach."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.documents import Span
from qa import speakers
from qa.reporting import Form, Kind, denies_without_a_verb, noun_kinds, verb_forms

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being"})
_HAVE = frozenset({"has", "have", "had"})
# Reporting only with the words that follow them: see `_by_phrase`.
_PHRASES = """
    decline declines declined declining refuse refuses refused refusing call calls called calling
    put puts placed places ask asks asked asking
"""
_OTHERS = frozenset(_PHRASES.split())
_LINKS = frozenset({"and", "but", "or", "then", "yet"})
# Before a word that is both, these make it a noun: "such claims", "the report".
_BEFORE_NOUN = """
    the a an his her its their our my your this that these those such any no some all many several
    of from for to by with on in about press media news recent earlier false new other police
    initial official local according and or
"""
_NOUN_MARK = frozenset(_BEFORE_NOUN.split())
_AFTER_NOUN = frozenset(
    {"of", "by", "from", "about", "on", "are", "were", "and", "or", "have", "had"}
)
_PLURAL_SUBJECT = frozenset({"they", "we", "i", "you", "who", "people", "police", "both", "some"})
_INVERTED = frozenset({"say", "report", "write", "add", "explain", "note"})
_INVERTED_AFTER_QUOTE = _INVERTED | frozenset(
    {
        "announce",
        "ask",
        "claim",
        "warn",
        "reply",
        "insist",
        "comment",
        "conclude",
        "observe",
        "recall",
        "quip",
        "joke",
    }
)
_SAID_BY_MANY = frozenset({"say", "believe", "think", "insist", "warn"})
_RARELY_VERBS = frozenset({"state", "note", "name", "rule", "post", "hope", "fear", "doubt"})
# These say something only with words: "he continued, \"...\"", "she recalled that".
_WITH_WORDS = frozenset({"continue", "observe", "recall", "post", "answer", "respond", "rule"})
_ASKED = frozenset({"whether", "if", "about", "why", "how", "when", "what", "who", "where"})
_DECLINED = re.compile(
    r"\b(?:declin|refus)(?:e[sd]?|ing) to (?:comment|say|confirm|answer|discuss|speculate|deny"
    r"|respond|give|name|elaborate)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:(?:did|does|do|would|could|has|have|had|will|can) (?:also )?(?:not|never|neither)"
    r"(?: yet)?"
    r"|(?:did|does|do|would|could|has|have|had|wo|ca)n['’]t|neither|cannot)"
    r"\s+(?:yet\s+)?(?:\w+ly\s+)?$",
    re.IGNORECASE,
)
_CALLED = re.compile(r"\bcall(?:s|ed|ing)?\b(?: (?:for|on|upon)\b)?", re.IGNORECASE)
_PUT = re.compile(r"\b(?:puts?|placed|places)\b(?=[^.;\"“]{1,60}? at\b)", re.IGNORECASE)
_ASK = re.compile(r"\bask(?:s|ed|ing)\b", re.IGNORECASE)
_ACCORDING = re.compile(
    r"\b(?:according to(?! wh)|as per|in the (?:words|view|opinion) of|citing|quoting)\s+",
    re.IGNORECASE,
)
_IN_X_WORDS = re.compile(
    r"\bin ((?:his|her|their|its|(?:[A-Z][\w’'-]*\s)*[A-Z][\w-]*['’]s?)) (?:words|view|opinion)\b"
)
_QUOTED_AS = re.compile(r"\bquot(?:ed|ing|es)\b", re.IGNORECASE)
_AS_SAYING = re.compile(r"\bas (?:saying|stating|telling)\b", re.IGNORECASE)
_BY = re.compile(r"^(?:\s+\w+ly)?\s+(?:by|from)\s+", re.IGNORECASE)
_OBJECT_AND_BY = re.compile(r"^[^,.;:\"“]{0,60}?\bby\s+", re.IGNORECASE)
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
_TITLE_WORDS = 6  # before a name: ", company director Lucia Ferran said"
_TAIL_WORDS = 5  # after a verb: "said on Tuesday in Tarn"
_CLAUSE_END = re.compile(r"[;:]\s|\s[–—-]\s")
_LINKED_NOUN = re.compile(r"^\s+(?:that|of|about|which)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cue:
    """Something that attributes: who, by what word, and which stretches it covers.

    Attributes:
        noun: a noun of speech, whose owner is not the subject of the sentence.
        loose: covers the sentence as a whole ("according to"), less telling than a verb.
        direct: stands beside a quotation.
    """

    sentence: Span
    speaker: Span
    verb: Span
    kind: Kind
    reach: tuple[Span, ...]
    loose: bool = False
    noun: bool = False
    direct: bool = False

    def reaches(self, span: Span) -> bool:
        """Whether the span begins within reach, and is no part of speaker and verb alone."""
        return any(reach.start <= span.start < reach.end for reach in self.reach)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence in its text, with the quotations that touch it."""

    text: str
    span: Span
    quotations: tuple[Span, ...]

    def quoted(self, at: int) -> bool:
        return any(q.start <= at < q.end for q in self.quotations)

    def clause_start(self, before: int) -> int:
        """Where the clause of ``before`` begins: the sentence, a quotation's end, a mark."""
        start = self.span.start
        for q in self.quotations:
            if q.end <= before:
                start = max(start, q.end)
        for mark in _CLAUSE_END.finditer(self.text, start, before):
            if not self.quoted(mark.start()):
                start = max(start, mark.end())
        return start

    def begin(self, at: int) -> int:
        """The sentence's begin, or that of a quotation that reaches into it and ends by ``at``."""
        return min([self.span.start, *(q.start for q in self.quotations if q.end <= at + 1)])

    def end(self, at: int) -> int:
        """The sentence's end, or that of a quotation that begins after ``at`` and goes on."""
        return max([self.span.end, *(q.end for q in self.quotations if q.start >= at)])

    def words_before(self, at: int, count: int = 4) -> list[str]:
        head = self.text[max(self.span.start, at - 60) : at]
        return [match.group().lower() for match in _WORD.finditer(head)][-count:]

    def rest(self, at: int) -> str:
        return self.text[at : self.span.end]


def cues(text: str, sentence: Span, quotations: Sequence[Span]) -> list[Cue]:
    """Every cue of the sentence, in the order of their verbs."""
    touching = tuple(q for q in quotations if q.overlaps(sentence))
    at = _Sentence(text, sentence, touching)
    found: list[Cue] = []
    for match in _WORD.finditer(text, sentence.start, sentence.end):
        word = match.group().lower()
        form, noun = verb_forms().get(word), noun_kinds().get(word)
        if not (form or noun or word in _OTHERS) or at.quoted(match.start()):
            continue
        verb = Span(match.start(), match.end())
        cue = _by_verb(at, verb, form, found) if form else None
        if cue is None:
            cue = _by_noun(at, verb, noun) if noun else _by_phrase(at, verb, found)
        if cue is not None:
            found.append(cue)
    loose = _loose(at)
    return [cue for cue in found if not any(cue.verb.overlaps(by.speaker) for by in loose)] + loose


def _by_verb(at: _Sentence, verb: Span, form: Form, earlier: Sequence[Cue]) -> Cue | None:
    if form.lemma == "quote":
        return _quoted_as(at, verb)
    previous = at.words_before(verb.start)
    last = previous[-1] if previous else ""
    if form.past and _passive(previous):
        return _passive_by(at, verb, form.kind)
    if form.lemma in _WITH_WORDS and not at.quotations and " that " not in at.rest(verb.end)[:30]:
        return None
    if (form.past or form.base) and _NEGATED.search(_head(at, verb.start)):
        return _negated(at, verb, earlier)
    if form.past and _reduced(at, verb):
        return None  # "the amount found was small"
    if form.past and last in _NOUN_MARK - {"that", "all", "some", "and", "or", "police", "other"}:
        return None  # "the reported deaths"
    if form.past and (by := _BY.match(at.rest(verb.end))) and last not in _PLURAL_SUBJECT:
        return _spoken_after(at, verb, verb.end + by.end(), form.kind, _both(at, verb))
    if form.third and not _third_is_verb(at, verb, form, last):
        return None
    if form.base:
        return _finite(at, verb, form.kind, earlier) if _base_is_verb(form, previous) else None
    if form.ing and form.lemma == "cite":
        return None  # a loose cue
    if form.ing and not _participle(at, verb, previous):
        return _relative(at, verb, form.kind)
    return _inverted(at, verb, form) or _finite(at, verb, form.kind, earlier)


def _head(at: _Sentence, end: int) -> str:
    return at.text[max(at.span.start, end - 40) : end]


def _passive(previous: list[str]) -> bool:
    words = [word for word in previous if not word.endswith("ly")]
    return bool(words) and words[-1] in _BE


def _reduced(at: _Sentence, verb: Span) -> bool:
    following = _WORD.match(at.text, verb.end + 1, at.span.end)
    if following is None:
        return False
    found = at.text[verb.start : verb.end].lower() in {"found", "reported"}
    place = found and following.group().lower() in {"on", "in", "at", "near", "by"}
    return place or following.group().lower() in _BE | _HAVE


def _third_is_verb(at: _Sentence, verb: Span, form: Form, last: str) -> bool:
    """ "Denk claims that", not "the claims" nor "press reports"."""
    word = at.text[verb.start : verb.end].lower()
    if word not in noun_kinds() and form.lemma not in _RARELY_VERBS | {"report"}:
        return True
    following = _WORD.search(at.rest(verb.end)[:20])
    next_word = following.group().lower() if following else ""
    if last in (_NOUN_MARK | _BE) - {"that", "police"} or last in verb_forms():
        return False
    if last.endswith(("'s", "’s", "s'", "s’")):
        return False
    if next_word in _AFTER_NOUN or next_word in verb_forms():
        return False
    if form.lemma in _RARELY_VERBS and not re.match(r"\s*(?:that\b|[:\"“])", at.rest(verb.end)):
        return False
    return bool(last) and not at.text[verb.start].isupper()


def _base_is_verb(form: Form, previous: list[str]) -> bool:
    """ "engineers say", "can now state"; not "the claim", "to say", "will announce"."""
    last = previous[-1] if previous else ""
    plural = last.endswith("s") and not last.endswith(("'s", "’s", "ss")) and len(last) > 3
    if last in _PLURAL_SUBJECT or (plural and form.lemma in _SAID_BY_MANY):
        return True
    main = [word for word in previous if word not in {"now", "also", "only", "again"}]
    return bool(main) and main[-1] in {"can", "must", "does", "do", "did"}


def _participle(at: _Sentence, verb: Span, previous: list[str]) -> bool:
    """ ", adding that", "while denying"; also "is demanding"."""
    head = at.text[at.span.start : verb.start].rstrip()
    last = previous[-1] if previous else ""
    return head.endswith((",", "”", '"')) or last in _BE | {"while", "by", "after", "before", "and"}


def _relative(at: _Sentence, verb: Span, kind: Kind) -> Cue | None:
    """ "a letter suggesting that ..."."""
    noun = at.text[verb.start : verb.end].lower() in noun_kinds()  # "her warning that"
    if noun or not re.match(r"\s+that\b", at.rest(verb.end)):
        return None
    subject = speakers.before(at.text, at.clause_start(verb.start), verb.start)
    reach = (Span(verb.end, max(verb.end, at.end(verb.end))),)
    return Cue(at.span, subject, verb, kind, reach) if subject else None


def _finite(at: _Sentence, verb: Span, kind: Kind, earlier: Sequence[Cue]) -> Cue | None:
    """A verb after its subject; the statement stands after it, or before both."""
    subject = _subject(at, verb, earlier)
    if subject is None:
        return None
    reach = _reach(at, subject, verb)
    return Cue(at.span, subject, verb, kind, reach, direct=_beside_quotation(at, subject, verb))


def _subject(at: _Sentence, verb: Span, earlier: Sequence[Cue]) -> Span | None:
    start = at.clause_start(verb.start)
    head = at.text[start : verb.start]
    words = [match.group().lower() for match in _WORD.finditer(head)]
    plain = [word for word in words if not word.endswith("ly")]
    shared = not plain or plain[-1] in _LINKS | {"while", "by", "after", "before"}
    ing = at.text[verb.start : verb.end].lower().endswith("ing")
    progressive = ing and plain and plain[-1] in _BE
    if (shared and words) or (ing and not progressive):
        return _same_subject(at, verb, earlier)
    if not words:
        return None
    if progressive:
        start_of_be = head.lower().rfind(plain[-1])
        return speakers.before(at.text, start, start + start_of_be)
    return speakers.before(at.text, start, verb.start)


def _same_subject(at: _Sentence, verb: Span, earlier: Sequence[Cue]) -> Span | None:
    """The subject of an earlier verb: "He apologised but rejected ...", "..., he said, adding"."""
    own = [cue for cue in earlier if cue.verb.end <= verb.start and not cue.noun]
    if own:
        return own[-1].speaker
    return speakers.leading(at.text, at.span.start, verb.start)


def _reach(at: _Sentence, subject: Span, verb: Span) -> tuple[Span, ...]:
    rest = at.rest(verb.end)
    after = Span(verb.end, max(verb.end, at.end(verb.end)))
    if subject.start < at.clause_start(verb.start) or not _is_pre(at, subject, verb, rest):
        return (after,)
    begin = at.begin(subject.start)
    before = Span(begin, max(begin, subject.start))
    # "..., he said, adding that" has a cue of its own; "..." he said, "..." goes on.
    return before, after


def _is_pre(at: _Sentence, subject: Span, verb: Span, rest: str) -> bool:
    """Whether the statement stands before "he said": a quotation, or a clause and a comma."""
    clause = at.clause_start(verb.start)
    own = at.text[clause : subject.start]
    if any(q.end == clause or q.end + 1 >= clause for q in at.quotations if q.end <= clause):
        words = _WORD.findall(own)
        linked = bool(words) and words[0].lower() in _LINKS | {"while", "as", "although", "though"}
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


def _beside_quotation(at: _Sentence, subject: Span, verb: Span) -> bool:
    return any(
        q.end <= subject.start + 2 or (q.start >= verb.end and q.start - verb.end < 80)
        for q in at.quotations
    )


def _inverted(at: _Sentence, verb: Span, form: Form) -> Cue | None:
    """ "..., said Birk, a roofer"."""
    if form.ing or form.base:
        return None
    head = at.text[at.begin(verb.start) : verb.start].rstrip()
    after_quote = head.endswith(('"', "”", "»"))
    if not (after_quote and form.lemma in _INVERTED_AFTER_QUOTE) and not (
        head.endswith((",", ",”", ',"', "?", "!")) and form.lemma in _INVERTED
    ):
        return None
    following = _WORD.match(at.text, verb.end + 1)
    if following is None or not _opens_speaker(at, following):
        return None
    reach = (Span(at.begin(verb.start), verb.start), Span(verb.end, at.end(verb.end)))
    return _spoken_after(at, verb, verb.end, form.kind, reach)


def _opens_speaker(at: _Sentence, word: re.Match[str]) -> bool:
    """ "the clerk", "Birk", and any trade before a name: "warden Tilde Hansen"."""
    following = _WORD.match(at.text, word.end() + 1, at.span.end)
    trade = following is not None and following.group()[0].isupper() and word.group().islower()
    return speakers.opens(word.group()) or (trade and not speakers.is_pronoun(word.group()))


def _spoken_after(
    at: _Sentence, verb: Span, start: int, kind: Kind, reach: tuple[Span, ...]
) -> Cue | None:
    speaker = speakers.after(at.text, start, at.span.end)
    if speaker is None or at.quoted(speaker.start):
        return None
    return Cue(at.span, speaker, verb, kind, reach, direct=bool(at.quotations))


def _passive_by(at: _Sentence, verb: Span, kind: Kind) -> Cue | None:
    """ "It was denied by Grau that ...", "This was confirmed by ..."."""
    by = _OBJECT_AND_BY.match(at.rest(verb.end))
    return _spoken_after(at, verb, verb.end + by.end(), kind, _both(at, verb)) if by else None


def _both(at: _Sentence, verb: Span) -> tuple[Span, ...]:
    begin = at.begin(verb.start)
    return Span(begin, verb.start), Span(verb.end, max(verb.end, at.end(verb.end)))


def _quoted_as(at: _Sentence, verb: Span) -> Cue | None:
    """ "Ilk was quoted by the Courier as saying", "the Courier quoted Ilk as saying"."""
    rest = at.rest(verb.end)
    saying = _AS_SAYING.search(rest)
    if saying is None:
        return None
    start = at.clause_start(verb.start)
    if _passive(at.words_before(verb.start)):
        speaker = speakers.before(at.text, start, verb.start)
    else:
        speaker = speakers.after(at.text, verb.end, verb.end + saying.start())
    if speaker is None:
        return None
    end = at.end(verb.end)
    begin = at.begin(min(verb.start, speaker.start))
    quoted_first = any(q.end <= verb.start for q in at.quotations)
    reach = [Span(verb.end + saying.end(), max(end, verb.end + saying.end()))]
    if quoted_first:
        reach.append(Span(begin, min(verb.start, max(speaker.start, begin))))
    return Cue(at.span, speaker, verb, Kind.SAYS, tuple(reach), direct=True)


def _negated(at: _Sentence, verb: Span, earlier: Sequence[Cue]) -> Cue | None:
    """ "did not confirm", "would not say"."""
    head = _head(at, verb.start)
    match = _NEGATED.search(head)
    if match is None:
        return None
    start = verb.start - len(head) + match.start()
    whole = Span(start, verb.end)
    found = _finite(at, whole, Kind.DECLINES, earlier)
    return found and Cue(
        at.span, found.speaker, whole, Kind.DECLINES, (Span(verb.end, at.span.end),)
    )


def _by_phrase(at: _Sentence, word: Span, earlier: Sequence[Cue]) -> Cue | None:
    """Words that report only with what follows them: "called for", "put the number at"."""
    text = at.text
    if match := _DECLINED.match(text, word.start, at.span.end):
        return _finite(at, Span(match.start(), match.end()), Kind.DECLINES, earlier)
    if match := _CALLED.match(text, word.start, at.span.end):
        return _called(at, match, earlier)
    if _PUT.match(text, word.start, at.span.end):
        return _finite(at, word, Kind.CLAIMS, earlier)
    if _ASK.match(text, word.start, at.span.end):
        following = _WORD.search(text, word.end, at.span.end)
        if following is None or following.group().lower() in _ASKED or not _asks(at, word):
            return None
        return _finite(at, word, Kind.DEMANDS, earlier)
    return None


def _asks(at: _Sentence, word: Span) -> bool:
    return at.text[word.start].islower() and not _passive(at.words_before(word.start))


def _called(at: _Sentence, match: re.Match[str], earlier: Sequence[Cue]) -> Cue | None:
    """ "called for a halt" demands, "called the reports fake" denies, "called it art" says."""
    verb = Span(match.start(), match.end())
    word = match.group().lower()
    previous = at.words_before(verb.start)
    if word in {"call", "calls"} and (not previous or previous[-1] in _NOUN_MARK):
        return None
    if word.startswith("called") and previous and previous[-1] in _BE | {"so"}:
        return None
    if word.startswith("call") and " " in word:
        return _finite(at, verb, Kind.DEMANDS, earlier)
    if re.match(r"\s*(?:[.,;]|[a-z]+ed\b)", at.rest(verb.end)) or _is_label(at, verb):
        return None
    kind = Kind.DENIES if denies_without_a_verb(at.rest(verb.end)[:100]) else Kind.SAYS
    return _finite(at, verb, kind, earlier)


def _is_label(at: _Sentence, verb: Span) -> bool:
    """ "a powder called Ferrofit", "a group calling itself"."""
    rest = at.rest(verb.end).lstrip()
    before = _WORD.findall(at.text[max(at.span.start, verb.start - 40) : verb.start])
    return rest[:6] == "itself" or (rest[:1].isupper() and bool(before) and before[-1].islower())


def _by_noun(at: _Sentence, noun: Span, kind: Kind) -> Cue | None:
    """ "Denk's claim that", "a denial by the embassy", "accusations from Seoul that"."""
    rest = at.rest(noun.end)
    reach = (Span(noun.end, max(noun.end, at.end(noun.end))),)
    if by := _BY.match(rest):
        following = _WORD.match(rest, by.end())
        if following is None or not (
            following.group()[0].isupper() or speakers.opens(following.group())
        ):
            return None
        found = _spoken_after(at, noun, noun.end + by.end(), kind, reach)
        return replace(found, noun=True) if found else None
    head = at.text[at.span.start : noun.start].rstrip()
    owner = re.search(r"((?:[A-Z][\w-]*\s+)*[A-Z][\w-]*)['’]s?(?:\s[a-z]+)?$", head) or re.search(
        r"\b(?:(?:[Tt]he|[Aa]n?|[Ii]ts|[Hh]is|[Hh]er|[Tt]heir)\s+)(\w+)['’]s?(?:\s[a-z]+)?$", head
    )
    if owner is None or not (_LINKED_NOUN.match(rest) or kind not in {Kind.SAYS, Kind.FINDS}):
        return None
    start = at.span.start + owner.start(1)
    if at.quoted(start):
        return None
    owned = Span(start, at.span.start + owner.end(1))
    return Cue(at.span, owned, noun, kind, reach, noun=True)


def _loose(at: _Sentence) -> list[Cue]:
    found: list[Cue] = []
    whole = Span(at.begin(at.span.end), at.end(at.span.start))
    for match in _ACCORDING.finditer(at.text, at.span.start, at.span.end):
        if at.quoted(match.start()):
            continue
        verb = Span(match.start(), match.start() + len(match.group().rstrip()))
        cue = _spoken_after(at, verb, match.end(), Kind.REPORTS, (whole,))
        if cue is not None:
            found.append(Cue(at.span, cue.speaker, verb, Kind.REPORTS, (whole,), loose=True))
    for match in _IN_X_WORDS.finditer(at.text, at.span.start, at.span.end):
        if not at.quoted(match.start()):
            verb = Span(match.start(), match.end())
            speaker: Span | None = Span(match.start(1), match.end(1))
            if match[1] in {"his", "her", "their", "its"}:
                speaker = speakers.leading(at.text, at.span.start, match.start())
            if speaker is not None:
                found.append(Cue(at.span, speaker, verb, Kind.SAYS, (whole,), loose=True))
    return found
