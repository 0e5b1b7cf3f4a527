"""A reader that a peer has loaded, without the zeros that `benchmarks.peers.weights` filled in."""

from __future__ import annotations

import torch
from transformers import PreTrainedModel

from training.narrowed import Kept, layers, narrow


def cut(model: PreTrainedModel) -> None:
    """Take out of a BERT's layers the heads and units that put out nothing; others stay whole."""
    if model.config.model_type != "bert":
        return
    heads, units = [], []
    for layer in layers(model):
        columns = layer.attention.output.dense.weight.bool().any(0)
        size = layer.attention.self.attention_head_size
        heads.append(_numbers(columns.reshape(-1, size).any(1)))
        units.append(_numbers(layer.output.dense.weight.bool().any(0)))
    narrow(model, Kept(tuple(heads), tuple(units)))


def _numbers(those: torch.Tensor) -> tuple[int, ...]:
    return tuple(those.nonzero().flatten().tolist())
