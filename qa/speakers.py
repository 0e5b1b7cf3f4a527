"""Who speaks: the noun phrase before a verb, or after "by" and "according to".

Rules of thumb over words and commas instead of a parse. A speaker is the name, with the titles
before it, where the phrase holds one ("its ambassador, | Ilse Tarm |, told"), else the phrase.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.documents import Span
from qa.names import TITLES
from qa.reporting import noun_kinds, verb_forms
from qa.words import plain

_WORD = re.compile(r"[^\W_]+(?:['’&.-][^\W_]+)*\.?(?:['’](?!\w))?|[^\w\s]")
_PRONOUNS = frozenset({"he", "she", "they", "it", "we", "i", "you", "who"})
_THIRD_PERSON = frozenset({"he", "she", "they", "it"})
_DETERMINERS = """
    the a an his her its their our my your this that these those some several many two three four
    five six seven eight nine ten one another both each no other most few all
"""
_DETERMINER = frozenset(_DETERMINERS.split())
_SPEAKER_DETERMINER = _DETERMINER - {"this", "that", "these", "those", "no"}
_OPENINGS = """
    in on at after before during by with for from to of about against asked when while as since
    under over within without according following despite amid through until because if though
    although earlier later meanwhile yesterday today however then now still also speaking
    addressing writing reached
"""
_OPENING = frozenset(_OPENINGS.split())
_PREPOSITIONS = "of for in at from to on with by near about against behind"
_INNER_PREPOSITIONS = frozenset(_PREPOSITIONS.split())
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
_BREAKS = """
    who which that whose when where while because but after before until unless if as than whom
    has have had is was were are be will would can could may might must did does do said told says
    been being and or via on during following since through when amid citing quoting adding
"""
_BREAK = frozenset(_BREAKS.split())
_PARTICIPLE = re.compile(r"[a-z]+(?:ed|ing)$")
_PARTICLES = "of de da do del della di van von der den la le el al bin ibn & and"
_NAME_PARTICLE = frozenset(_PARTICLES.split())
_NOUNS = frozenset([*noun_kinds(), "reports"])
_LONGEST_SUBJECT = 6  # words
_LONGEST = 160  # characters of a noun phrase that are looked at


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        return plain(self.text).rstrip(".")

    @property
    def capital(self) -> bool:
        return self.text[0].isupper() and self.lower not in _PRONOUNS

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()


def before(text: str, start: int, end: int) -> Span | None:
    """The speaker in ``text[start:end]``, which a verb follows; None if there is none.

    ``start`` is where a clause begins: a sentence, the end of a quotation, a semicolon.
    """
    words = _words(text, max(start, end - _LONGEST), end)
    words = _without_adverbs(words)
    if not words:
        return None
    if words[-1].lower in {"who", "which"}:
        return _antecedent(words[:-1])
    if words[-1].text == ",":
        return _apposed(_parts(words))
    parts = _parts(words)
    return _last_phrase(parts[-1]) if parts else None


def after(text: str, start: int, end: int) -> Span | None:
    """The speaker that ``text[start:end]`` begins with; None if there is none."""
    words = _words(text, start, min(end, start + _LONGEST))
    first = _phrase_from(words)
    if not first:
        return None
    rest = words[len(first) :]
    if rest and rest[0].text == "," and not _ends_in_name(first):
        apposition = _phrase_from(rest[1:])
        if apposition and apposition[0].capital and _ends_in_name(apposition):
            first = apposition
    return _named(first)


def leading(text: str, start: int, end: int) -> Span | None:
    """The subject that the sentence ``text[start:end]`` opens with, if one can be told."""
    words = _words(text, start, min(end, start + _LONGEST))
    while words and (words[0].lower in {"but", "and", "so", "yet"} or not words[0].is_word):
        words = words[1:]
    if not words:
        return None
    if words[0].lower in _THIRD_PERSON:
        return Span(words[0].start, words[0].end)
    if words[0].lower in _OPENING:
        return None
    phrase = _phrase_from(words)
    run = _capitals(phrase)
    if len(run) > 1 and run[0].lower not in _DETERMINER:
        return Span(run[0].start, run[-1].end)
    if len(phrase) > _LONGEST_SUBJECT:
        return None  # its verb is not known here, so neither is where the subject ends
    if words[0].capital or words[0].lower in _DETERMINER:
        return after(text, words[0].start, end)
    return None


def _capitals(phrase: list[_Word]) -> list[_Word]:
    at = 0
    while at < len(phrase) and phrase[at].capital:
        at += 1
    return phrase[:at]


def opens(word: str) -> bool:
    """Whether a speaker can begin with the word: a capital, a title, "the", but not "he"."""
    lower = plain(word)
    return lower not in _PRONOUNS and (word[0].isupper() or lower in TITLES | _SPEAKER_DETERMINER)


def is_pronoun(word: str) -> bool:
    return word.lower() in _THIRD_PERSON


def _words(text: str, start: int, end: int) -> list[_Word]:
    return [
        _Word(m.group(), m.start(), m.end()) for m in _WORD.finditer(text, start, max(start, end))
    ]


def _without_adverbs(words: list[_Word]) -> list[_Word]:
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


def _parts(words: list[_Word]) -> list[list[_Word]]:
    """The words between commas, dashes and brackets; none is empty."""
    parts: list[list[_Word]] = [[]]
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


def _antecedent(words: list[_Word]) -> Span | None:
    while words and not words[-1].is_word:
        words = words[:-1]
    parts = _parts(words)
    return _last_phrase(parts[-1]) if parts else None


def _apposed(parts: list[list[_Word]]) -> Span | None:
    """ "The leader, Ada Lind, 40," is Ada Lind, as is "Ada Lind, the leader,"."""
    fallback: Span | None = None
    for part in reversed(parts):
        head = part[0]
        if head.text[0].isdigit() or head.lower in {"who", "which", "whose", "where", "when"}:
            continue
        if _all_titles(part):
            fallback = fallback or _last_phrase(part)
            continue
        if head.capital and head.lower not in _DETERMINER | _OPENING:
            return _last_phrase(part)
        trade = (
            _ends_in_name(part)
            and head.lower not in _OPENING | _BREAK
            and not head.text[0].isupper()
        )
        if head.lower in _DETERMINER | _PRONOUNS | TITLES or (trade and not _participle(head)):
            fallback = _last_phrase(part)
            if _ends_in_name(part):
                return fallback
    return fallback


def _last_phrase(part: list[_Word]) -> Span | None:
    """The noun phrase that ends a stretch without commas."""
    if part[0].lower in {"but", "and", "so", "yet", "or", "that"}:
        part = part[1:]
    if not part:
        return None
    if part[-1].lower in _PRONOUNS:
        return Span(part[-1].start, part[-1].end) if part[-1].lower != "who" else None
    phrase = _before_relative(part) or part[_phrase_start(part) :]
    if not phrase or not any(word.is_word for word in phrase):
        return None
    return _named(phrase)


def _before_relative(part: list[_Word]) -> list[_Word]:
    """ "The owner of the ferry | that sank"; none where "that" opens a clause with a subject."""
    if not (part[0].capital or part[0].lower in _DETERMINER):
        return []
    for at, word in enumerate(part[1:-1], start=1):
        if word.lower in {"that", "which", "who"}:
            following = part[at + 1]
            clause = following.capital or following.lower in _DETERMINER | _PRONOUNS
            return [] if clause else part[:at]
        if word.text in verb_forms():
            return []
    return []


def _phrase_start(part: list[_Word]) -> int:
    """Where the last noun phrase begins: past an adverbial ("On Monday the | ..."), or a clause."""
    breaks = any(w.lower in _BREAK - {"on", "and"} or _is_verb(w) for w in part)
    if part[0].lower not in _OPENING and not breaks:
        return 0
    for at in range(len(part) - 1, -1, -1):
        word = part[at]
        inner = at > 0 and part[at - 1].lower in _INNER_PREPOSITIONS
        if word.lower in _SPEAKER_DETERMINER and not inner:
            return at
        if word.lower in _BREAK - {"on", "and"} or _is_verb(word):
            return at + 1
        name = word.capital and word.lower not in _DAY and not inner
        if name and at > 0 and _begins_after(part[at - 1]):
            return at
    return 0 if part[0].lower not in _OPENING else len(part)


def _is_verb(word: _Word) -> bool:
    """ "contradicts", "told"; not "report" and "claims", which are nouns as often."""
    form = verb_forms().get(word.text)
    return form is not None and not form.base and word.text not in _NOUNS


def _begins_after(previous: _Word) -> bool:
    """Whether a name begins after this word, not with it: "On Monday | Ada", "Mr Lind"."""
    if previous.lower in _DAY:
        return True
    leads = previous.capital or previous.lower in TITLES | _NAME_PARTICLE | _SPEAKER_DETERMINER
    return not leads


def _named(phrase: list[_Word]) -> Span:
    """The name at the end of the phrase with its titles, else all of it."""
    phrase = _without_place(phrase)
    at = len(phrase)
    while at > 0 and (
        phrase[at - 1].capital or (phrase[at - 1].text in "&.’'" and at < len(phrase))
    ):
        at -= 1
    if at == len(phrase) or at == 0 or phrase[at - 1].lower in _INNER_PREPOSITIONS:
        return Span(phrase[0].start, phrase[-1].end)
    if phrase[at - 1].lower in _NAME_PARTICLE:
        return Span(phrase[0].start, phrase[-1].end)
    run = phrase[at:]
    if phrase[at - 1].lower in TITLES and run[0].lower != "the":
        while at > 0 and _is_title(phrase[at - 1]):
            at -= 1
        return Span(phrase[at].start, phrase[-1].end)
    if (
        phrase[0].lower in _DETERMINER
        and at <= 2
        and len(run) > 1
        and phrase[at - 1] is not phrase[0]
    ):
        return Span(run[0].start, phrase[-1].end)  # "my friend | Ottoline Marsh"
    if not phrase[0].capital and phrase[0].lower not in _DETERMINER:
        return Span(run[0].start, phrase[-1].end)  # "talk show host | Igor Korotchenko"
    return Span(phrase[0].start, phrase[-1].end)


def _without_place(phrase: list[_Word]) -> list[_Word]:
    """ "Ada Lind | in a talk on Channel 4": what follows a name is no part of it."""
    for at, word in enumerate(phrase):
        if at and word.lower in {"in", "at", "on", "during"} and _ends_in_name(phrase[:at]):
            return phrase[:at]
        if at > 1 and word.lower == "at" and phrase[at + 1 :] and phrase[at + 1].lower == "a":
            return phrase[:at]
    return phrase


def _is_title(word: _Word) -> bool:
    return word.lower in TITLES


def _phrase_from(words: list[_Word]) -> list[_Word]:
    """The noun phrase at the beginning: up to a comma, a verb or a word such as "when"."""
    phrase: list[_Word] = []
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else None
        if not word.is_word:
            if word.text in "&" and phrase:
                phrase.append(word)
                continue
            break
        if phrase and word.lower in _PRONOUNS:
            break
        if phrase and word.lower in _BREAK:
            joins = word.lower == "and" and phrase[-1].capital and following and following.capital
            if not joins:
                break
        if phrase and phrase[-1].capital and _surely_verb(word):
            break
        if phrase and _PARTICIPLE.match(word.text) and phrase[-1].lower not in _DETERMINER:
            break
        phrase.append(word)
        # A full stop ends the phrase unless it marks a title or an initial: "Mr.", "V."
        if word.text.endswith(".") and not _abbreviated(word):
            break
    while phrase and phrase[-1].lower in _INNER_PREPOSITIONS | _DETERMINER | {"and"}:
        phrase.pop()
    if phrase and phrase[-1].text.endswith(".") and not _abbreviated(phrase[-1]):
        last = phrase[-1]
        phrase[-1] = _Word(last.text[:-1], last.start, last.end - 1)
    return phrase


def _surely_verb(word: _Word) -> bool:
    """ "said", "reports"; not "state", as in "Russian state TV"."""
    form = verb_forms().get(word.text)
    return form is not None and not form.base


def _abbreviated(word: _Word) -> bool:
    return word.lower in TITLES or word.lower in {"st", "mt"} or len(word.lower) == 1


def _participle(word: _Word) -> bool:
    return _PARTICIPLE.match(word.text) is not None


def _ends_in_name(part: list[_Word]) -> bool:
    at = len(part)
    while at > 0 and part[at - 1].capital:
        at -= 1
    inner = part[:at]
    while inner and inner[-1].lower in {"the", "neighbouring", "nearby"}:
        inner = inner[:-1]
    return at < len(part) and not (inner and inner[-1].lower in _INNER_PREPOSITIONS)


def _all_titles(part: list[_Word]) -> bool:
    return all(word.lower in TITLES or word.lower in {"of", "and", "the"} for word in part)
