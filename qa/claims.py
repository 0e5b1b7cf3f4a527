"""What a question asks to be so, in words that can be looked for in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

from index.documents import Span
from qa.question_words import names_in
from qa.reporting import reporting_stems
from qa.words import stems

_ABOUT_AT_LEAST = 0.3  # of the claim's words in the sentence and what stands around it
IN_SENTENCE_AT_LEAST = 0.15
_AROUND = 600  # characters
_LEFT_OUT = reporting_stems() | frozenset(stems("true really actually fact correct right case"))
_ROOT = 5
_TELLING_AT_LEAST = 2  # words


def names_nobody_else(question: str, texts: Sequence[str]) -> bool:
    """Whether every name in the claim is in some text; a claim about others is another claim."""
    held = frozenset().union(*map(roots, texts))
    return all(held & own for name in names_in(question) if (own := roots(name)))


def claim_of(question: str) -> frozenset[str]:
    return roots(" ".join(stem for stem in stems(question) if stem not in _LEFT_OUT))


def without_names(question: str) -> frozenset[str]:
    """The claim's words that a sentence about it holds: whom a text speaks of is named in its
    title and here and there, and is "she" or "the ship" between. The whole claim where its other
    words are too few to tell it."""
    asked = claim_of(question)
    others = asked - roots(" ".join(names_in(question)))
    return others if len(others) >= _TELLING_AT_LEAST else asked


def roots(text: str) -> frozenset[str]:
    """Stems cut short, so that Korea and Korean are one."""
    return frozenset(stem[:_ROOT] for stem in stems(text))


def weights_of(asked: frozenset[str], sentences: Sequence[frozenset[str]]) -> dict[str, float]:
    """Shares of the claim's words, which add to 1; rarer words weigh more.

    What no sentence holds weighs as much as what one holds: a claim that is half about
    something else is not this claim.
    """
    counts = {stem: sum(stem in words for words in sentences) for stem in sorted(asked)}
    raw = {
        stem: math.log((len(sentences) + 1) / (max(count, 1) + 0.5))
        for stem, count in counts.items()
    }
    total = sum(raw.values())
    return {stem: weight / total if total > 0 else 0.0 for stem, weight in raw.items()}


def is_about(text: str, sentence: Span, asked: frozenset[str]) -> bool:
    if not asked:
        return True
    here = roots(text[sentence.start : sentence.end])
    near = roots(text[max(0, sentence.start - _AROUND) : sentence.end + _AROUND])
    return len(asked & near) >= _ABOUT_AT_LEAST * len(asked) and len(
        asked & here
    ) >= IN_SENTENCE_AT_LEAST * len(asked)
