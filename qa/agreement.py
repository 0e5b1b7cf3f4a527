"""Groups places that give the same answer."""

from __future__ import annotations

from collections.abc import Sequence

from qa.ranking import Scored
from qa.words import answer_key


def group(scored: Sequence[Scored]) -> list[list[Scored]]:
    """Groups of one answer each, best first, as are the places in a group.

    Args:
        scored: best first.
    """
    groups: dict[str, list[Scored]] = {}
    for item in scored:
        groups.setdefault(answer_key(item.candidate.quote), []).append(item)
    return list(groups.values())
