"""Span models of two families behind one call, so that one can teach the other.

BERT and MPNet share their word pieces: MPNet's ids are BERT's plus four, its special tokens
differ, and it separates question and passage by two of them (Song et al. 2020). Windows are made
of BERT's ids; an MPNet is shown the same tokens in its own ids, and its logits come back in BERT's
places.
"""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import PreTrainedModel

from training.losses import Batch
from training.narrowed import load_reader

_SHIFT = 4
_BERT_CLS, _BERT_SEP, _BERT_MASK = 101, 102, 103
_START, _PAD, _SEPARATOR, _MASK = 0, 1, 2, 30526


class Encoder:
    """A model with a span head; `logits` takes windows of BERT's ids whatever its family."""

    def __init__(self, model: PreTrainedModel) -> None:
        self.model = model
        self._foreign = model.config.model_type == "mpnet"

    @classmethod
    def load(cls, folder: Path, dropout: float) -> Encoder:
        model = load_reader(
            folder,
            dtype=torch.bfloat16,
            attn_implementation="eager",
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=0.0,
        )
        return cls(model)

    def freeze(self, layers: int) -> None:
        """Leave the embeddings and so many of the lowest layers as they are; 0 leaves nothing."""
        for name, weight in self.model.named_parameters():
            lowest = any(f".layer.{number}." in name for number in range(layers))
            if lowest or (layers and ".embeddings." in name):
                weight.requires_grad_(False)

    def logits(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Start and end logits, each (windows, length)."""
        if not self._foreign:
            seen = self.model(
                input_ids=batch.ids, attention_mask=batch.mask, token_type_ids=batch.types
            )
            return seen.start_logits, seen.end_logits
        ids, mask, places = as_mpnet(batch.ids, batch.mask, batch.types)
        seen = self.model(input_ids=ids, attention_mask=mask)
        return seen.start_logits.gather(1, places), seen.end_logits.gather(1, places)


def as_mpnet(
    ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The same windows for MPNet, one column wider.

    Returns:
        ids and mask, (windows, length + 1), and for each of BERT's columns the column it became,
        (windows, length).
    """
    own = ids + _SHIFT
    for bert, mpnet in ((_BERT_CLS, _START), (_BERT_SEP, _SEPARATOR), (_BERT_MASK, _MASK)):
        own[ids == bert] = mpnet
    own[mask == 0] = _PAD
    passage_at = (mask * (1 - types)).sum(1, keepdim=True)  # question and its specials come first
    # Padding has type 0 too, but no mask.
    wide = torch.arange(ids.shape[1] + 1).expand(len(ids), -1)
    source = (wide - (wide > passage_at).long()).clamp(max=ids.shape[1] - 1)
    made = own.gather(1, source)
    made[wide == passage_at] = _SEPARATOR
    seen = torch.cat([mask.new_ones(len(ids), 1), mask], 1)
    narrow = torch.arange(ids.shape[1]).expand(len(ids), -1)
    return made, seen, narrow + (narrow >= passage_at).long()
