"""Cut the heads and feed-forward units that a reader misses least out of it.

    python -m training.narrow LABELS --start MODEL_DIR --out MODEL_DIR --share 0.25

How much it would miss one: the mean square of the loss's derivative by a factor on what it puts
out, over batches of LABELS (the diagonal of the Fisher information; Kwon et al. 2022, "A fast
post-training pruning framework for transformers"). Cut is what is missed least for the time it
takes, across all layers, until ``--share`` of the layers' time is gone. What is left is to be
taught again by `training.distil`.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn

from training.distil import TaughtBatch, loss_with, passes
from training.encoders import Encoder
from training.losses import Batch
from training.narrowed import Kept, Widths, is_narrowed, layers, narrow, save

BLOCK = 64  # units cut at once: int8 products like whole registers
FEWEST_HEADS, FEWEST_BLOCKS = 2, 3

# Time in int8 on one thread of a server with VNNI, in millionths of a second per window of 170
# tokens: 4.8 ms of products, a third of them attention's, 1.9 of attention and 0.6 of GELU, each
# over 6 layers of 12 heads and 24 blocks (docs/performance.md).
HEAD_TIME = (1600 + 1900) / (6 * 12)
BLOCK_TIME = (3200 + 600) / (6 * 24)

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Missed:
    """How much the loss would miss each, (layers, heads) and (layers, units)."""

    heads: Numbers
    units: Numbers


def missed(
    encoder: Encoder, batches: Iterable[TaughtBatch], loss_of: Callable[[Batch], torch.Tensor]
) -> Missed:
    gates: list[tuple[torch.Tensor, torch.Tensor]] = []
    for layer in layers(encoder.model):
        heads = torch.ones(layer.attention.self.num_attention_heads, requires_grad=True)
        units = torch.ones(layer.output.dense.in_features, requires_grad=True)
        gates.append((heads, units))
        _gate(layer.attention.output.dense, heads, layer.attention.self.attention_head_size)
        _gate(layer.output.dense, units, 1)
    flat = [gate for pair in gates for gate in pair]
    sums = [np.zeros(len(gate)) for gate in flat]
    for batch in batches:
        found = torch.autograd.grad(loss_of(batch), flat)
        for total, gradient in zip(sums, found, strict=True):
            total += gradient.double().numpy() ** 2
    return Missed(np.stack(sums[::2]), np.stack(sums[1::2]))


def _gate(linear: nn.Module, gate: torch.Tensor, size: int) -> None:
    def scaled(_: nn.Module, inputs: tuple[torch.Tensor]) -> torch.Tensor:
        return inputs[0] * gate.repeat_interleave(size).to(inputs[0].dtype)

    linear.register_forward_pre_hook(scaled)


def chosen(found: Missed, share: float) -> Kept:
    """What stays once the least missed for its time has gone, ``share`` of all time."""
    count, heads = found.heads.shape
    blocks = found.units.shape[1] // BLOCK
    order = np.argsort(-found.units, axis=1, kind="stable")
    by_block = np.take_along_axis(found.units, order, 1).reshape(count, blocks, BLOCK).sum(2)
    head_order = np.argsort(-found.heads, axis=1, kind="stable")
    candidates = [
        (found.heads[layer, head_order[layer, rank]] / HEAD_TIME, layer, "head")
        for layer in range(count)
        for rank in range(FEWEST_HEADS, heads)
    ] + [
        (by_block[layer, rank] / BLOCK_TIME, layer, "block")
        for layer in range(count)
        for rank in range(FEWEST_BLOCKS, blocks)
    ]
    left = {"head": [heads] * count, "block": [blocks] * count}
    time = {"head": HEAD_TIME, "block": BLOCK_TIME}
    to_go = share * count * (heads * HEAD_TIME + blocks * BLOCK_TIME)
    for _, layer, kind in sorted(candidates):
        if to_go <= 0:
            break
        left[kind][layer] -= 1
        to_go -= time[kind]
    return Kept(
        tuple(_numbers(head_order[i, : left["head"][i]]) for i in range(count)),
        tuple(_numbers(order[i, : left["block"][i] * BLOCK]) for i in range(count)),
    )


def _numbers(kept: NDArray[np.intp]) -> tuple[int, ...]:
    return tuple(sorted(kept.tolist()))


@click.command(help=__doc__)
@click.argument("labels", type=click.Path(exists=True, path_type=Path))
@click.option("--start", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--share", type=float, default=0.25, show_default=True, help="Of the layers' time.")
@click.option("--batches", type=int, default=150, show_default=True)
@click.option("--batch", type=int, default=4_000, show_default=True, help="Tokens, padded.")
@click.option("--seed", type=int, default=1, show_default=True)
def main(
    labels: Path, start: Path, out: Path, share: float, batches: int, batch: int, seed: int
) -> None:
    encoder = Encoder.load(start, 0.0)
    if is_narrowed(encoder.model):
        raise click.BadParameter(f"{start} was narrowed before; begin with the whole model")
    mask = Tokenizer.from_file(str(start / "tokenizer.json")).token_to_id("[MASK]")
    some = itertools.islice(passes(labels, 1, batch, 0.0, mask, seed), batches)
    kept = chosen(missed(encoder, some, loss_with(encoder)), share)
    whole = Encoder.load(start, 0.0).model
    narrow(whole, kept)
    widths = Widths.of(kept)
    save(whole, widths, start, out)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(start / name, out / name)
    click.echo(f"heads by layer {widths.heads}, units by layer {widths.units}")


if __name__ == "__main__":
    main()
