"""Resolves a follow-up against the conversation: what it leans on is written into it.

"What did she say about it?" becomes "What did Ada Lind say about the bridge?". A question that
leans on nothing is left as it is, word for word. Where it is not clear what a word stands for,
the topic of the last question is added instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa import pronouns
from qa.agreeing import asked_of_sources
from qa.answers import Question, Turn
from qa.dates import moment
from qa.question_words import (
    AUXILIARY,
    COUNTED,
    WORD,
    is_question,
    names_in,
    subject_of,
    topic_of,
)
from qa.words import stems

_TURNS = 8  # the last ones; what was said before them is not meant any more
_LONGEST = 400  # characters of a resolved question
_SHOUTED_AT_LEAST = 3  # words; "AND NATO?" is none
_AND = re.compile(r"^\W*(?:(?:and|but|so|or|then|ok|okay|yes|no|well)\b[\s,]*)+", re.IGNORECASE)
_ABOUT = re.compile(r"^\W*(?:what|how) about\b\s*", re.IGNORECASE)
_ELSE = re.compile(r"\belse\b|^\W*any other(?:s)?\b", re.IGNORECASE)
_BARE = re.compile(
    r"^\W*(?:(?:since|until|from|by|for|to|at|with) )?(?:who|whom|when|where|why|how|what|which"
    r"|how (?:many|much|long|often|old|far|big|large|high|soon)|what for|how come|how so"
    r"|by whom|why not|says who|who says|who (?:says|said|claims|claimed|thinks|thought) so)\W*$",
    re.IGNORECASE,
)
_PREPOSITIONAL = re.compile(
    r"^\W*(?P<preposition>in|on|at|by|before|after|during|since|until|from|for|under|near|with"
    r"|according to)\s+(?P<object>[^?]{1,80}?)\W*$",
    re.IGNORECASE,
)
_HOW_MANY_VERB = re.compile(r"^(?P<many>\W*how many)\s+(?P<verb>[^\W\d_]+)\b", re.IGNORECASE)
_HOW_MANY_DID = re.compile(r"\W*how many (?:did|does|do)\b", re.IGNORECASE)  # no noun
# "Who denied the report?", "Who was fined?"; not "Who did she fine?", "Who is the mayor?".
_WHO_DID = re.compile(
    r"\W*[Ww]ho (?P<rest>(?!(?:did|do|does|else)\b)(?!(?:is|was|are|were|has|have|had) "
    r"(?:(?:the|an?|his|her|its|their)\b|[^a-z])).*)"
)
_LONGEST_NAME = 6  # words
_LEFT = frozenset({"remain", "remained", "stay", "stayed", "came", "left", "died", "survived"})


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


def follow_up(question: Question) -> Resolved:
    """The question with what it leans on written out, as what it asks the sources for.

    Names of the cited sentences are asked for where neither the earlier questions nor their
    answers name somebody.
    """
    raw, asked = question.text, _in_small_letters(question.text)
    turns = _as_meant(question.history[-_TURNS:])
    if not turns:
        return Resolved(raw, asked_of_sources(raw))
    cited = [name for turn in reversed(turns) for name in turn.names]
    text = _written_out(asked, turns, cited)
    text = asked_of_sources(raw if text == asked else text)
    given = tuple(dict.fromkeys(turn.answer for turn in turns if turn.answer))
    return Resolved(raw, text if len(text) <= _LONGEST else raw, given if _ELSE.search(raw) else ())


def _as_meant(history: Sequence[Turn]) -> list[Turn]:
    """Earlier turns, each question resolved against those before it: "Where?" leans on "When did
    Ada Lind die?", not on "When did she die?"."""
    turns: list[Turn] = []
    for turn in map(_short, history):
        if not turn.question.strip():
            continue
        cited = [name for earlier in reversed(turns) for name in earlier.names]
        meant = _written_out(turn.question, turns, cited) if turns else turn.question
        turns.append(Turn(meant[:_LONGEST], turn.answer, turn.names))
    return turns


def _short(turn: Turn) -> Turn:
    """What is pages long is no question that a later one leans on word for word."""
    asked = asked_of_sources(_in_small_letters(turn.question[:_LONGEST]))
    return Turn(asked, turn.answer[:_LONGEST], turn.names)


def _in_small_letters(text: str) -> str:
    """A question in capitals alone, of which all would be names: "WHERE WAS SHE BORN?"."""
    shouted = text.isupper() and len(text.split()) >= _SHOUTED_AT_LEAST
    return text.capitalize() if shouted else text


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
        return _joined(rest, _answered(turns[-1]) or topic_of(last))
    if replaced := _phrase_in(rest, last):
        return replaced
    if about or (opening and not is_question(rest)):
        if replaced := _instead(rest, last):
            return replaced
        if not is_question(rest):
            return _joined(rest, topic_of(last))
    counted = _counted(rest, last) if opening or _HOW_MANY_DID.match(rest) else rest
    resolved, clear = pronouns.written_out(counted, turns, cited)
    bare = resolved != rest and not stems(rest)  # "When did she?"
    if bare or not clear or (resolved == rest and "," in rest and (opening or about)):
        return _joined(resolved, topic_of(last))
    leans = bool(opening or about or resolved != rest or _ELSE.search(rest))
    if leans and not names_in(resolved):
        return _joined(resolved, ", ".join(names_in(last)) or _further(resolved, last))
    return _capital(resolved) if leans else raw


def _further(resolved: str, last: str) -> str:
    """The topic of the last question, unless most of it is written out already."""
    topic = topic_of(last)
    words = set(stems(topic))
    return "" if 2 * len(words & set(stems(resolved))) >= len(words) else topic


def _counted(rest: str, last: str) -> str:
    """ "How many were rescued?" after "How many people drowned?"."""
    match, before = _HOW_MANY_VERB.match(rest), COUNTED.search(last)
    if match is None or before is None or match["verb"].lower() not in AUXILIARY | _LEFT:
        return rest
    return f"{match['many']} {before['noun']}{rest[match.end('many') :]}"


def _answered(turn: Turn) -> str:
    """ "Karst denied the report" of "Who denied the report?", where that was answered."""
    asked, answer = _WHO_DID.match(turn.question), turn.answer.strip(" .,;")
    if asked is None or not answer or len(answer.split()) > _LONGEST_NAME:
        return ""
    return f"{answer} {asked['rest'].strip(' ?.!')}"


def _else(rest: str, last: str) -> str:
    """ "Who else?" after "Who denied it?"."""
    word = WORD.findall(rest)[0]
    if match := re.match(rf"\W*{word}\b", last, re.IGNORECASE):
        return f"{match.group()} else{last[match.end() :]}"
    return _joined(rest, topic_of(last))


def _phrase_in(rest: str, last: str) -> str | None:
    """ "In July?" after "How many came in June?": the same question with the other month."""
    match = _PREPOSITIONAL.match(rest)
    if match is None or (is_question(match["object"]) and moment(match["object"]) is None):
        return None  # but "in May" is a time
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
    return bool(shared) or moment(new) is not None or (bool(names_in(old)) and bool(names_in(new)))


def _length_of_phrase(text: str) -> int:
    end = re.search(r"\s(?:in|on|at|by|of|for|from|to|with|that|who|which|and)\s|[,;?]", text)
    return end.start() if end else len(text)


def _instead(rest: str, last: str) -> str | None:
    """ "What about the ministry?" after "What did the union say?"."""
    phrase = rest.strip(" ?.!,")
    subject = subject_of(last)
    if subject is None or len(phrase.split()) > 6 or is_question(phrase):
        return None
    return last.replace(subject, phrase, 1)


def _joined(question: str, topic: str) -> str:
    question = question.strip(" ?.!")
    return _capital(f"{question}, {topic}?" if topic else f"{question}?")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
