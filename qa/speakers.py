"""Who speaks: the noun phrase before a verb, or after "by" and "according to".

Rules of thumb over words and commas instead of a parse. A speaker is the name, with the titles
before it, where the phrase holds one ("its ambassador, | Ilse Tarm |, told"), else the phrase.
"""

from __future__ import annotations

import re

from index.documents import Span
from qa.names import TITLES
from qa.noun_phrases import (
    BREAK,
    DETERMINER,
    INNER_PREPOSITIONS,
    NAME_PARTICLE,
    PRONOUNS,
    Word,
    capitals,
    ends_in_name,
    named,
    participle,
    phrase_from,
    words_in,
)
from qa.reporting import noun_kinds, verb_forms
from qa.words import plain

_THIRD_PERSON = frozenset({"he", "she", "they", "it"})
_SPEAKER_DETERMINER = DETERMINER - {"this", "that", "these", "those", "no"}
_OPENINGS = """
    in on at after before during by with for from to of about against asked when while as since
    under over within without according following despite amid through until because if though
    although earlier later meanwhile yesterday today however then now still also speaking
    addressing writing reached
"""
_OPENING = frozenset(_OPENINGS.split())
_ADVERBS = """
    has have had is was were are be been being also later then again now still already earlier
    once twice never ever first once more previously repeatedly recently reportedly allegedly
    strongly categorically unanimously firmly flatly publicly privately openly directly
    explicitly initially subsequently meanwhile himself herself itself themselves both all
    therefore however further furthermore yesterday today tonight immediately quickly since
    would will could may might must can should did does do not even just only simply
"""
_ADVERB = frozenset(_ADVERBS.split())
_DAYS = """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december jan feb mar apr jun jul aug sept sep oct nov
    dec week month year night evening morning afternoon
"""
_DAY = frozenset(_DAYS.split())
_NOUNS = frozenset([*noun_kinds(), "reports"])
_ANYBODY = frozenset({"whatever", "whichever", "whoever"})
_ORDINALS = frozenset({"first", "second", "third", "fourth", "fifth", "finally", "next", "lastly"})
_DATELINE = re.compile(r"[^.\n]{0,80}? [-–—] ")
# Verbs whose form does not tell that they are some: "The governor | came".
_PASTS = """
    came went took made gave left got ran saw met sat stood fell rose wept spoke began broke chose
    drove grew knew rang sang shook threw wore won lost paid sent kept brought bought caught fought
    taught thought held
"""
_PAST = frozenset(_PASTS.split())
_LONGEST_SUBJECT = 6  # words
_LONGEST = 160  # characters of a noun phrase that are looked at


def before(text: str, start: int, end: int) -> Span | None:
    """The speaker in ``text[start:end]``, which a verb follows; None if there is none.

    ``start`` is where a clause begins: a sentence, the end of a quotation, a semicolon.
    """
    words = words_in(text, max(start, end - _LONGEST), end)
    words = _without_adverbs(words)
    if not words or any(word.lower in _ANYBODY for word in words):
        return None
    if words[-1].lower in {"who", "which"}:
        return _antecedent(words[:-1])
    if words[-1].text == ",":
        return _apposed(_parts(words))
    parts = _parts(words)
    return _last_phrase(parts[-1]) if parts else None


def after(text: str, start: int, end: int) -> Span | None:
    """The speaker that ``text[start:end]`` begins with; None if there is none."""
    words = words_in(text, start, min(end, start + _LONGEST))
    first = phrase_from(words)
    if not first:
        return None
    rest = words[len(first) :]
    if rest and rest[0].text == "," and not ends_in_name(first):
        apposition = phrase_from(rest[1:])
        if apposition and apposition[0].capital and ends_in_name(apposition):
            first = apposition
    return named(first)


def leading(text: str, start: int, end: int) -> Span | None:
    """The subject that the sentence ``text[start:end]`` opens with, if one can be told."""
    words = _without_opening(words_in(text, start, min(end, start + _LONGEST)), text, end)
    if not words:
        return None
    if words[0].lower in _THIRD_PERSON:
        return Span(words[0].start, words[0].end)
    if words[0].lower in _OPENING:
        return None
    phrase = phrase_from(words)
    past = next(
        (at for at, word in enumerate(phrase) if at > 1 and word.text in _PAST), len(phrase)
    )
    if past < len(phrase):
        phrase, end = phrase[:past], phrase[past].start
    run = capitals(phrase)
    if len(run) > 1 and run[0].lower not in DETERMINER:
        return Span(run[0].start, run[-1].end)
    if len(phrase) > _LONGEST_SUBJECT:
        return None  # its verb is not known here, so neither is where the subject ends
    if words[0].capital or words[0].lower in DETERMINER:
        return after(text, words[0].start, end)
    return None


def _without_opening(words: list[Word], text: str, end: int) -> list[Word]:
    """Without what is no subject: "But", "Third,", "TARN, 3 May (Agency) -", "May 8."."""
    while words and (words[0].lower in {"but", "and", "so", "yet"} or not words[0].is_word):
        words = words[1:]
    if len(words) < 2:
        return words
    if words[1].text == "," and words[0].lower in _ORDINALS:
        return words[2:]
    if words[0].lower in _DAY and words[1].text[0].isdigit():
        return []
    dateline = _DATELINE.match(text, words[0].start, end) if words[0].text.isupper() else None
    return [w for w in words if w.start >= dateline.end()] if dateline else words


def at_the_end(text: str, start: int, end: int) -> Span | None:
    """Whom a sentence ends with after a title: "Blame came from the mayor of Tarn, Ada Lind"."""
    words = words_in(text, max(start, end - _LONGEST), end)
    while words and not words[-1].is_word:
        words = words[:-1]
    parts = _parts(words)
    if len(parts) < 2 or not all(word.capital for word in parts[-1]) or len(parts[-1]) < 2:
        return None
    titled = any(word.lower in TITLES for word in parts[-2])
    last = parts[-1][-1]
    dot = last.text.endswith(".")
    return Span(parts[-1][0].start, last.end - dot) if titled else None


def opens(word: str) -> bool:
    """Whether a speaker can begin with the word: a capital, a title, "the", but not "he"."""
    lower = plain(word)
    return lower not in PRONOUNS and (word[0].isupper() or lower in TITLES | _SPEAKER_DETERMINER)


def is_pronoun(word: str) -> bool:
    return word.lower() in _THIRD_PERSON


def is_no_trade(word: str) -> bool:
    """Whether the word cannot stand before a name as "union" and "secretary" do."""
    return word in PRONOUNS | BREAK | _OPENING | _ADVERB | INNER_PREPOSITIONS | {"that", "it"}


def is_apposed(head: str) -> bool:
    """Whether it is a subject with its apposition: "The mayor, Ada Lind,", "Ada Lind, the mayor,".

    Not "On Monday, the roof fell,".
    """
    parts = [words_in(part, 0, len(part)) for part in head.rstrip(" ,").split(",")]
    if len(parts) != 2 or not all(parts):
        return False
    return any(_is_name(one) and _is_role(other) for one, other in (parts, parts[::-1]))


def _is_name(part: list[Word]) -> bool:
    opens = part[0].lower in _OPENING | _ADVERB | _DAY or part[0].lower.endswith("ly")
    return not opens and all(w.capital or w.lower in NAME_PARTICLE for w in part)


def _is_role(part: list[Word]) -> bool:
    """ "The mayor", "mayor of Tarn"."""
    plain_words = not any(w.lower in BREAK | PRONOUNS or _is_verb(w) for w in part)
    return plain_words and part[0].lower in _SPEAKER_DETERMINER | TITLES and part[-1].is_word


def _without_adverbs(words: list[Word]) -> list[Word]:
    """Without what stands between a subject and its verb: "has", "categorically", "on Monday"."""
    while words:
        last = words[-1]
        if last.lower in _ADVERB or (last.lower.endswith("ly") and last.text[0].islower()):
            words = words[:-1]
        elif last.lower in _DAY and len(words) > 1:
            words = words[:-1]
            while words and words[-1].lower in {"on", "last", "this", "late", "early", "in"}:
                words = words[:-1]
        else:
            break
    return words


def _parts(words: list[Word]) -> list[list[Word]]:
    """The words between commas, dashes and brackets; none is empty."""
    parts: list[list[Word]] = [[]]
    for word in words:
        if word.is_word or word.text in "'’.&":
            parts[-1].append(word)
        elif word.text in '",;:–—-“”':
            parts.append([])
        elif word.text == "(":
            parts.append([word])
        elif parts[-1] and parts[-1][0].text == "(":  # "Col. Denk (retd.)": a remark in brackets
            parts.pop()
            if not parts:
                parts.append([])
    return [part for part in parts if part and part[0].text != "("]


def _antecedent(words: list[Word]) -> Span | None:
    while words and not words[-1].is_word:
        words = words[:-1]
    parts = _parts(words)
    return _last_phrase(parts[-1]) if parts else None


def _apposed(parts: list[list[Word]]) -> Span | None:
    """ "The leader, Ada Lind, 40," is Ada Lind, as is "Ada Lind, the leader,"."""
    fallback: Span | None = None
    for part in reversed(parts):
        head = part[0]
        if head.text[0].isdigit() or head.lower in {"who", "which", "whose", "where", "when"}:
            continue
        if _all_titles(part) or _is_office(part, parts):
            fallback = fallback or _last_phrase(part)
            continue
        if head.capital and head.lower not in DETERMINER | _OPENING:
            return _last_phrase(part)
        trade = (
            ends_in_name(part) and head.lower not in _OPENING | BREAK and not head.text[0].isupper()
        )
        if head.lower in DETERMINER | PRONOUNS | TITLES or (trade and not participle(head)):
            fallback = _last_phrase(part)
            if ends_in_name(part):
                return fallback
    return fallback


def _last_phrase(part: list[Word]) -> Span | None:
    """The noun phrase that ends a stretch without commas."""
    while part and part[0].text in "'’":
        part = part[1:]  # a quotation's end: "It will hold,’ | Lind | said"
    if part and part[0].lower in {"but", "and", "so", "yet", "or", "that"}:
        part = part[1:]
    if not part:
        return None
    if part[-1].lower in PRONOUNS:
        return Span(part[-1].start, part[-1].end) if part[-1].lower != "who" else None
    phrase = _before_relative(part) or part[_phrase_start(part) :]
    if not phrase or not any(word.is_word for word in phrase):
        return None
    return named(phrase)


def _before_relative(part: list[Word]) -> list[Word]:
    """ "The owner of the ferry | that sank"; none where "that" opens a clause with a subject."""
    if not (part[0].capital or part[0].lower in DETERMINER):
        return []
    for at, word in enumerate(part[1:-1], start=1):
        if word.lower in {"that", "which", "who"}:
            following = part[at + 1]
            clause = following.capital or following.lower in DETERMINER | PRONOUNS
            return [] if clause else part[:at]
        if word.text in verb_forms():
            return []
    return []


def _phrase_start(part: list[Word]) -> int:
    """Where the last noun phrase begins: past an adverbial ("On Monday the | ..."), or a clause."""
    breaks = any(w.lower in BREAK - {"on", "and"} or _is_verb(w) for w in part)
    if part[0].lower not in _OPENING and not breaks:
        return 0
    for at in range(len(part) - 1, -1, -1):
        word = part[at]
        inner = at > 0 and part[at - 1].lower in INNER_PREPOSITIONS
        if word.lower in _SPEAKER_DETERMINER and not inner:
            return at
        if word.lower in BREAK - {"on", "and"} or _is_verb(word):
            return at + 1
        name = word.capital and word.lower not in _DAY and not inner
        if name and at > 0 and _begins_after(part[at - 1]):
            return at
    return 0 if part[0].lower not in _OPENING else len(part)


def _is_verb(word: Word) -> bool:
    """ "contradicts", "told"; not "report" and "claims", which are nouns as often."""
    form = verb_forms().get(word.text)
    return form is not None and not form.base and word.text not in _NOUNS


def _begins_after(previous: Word) -> bool:
    """Whether a name begins after this word, not with it: "On Monday | Ada", "Mr Lind"."""
    if previous.lower in _DAY:
        return True
    leads = previous.capital or previous.lower in TITLES | NAME_PARTICLE | _SPEAKER_DETERMINER
    return not leads


def _is_office(part: list[Word], parts: list[list[Word]]) -> bool:
    """ "Director of Quality" beside "Mr Otto Lang"."""
    of = len(part) > 2 and part[0].lower in TITLES and part[1].lower in {"of", "for", "at"}
    return of and any(
        len(other) > 1 and all(w.capital and w.lower not in DETERMINER for w in other)
        for other in parts
        if other is not part
    )


def _all_titles(part: list[Word]) -> bool:
    return all(word.lower in TITLES or word.lower in {"of", "and", "the"} for word in part)
