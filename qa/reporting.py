"""Verbs and nouns that say how somebody stands to a statement.

A question that asks by such a verb ("who denied …?") is answered by sentences that use another
one of its kind, or none ("called such reports fake"), so these words are a relation for the
reader to judge, not words to look for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from qa.words import stems


class Kind(StrEnum):
    """How a speaker stands to what is attributed to them; the value is the verb to show."""

    DENIES = "denies"
    REJECTS = "rejects"
    CONFIRMS = "confirms"
    ADMITS = "admits"
    CLAIMS = "claims"
    ACCUSES = "accuses"
    CRITICISES = "criticises"
    WARNS = "warns"
    ANNOUNCES = "announces"
    PROMISES = "promises"
    DEMANDS = "demands"
    REPORTS = "reports"
    FINDS = "finds"
    BELIEVES = "believes"
    DECLINES = "declines"
    SAYS = "says"


_VERBS: dict[Kind, str] = {
    Kind.DENIES: "deny refute rebut dispute contradict disavow disown",
    Kind.REJECTS: "reject dismiss repudiate",
    Kind.CONFIRMS: "confirm acknowledge verify corroborate affirm",
    Kind.ADMITS: "admit concede confess",
    Kind.CLAIMS: "claim allege assert insist maintain argue contend swear boast reckon estimate "
    "calculate",
    Kind.ACCUSES: "accuse blame",
    Kind.CRITICISES: "criticise criticize condemn denounce slam decry lament deplore",
    Kind.WARNS: "warn caution threaten",
    Kind.ANNOUNCES: "announce declare reveal disclose unveil proclaim",
    Kind.PROMISES: "promise pledge vow guarantee",
    Kind.DEMANDS: "demand urge request insist appeal",
    Kind.REPORTS: "report cite",
    Kind.FINDS: "find conclude rule determine",
    Kind.BELIEVES: "suggest believe think suspect expect fear hope doubt predict",
    Kind.SAYS: "say tell state add note stress emphasise emphasize remark comment respond reply "
    "explain describe mention write quip joke recall observe continue answer quote name recount "
    "testify tweet post reiterate repeat underline highlight indicate hint",
}
_NOUNS: dict[Kind, str] = {
    Kind.DENIES: "denial rebuttal",
    Kind.REJECTS: "rejection dismissal",
    Kind.CONFIRMS: "confirmation acknowledgement acknowledgment",
    Kind.ADMITS: "admission confession",
    Kind.CLAIMS: "claim allegation assertion insistence estimate",
    Kind.ACCUSES: "accusation",
    Kind.CRITICISES: "criticism condemnation",
    Kind.WARNS: "warning threat",
    Kind.ANNOUNCES: "announcement declaration",
    Kind.PROMISES: "promise pledge vow",
    Kind.DEMANDS: "demand appeal",
    Kind.FINDS: "finding conclusion",
    Kind.BELIEVES: "suggestion belief",
    Kind.SAYS: "statement remark comment assurance",
}
# They say other things too: a find, a product recall, a post, a rule are words to look for.
_TELLING = (
    "find rule determine name post recall continue observe report cite quote expect fear hope "
    "calculate"
)
TELLING = frozenset(_TELLING.split())
# Both sides of a dispute; of the other kinds none is the opposite of another.
_AGAINST = frozenset({Kind.DENIES, Kind.REJECTS})
_IN_FAVOUR = frozenset({Kind.CONFIRMS, Kind.ADMITS, Kind.CLAIMS})
_ALIKE = (
    _AGAINST,
    frozenset({Kind.CONFIRMS, Kind.ADMITS}),
    frozenset({Kind.CLAIMS, Kind.BELIEVES}),
    frozenset({Kind.ACCUSES, Kind.CRITICISES}),
)
# A question by one of these asks for no kind in particular.
_PLAIN = frozenset({Kind.SAYS, Kind.BELIEVES, Kind.REPORTS, Kind.FINDS})
_IRREGULAR = {
    "say": ("says", "said", "saying"),
    "tell": ("tells", "told", "telling"),
    "think": ("thinks", "thought", "thinking"),
    "write": ("writes", "wrote", "writing", "written"),
    "swear": ("swears", "swore", "swearing", "sworn"),
    "find": ("finds", "found", "finding"),
    "admit": ("admits", "admitted", "admitting"),
    "rebut": ("rebuts", "rebutted", "rebutting"),
}

# Words that deny without a verb of denying: "there are no plans", "called such reports fake".
_NEGATIONS = re.compile(
    r"\b(?:no|not|never|none|nor|false|fake|untrue|baseless|unfounded|groundless|wrong|nonsense"
    r"|\w+n['’]t)\b",
    re.IGNORECASE,
)
_DENIED = "accusations allegations claims rumours baseless"  # what is denied
_YES_NO = re.compile(
    r"^\W*(?:(?:and|but|so|then|well|or)\b\W*)*(?:is|are|was|were|do|does|did|has|have|had|will"
    r"|would|can|could|should|must|may|might|am|isn['’]t|aren['’]t|wasn['’]t|weren['’]t|don['’]t"
    r"|doesn['’]t|didn['’]t|hasn['’]t|haven['’]t|hadn['’]t|won['’]t|wouldn['’]t|can['’]t"
    r"|couldn['’]t|shouldn['’]t)\b",
    re.IGNORECASE,
)
_IS_IT_TRUE = re.compile(
    r"\b(?:is|was|isn['’]t) (?:it|this|that) (?:really |actually )?(?:true|so|the case|correct"
    r"|right|a fact)\b",
    re.IGNORECASE,
)
_QUESTION_WORD = re.compile(r"\b(?:who|whom|what|which|when|where|why|how)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a reporting verb: its kind, and what it can be in a sentence."""

    lemma: str
    kind: Kind
    base: bool = False
    third: bool = False
    past: bool = False
    ing: bool = False


@lru_cache(maxsize=1)
def verb_forms() -> dict[str, Form]:
    """Every form of every reporting verb, in lower case."""
    forms: dict[str, Form] = {}
    for kind, verbs in _VERBS.items():
        for lemma in verbs.split():
            third, past, ing, *more = _IRREGULAR.get(lemma) or _regular(lemma)
            for word, form in (
                (lemma, Form(lemma, kind, base=True)),
                (third, Form(lemma, kind, third=True)),
                *((word, Form(lemma, kind, past=True)) for word in (past, *more)),
                (ing, Form(lemma, kind, ing=True)),
            ):
                forms.setdefault(word, form)
    return forms


@lru_cache(maxsize=1)
def noun_kinds() -> dict[str, Kind]:
    """Nouns of saying, singular and plural, in lower case."""
    return {
        form: kind
        for kind, nouns in _NOUNS.items()
        for noun in nouns.split()
        for form in (noun, f"{noun}s")
    }


def asked_kind(question: str) -> Kind | None:
    """The kind of verb that the question asks by ("who denied", "did X confirm"), if any.

    Plain saying is no kind in particular. A verb inside the claim is not what is asked: of "Did
    he confirm that she denied it?" it is the first; "what claim was rejected?" asks by rejecting.
    """
    words = re.findall(r"[^\W\d_]+", question.lower())
    kinds = [(word, kind) for word in words if (kind := _kind_of(word)) and kind not in _PLAIN]
    surely_verbs = [kind for word, kind in kinds if word not in noun_kinds()]
    return next(iter([*surely_verbs, *(kind for _, kind in kinds)]), None)


def _kind_of(word: str) -> Kind | None:
    form = verb_forms().get(word)
    return form.kind if form else noun_kinds().get(word)


def in_other_words(question: str, kind: Kind) -> str:
    """The question with the verbs of its kind, for another search: who rejects denies, too."""
    verbs = [
        form
        for other, lemmas in _VERBS.items()
        if alike(kind, other)
        for lemma in lemmas.split()
        for form in [(_IRREGULAR.get(lemma) or _regular(lemma))[1]]
    ]
    objects = _DENIED if kind in _AGAINST else ""
    return " ".join([question.rstrip(" ?"), *verbs, objects]).strip()


def is_yes_no(question: str) -> bool:
    """Whether the question asks if something is so: "did X ...?", "is it true that ...?".

    A choice ("A or B?") asks which.
    """
    if _IS_IT_TRUE.search(question):
        return True
    opening = _YES_NO.match(question)
    if opening is None or re.search(r"\bor\b(?!\s+not\b)", question, re.IGNORECASE):
        return False
    # "Do you know who ...", "Can you tell me when ..." ask who and when.
    indirect = re.match(
        r"\W*(?:do|can|could|would) (?:you|we|they|anyone|anybody)\b", question, re.I
    )
    return not (indirect and _QUESTION_WORD.search(question))


def opposite(one: Kind, other: Kind) -> bool:
    """Whether the one stands against what the other stands for."""
    return (one in _AGAINST and other in _IN_FAVOUR) or (one in _IN_FAVOUR and other in _AGAINST)


def alike(one: Kind, other: Kind) -> bool:
    """Whether a question by the one is answered by the other: to reject is to deny."""
    return one == other or any(one in kinds and other in kinds for kinds in _ALIKE)


def _regular(lemma: str) -> tuple[str, str, str]:
    if lemma.endswith("y") and lemma[-2] not in "aeiou":
        return f"{lemma[:-1]}ies", f"{lemma[:-1]}ied", f"{lemma}ing"
    third = f"{lemma}es" if lemma.endswith(("s", "x", "ch", "sh")) else f"{lemma}s"
    stem = lemma.removesuffix("e")
    return third, f"{stem}ed", f"{stem}ing"


@lru_cache(maxsize=1)
def _stems_by_kind() -> dict[Kind, frozenset[str]]:
    found: dict[Kind, set[str]] = {}
    for word, form in verb_forms().items():
        found.setdefault(form.kind, set()).update(stems(word))
    for word, kind in noun_kinds().items():
        if kind in {Kind.DENIES, Kind.REJECTS}:
            found[kind].update(stems(word))
    return {kind: frozenset(words) for kind, words in found.items()}


@lru_cache(maxsize=1)
def reporting_stems() -> frozenset[str]:
    """Stems of the words that are no more than reporting verbs."""
    found = frozenset().union(*_stems_by_kind().values(), stems("call ask threaten"))
    return found.difference(stems(_TELLING))


def kind_asked(question: str) -> str | None:
    """The kind of reporting verb that the question asks by, other than plain saying."""
    return asked_kind(question)


def speaks_in_kind(sentence: str, kind: str) -> bool:
    """Whether the sentence has a verb of the kind; to deny, a negation does as well."""
    asked = Kind(kind)
    if asked in _AGAINST and denies_without_a_verb(sentence):
        return True
    return has_verb_of(sentence, asked)


def has_verb_of(sentence: str, kind: Kind) -> bool:
    """Whether the sentence has a verb, or its noun, of the kind or one like it."""
    words = set(stems(sentence))
    return any(words & verbs for other, verbs in _stems_by_kind().items() if alike(kind, other))


def denies_without_a_verb(sentence: str) -> bool:
    """Whether there is a negation, or a word such as "fake" or "baseless"."""
    return _NEGATIONS.search(sentence) is not None
