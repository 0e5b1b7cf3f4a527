"""BERT span models whose layers have fewer heads and feed-forward units than they were made with.

What each layer has left stands in ``config.json`` under ``narrowed``; a model without the entry
is loaded as it is. A head keeps its size, so attention needs no change.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoConfig, AutoModelForQuestionAnswering, PreTrainedModel

ENTRY = "narrowed"


@dataclass(frozen=True, slots=True)
class Kept:
    """By layer, the numbers of the heads and of the feed-forward units that stay."""

    heads: tuple[tuple[int, ...], ...]
    units: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Widths:
    """By layer, how many heads and feed-forward units there are."""

    heads: tuple[int, ...]
    units: tuple[int, ...]

    @classmethod
    def of(cls, kept: Kept) -> Widths:
        return cls(tuple(map(len, kept.heads)), tuple(map(len, kept.units)))


def load_reader(folder: Path, **options: Any) -> PreTrainedModel:
    """The span model of ``folder``, narrowed or not; ``options`` are `from_pretrained`'s."""
    config = AutoConfig.from_pretrained(folder)
    entry = getattr(config, ENTRY, None)
    if entry is None:
        return AutoModelForQuestionAnswering.from_pretrained(folder, **options)
    dtype = options.pop("dtype", torch.float32)
    for name in [name for name in options if hasattr(config, name)]:
        setattr(config, name, options.pop(name))
    model = AutoModelForQuestionAnswering.from_config(config, **options)
    for layer, heads, units in zip(layers(model), entry["heads"], entry["units"], strict=True):
        size = layer.attention.self.attention_head_size
        _cut(layer, torch.arange(heads * size), torch.arange(units))
    model.load_state_dict(load_file(folder / "model.safetensors"))
    return model.to(dtype).eval()


def is_narrowed(model: PreTrainedModel) -> bool:
    return hasattr(model.config, ENTRY)


def layers(model: PreTrainedModel) -> nn.ModuleList:
    return model.bert.encoder.layer


def narrow(model: PreTrainedModel, kept: Kept) -> None:
    """Cut everything else out of the model's layers, in place."""
    for layer, heads, units in zip(layers(model), kept.heads, kept.units, strict=True):
        size = layer.attention.self.attention_head_size
        rows = torch.cat([torch.arange(size) + head * size for head in heads])
        _cut(layer, rows, torch.tensor(units))


def save(model: PreTrainedModel, widths: Widths, start: Path, out: Path) -> None:
    """Weights and configuration; all else in ``start``'s configuration stays."""
    out.mkdir(parents=True, exist_ok=True)
    tensors = {name: p.detach().float().contiguous() for name, p in model.named_parameters()}
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((start / "config.json").read_text("utf-8"))
    config[ENTRY] = asdict(widths)
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")


def _cut(layer: nn.Module, rows: torch.Tensor, units: torch.Tensor) -> None:
    attention = layer.attention
    for part in ("query", "key", "value"):
        setattr(attention.self, part, _outputs(getattr(attention.self, part), rows))
    attention.output.dense = _inputs(attention.output.dense, rows)
    layer.intermediate.dense = _outputs(layer.intermediate.dense, units)
    layer.output.dense = _inputs(layer.output.dense, units)


def _outputs(linear: nn.Linear, kept: torch.Tensor) -> nn.Linear:
    return _linear(linear.weight[kept], linear.bias[kept])


def _inputs(linear: nn.Linear, kept: torch.Tensor) -> nn.Linear:
    return _linear(linear.weight[:, kept], linear.bias)


def _linear(weight: torch.Tensor, bias: torch.Tensor) -> nn.Linear:
    made = nn.Linear(weight.shape[1], weight.shape[0])
    made.weight = nn.Parameter(weight.detach().clone())
    made.bias = nn.Parameter(bias.detach().clone())
    return made
