"""Teach a small span model what a larger one says; resumable.

    python -m training.distil LABELS --start MODEL_DIR --out MODEL_DIR --tokens 30e6

LABELS is what `training.label` writes; files that appear while this runs are taken up in the next
pass. The loss is the divergence from the teacher's distributions of start and end (Hinton et al.
2015), at a temperature, and beside it that of `training.losses` on the gold spans. Some words are
hidden from the student, anew in each pass.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import torch
from tokenizers import Tokenizer

from training.encoders import Encoder
from training.labels import Taught, grouped, hidden, load, teacher_logits
from training.loop import MasterAdamW, Schedule, packed, run
from training.losses import FAR, Batch, Weights, loss_of, readable

_FILES_AT_ONCE = 6
TEMPERATURE, GOLD = 1.5, 0.3


@dataclass(frozen=True, slots=True)
class TaughtBatch(Batch):
    """A batch with the teacher's logits, (windows, length)."""

    taught_starts: torch.Tensor
    taught_ends: torch.Tensor

    @classmethod
    def taught(cls, items: Sequence[Sequence[Taught]]) -> TaughtBatch:
        batch = Batch.of([[item.window for item in group] for group in items])
        starts, ends = teacher_logits(batch, [item for group in items for item in group])
        return cls(
            **{name: getattr(batch, name) for name in Batch.__slots__},
            taught_starts=starts,
            taught_ends=ends,
        )


def divergence(
    batch: TaughtBatch, starts: torch.Tensor, ends: torch.Tensor, temperature: float
) -> torch.Tensor:
    """Mean of both sides' KL divergence from the teacher, times the temperature squared."""
    seen = readable(batch)
    total = starts.new_zeros((), dtype=torch.float32)
    for own, other in ((starts, batch.taught_starts), (ends, batch.taught_ends)):
        mine = (own.float() / temperature).masked_fill(~seen, FAR).log_softmax(1)
        aim = (other / temperature).masked_fill(~seen, FAR).log_softmax(1)
        total = total + torch.nn.functional.kl_div(
            mine, aim, reduction="batchmean", log_target=True
        )
    return total * temperature**2 / 2


def passes(
    folder: Path, number: int, size: int, masked: float, mask: int, seed: int
) -> Iterator[TaughtBatch]:
    """One pass over the files that are there now, a few at once, batches of like length."""
    chance = random.Random(seed * 1_000 + number)
    draws = np.random.default_rng(seed * 1_000 + number)
    files = sorted(folder.glob("*.npz"))
    chance.shuffle(files)
    for at in range(0, len(files), _FILES_AT_ONCE):
        groups = [
            [hidden(item, masked, mask, draws) if chance.random() < 0.5 else item for item in group]
            for file in files[at : at + _FILES_AT_ONCE]
            for group in grouped(load(file))
        ]
        groups.sort(key=lambda group: (_longest(group), chance.random()))
        ready = list(packed(groups, _longest, size))
        chance.shuffle(ready)
        for items in ready:
            yield TaughtBatch.taught(items)


def _longest(group: Sequence[Taught]) -> int:
    return max(len(item.window.ids) for item in group)


def loss_with(
    encoder: Encoder, temperature: float = TEMPERATURE, gold: float = GOLD
) -> Callable[[Batch], torch.Tensor]:
    """The loss of a batch with the encoder's logits; ``gold`` is the weight of the gold spans."""

    def loss(made: Batch) -> torch.Tensor:
        assert isinstance(made, TaughtBatch)
        starts, ends = encoder.logits(made)
        learned = divergence(made, starts, ends, temperature)
        return learned + gold * loss_of(made, starts, ends, Weights())

    return loss


@click.command(help=__doc__)
@click.argument("labels", type=click.Path(exists=True, path_type=Path))
@click.option("--start", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--tokens", type=float, default=30e6, show_default=True, help="Padding included.")
@click.option("--rate", type=float, default=1.5e-4, show_default=True, help="Peak learning rate.")
@click.option("--decay-from", type=float, default=0.3, show_default=True, help="Share of tokens.")
@click.option("--batch", type=int, default=4_000, show_default=True, help="Tokens a step.")
@click.option("--dropout", type=float, default=0.0, show_default=True, help="Hidden layers only.")
@click.option("--temperature", type=float, default=TEMPERATURE, show_default=True)
@click.option("--gold", type=float, default=GOLD, show_default=True, help="Weight of gold loss.")
@click.option("--masked", type=float, default=0.05, show_default=True, help="Words hidden, share.")
@click.option("--averaged", type=float, default=0.998, show_default=True, help="Decay of the mean.")
@click.option("--save-every", type=float, default=1e6, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def main(
    labels: Path,
    start: Path,
    out: Path,
    tokens: float,
    rate: float,
    decay_from: float,
    batch: int,
    dropout: float,
    temperature: float,
    gold: float,
    masked: float,
    averaged: float,
    save_every: float,
    seed: int,
) -> None:
    torch.manual_seed(seed)
    encoder = Encoder.load(start, dropout)
    mask = Tokenizer.from_file(str(start / "tokenizer.json")).token_to_id("[MASK]")

    run(
        lambda number: passes(labels, number, batch, masked, mask, seed),
        loss_with(encoder, temperature, gold),
        MasterAdamW(encoder.model.train(), 0.01, averaged),
        Schedule(tokens, rate, decay_from, save_every),
        start,
        out,
    )


if __name__ == "__main__":
    main()
