"""The loss of a batch of windows.

Four parts, each over start and end logits of the readable tokens and ``[CLS]`` (no answer):

- independent: cross entropy of start and of end, the targets spread over the annotators' spans
- joint: minus the log of the expected F1 of a span drawn from the softmax over all spans of at
  most `SPAN_TOKENS`, no answer among them; F1 in tokens, the best over the annotators (a joint
  objective as in Fajcik et al. 2021, with the measure itself as the target)
- shared: the same over the spans of all passages of a question, no answer left out, so that
  logits compare across passages (Clark & Gardner 2018)
- separation: the margins of answerable windows above those of unanswerable ones, all pairs of
  the batch (a smooth AUROC)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn.functional import pad, softplus

from training.windows import Group, Window

SPAN_TOKENS = 30
FAR = -1e4


@dataclass(frozen=True, slots=True)
class Weights:
    independent: float = 1.0
    joint: float = 0.5
    shared: float = 0.3
    separation: float = 0.2


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors of shape (windows, length), but for ``overlap`` (windows, length, SPAN_TOKENS)."""

    ids: torch.Tensor
    mask: torch.Tensor
    types: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor
    overlap: torch.Tensor
    groups: list[int]

    @classmethod
    def of(cls, groups: Sequence[Group], multiple: int = 8) -> Batch:
        windows = [window for group in groups for window in group]
        length = -(-max(len(w.ids) for w in windows) // multiple) * multiple
        ids = torch.zeros(len(windows), length, dtype=torch.long)
        mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
        starts, ends = torch.zeros(ids.shape), torch.zeros(ids.shape)
        overlap = torch.zeros(len(windows), length, SPAN_TOKENS)
        for row, window in enumerate(windows):
            ids[row, : len(window.ids)] = torch.tensor(window.ids)
            mask[row, : len(window.ids)] = 1
            types[row, window.passage_at : len(window.ids)] = 1
            for start, end in window.spans or [(0, 0)]:
                starts[row, start] += 1 / max(1, len(window.spans))
                ends[row, end] += 1 / max(1, len(window.spans))
            fill_overlap(overlap[row], window)
        return cls(ids, mask, types, starts, ends, overlap, [len(g) for g in groups])


def fill_overlap(table: torch.Tensor, window: Window) -> None:
    """``table[i, d]``: F1 in tokens of the span of ``d + 1`` tokens from ``i`` on."""
    widths = torch.arange(1, SPAN_TOKENS + 1)
    for start, end in window.spans:
        end = min(end, start + SPAN_TOKENS - 1)
        first = max(window.passage_at, start - SPAN_TOKENS + 1)
        begins = torch.arange(first, end + 1)
        stops = begins[:, None] + widths[None, :] - 1
        common = (stops.clamp(max=end) - begins.clamp(min=start)[:, None] + 1).clamp(min=0)
        scores = 2 * common / (widths[None, :] + (end - start + 1))
        table[first : end + 1] = torch.maximum(table[first : end + 1], scores)


def readable(batch: Batch) -> torch.Tensor:
    """Where a span may start or end, (windows, length): the passage, and ``[CLS]`` for none."""
    seen = batch.types.bool() & batch.mask.bool()
    closing = batch.mask.sum(1) - 1
    seen[torch.arange(len(closing)), closing] = False  # the last [SEP]
    seen[:, 0] = True
    return seen


def loss_of(
    batch: Batch, start_logits: torch.Tensor, end_logits: torch.Tensor, weights: Weights
) -> torch.Tensor:
    seen = readable(batch)
    passage = seen.clone()
    passage[:, 0] = False
    starts = start_logits.float().masked_fill(~seen, FAR)
    ends = end_logits.float().masked_fill(~seen, FAR)
    independent = -(
        (batch.starts * starts.log_softmax(1)).sum(1) + (batch.ends * ends.log_softmax(1)).sum(1)
    )
    spans = span_logits(starts.masked_fill(~passage, FAR), ends.masked_fill(~passage, FAR)).flatten(
        1
    )
    none = starts[:, 0] + ends[:, 0]
    total = spans.logsumexp(1)
    answerable = batch.starts[:, 0] == 0
    hit = (spans + batch.overlap.flatten(1).clamp(min=1e-9).log()).logsumexp(1)
    joint = torch.logaddexp(total, none) - torch.where(answerable, hit, none)
    loss = weights.independent * independent.mean() / 2 + weights.joint * joint.mean()
    return (
        loss
        + weights.shared * _shared(total, hit, answerable, batch.groups)
        + weights.separation * _separation(total - none, answerable)
    )


def span_logits(starts: torch.Tensor, ends: torch.Tensor) -> torch.Tensor:
    """Sum of start and end logit of every span, (windows, length, SPAN_TOKENS)."""
    shifted = pad(ends, (0, SPAN_TOKENS - 1), value=FAR).unfold(1, SPAN_TOKENS, 1)
    return starts[:, :, None] + shifted


def _shared(
    total: torch.Tensor, hit: torch.Tensor, answerable: torch.Tensor, groups: Sequence[int]
) -> torch.Tensor:
    losses, row = [], 0
    for size in groups:
        if size > 1 and bool(answerable[row]):
            losses.append(total[row : row + size].logsumexp(0) - hit[row])
        row += size
    return torch.stack(losses).sum() / len(total) if losses else total.new_zeros(())


def _separation(margins: torch.Tensor, answerable: torch.Tensor) -> torch.Tensor:
    above, below = margins[answerable], margins[~answerable]
    if not len(above) or not len(below):
        return margins.new_zeros(())
    return softplus(below[None, :] - above[:, None]).mean()
