"""What the pronouns of a follow-up stand for, and the follow-up with that in their place.

"Did she resign?" after a question about Ada Lind becomes "Did Ada Lind resign?". Names that end
in -a, titles and the number of a noun decide between several; nothing else is known of a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.answers import Turn
from qa.dates import moment
from qa.letters import CAPITAL
from qa.names import GENERIC, TITLES, name_of
from qa.quantities import quantity
from qa.question_words import (
    AUXILIARY,
    COUNTED,
    OPENERS,
    PREPOSITIONS,
    WORD,
    names_in,
    object_of,
    subject_of,
)
from qa.reporting import is_yes_no, verb_forms
from qa.words import stems

_LONGEST_ANSWER = 12  # words; a longer answer is no name for anything
_PERSON = frozenset({"he", "she", "him", "her", "his", "hers", "himself", "herself"})
_THING = frozenset({"it", "its", "they", "them", "their", "theirs"})
_POINTING = frozenset({"this", "that", "these", "those"})
_POSSESSIVE = frozenset({"his", "her", "its", "their"})
_CLAUSE = frozenset(
    {"that", "if", "whether", "because", "when", "while", "since", "how", "what", "than", "before"}
    | {"after", "as", "until", "where", "why"}
)
_EXPLETIVE = re.compile(
    r"\b(?:is|was|isn['’]t|wasn['’]t) (?:it|this|that) (?:really |actually )?"
    r"(?:true|the case|correct|possible|known|likely|clear|a fact|so)\b"
    r"|\b(?:did|does|will|would) it take\b",
    re.IGNORECASE,
)
_PLURAL_NOUN = re.compile(r"(?:(?:[\d,.]+|[A-Z][\w-]*)\s+)*[a-z]{3,}s\b")
_QUANTITY_ASKED = re.compile(r"\W*how (?:many|much|long|far|often|high)\b", re.IGNORECASE)
_WHO_ASKED = re.compile(r"\W*(?:who|whom|whose)\b", re.IGNORECASE)
_PLACE_ASKED = re.compile(r"\W*(?:(?:in|at|to|from) which|where|when|since when)\b", re.IGNORECASE)
_WHO_IS_NAME = re.compile(
    rf"\W*[Ww]ho(?: (?:is|was)|['’]s) (?P<name>[{CAPITAL}][\w.’'-]*(?: (?:(?:de|van|von|of|al) )?"
    rf"[{CAPITAL}][\w.’'-]*)*)(?<!['’]s)\W*"
)
_WHICH_BODY = re.compile(r"\W*(?:(?:for|at|to|by|in) )?(?:which|what) (?P<noun>[^\W\d_]+)", re.I)
_BODIES = GENERIC - TITLES
_ASK_WHO = (["who"], ["which"], ["whose"])
_ARE = (["is"], ["was"], ["are"], ["were"])
_FEMALE = frozenset({"ms", "mrs", "miss", "lady", "dame", "queen", "princess", "sister"})


def written_out(text: str, turns: Sequence[Turn], cited: Sequence[str]) -> tuple[str, bool]:
    """The text with its pronouns replaced, and whether it is clear what all of them stand for."""
    expletive = [match.span() for match in _EXPLETIVE.finditer(text)]
    pieces: list[str] = []
    end, clear = 0, True
    done: set[str] = set()
    people: set[str] = set()
    for word in WORD.finditer(text):
        pronoun = word.group().lower()
        if any(start <= word.start() < stop for start, stop in expletive):
            continue
        if not _leans(text, word, pronoun) or _group(pronoun) in done:
            continue
        done.add(_group(pronoun))
        previous = WORD.findall(text[: word.start()])[-1:]
        subject = bool(previous) and previous[0].lower() in AUXILIARY
        meant = _meant(pronoun, turns, cited, subject=subject)
        if meant in people and pronoun not in _PERSON:  # "What did he call it?"
            meant = object_of(turns[-1].question)
        if meant is None:
            clear = False
            continue
        if pronoun in _PERSON:
            people.add(meant)
        possessive = pronoun in _POSSESSIVE and _noun_follows(text, word.end())
        pieces += [text[end : word.start()], f"{meant}'s" if possessive else meant]
        end = word.end()
    return "".join([*pieces, text[end:]]), clear


def _group(pronoun: str) -> str:
    return "person" if pronoun in _PERSON else "thing"


def _leans(text: str, word: re.Match[str], pronoun: str) -> bool:
    """Whether the word stands for something outside the question."""
    before = text[: word.start()]
    words = [w.lower() for w in WORD.findall(before)]
    if pronoun in _POINTING:
        return _points(text, word, words)
    if pronoun not in _PERSON | _THING:
        return False
    previous = words[-1] if words else ""
    inside = bool(names_in(before)) or _holds_noun(words)
    # "Who was her husband?" leans on somebody, "who denied her report?" may not.
    asks_who = words[:1] in _ASK_WHO and len(words) > 1 and words[1:] not in _ARE
    if pronoun in _POSSESSIVE and _noun_follows(text, word.end()):
        return not inside and (pronoun == "their" or not asks_who)
    if previous in AUXILIARY:  # the subject of the question: "did he"
        return not names_in(before) and "," not in before
    says = pronoun == "it" and previous in verb_forms() and _noun_follows(text, word.end())
    if pronoun in {"he", "she", "they"} or says or (previous in _CLAUSE and len(words) > 1):
        return not inside and not asks_who
    # An object is another than the subject beside it: "When did Tarm meet him?"
    return not (inside and any(w in _CLAUSE for w in words[1:]))


def _holds_noun(words: Sequence[str]) -> bool:
    return any(
        word not in AUXILIARY
        and word not in PREPOSITIONS
        and word not in OPENERS
        and word not in verb_forms()
        and stems(word)
        for word in words[1:]
    )


def _points(text: str, word: re.Match[str], before: list[str]) -> bool:
    """ "Why is that?", "when was this?"; not "denied that ...", nor "this year"."""
    rest = text[word.end() :].strip(" ?.!")
    if not rest:
        return bool(before) and before[-1] not in {"who", "which"}
    following = WORD.match(rest)
    verb = following is not None and following.group().lower() in AUXILIARY | {"mean", "happen"}
    return (
        word.group().lower() in {"this", "that"} and verb and (not before or before[-1] in {"and"})
    )


def _noun_follows(text: str, end: int) -> bool:
    following = WORD.match(text, end + 1)
    if following is None:
        return False
    word = following.group().lower()
    return word not in AUXILIARY and word not in PREPOSITIONS and word not in verb_forms()


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
    who = _WHO_ASKED.match(last.question)
    topic = object_of(last.question) if who else subject_of(last.question)
    return (topic or answer) if subject else (answer or topic)


def _plural_thing(last: Turn) -> str | None:
    answer = _thing(last)
    if answer and _plural(answer):
        return answer
    if counted := COUNTED.search(last.question):
        return f"the {counted['noun']}"
    nouns = [
        match.group()
        for match in _PLURAL_NOUN.finditer(last.question)
        if match.group().split()[-1] not in AUXILIARY | {"this", "his", "its"}
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
    if is_of := _WHO_IS_NAME.fullmatch(turn.question):  # answered by an office: "managing director"
        found.append(is_of["name"])
    body = _WHICH_BODY.match(turn.question)
    if (
        len(answer.split()) <= _LONGEST_ANSWER
        and not _PLACE_ASKED.match(turn.question)
        and not (body and body["noun"].lower() in _BODIES)
    ):
        named = name_of(answer)
        if named is not None and named.distinctive:
            found.append(answer)
    return [*found, *(name for name in names_in(turn.question) if _personal(name))]


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
    if any(word.lower().strip(".,") in AUXILIARY | {"yes", "no", "nothing"} for word in words):
        return None
    if words[0].lower() in PREPOSITIONS or is_yes_no(turn.question):
        return None
    if quantity(turn.answer) is not None or moment(turn.answer) is not None:
        return None
    return turn.answer.strip(" .,;\"'“”")


def _plural(answer: str) -> bool:
    last = answer.split()[-1].lower().strip(".,;\"'")
    return last.endswith("s") and not last.endswith("ss")
