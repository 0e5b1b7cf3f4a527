"""Verbs that say how somebody stands to a statement.

A question that asks by such a verb ("who denied …?") is answered by sentences that use another
one of its kind, or none ("called such reports fake"), so these words are a relation for the
reader to judge, not words to look for.
"""

from __future__ import annotations

import re
from functools import lru_cache

from qa.words import stems

KINDS: dict[str, str] = {
    "denies": "deny reject refute rebut dismiss dispute contradict disavow",
    "confirms": "confirm acknowledge verify corroborate affirm",
    "admits": "admit concede confess",
    "claims": "claim allege assert insist maintain argue contend",
    "warns": "warn caution threaten",
    "announces": "announce declare reveal disclose unveil",
    "demands": "demand urge call ask request",
    "says": "say tell state add note stress emphasise emphasize remark comment respond reply "
    "explain describe mention suggest believe think",
}


_IRREGULAR = {"says": "said told thought", "denies": "denial denies"}
_PLAIN = "says"  # a question that asks who said something asks for no kind in particular
# Words that deny without a verb of denying: "there are no plans", "called such reports fake".
_NEGATIONS = re.compile(
    r"\b(?:no|not|never|none|nor|false|fake|untrue|baseless|unfounded|groundless|wrong|nonsense"
    r"|\w+n['’]t)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1)
def _stems_by_kind() -> dict[str, frozenset[str]]:
    """The stems of each kind's verbs, past forms included."""
    return {
        kind: frozenset(
            stems(
                f"{verbs} {_IRREGULAR.get(kind, '')} "
                + " ".join(f"{verb.removesuffix('e')}ed" for verb in verbs.split())
            )
        )
        for kind, verbs in KINDS.items()
    }


@lru_cache(maxsize=1)
def reporting_stems() -> frozenset[str]:
    """Stems of all reporting verbs."""
    return frozenset().union(*_stems_by_kind().values())


def kind_asked(question: str) -> str | None:
    """The kind of reporting verb that the question asks by, other than plain saying."""
    words = set(stems(question))
    kinds = (kind for kind, verbs in _stems_by_kind().items() if kind != _PLAIN and words & verbs)
    return next(kinds, None)


def speaks_in_kind(sentence: str, kind: str) -> bool:
    """Whether the sentence has a verb of the kind; to deny, a negation does as well."""
    if kind == "denies" and _NEGATIONS.search(sentence):
        return True
    return bool(set(stems(sentence)) & _stems_by_kind()[kind])
