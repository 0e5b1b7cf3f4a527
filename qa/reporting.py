"""Verbs that say how somebody stands to a statement.

A question that asks by such a verb ("who denied …?") is answered by sentences that use another
one of its kind, or none ("called such reports fake"), so these words are a relation for the
reader to judge, not words to look for.
"""

from __future__ import annotations

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


@lru_cache(maxsize=1)
def reporting_stems() -> frozenset[str]:
    """Stems of all verbs above, irregular past forms included."""
    forms = " ".join(KINDS.values()) + " said told thought"
    past = " ".join(f"{verb.removesuffix('e')}ed" for verb in forms.split())
    return frozenset(stems(f"{forms} {past} denied denies denial"))
