"""Resolves a follow-up against the conversation: what it leans on is written into it.

"What did she say about it?" becomes "What did Ada Lind say about the bridge?". A question that
leans on nothing is left as it is, word for word. Where it is not clear what a word stands for,
the topic of the last question is added instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.answers import Question, Turn
from qa.dates import moment
from qa.names import TITLES, name_of
from qa.quantities import quantity
from qa.reporting import verb_forms
from qa.words import stems

_TURNS = 8  # the last ones; what was said before them is not meant any more
_LONGEST_ANSWER = 12  # words; a longer answer is no name for anything
_LONGEST = 400  # characters of a resolved question

_PERSON = frozenset({"he", "she", "him", "her", "his", "hers", "himself", "herself"})
_THING = frozenset({"it", "its", "they", "them", "their", "theirs"})
_POINTING = frozenset({"this", "that", "these", "those"})
_POSSESSIVE = frozenset({"his", "her", "its", "their"})
_OBJECT = frozenset({"him", "them"})
_AUXILIARY = frozenset(
    {"did", "does", "do", "is", "are", "was", "were", "has", "have", "had", "will", "would", "can"}
    | {"could", "should", "may", "might", "must"}
)
_BE = frozenset({"is", "are", "was", "were"})
_CLAUSE = frozenset(
    {"that", "if", "whether", "because", "when", "while", "since", "how", "what", "than", "before"}
    | {"after", "as", "until", "where", "why"}
)
_WORD = re.compile(r"[^\W_]+(?:['’&.-][^\W_]+)*")
_EXPLETIVE = re.compile(
    r"\b(?:is|was|isn['’]t|wasn['’]t) (?:it|this|that) (?:really |actually )?"
    r"(?:true|the case|correct|possible|known|likely|clear|a fact|so)\b"
    r"|\b(?:did|does|will|would) it take\b",
    re.IGNORECASE,
)
_AND = re.compile(r"^\W*(?:(?:and|but|so|or|then|ok|okay|yes|no|well)\b[\s,]*)+", re.IGNORECASE)
_ABOUT = re.compile(r"^\W*(?:what|how) about\b\s*", re.IGNORECASE)
_ELSE = re.compile(r"\belse\b|^\W*any other(?:s)?\b", re.IGNORECASE)
_BARE = re.compile(
    r"^\W*(?:(?:since|until|from|by|for|to|at|with) )?(?:who|whom|when|where|why|how|what|which"
    r"|how (?:many|much|long|often|old|far|big|large|high|soon)|what for|how come|how so"
    r"|by whom|why not|says who|who says)\W*$",
    re.IGNORECASE,
)
_PREPOSITIONAL = re.compile(
    r"^\W*(?P<preposition>in|on|at|by|before|after|during|since|until|from|for|under|near|with"
    r"|according to)\s+(?P<object>[^?]{1,80}?)\W*$",
    re.IGNORECASE,
)
_QUESTION_WORD = re.compile(
    r"^\W*(?:(?:in|on|at|by|for|to|from|since|until|of|with)\s+)?(?:who|whom|whose|what|which|when"
    r"|where|why|how(?: (?:many|much|long|often|old|far|big|large|high|soon))?)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\bhow many\s+(?P<noun>[^\W\d_]+(?:\s[^\W\d_]+s\b)?)", re.IGNORECASE)
_HOW_MANY_VERB = re.compile(r"^(?P<many>\W*how many)\s+(?P<verb>[^\W\d_]+)\b", re.IGNORECASE)
_PLURAL_NOUN = re.compile(r"(?:(?:[\d,.]+|[A-Z][\w-]*)\s+)*[a-z]{3,}s\b")
_NAMES = re.compile(
    r"[A-Z][\w'’&-]*\.?(?:\s+(?:(?:of|for|de|van|von|al)\s+(?:the\s+)?)?(?:[A-Z][\w'’&-]*\.?|\d+))*"
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question as it was asked, and as it is meant.

    Search with both and fuse, read ``resolved``, show it where it differs from ``raw``.

    Attributes:
        other_than: answers already given, which "who else?" does not ask for.
    """

    raw: str
    resolved: str
    other_than: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return self.raw != self.resolved


def resolve(question: Question) -> str:
    """What to search with alone: the question, after the last turn if it leans on it."""
    found = follow_up(question)
    if not found.changed:
        return question.text
    last = question.history[-1]
    return " ".join(part for part in (last.question, last.answer, question.text) if part)


def follow_up(question: Question, cited: Sequence[str] = ()) -> Resolved:
    """The question with what it leans on written out.

    Args:
        cited: names in the sentences that were cited last, nearest first; they are asked for
            where neither the earlier questions nor their answers name somebody.
    """
    raw = question.text
    turns = question.history[-_TURNS:]
    if not turns:
        return Resolved(raw, raw)
    text = _written_out(raw, turns, cited)
    given = tuple(dict.fromkeys(turn.answer for turn in turns if turn.answer))
    return Resolved(
        raw, text[:_LONGEST] if text != raw else raw, given if _ELSE.search(raw) else ()
    )


def _written_out(raw: str, turns: Sequence[Turn], cited: Sequence[str]) -> str:
    last = turns[-1].question
    opening = _AND.match(raw)
    about = _ABOUT.match(raw[opening.end() :] if opening else raw)
    rest = raw[opening.end() :] if opening else raw
    rest = rest[about.end() :] if about else rest
    if not rest.strip(" ?.!"):
        return last
    if re.fullmatch(r"\W*(?:who|anyone|anybody|what|which|where) else\W*", rest, re.IGNORECASE):
        return _else(rest, last)
    if _BARE.match(rest):
        return _joined(rest, _topic(last))
    if replaced := _phrase_in(rest, last):
        return replaced
    if about or (opening and not _is_question(rest)):
        if replaced := _instead(rest, last):
            return replaced
        if not _is_question(rest):
            return _joined(rest, _topic(last))
    resolved, clear = _pronouns(_counted(rest, last) if opening else rest, turns, cited)
    if not clear or (resolved == rest and "," in rest and (opening or about)):
        return _joined(resolved, _topic(last))
    leans = bool(opening or about or resolved != rest or _ELSE.search(rest))
    if leans and not _names(resolved):
        return _joined(resolved, ", ".join(_names(last)) or _further(resolved, last))
    return _capital(resolved) if leans else raw


def _further(resolved: str, last: str) -> str:
    """The topic of the last question, unless most of it is written out already."""
    topic = _topic(last)
    words = set(stems(topic))
    return "" if 2 * len(words & set(stems(resolved))) >= len(words) else topic


def _counted(rest: str, last: str) -> str:
    """ "How many were rescued?" after "How many people drowned?"."""
    match, before = _HOW_MANY_VERB.match(rest), _COUNTED.search(last)
    if match is None or before is None or match["verb"].lower() not in _AUXILIARY | _LEFT:
        return rest
    return f"{match['many']} {before['noun']}{rest[match.end('many') :]}"


_LEFT = frozenset({"remain", "remained", "stay", "stayed", "came", "left", "died", "survived"})


def _is_question(text: str) -> bool:
    words = _WORD.findall(text.lower())
    return bool(_QUESTION_WORD.search(text)) or any(word in _AUXILIARY for word in words)


def _else(rest: str, last: str) -> str:
    """ "Who else?" after "Who denied it?"."""
    word = _WORD.findall(rest)[0]
    if match := re.match(rf"\W*{word}\b", last, re.IGNORECASE):
        return f"{match.group()} else{last[match.end() :]}"
    return _joined(rest, _topic(last))


def _phrase_in(rest: str, last: str) -> str | None:
    """ "In July?" after "How many came in June?": the same question with the other month."""
    match = _PREPOSITIONAL.match(rest)
    if match is None or _is_question(match["object"]):
        return None
    phrase = f"{match['preposition'].lower()} {match['object'].strip()}"
    stem = last.rstrip(" ?.!")
    places = [*re.finditer(rf"\b{match['preposition']}\s+", stem, re.IGNORECASE)]
    for place in reversed(places):
        old = stem[place.end() :]
        if match["preposition"].lower() == "according to" or _alike(old, match["object"]):
            end = place.end() + _length_of_phrase(old)
            return f"{stem[: place.start()]}{phrase}{stem[end:]}?"
    return f"{stem} {phrase}?"


def _alike(old: str, new: str) -> bool:
    """Whether one phrase takes the other's place: two dates, two names, or the same last word."""
    old = old[: _length_of_phrase(old)]
    if (moment(old) is None) != (moment(new) is None):
        return False
    shared = set(stems(old)) & set(stems(new))
    return bool(shared) or moment(new) is not None or (bool(_names(old)) and bool(_names(new)))


def _length_of_phrase(text: str) -> int:
    end = re.search(r"\s(?:in|on|at|by|of|for|from|to|with|that|who|which|and)\s|[,;?]", text)
    return end.start() if end else len(text)


def _instead(rest: str, last: str) -> str | None:
    """ "What about the ministry?" after "What did the union say?"."""
    phrase = rest.strip(" ?.!,")
    subject = _subject(last)
    if subject is None or len(phrase.split()) > 6 or _is_question(phrase):
        return None
    return last.replace(subject, phrase, 1)


def _pronouns(text: str, turns: Sequence[Turn], cited: Sequence[str]) -> tuple[str, bool]:
    """The text with its pronouns replaced, and whether it is clear what all of them stand for."""
    expletive = [match.span() for match in _EXPLETIVE.finditer(text)]
    pieces: list[str] = []
    end, clear = 0, True
    done: set[str] = set()
    for word in _WORD.finditer(text):
        pronoun = word.group().lower()
        if any(start <= word.start() < stop for start, stop in expletive):
            continue
        if not _leans(text, word, pronoun) or _group(pronoun) in done:
            continue
        done.add(_group(pronoun))
        previous = _WORD.findall(text[: word.start()])[-1:]
        subject = bool(previous) and previous[0].lower() in _AUXILIARY
        meant = _meant(pronoun, turns, cited, subject=subject)
        if meant is None:
            clear = False
            continue
        possessive = pronoun in _POSSESSIVE and _noun_follows(text, word.end())
        pieces += [text[end : word.start()], f"{meant}'s" if possessive else meant]
        end = word.end()
    return "".join([*pieces, text[end:]]), clear


def _group(pronoun: str) -> str:
    return "person" if pronoun in _PERSON else "thing"


def _leans(text: str, word: re.Match[str], pronoun: str) -> bool:
    """Whether the word stands for something outside the question."""
    before = text[: word.start()]
    words = [w.lower() for w in _WORD.findall(before)]
    if pronoun in _POINTING:
        return _points(text, word, words)
    if pronoun not in _PERSON | _THING:
        return False
    previous = words[-1] if words else ""
    inside = bool(_names(before)) or _holds_noun(words)
    asks_who = bool(words) and words[0] in {"who", "which", "whose"} and len(words) > 1
    if pronoun in _POSSESSIVE and _noun_follows(text, word.end()):
        return not inside and (pronoun == "their" or not asks_who)
    if previous in _AUXILIARY:  # the subject of the question: "did he"
        return not _names(before) and "," not in before
    says = pronoun == "it" and previous in verb_forms() and _noun_follows(text, word.end())
    if pronoun in {"he", "she", "they"} or says or (previous in _CLAUSE and len(words) > 1):
        return not inside and not asks_who
    # An object is another than the subject beside it: "When did Tarm meet him?"
    return not (inside and any(w in _CLAUSE for w in words[1:]))


def _holds_noun(words: Sequence[str]) -> bool:
    return any(
        word not in _AUXILIARY
        and word not in _PREPOSITIONS
        and word not in _OPENERS
        and word not in verb_forms()
        and stems(word)
        for word in words[1:]
    )


def _points(text: str, word: re.Match[str], before: list[str]) -> bool:
    """ "Why is that?", "when was this?"; not "denied that ...", nor "this year"."""
    rest = text[word.end() :].strip(" ?.!")
    if not rest:
        return bool(before) and before[-1] not in {"who", "which"}
    following = _WORD.match(rest)
    verb = following is not None and following.group().lower() in _AUXILIARY | {"mean", "happen"}
    return (
        word.group().lower() in {"this", "that"} and verb and (not before or before[-1] in {"and"})
    )


def _noun_follows(text: str, end: int) -> bool:
    following = _WORD.match(text, end + 1)
    if following is None:
        return False
    word = following.group().lower()
    return word not in _AUXILIARY and word not in _PREPOSITIONS and word not in verb_forms()


_PREPOSITIONS = frozenset(
    {"in", "on", "at", "by", "to", "for", "from", "with", "about", "of", "after", "before", "and"}
    | {"as", "when", "during", "again", "now", "there", "then", "so", "first", "last"}
)


def _meant(
    pronoun: str, turns: Sequence[Turn], cited: Sequence[str], *, subject: bool
) -> str | None:
    """What the pronoun stands for; ``subject``: whether it is the subject of the question."""
    if pronoun in _PERSON:
        people = [person for turn in reversed(turns) for person in _people(turn)]
        return _fitting(pronoun, people) or next(iter(cited), None)
    last = turns[-1]
    plural = pronoun in {"they", "them", "their", "these", "those"}
    if plural:
        return _plural_thing(last)
    if _QUANTITY_ASKED.match(last.question):
        return None
    answer = _thing(last)
    topic = None if _WHO_ASKED.match(last.question) else _subject(last.question)
    return (topic or answer) if subject else (answer or topic)


_QUANTITY_ASKED = re.compile(r"\W*how (?:many|much|long|far|often|high)\b", re.IGNORECASE)
_WHO_ASKED = re.compile(r"\W*(?:who|whom|whose)\b", re.IGNORECASE)
_PLACE_ASKED = re.compile(r"\W*(?:(?:in|at|to|from) which|where|when|since when)\b", re.IGNORECASE)
_FEMALE = frozenset({"ms", "mrs", "miss", "lady", "dame", "queen", "princess", "sister"})


def _plural_thing(last: Turn) -> str | None:
    answer = _thing(last)
    if answer and _plural(answer):
        return answer
    if counted := _COUNTED.search(last.question):
        return f"the {counted['noun']}"
    nouns = [
        match.group()
        for match in _PLURAL_NOUN.finditer(last.question)
        if match.group().split()[-1] not in _AUXILIARY | {"this", "his", "its"}
        and match.group().split()[-1] not in verb_forms()
    ]
    if nouns:
        return nouns[-1] if nouns[-1][0].isalnum() and " " in nouns[-1] else f"the {nouns[-1]}"
    return None


def _fitting(pronoun: str, people: Sequence[str]) -> str | None:
    """The nearest person; a given name in -a is a woman's more often than not, and only that
    is used to choose between several."""
    female = [person for person in people if _sounds_female(person)]
    if pronoun in {"she", "her", "hers", "herself"}:
        return next(iter([*female, *people]), None)
    return next(iter([person for person in people if person not in female] or people), None)


def _sounds_female(person: str) -> bool:
    words = [word.lower().rstrip(".") for word in person.split()]
    given = [word for word in words if word not in TITLES]
    return bool(_FEMALE & set(words)) or (len(given) > 1 and given[0].endswith("a"))


def _people(turn: Turn) -> list[str]:
    """Names in a turn that can be a person's, the answer's first."""
    found: list[str] = []
    answer = turn.answer.strip(" .,;")
    if len(answer.split()) <= _LONGEST_ANSWER and not _PLACE_ASKED.match(turn.question):
        named = name_of(answer)
        if named is not None and named.distinctive:
            found.append(answer)
    return [*found, *(name for name in _names(turn.question) if _personal(name))]


def _personal(name: str) -> bool:
    words = name.split()
    return len(words) > 1 or words[0].lower().rstrip(".") in TITLES


def _thing(turn: Turn) -> str | None:
    """The answer, if it names a thing: nobody, no place, number, date or sentence."""
    words = turn.answer.split()
    if not words or len(words) > _LONGEST_ANSWER // 2:
        return None
    if _WHO_ASKED.match(turn.question) or _PLACE_ASKED.match(turn.question):
        return None
    if any(word.lower().strip(".,") in _AUXILIARY | {"yes", "no", "nothing"} for word in words):
        return None
    if quantity(turn.answer) is not None or moment(turn.answer) is not None:
        return None
    return turn.answer.strip(" .,;\"'“”")


def _subject(question: str) -> str | None:
    """What stands between auxiliary and verb: "What did | the embassy | reject?"."""
    words = [*_WORD.finditer(question)]
    at = next((i for i, w in enumerate(words) if w.group().lower() in _AUXILIARY), None)
    if at is None or at + 1 >= len(words):
        return None
    first = words[at + 1].group()
    if not (first[0].isupper() or first.lower() in _DETERMINERS):
        return None
    end = at + 1
    while end < len(words):
        word = words[end].group().lower()
        if end > at + 1 and (word in verb_forms() or (word in _PREPOSITIONS and word != "of")):
            break
        end += 1
    else:
        end -= _ends_in_verb([w.group() for w in words[at + 1 :]], words[at].group().lower())
    if end <= at + 1 or end - at > _LONGEST_SUBJECT:
        return None
    return question[words[at + 1].start() : words[end - 1].end()]


_PARTICIPLE_WORDS = """
    built found held made sold sunk sent lost told set put hit cut shut paid kept left led won done
    gone begun bought brought caught fought read said sung taught thought understood
"""
_PARTICIPLES = frozenset(_PARTICIPLE_WORDS.split())
_DETERMINERS = frozenset({"the", "a", "an", "his", "her", "its", "their", "these", "those"})
_LONGEST_SUBJECT = 9


def _ends_in_verb(words: Sequence[str], auxiliary: str) -> bool:
    """Whether the last word is the verb: of "did the firm own?", not of "where is the mill?"."""
    if len(words) < 2 or not words[-1][0].islower():
        return False
    if auxiliary not in _BE:
        return True
    after_name = words[-2][0].isupper() and not words[-2].endswith(("'s", "’s"))
    return after_name or words[-1] in _PARTICIPLES or words[-1].endswith(("ed", "en", "wn"))


def _plural(answer: str) -> bool:
    last = answer.split()[-1].lower().strip(".,;\"'")
    return last.endswith("s") and not last.endswith("ss")


def _names(text: str) -> list[str]:
    """Capitalised names; the first word of a question is none if it opens a question."""
    found: list[str] = []
    for match in _NAMES.finditer(text):
        name = match.group()
        start = match.start()
        if start == len(text) - len(text.lstrip()) or not text[:start].strip(" \"'“"):
            opener = name.split()[0].lower()
            if opener in _OPENERS:
                name = name[len(opener) :].strip()
        if name and name.lower() not in {"i"}:
            found.append(re.sub(r"['’]s$", "", name.rstrip(".")))
    return found


_OPENERS = (
    frozenset(
        {"who", "whom", "whose", "what", "which", "when", "where", "why", "how", "and", "but", "or"}
        | {
            "the",
            "a",
            "an",
            "in",
            "on",
            "at",
            "by",
            "for",
            "since",
            "until",
            "according",
            "so",
            "then",
        }
        | {
            "he",
            "she",
            "they",
            "it",
            "his",
            "her",
            "this",
            "that",
            "tell",
            "please",
            "name",
            "list",
        }
    )
    | _AUXILIARY
)


def _topic(question: str) -> str:
    """What a question is about: without its question word, auxiliaries and reporting verbs."""
    rest = _QUESTION_WORD.sub("", question, count=1)
    words = [word for word in rest.strip(" ?.!").split() if word]
    kept = [
        word
        for word in words
        if word.lower() not in _AUXILIARY and word.lower() not in verb_forms()
    ]
    return " ".join(kept)


def _joined(question: str, topic: str) -> str:
    question = question.strip(" ?.!")
    return _capital(f"{question}, {topic}?" if topic else f"{question}?")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
