"""From logits per token to the best spans of a passage."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from qa.windows import Window

Logits = NDArray[np.float32]

_LOOKED_AT = 20  # spans for each that is kept: most overlap a better one


@dataclass(frozen=True, slots=True)
class PassageSpan:
    """A candidate answer: offsets in the passage's text, in code points, and its logit."""

    passage_start: int
    passage_end: int
    logit: float


def best_spans(
    window: Window, starts: Logits, ends: Logits, *, max_tokens: int, count: int
) -> list[PassageSpan]:
    """The window's best spans by joint logit, of whole words, none across paragraphs.

    Enough that ``count`` are likely left when overlaps are dropped.

    Args:
        starts, ends: one logit per token of the window.
        max_tokens: of the longest span.
    """
    length = len(window)
    if not length:
        return []
    # Row i, column n: the span from token i to token i + n.
    reach = min(max_tokens, length)
    closing = _ahead(np.where(window.closes, ends, -np.inf), reach, -np.inf)
    joint = np.where(window.opens, starts, -np.inf)[:, None] + closing
    joint[_ahead(window.paragraphs, reach, -1) != window.paragraphs[:, None]] = -np.inf
    flat = joint.ravel()
    keep = min(flat.size, _LOOKED_AT * count)
    best = np.argpartition(-flat, keep - 1)[:keep]
    best = best[np.argsort(-flat[best], kind="stable")]
    best = best[np.isfinite(flat[best])]
    first, more = np.divmod(best, reach)
    places = zip(
        window.starts[first].tolist(),
        window.ends[first + more].tolist(),
        flat[best].tolist(),
        strict=True,
    )
    return [PassageSpan(*place) for place in places]


def drop_overlaps(spans: Sequence[PassageSpan], limit: int) -> list[PassageSpan]:
    """Of spans that overlap the best; ``limit`` of them, best first."""
    kept: list[PassageSpan] = []
    for span in sorted(spans, key=lambda span: -span.logit):
        if len(kept) == limit:
            break
        if all(
            span.passage_end <= other.passage_start or other.passage_end <= span.passage_start
            for other in kept
        ):
            kept.append(span)
    return kept


def whole(passage: str, span: PassageSpan) -> PassageSpan:
    """With the marks on its last letter: the tokenizer strips them and does not count them in."""
    end = span.passage_end
    while end < len(passage) and unicodedata.category(passage[end]).startswith("M"):
        end += 1
    return span if end == span.passage_end else replace(span, passage_end=end)


def _ahead(values: NDArray[Any], reach: int, beyond: float) -> NDArray[Any]:
    """Row i: the ``reach`` values from i on; ``beyond`` where there are none left."""
    padded = np.concatenate([values, np.full(reach - 1, beyond, values.dtype)])
    return sliding_window_view(padded, reach)
