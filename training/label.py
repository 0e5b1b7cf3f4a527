"""Let a teacher read what a student will be taught; resumable.

    python -m training.label DATA.json.gz --teacher MODEL_DIR --tokenizer MODEL_DIR --out FOLDER

Draws windows as `training.train_reader` does and writes the teacher's logits for each into FOLDER,
one file per ``--per-file`` windows. Files that are there already are left as they are, so the same
command goes on where it was ended. Several processes share the work by ``--part 0/2``, ``1/2``.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import torch
from tokenizers import Tokenizer

from training.encoders import Encoder
from training.labels import Taught, corrected, save
from training.losses import Batch
from training.prepare import Prepared
from training.windows import Group, Mixture, Sampler

_BATCH_TOKENS = 4_000


def label(encoder: Encoder, groups: Sequence[Group]) -> list[Taught]:
    """The teacher's logits of all windows, in the order given."""
    flat = [(number, window) for number, group in enumerate(groups) for window in group]
    order = sorted(range(len(flat)), key=lambda i: len(flat[i][1].ids))
    found: dict[int, Taught] = {}
    for places in _of_like_length(order, [len(window.ids) for _, window in flat]):
        batch = Batch.of([[flat[i][1]] for i in places])
        with torch.inference_mode():
            starts, ends = (side.half().numpy() for side in encoder.logits(batch))
        for row, i in enumerate(places):
            group, window = flat[i]
            length = len(window.ids)
            found[i] = Taught(window, starts[row, :length], ends[row, :length], group)
    return [found[i] for i in range(len(flat))]


def _of_like_length(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    batch: list[int] = []
    for i in order:
        if batch and (len(batch) + 1) * lengths[i] > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _part(_: click.Context, __: click.Parameter, value: str) -> tuple[int, int]:
    try:
        own, parts = (int(piece) for piece in value.split("/"))
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no part; write 0/2 for the first half") from error
    if not 0 <= own < parts:
        raise click.BadParameter(f"{value!r}: the first number must be less than the second")
    return own, parts


@click.command(help=__doc__)
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option("--teacher", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--tokenizer", "words", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--mixture", type=click.Path(exists=True, path_type=Path), help="Shares, as JSON.")
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--per-file", type=int, default=1_000, show_default=True, help="Groups of windows.")
@click.option("--files", type=int, default=1_000, show_default=True, help="At most so many.")
@click.option("--part", default="0/1", show_default=True, callback=_part)
@click.option("--gold-margin", type=float, help="Raise gold spans so far above all else.")
@click.option("--seed", type=int, default=1, show_default=True)
def main(
    data: Path,
    teacher: Path,
    words: Path,
    mixture: Path | None,
    out: Path,
    per_file: int,
    files: int,
    part: tuple[int, int],
    gold_margin: float | None,
    seed: int,
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    encoder = Encoder.load(teacher, 0.0)
    encoder.model.eval()
    tokenizer = Tokenizer.from_file(str(words / "tokenizer.json"))
    shares = json.loads(mixture.read_text()) if mixture else {}
    sampler = Sampler(Prepared.load(data), tokenizer, Mixture(**shares))
    stream = sampler.epoch(seed)
    own, parts = part
    for number in itertools.takewhile(lambda n: n < files, itertools.count()):
        groups = list(itertools.islice(stream, per_file))
        if not groups:
            break
        path = out / f"{seed:03d}-{number:04d}.npz"
        if number % parts != own or path.exists():
            continue
        began = time.monotonic()
        taught = label(encoder, groups)
        if gold_margin is not None:
            taught = [corrected(item, gold_margin) for item in taught]
        save(path, taught)
        tokens = sum(len(item.window.ids) for item in taught)
        click.echo(
            f"{path.name}: {len(taught):,} windows, {tokens:,} tokens, "
            f"{tokens / (time.monotonic() - began):,.0f} tokens/s"
        )


if __name__ == "__main__":
    main()
