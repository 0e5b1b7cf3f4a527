"""What in a sentence attributes words to somebody: a verb, a noun or a phrase, and its reach."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.documents import Span
from qa import speakers
from qa.cue_sentence import BE, BY, NOUN_MARK, WORD, Cue, Sentence, is_passive
from qa.cue_statements import both_sides, finite, spoken_after
from qa.cue_verbs import by_verb
from qa.letters import CAPITAL
from qa.names import TITLES
from qa.noun_phrases import NAME_PARTICLE, Word, words_in
from qa.reporting import Kind, denies_without_a_verb, noun_kinds, verb_forms
from qa.transcripts import may_speak

# Reporting only with the words that follow them: see `_by_phrase`.
_PHRASES = """
    decline declines declined declining refuse refuses refused refusing call calls called calling
    put puts placed places ask asks asked asking
"""
_OTHERS = frozenset(_PHRASES.split())
# Reporting only beside a quotation: "..., he laughed".
_UTTERANCES = """
    laughed laughs fumed fumes sobbed sobs growled growls shouted shouts cried cries sighed
    sighs whispered whispers grinned grins smiled smiles scoffed scoffs snapped snaps raged
    rages stormed storms moaned moans gushed gushes beamed beams chuckled chuckles thundered
    thunders muttered mutters murmured murmurs blasted blasts ranted rants pleaded pleads yelled
    yells screamed screams enthused enthuses disagreed disagrees agreed agrees countered
    counters retorted retorts objected objects protested protests complained complains exclaimed
    exclaims
"""
_UTTERED = frozenset(_UTTERANCES.split())
_NEAR = 60  # characters between a quotation and "the old man laughed"
_LABEL_WORDS = 8
_ASKED = frozenset({"whether", "if", "about", "why", "how", "when", "what", "who", "where"})
_DECLINED = re.compile(
    r"\b(?:declin|refus)(?:e[sd]?|ing) to (?:comment|say|confirm|answer|discuss|speculate|deny"
    r"|respond|give|name|elaborate)\b",
    re.IGNORECASE,
)
_CALLED = re.compile(r"\bcall(?:s|ed|ing)?\b(?: (?:for|on|upon)\b)?", re.IGNORECASE)
# "Called me twice", "had not called once"; not "called him a liar".
_BY_TELEPHONE = re.compile(
    r"\s+(?:(?:me|him|her|us|them|you|back|home)\s*)?(?:[.,;?!]|$|(?:[\w-]+ times|once|twice|back"
    r"|again|again|on|at|from|last|this|more than|yesterday|today|when|after|before)\b)",
    re.IGNORECASE,
)
_RULED_OUT = re.compile(r"(?:rule[sd]?|ruling) out\b", re.IGNORECASE)
_PUT = re.compile(r"\b(?:puts?|placed|places)\b(?=[^.;\"“]{1,60}? at\b)", re.IGNORECASE)
_ASK = re.compile(r"\bask(?:s|ed|ing)\b", re.IGNORECASE)
_ACCORDING = re.compile(
    r"\b(?:according to(?! wh)|as per|in the (?:words|view|opinion) of|citing|quoting)\s+",
    re.IGNORECASE,
)
# "in her words", "By the fire brigade's count".
_IN_X_WORDS = re.compile(
    r"\b(?:[Ii]n|[Bb]y)\s(?:(?P<own>his|her|their|its)"
    r"|(?P<owner>(?:[Tt]he\s(?:[\w-]+\s){0,2}?[\w-]+"
    rf"|(?:[{CAPITAL}][\w’'-]*\s){{0,3}}?[{CAPITAL}][\w-]*))"
    r"(?:['’]s|(?<=s)['’]))"
    r"\s(?:own\s)?(?:words|view|opinion|telling|account|count|estimates?|reckoning|calculations?)\b"
)
_OWNER_NAME = re.compile(rf"((?:[{CAPITAL}][\w-]*\s+)*[{CAPITAL}][\w-]*)['’]s?(?:\s[a-z]+)?$")
_LINKED_NOUN = re.compile(r"^\s+(?:that|of|about|which)\b", re.IGNORECASE)


def cues(text: str, sentence: Span, quotations: Sequence[Span]) -> list[Cue]:
    """Every cue of the sentence, in the order of their verbs."""
    touching = tuple(q for q in quotations if q.overlaps(sentence))
    at = Sentence(text, sentence, touching)
    found: list[Cue] = [*_labelled(at)]
    for match in WORD.finditer(text, sentence.start, sentence.end):
        word = match.group().lower()
        form, noun = verb_forms().get(word), noun_kinds().get(word)
        if at.quoted(match.start()):
            continue
        if word in _UTTERED and (cue := _uttered(at, Span(match.start(), match.end()), found)):
            found.append(cue)
            continue
        if not (form or noun or word in _OTHERS):
            continue
        verb = Span(match.start(), match.end())
        if (out := _RULED_OUT.match(text, verb.start, sentence.end)) and form:
            verb, form = Span(verb.start, out.end()), replace(form, kind=Kind.DENIES, lemma="deny")
        cue = by_verb(at, verb, form, found) if form else None
        if cue is None:
            cue = _by_noun(at, verb, noun) if noun else _by_phrase(at, verb, found)
        if cue is not None:
            found.append(cue)
    loose = _loose(at)
    return [cue for cue in found if not any(cue.verb.overlaps(by.speaker) for by in loose)] + loose


def _labelled(at: Sentence) -> list[Cue]:
    """A name before a colon and a quotation: 'President Ada Lind: "We are glad."'."""
    opening = next((q for q in at.quotations if q.start > at.span.start), None)
    if opening is None:
        return []
    label = at.text[at.span.start : opening.start].rstrip()
    if not label.endswith(":") or not may_speak(label[:-1]):
        return []
    words = words_in(at.text, at.span.start, at.span.start + len(label) - 1)
    if len(words) > _LABEL_WORDS or not all(word.capital or _joins(word) for word in words):
        return []
    colon = Span(at.span.start + len(label) - 1, at.span.start + len(label))
    speaker = Span(words[0].start, words[-1].end)
    return [
        Cue(at.span, speaker, colon, Kind.SAYS, (Span(colon.end, at.end(colon.end)),), direct=True)
    ]


def _joins(word: Word) -> bool:
    """ "President of Tarn", "Ada Lind, mayor"."""
    return word.lower in NAME_PARTICLE | TITLES or word.text in {",", "(", ")"}


def _uttered(at: Sentence, verb: Span, earlier: Sequence[Cue]) -> Cue | None:
    """ "..., he laughed", "..., sobbed his widow, Ada Lind": only beside a quotation."""
    before = next((q for q in at.quotations if q.end <= verb.start <= q.end + _NEAR), None)
    if before is not None and not at.text[before.end : verb.start].strip():
        return spoken_after(at, verb, verb.end, Kind.SAYS, both_sides(at, verb))
    if before is None and not re.match(r"[^.;\"“]{0,30}[:,]\s*[\"“]", at.rest(verb.end)):
        return None
    found = finite(at, verb, Kind.SAYS, earlier)
    return found if found and found.direct else None


def _by_phrase(at: Sentence, word: Span, earlier: Sequence[Cue]) -> Cue | None:
    """Words that report only with what follows them: "called for", "put the number at"."""
    text = at.text
    if match := _DECLINED.match(text, word.start, at.span.end):
        return finite(at, Span(match.start(), match.end()), Kind.DECLINES, earlier)
    if match := _CALLED.match(text, word.start, at.span.end):
        return _called(at, match, earlier)
    if _PUT.match(text, word.start, at.span.end):
        return finite(at, word, Kind.CLAIMS, earlier)
    if _ASK.match(text, word.start, at.span.end):
        following = WORD.search(text, word.end, at.span.end)
        if following is None or following.group().lower() in _ASKED or not _asks(at, word):
            return None
        return finite(at, word, Kind.DEMANDS, earlier)
    return None


def _asks(at: Sentence, word: Span) -> bool:
    return at.text[word.start].islower() and not is_passive(at.words_before(word.start))


def _called(at: Sentence, match: re.Match[str], earlier: Sequence[Cue]) -> Cue | None:
    """ "called for a halt" demands, "called the reports fake" denies, "called it art" says."""
    verb = Span(match.start(), match.end())
    word = match.group().lower()
    previous = at.words_before(verb.start)
    if word in {"call", "calls"} and (not previous or previous[-1] in NOUN_MARK):
        return None
    if word.startswith("called") and previous and previous[-1] in BE | {"so"}:
        return None
    if word.startswith("call") and " " in word:
        return finite(at, verb, Kind.DEMANDS, earlier)
    if re.match(r"\s*(?:[.,;]|[a-z]+ed\b)", at.rest(verb.end)) or _is_label(at, verb):
        return None
    if _BY_TELEPHONE.match(at.rest(verb.end)):
        return None
    kind = Kind.DENIES if denies_without_a_verb(at.rest(verb.end)[:100]) else Kind.SAYS
    return finite(at, verb, kind, earlier)


def _is_label(at: Sentence, verb: Span) -> bool:
    """ "a powder called Ferrofit", "a group calling itself"."""
    rest = at.rest(verb.end).lstrip()
    before = WORD.findall(at.text[max(at.span.start, verb.start - 40) : verb.start])
    return rest[:6] == "itself" or (rest[:1].isupper() and bool(before) and before[-1].islower())


def _by_noun(at: Sentence, noun: Span, kind: Kind) -> Cue | None:
    """ "Denk's claim that", "a denial by the embassy", "accusations from Seoul that"."""
    rest = at.rest(noun.end)
    reach = (Span(noun.end, max(noun.end, at.end(noun.end))),)
    if by := BY.match(rest):
        following = WORD.match(rest, by.end())
        if following is None or not (
            following.group()[0].isupper() or speakers.opens(following.group())
        ):
            return None
        found = spoken_after(at, noun, noun.end + by.end(), kind, reach)
        return replace(found, noun=True) if found else None
    head = at.text[at.span.start : noun.start].rstrip()
    owner = _OWNER_NAME.search(head) or re.search(
        r"\b(?:(?:[Tt]he|[Aa]n?|[Ii]ts|[Hh]is|[Hh]er|[Tt]heir)\s+)(\w+)['’]s?(?:\s[a-z]+)?$", head
    )
    if owner is None or not (_LINKED_NOUN.match(rest) or kind not in {Kind.SAYS, Kind.FINDS}):
        return None
    start = at.span.start + owner.start(1)
    if at.quoted(start):
        return None
    owned = Span(start, at.span.start + owner.end(1))
    return Cue(at.span, owned, noun, kind, reach, noun=True)


def _loose(at: Sentence) -> list[Cue]:
    found: list[Cue] = []
    whole = Span(at.begin(at.span.end), at.end(at.span.start))
    for match in _ACCORDING.finditer(at.text, at.span.start, at.span.end):
        if at.quoted(match.start()):
            continue
        verb = Span(match.start(), match.start() + len(match.group().rstrip()))
        cue = spoken_after(at, verb, match.end(), Kind.REPORTS, (whole,))
        if cue is not None:
            found.append(Cue(at.span, cue.speaker, verb, Kind.REPORTS, (whole,), loose=True))
    for match in _IN_X_WORDS.finditer(at.text, at.span.start, at.span.end):
        if not at.quoted(match.start()):
            verb = Span(match.start(), match.end())
            speaker = (
                speakers.leading(at.text, at.span.start, match.start())
                if match["own"]
                else Span(*match.span("owner"))
            )
            if speaker is not None:
                found.append(Cue(at.span, speaker, verb, Kind.SAYS, (whole,), loose=True))
    return found
