"""Words of questions: what a question asks with, about whom, and about what."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.letters import CAPITAL
from qa.reporting import verb_forms

AUXILIARY = frozenset(
    {"did", "does", "do", "is", "are", "was", "were", "has", "have", "had", "will", "would", "can"}
    | {"could", "should", "may", "might", "must"}
)
BE = frozenset({"is", "are", "was", "were"})
PREPOSITIONS = frozenset(
    {"in", "on", "at", "by", "to", "for", "from", "with", "about", "of", "after", "before", "and"}
    | {"as", "when", "during", "again", "now", "there", "then", "so", "first", "last"}
)
_OPENING_WORDS = """
    who whom whose what which when where why how and but or the a an in on at by for since until
    according so then he she they it his her this that tell please name list
    within under over during through against among between into with of if because while whether
"""
OPENERS = frozenset(_OPENING_WORDS.split()) | AUXILIARY
WORD = re.compile(r"[^\W_]+(?:['’&.-][^\W_]+)*")
QUESTION_WORD = re.compile(
    r"^\W*(?:(?:in|on|at|by|for|to|from|since|until|of|with)\s+)?(?:who|whom|whose|what|which|when"
    r"|where|why|how(?: (?:many|much|long|often|old|far|big|large|high|soon))?)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"\W*(?:(?:and|but|so|then|well|ok|okay|hi|hello|please)\b\W*)*"
    r"(?:(?:(?:can|could|would) you (?:please )?(?:tell me|say|let me know)"
    r"|(?:do|does) (?:you|anyone|anybody) know|(?:please )?(?:tell me|remind me)"
    r"|i(?: would|['’]d)? (?:want|need|like) to know|any idea|may i ask)\b\W*)?",
    re.IGNORECASE,
)
COUNTED = re.compile(r"\bhow many\s+(?P<noun>[^\W\d_]+(?:\s[^\W\d_]+s\b)?)", re.IGNORECASE)
_CONTRACTION = re.compile(r"(?P<word>\w+?)(?:(?P<negated>n['’]t)|['’](?P<rest>s|re|d|ll|ve|m))")
_BEFORE_NOT = AUXILIARY | {"ca", "wo"}
_CONTRACTED = (OPENERS - AUXILIARY) | {"i", "we", "you", "there"}
_NAMES = re.compile(
    rf"[{CAPITAL}][\w'’&-]*\.?"
    rf"(?:\s+(?:(?:of|for|de|van|von|al)\s+(?:the\s+)?)?(?:[{CAPITAL}][\w'’&-]*\.?|\d+))*"
)
_PARTICIPLE_WORDS = """
    built found held made sold sunk sent lost told set put hit cut shut paid kept left led won done
    gone begun bought brought caught fought read said sung taught thought understood
"""
_PARTICIPLES = frozenset(_PARTICIPLE_WORDS.split())
_DETERMINERS = frozenset({"the", "a", "an", "his", "her", "its", "their", "these", "those"})
_DO = frozenset({"did", "does", "do"})
_LONGEST_SUBJECT = 9  # words
_LONGEST_OBJECT = 4


def is_question(text: str) -> bool:
    words = WORD.findall(text.lower())
    return bool(QUESTION_WORD.search(text)) or any(word in AUXILIARY for word in words)


def plainly_asked(question: str) -> str:
    """The question without what only leads up to it: "And can you tell me | how many died?"."""
    opening = _OPENING.match(question)
    return question[opening.end() :] if opening else question


def topic_of(question: str) -> str:
    """What a question is about: without its question word, auxiliaries and reporting verbs."""
    rest = QUESTION_WORD.sub("", question, count=1)
    words = rest.strip(" ?.!").split()
    kept = [
        word
        for before, word in zip(["", *words], words, strict=False)
        if word.lower() not in AUXILIARY
        and (word.lower() not in verb_forms() or before.lower() in _DETERMINERS)  # "the report"
    ]
    return " ".join(kept)


def subject_of(question: str) -> str | None:
    """What stands between auxiliary and verb: "What did | the embassy | reject?"."""
    words = [*WORD.finditer(question)]
    at = next((i for i, w in enumerate(words) if w.group().lower() in AUXILIARY), None)
    if at is None or at + 1 >= len(words):
        return None
    first = words[at + 1].group()
    if not (first[0].isupper() or first.lower() in _DETERMINERS):
        return None
    end = at + 1
    while end < len(words):
        word = words[end].group().lower()
        if end > at + 1 and (word in verb_forms() or (word in PREPOSITIONS and word != "of")):
            end -= _is_verb_of_name(words[at:end])
            break
        if end > at + 2 and word in _DETERMINERS and _is_followed(words[at:end]):
            end -= 1
            break
        end += 1
    else:
        own = [w.group() for w in words[at + 1 :]]
        predicate = at == 0 and words[0].group().lower() in BE  # "Is the bridge | old?"
        end -= (predicate and len(own) > 2) or _ends_in_verb(own, words[at].group().lower())
    if end <= at + 1 or end - at > _LONGEST_SUBJECT:
        return None
    return question[words[at + 1].start() : words[end - 1].end()]


def _is_verb_of_name(words: Sequence[re.Match[str]]) -> bool:
    """Whether the last word is the verb of a name, with its auxiliary: "did Northgate | pay"."""
    auxiliary, *own = (word.group() for word in words)
    if auxiliary.lower() not in _DO or len(own) < 2 or not own[-1][0].islower():
        return False
    owns = own[-2].endswith(("'s", "’s"))
    return not owns and all(word[0].isupper() for word in own[:-1])


def _is_followed(words: Sequence[re.Match[str]]) -> bool:
    """Whether the last word is the verb that an article follows: "did the firm | own | a"."""
    auxiliary, last = words[0].group().lower(), words[-1].group().lower()
    return auxiliary in _DO and last not in _DETERMINERS | PREPOSITIONS


def object_of(question: str) -> str | None:
    """What the question's verb acts on: "Who opened | the harbour bridge | in May?"."""
    words = [*WORD.finditer(question)]
    start = next((i for i, w in enumerate(words) if w.group().lower() in _DETERMINERS), None)
    if start is None or start < 2 or words[start - 1].group().lower() in PREPOSITIONS | BE:
        return None  # "Who is the mayor?" acts on nothing
    end = start + 1
    while end < len(words) and words[end].group().lower() not in PREPOSITIONS | AUXILIARY:
        end += 1
    if end == start + 1 or end - start > _LONGEST_OBJECT:
        return None
    return question[words[start].start() : words[end - 1].end()]


def _ends_in_verb(words: Sequence[str], auxiliary: str) -> bool:
    """Whether the last word is the verb: of "did the firm own?", not of "where is the mill?"."""
    if len(words) < 2 or not words[-1][0].islower():
        return False
    if auxiliary not in BE:
        return True
    after_name = words[-2][0].isupper() and not words[-2].endswith(("'s", "’s"))
    return after_name or words[-1] in _PARTICIPLES or words[-1].endswith(("ed", "en", "wn"))


def names_in(text: str) -> list[str]:
    """Capitalised names; the first word of a question is none if it opens a question."""
    found: list[str] = []
    for match in _NAMES.finditer(text):
        name = match.group()
        start = match.start()
        if start == len(text) - len(text.lstrip()) or not text[:start].strip(" \"'“"):
            opener = name.split()[0]
            if _opens_question(opener.lower()):
                name = name[len(opener) :].strip()
        if name and name.lower() not in {"i"}:
            found.append(re.sub(r"['’]s$", "", name.rstrip(".")))
    return found


def _opens_question(word: str) -> bool:
    """ "is", "isn't", "what's"; not "will's", whose mother is asked for."""
    contraction = _CONTRACTION.fullmatch(word)
    if contraction is None:
        return word in OPENERS
    return contraction["word"] in (_BEFORE_NOT if contraction["negated"] else _CONTRACTED)


def named_around(sentence: str, at: int) -> list[str]:
    """Names of more than one word in a sentence, the nearest to the offset ``at`` first."""
    found = [(abs(m.start() - at), m.group()) for m in _NAMES.finditer(sentence)]
    names = [name.rstrip(".") for _, name in sorted(found)]
    return [name for name in names if " " in name]


_ACCORDING = re.compile(
    r"\baccording to (?P<who>[^?,;]{2,60}?)\s*(?:[?,;]|$|\b(?:in|on|at|by|after|before)\b)",
    re.IGNORECASE,
)


def source_asked(question: str) -> str | None:
    """Whose word is asked for: "according to the union"."""
    match = _ACCORDING.search(question)
    return match["who"] if match else None


_PLURAL_ASKED = re.compile(
    r"(?P<by>(?:in|on|at|by|to|from|of|with) )?(?:which|what)(?: of the)?"
    r"(?P<own>(?: [^\W\d_][\w'’-]*){0,3}?) (?P<noun>[^\W\d_]+s|people|men|women|children|media"
    r"|criteria|phenomena)\b"
    r"(?P<rest>.*)",
    re.IGNORECASE,
)
# "What causes the delay?" asks for one thing, "what causes were found?" for several.
_ACTS = re.compile(
    r"what (?:(?:appli|becom|caus|determin|driv|includ|mak|produc|requir|trigger|happen|mean|limit"
    r"|prevent|follow|remain|com|go|keep|help|explain|count|exist|contain|lead|giv|stop|start"
    r"|block|affect|reduc|increas|need|separat|distinguish)e?s|\w+s (?:the|an?|his|her|its|their"
    r"|this|that|my|our|your))\b(?! (?:is|are|was|were|do|does|did|have|has|had|will|can)\b)",
    re.IGNORECASE,
)
_WHO_SEVERAL = re.compile(r"who (?:else |all )?(?P<verb>[^\W\d_]+)", re.IGNORECASE)
_ENUMERATE = re.compile(r"(?:name|list|enumerate)\b", re.IGNORECASE)
_SINGULAR_ENDINGS = ("ss", "us", "is", "means", "series", "species", "headquarters", "news")
_SINGULAR_VERBS = frozenset({"is", "was", "has", "does"})
_PLURAL_VERBS = frozenset({"are", "were", "have"})
_LINKS_TO_ANOTHER = _DETERMINERS | {"in", "on", "at", "by", "to", "for", "from", "with"}
_LINKS_TO_ANOTHER |= {"about", "this", "that", "those", "my", "our", "your"}


def _is_of_another(between: Sequence[str]) -> bool:
    """Whether a plural is no more than what the asked thing has to do with: "caused the | floods";
    not "are the | forms", "of her | sons", "two of the | towns"."""
    if "of" in between or not _PLURAL_VERBS.isdisjoint(between[:1]):
        return False
    return not _LINKS_TO_ANOTHER.isdisjoint(between)


def asks_for_several(question: str) -> bool:
    """Whether the question asks for a list: "which ministries", "who commented", "name the".

    Many can say, deny or confirm a thing; one opens a bridge.
    """
    question = plainly_asked(question)
    if _ENUMERATE.match(question):
        return True
    match = _PLURAL_ASKED.match(question)
    if match and not _ACTS.match(question):
        following = WORD.search(match["rest"])
        noun = match["noun"].lower()
        # "Which street did the thieves take?" asks for one street, "what are the forms?" for all.
        between = {noun, *match["own"].lower().split()} - _PLURAL_VERBS
        singular = noun.endswith(_SINGULAR_ENDINGS) or not AUXILIARY.isdisjoint(between)
        singular = singular or _is_of_another(match["own"].lower().split())
        # "In which zones | was there a ban?": the verb is the ban's.
        verb = following.group().lower() if following and match["by"] is None else ""
        if not singular and verb not in _SINGULAR_VERBS:
            return True
    match = _WHO_SEVERAL.match(question)
    if match is None:
        return False
    verb = match["verb"].lower()
    return verb in _PLURAL_VERBS or verb in verb_forms()
