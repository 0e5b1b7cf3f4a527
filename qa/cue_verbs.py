"""Verbs that attribute, and the forms in which they do: "said", "was denied by", "said Birk"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.documents import Span
from qa import speakers
from qa.cue_sentence import BE, BY, HAVE, NOUN_MARK, WORD, Cue, Sentence, is_passive
from qa.cue_statements import both_sides, finite, spoken_after
from qa.letters import CAPITAL
from qa.reporting import Form, Kind, noun_kinds, verb_forms

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
_BEFORE_INVERTED = (",", ",”", ',"', ",’", ",'", "?", "!", "?’", "!’", "?'", "!'")
_SAID_BY_MANY = frozenset({"say", "believe", "think", "insist", "warn"})
_MANY = re.compile(
    rf"the|some|many|its|their|[{CAPITAL}][\w’'-]*|[a-z]+(?:s|men|women|people)|police"
)
_RARELY_VERBS = frozenset({"state", "note", "name", "rule", "post", "hope", "fear", "doubt"})
# These say something only with words: "he continued, \"...\"", "she recalled that".
_WITH_WORDS = frozenset({"continue", "observe", "recall", "post", "answer", "respond", "rule"})
_NEGATED = re.compile(
    r"\b(?:(?:did|does|do|would|could|has|have|had|will|can) (?:also )?(?:not|never|neither)"
    r"(?: yet)?"
    r"|(?:did|does|do|would|could|has|have|had|wo|ca)n['’]t|neither|cannot)"
    r"\s+(?:yet\s+)?(?:\w+ly\s+)?$",
    re.IGNORECASE,
)
_AS_SAYING = re.compile(r"\bas (?:saying|stating|telling)\b", re.IGNORECASE)
_TRADE = re.compile(r"((?:[a-z][\w'’-]* ){1,3})(?=[^\W\d_a-z])")  # before a name
_FINITE = "was|were|is|are|had|has|have|would|will|could|can|cannot|did|does|must|should|may|might"
# A subject with its verb, before any "who".
_CLAUSE = re.compile(
    rf"(?:(?! who\b| which\b| whose\b| where\b)[^;:.])*?\s(?:{_FINITE})\b",
)
# "The ministry, in a statement on Monday,": no verb before the aside, and nothing after it.
_SUBJECT_AND_ASIDE = re.compile(
    rf"\W*(?:[{CAPITAL}][\w.’'-]*|the|an?)(?!\w)"
    rf"(?:(?!\b(?:{_FINITE})\b)[^,;:.]){{0,60}},[^;:]*,$"
)
# "the dam will": a subject and its verb, no other clause between them.
_OWN_CLAUSE = re.compile(
    r"(?:(?! (?:who|which|whose|where|that|as|when|while|after|before|because|since|if|once|than"
    rf"|he|she|they|it|we|i|you)\b)[^,;:.])*?\s(?:{_FINITE})\b",
    re.IGNORECASE,
)
# Not "by dividing the total by twelve": the first "by" says who, or how.
_OBJECT_AND_BY = re.compile(r"^(?:(?!\bby\b)[^,.;:\"“]){0,60}\bby\s+(?!\w+ing\b)", re.IGNORECASE)


_SUBJECTS = NOUN_MARK | {"he", "she", "they", "it", "we", "i", "who"}
_REPORTED_FOR = re.compile(r"\s+(?:back )?for (?:work|duty|service|training)\b")
_AFTER_A_NAME = re.compile(rf"[{CAPITAL}][\w’'-]* $")
_IN_SMALL_LETTERS = re.compile(r"(?<![\w'’-])(?!(?:with|from|over|after|into)\b)[a-z]{4,}")


def by_verb(at: Sentence, verb: Span, form: Form, earlier: Sequence[Cue]) -> Cue | None:
    if form.lemma == "quote":
        return _quoted_as(at, verb)
    previous = at.words_before(verb.start)
    last = previous[-1] if previous else ""
    if form.past and is_passive(previous):
        return _passive_by(at, verb, form.kind)
    if form.lemma in _WITH_WORDS and not at.quotations and " that " not in at.rest(verb.end)[:30]:
        return None
    if (form.past or form.base) and _NEGATED.search(_head(at, verb.start)):
        return _negated(at, verb, form, earlier)
    if form.past and _reduced(at, verb):
        return None  # "the amount found was small"
    if form.lemma == "report" and _REPORTED_FOR.match(at.rest(verb.end)):
        return None
    if _is_surname(at, verb) or (form.past and _ends_headline(at, verb, form)):
        return None
    if form.past and last in NOUN_MARK - {"that", "all", "some", "and", "or", "police", "other"}:
        return None  # "the reported deaths"
    if form.past and (by := BY.match(at.rest(verb.end))) and last not in _PLURAL_SUBJECT:
        return spoken_after(at, verb, verb.end + by.end(), form.kind, both_sides(at, verb))
    if form.third and not _third_is_verb(at, verb, form, last):
        return None
    if form.base:
        if found := _said_by_many(at, verb, form):
            return found
        return finite(at, verb, form.kind, earlier) if _base_is_verb(form, previous) else None
    if form.ing and form.lemma == "cite":
        return None  # a loose cue
    if form.ing and not _participle(at, verb, previous):
        return _relative(at, verb, form.kind)
    return _inverted(at, verb, form) or finite(at, verb, form.kind, earlier)


def _ends_headline(at: Sentence, verb: Span, form: Form) -> bool:
    """ "Fire kills five, cooling tower suspected", "Bosses knew for years, court told"."""
    if (
        form.lemma not in {"suspect", "fear", "believe", "tell", "expect"}
        or at.rest(verb.end).strip()
    ):
        return False
    clause = re.split(r"[,;:–—]", at.text[at.span.start : verb.start])[-1].split()
    return bool(clause) and all(word.islower() for word in clause) and clause[0] not in _SUBJECTS


def _is_surname(at: Sentence, verb: Span) -> bool:
    """ "Baker Omar Said, whose shop burned"; in a headline any word may have a capital."""
    word = at.text[verb.start : verb.end]
    if not word.istitle() or not _AFTER_A_NAME.search(_head(at, verb.start)):
        return False
    return _IN_SMALL_LETTERS.search(at.text, at.span.start, at.span.end) is not None


def _head(at: Sentence, end: int) -> str:
    return at.text[max(at.span.start, end - 40) : end]


def _reduced(at: Sentence, verb: Span) -> bool:
    following = WORD.match(at.text, verb.end + 1, at.span.end)
    if following is None:
        return False
    found = at.text[verb.start : verb.end].lower() in {"found", "reported"}
    place = found and following.group().lower() in {"on", "in", "at", "near", "by"}
    return place or following.group().lower() in BE | HAVE


def _third_is_verb(at: Sentence, verb: Span, form: Form, last: str) -> bool:
    """ "Denk claims that", not "the claims" nor "press reports"."""
    word = at.text[verb.start : verb.end].lower()
    if word not in noun_kinds() and form.lemma not in _RARELY_VERBS | {"report"}:
        return True
    following = WORD.search(at.rest(verb.end)[:20])
    next_word = following.group().lower() if following else ""
    if last in (NOUN_MARK | BE) - {"that", "police"} or last in verb_forms():
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


def _participle(at: Sentence, verb: Span, previous: list[str]) -> bool:
    """ ", adding that", "while denying"; also "is demanding"."""
    head = at.text[at.span.start : verb.start].rstrip()
    last = previous[-1] if previous else ""
    return head.endswith((",", "”", '"')) or last in BE | {"while", "by", "after", "before", "and"}


def _relative(at: Sentence, verb: Span, kind: Kind) -> Cue | None:
    """ "a letter suggesting that ..."."""
    noun = at.text[verb.start : verb.end].lower() in noun_kinds()  # "her warning that"
    if noun or not re.match(r"\s+that\b", at.rest(verb.end)):
        return None
    subject = speakers.before(at.text, at.clause_start(verb.start), verb.start)
    reach = (Span(verb.end, max(verb.end, at.end(verb.end))),)
    return Cue(at.span, subject, verb, kind, reach) if subject else None


def _inverted(at: Sentence, verb: Span, form: Form) -> Cue | None:
    """ "..., said Birk, a roofer"."""
    if form.ing or form.base:
        return None
    head = at.text[at.begin(verb.start) : verb.start].rstrip()
    after_quote = head.endswith(('"', "”", "»"))
    if not (after_quote and form.lemma in _INVERTED_AFTER_QUOTE) and not (
        head.endswith(_BEFORE_INVERTED) and form.lemma in _INVERTED
    ):
        return None
    following = WORD.match(at.text, verb.end + 1)
    if following is None or not _opens_speaker(at, following):
        return None
    if not after_quote and _SUBJECT_AND_ASIDE.match(head) and _OWN_CLAUSE.match(at.rest(verb.end)):
        return None  # "Ada Lind, 54, said the dam will hold"
    if not after_quote and speakers.is_apposed(head) and _CLAUSE.match(at.rest(verb.end)):
        return None  # "The operator, Fjordline, said the captain had ..."
    reach = (Span(at.begin(verb.start), verb.start), Span(verb.end, at.end(verb.end)))
    return spoken_after(at, verb, verb.end, form.kind, reach)


def _said_by_many(at: Sentence, verb: Span, form: Form) -> Cue | None:
    """ "..., say the fishermen of Tarn"; not "say, forty" nor "say two weeks"."""
    head = at.text[at.begin(verb.start) : verb.start].rstrip()
    if form.lemma not in _SAID_BY_MANY or not head.endswith((",", '"', "”", "»")):
        return None
    following = WORD.match(at.text, verb.end + 1, at.span.end)
    if following is None or not _MANY.fullmatch(following.group()):
        return None
    return spoken_after(at, verb, verb.end, form.kind, both_sides(at, verb))


def _opens_speaker(at: Sentence, word: re.Match[str]) -> bool:
    """ "the clerk", "Birk", and any trade before a name: "union secretary Tilde Hansen"."""
    if speakers.opens(word.group()):
        return True
    trade = _TRADE.match(at.text, word.start(), at.span.end)
    return trade is not None and not any(map(speakers.is_no_trade, trade[1].split()))


def _passive_by(at: Sentence, verb: Span, kind: Kind) -> Cue | None:
    """ "It was denied by Grau that ...", "This was confirmed by ..."."""
    by = _OBJECT_AND_BY.match(at.rest(verb.end))
    return spoken_after(at, verb, verb.end + by.end(), kind, both_sides(at, verb)) if by else None


def _quoted_as(at: Sentence, verb: Span) -> Cue | None:
    """ "Ilk was quoted by the Courier as saying", "the Courier quoted Ilk as saying"."""
    rest = at.rest(verb.end)
    saying = _AS_SAYING.search(rest)
    if saying is None:
        return None
    start = at.clause_start(verb.start)
    if is_passive(at.words_before(verb.start)):
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


def _negated(at: Sentence, verb: Span, form: Form, earlier: Sequence[Cue]) -> Cue | None:
    """ "did not confirm", "would not say". Who does not think that it rained, denies it."""
    head = _head(at, verb.start)
    match = _NEGATED.search(head)
    if match is None:
        return None
    start = verb.start - len(head) + match.start()
    whole = Span(start, verb.end)
    kind = Kind.DENIES if form.lemma in {"believe", "think"} else Kind.DECLINES
    found = finite(at, whole, kind, earlier)
    return found and Cue(at.span, found.speaker, whole, kind, (Span(verb.end, at.span.end),))
