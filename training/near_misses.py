"""Questions that a passage almost answers, made from questions that it does answer.

The kinds are those that SQuAD 2.0's authors found in their unanswerable questions (Rajpurkar et
al. 2018, table 2): a name or a number is swapped for another, a word for its opposite, or a
negation is put in. Rules over words, no model.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

_OPPOSITES = (
    "first last|before after|largest smallest|biggest smallest|highest lowest|larger smaller"
    "|more less|most least|increase decrease|increased decreased|rise fall|rose fell|north south"
    "|northern southern|east west|eastern western|early late|earlier later|best worst|better worse"
    "|good bad|new old|newest oldest|oldest youngest|older younger|start end|started ended"
    "|begin end|began ended|beginning end|inside outside|above below|won lost|win lose"
    "|winner loser|buy sell|bought sold|male female|men women|man woman|king queen"
    "|father mother|son daughter|brother sister|husband wife|support oppose|supported opposed"
    "|accept reject|accepted rejected|like dislike|liked disliked|love hate|loved hated"
    "|enjoy hate|easy hard|easier harder|major minor|common rare|high low|higher lower"
    "|long short|longest shortest|longer shorter|fast slow|faster slower|strong weak"
    "|stronger weaker|rich poor|success failure|successful unsuccessful|always never"
    "|positive negative|public private|import export|imported exported|open close|opened closed"
    "|born killed|founded abolished|built destroyed|arrive leave|arrived left|enter leave"
    "|hot cold|warmer colder|cheap expensive|cheaper pricier|big small|bigger smaller|top bottom"
    "|left right|upper lower|former current|primary secondary|internal external|legal illegal"
    "|friends enemies|allies enemies|attack defend|attacked defended|gain lose|gained lost"
    "|advantage disadvantage|advantages disadvantages|confirmed denied|confirm deny"
    "|admitted denied|agree disagree|agreed disagreed|allow forbid|allowed banned|recommend reject"
    "|problem benefit|problems benefits|pros cons|favorite least-favorite|day night|morning evening"
)
OPPOSITES = {
    a: b
    for pair in _OPPOSITES.split("|")
    for a, b in (tuple(pair.split()), tuple(reversed(pair.split())))
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NUMBERS = (
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "twenty", "thirty"),
)
_AUXILIARIES = frozenset(
    ("did", "does", "do", "is", "are", "was", "were", "has", "had", "can", "will")
)
_NAME = re.compile(r"\b[A-Z][\w'-]*(?:\s+(?:(?:of|the|de|von|van|and)\s+)?[A-Z][\w'-]*)*")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_WORD = re.compile(r"[A-Za-z-]+")
_SENTENCE_START = re.compile(r"(?:^|[.!?\"”]\s+)$")
_QUESTION_WORDS = frozenset(
    (
        *("what", "who", "whom", "whose", "which", "when", "where", "why", "how", "in", "on"),
        *("at", "for", "to", "by", "from", "of", "the", "a", "an", "if", "did", "is", "does"),
        *("was", "were", "are", "do", "can", "according", "during", "after", "before"),
        *("i", "it", "he", "she", "they", "his", "her", "their"),
    )
)


def near_misses(
    question: str, context: str, answers: Sequence[str], chance: random.Random
) -> dict[str, str]:
    """Changed questions by the kind of change; empty where nothing could be changed.

    Args:
        answers: no name out of an answer is put into the question.
    """
    made = {
        "name": _swap_name(question, context, answers, chance),
        "number": _swap_number(question, context, chance),
        "opposite": _swap_word(question),
        "negation": _negate(question),
    }
    return {kind: text for kind, text in made.items() if text and text != question}


def names(text: str) -> list[str]:
    """Runs of capitalised words that do not merely open a sentence."""
    found = []
    for match in _NAME.finditer(text):
        name = match.group()
        opens = _SENTENCE_START.search(text[: match.start()]) is not None
        if opens and " " not in name:
            continue
        if opens and name.split()[0].lower() in _QUESTION_WORDS:
            name = name.split(maxsplit=1)[1] if " " in name else ""
        if len(name) > 1:
            found.append(name)
    return list(dict.fromkeys(found))


def _swap_name(
    question: str, context: str, answers: Sequence[str], chance: random.Random
) -> str | None:
    asked = names(question)
    taken = " ".join([question, *answers]).lower()
    others = [n for n in names(context) if n.lower() not in taken]
    others = [n for n in others if not any(w in taken for w in n.lower().split() if len(w) > 3)]
    if not asked or not others:
        return None
    return question.replace(chance.choice(asked), chance.choice(others))


def _swap_number(question: str, context: str, chance: random.Random) -> str | None:
    """Another number of as many digits, out of the context where it has one; another month."""
    if found := list(_NUMBER.finditer(question)):
        match = chance.choice(found)
        old = match.group()
        like = [n for n in _NUMBER.findall(context) if len(n) == len(old) and n not in question]
        new = chance.choice(like) if like else _other_number(old, chance)
        return question[: match.start()] + new + question[match.end() :]
    for match in _WORD.finditer(question):
        word = match.group().lower()
        for closed in (_MONTHS, _WEEKDAYS):
            if match.group() in closed and match.start():
                new = chance.choice([other for other in closed if other != match.group()])
                return question[: match.start()] + new + question[match.end() :]
        if word in _NUMBERS:
            new = chance.choice([other for other in _NUMBERS if other != word])
            return question[: match.start()] + new + question[match.end() :]
    return None


def _other_number(old: str, chance: random.Random) -> str:
    digits = [i for i, c in enumerate(old) if c.isdigit()]
    place = chance.choice(digits[len(digits) // 2 :])
    new = chance.choice([d for d in "123456789" if d != old[place]])
    return old[:place] + new + old[place + 1 :]


def _swap_word(question: str) -> str | None:
    for match in reversed(list(_WORD.finditer(question))):
        after_how = question[: match.start()].lower().endswith("how ")
        if not after_how and (new := OPPOSITES.get(match.group())):
            return question[: match.start()] + new + question[match.end() :]
    return None


def _negate(question: str) -> str | None:
    """ "What did Smith say?" becomes "What did Smith not say?", roughly."""
    words = question.split()
    for place, word in enumerate(words):
        if word.lower() in _AUXILIARIES and len(words) > place + 2:
            if word.lower() in ("is", "are", "was", "were", "has", "had", "can", "will"):
                return " ".join([*words[: place + 1], "not", *words[place + 1 :]])
            short = {"did": "didn't", "does": "doesn't", "do": "don't"}.get(word.lower())
            if short:
                return " ".join([*words[:place], short, *words[place + 1 :]])
    return None
