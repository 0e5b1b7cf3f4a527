"""What words weigh: how rare they are, told by full-text search, or by Milvus' own scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from index.lexical import weight as bm25_weight
from index.milvus import words
from index.milvus.weighing import weight
from index.milvus.words import Phrase

Hits = list[list[dict[str, Any]]]

_WEIGHTS_KEPT = 50_000


class WordWeights:
    """The weights of one collection's words; those told by Milvus are kept until `forget`.

    Args:
        holding: tells in how many passages a phrase of FTS5 stands, where the store has full-text
            search; None to estimate it from what Milvus says.
        best: the passage that suits each term best, with its ``lex`` and its score.
    """

    def __init__(
        self, holding: Callable[[str], int] | None, best: Callable[[list[str]], Hits]
    ) -> None:
        self._holding = holding
        self._best = best
        self._weights: dict[str, float] = {}

    def forget(self) -> None:
        """The collection changed."""
        self._weights = {}

    def of(self, phrases: Sequence[str], indexed: int, mean: float) -> dict[Phrase, float]:
        """What each of FTS5's phrases weighs; those that no passage holds are left out.

        Args:
            indexed: how many passages there are.
            mean: number of Milvus' terms in a passage.
        """
        stems = {one: words.phrase(one.strip('"')) for one in phrases}
        if self._holding is not None:
            counts = {one: self._holding(one) for one in phrases}
            found = {one: bm25_weight(n, indexed) for one, n in counts.items() if n}
        else:
            found = self._estimated({one: stem for one, stem in stems.items() if stem}, mean)
        weights: dict[Phrase, float] = {}
        for one, value in found.items():
            if stems[one]:
                weights[stems[one]] = weights.get(stems[one], 0.0) + value
        return weights

    def _estimated(self, stems: dict[str, Phrase], mean: float) -> dict[str, float]:
        terms = {one: words.terms([stem]) for one, stem in stems.items()}
        learned = self._learned([made for several in terms.values() for made in several], mean)
        least = {one: [learned[made] for made in several] for one, several in terms.items()}
        return {one: max(several) for one, several in least.items() if all(several)}

    def _learned(self, terms: Sequence[str], mean: float) -> dict[str, float]:
        """Of each term; Milvus is asked for the best passage of those not known yet.

        Another thread may call `forget` meanwhile: what was learned before is not kept then.
        """
        kept = self._weights
        found = {one: value for one in terms if (value := kept.get(one)) is not None}
        unknown = [one for one in dict.fromkeys(terms) if one not in found]
        if unknown:
            best = self._best(unknown)
            new = {one: _told(one, hits, mean) for one, hits in zip(unknown, best, strict=True)}
            found |= new
            if len(kept) > _WEIGHTS_KEPT:
                kept.clear()
            kept |= new
        return found


def _told(term: str, hits: Sequence[dict[str, Any]], mean: float) -> float:
    """What the best passage's score tells; 0 if no passage has the term."""
    for hit in hits:
        held = hit["entity"]["lex"].split()
        times = held.count(term)
        if times:
            return weight(abs(hit["distance"]), times, len(held) / mean if mean else 1.0)
    return 0.0
