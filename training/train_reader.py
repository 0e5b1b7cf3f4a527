"""Fine-tune a span model on prepared data; resumable.

    python -m training.train_reader DATA.json.gz --start MODEL_DIR --out MODEL_DIR --tokens 30e6

See `training.loop` for what is kept while it runs. MODEL_DIR may be of BERT's or MPNet's family.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import click
import torch
from tokenizers import Tokenizer

from training.encoders import Encoder
from training.loop import MasterAdamW, Schedule, batches, run
from training.losses import Batch, Weights, loss_of
from training.prepare import Prepared
from training.windows import Mixture, Sampler


@click.command(help=__doc__)
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option("--start", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--tokens", type=float, default=30e6, show_default=True, help="Padding included.")
@click.option("--rate", type=float, default=1.5e-4, show_default=True, help="Peak learning rate.")
@click.option("--head", type=float, default=1.0, show_default=True, help="Rate of the head, times.")
@click.option("--tokenizer", "words", type=click.Path(exists=True, path_type=Path), help="DATA's.")
@click.option("--mixture", type=click.Path(exists=True, path_type=Path), help="Shares, as JSON.")
@click.option(
    "--frozen", type=int, default=0, show_default=True, help="Lowest layers, not trained."
)
@click.option("--decay-from", type=float, default=0.3, show_default=True, help="Share of tokens.")
@click.option("--batch", type=int, default=5_000, show_default=True, help="Tokens a step.")
@click.option("--dropout", type=float, default=0.1, show_default=True, help="Hidden layers only.")
@click.option("--averaged", type=float, default=0.998, show_default=True, help="Decay of the mean.")
@click.option("--save-every", type=float, default=2e6, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def main(
    data: Path,
    start: Path,
    out: Path,
    tokens: float,
    rate: float,
    head: float,
    words: Path | None,
    mixture: Path | None,
    frozen: int,
    decay_from: float,
    batch: int,
    dropout: float,
    averaged: float,
    save_every: float,
    seed: int,
) -> None:
    torch.manual_seed(seed)
    encoder = Encoder.load(start, dropout)
    encoder.freeze(frozen)
    tokenizer = Tokenizer.from_file(str((words or start) / "tokenizer.json"))
    shares = json.loads(mixture.read_text()) if mixture else {}
    sampler = Sampler(Prepared.load(data), tokenizer, Mixture(**shares))

    def epoch(number: int) -> Iterator[Batch]:
        drawn = seed * 1_000 + number
        for groups in batches(sampler.epoch(drawn), random.Random(drawn), batch):
            yield Batch.of(groups)

    run(
        epoch,
        lambda made: loss_of(made, *encoder.logits(made), Weights()),
        MasterAdamW(encoder.model.train(), 0.01, averaged, head),
        Schedule(tokens, rate, decay_from, save_every),
        start,
        out,
    )


if __name__ == "__main__":
    main()
