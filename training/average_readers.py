"""Average the weights of models fine-tuned from the same start.

    python -m training.average_readers OUT MODEL_DIR=WEIGHT MODEL_DIR=WEIGHT...

"Model soups" (Wortsman et al. 2022): such models lie in one basin, and their mean often reads
better than each of them, at the cost of one.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import click
from safetensors.torch import load_file, save_file

_BESIDE = ("config.json", "tokenizer.json", "tokenizer_config.json")


def average(parts: list[tuple[Path, float]], out: Path) -> None:
    """Write the weighted mean; the weights need not add up to 1.

    Raises:
        ValueError: the models' tensors have other names or shapes.
    """
    total = sum(weight for _, weight in parts)
    mean: dict = {}
    for folder, weight in parts:
        tensors = load_file(folder / "model.safetensors")
        if mean and {k: v.shape for k, v in tensors.items()} != {
            k: v.shape for k, v in mean.items()
        }:
            raise ValueError(f"{folder} is no model of the same shape as {parts[0][0]}")
        for name, tensor in tensors.items():
            mean[name] = mean.get(name, 0) + tensor.float() * (weight / total)
    out.mkdir(parents=True, exist_ok=True)
    save_file(mean, out / "model.safetensors", metadata={"format": "pt"})
    for name in _BESIDE:
        shutil.copyfile(parts[0][0] / name, out / name)


@click.command(help=__doc__)
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("models", nargs=-1, required=True)
def main(out: Path, models: tuple[str, ...]) -> None:
    parts = []
    for model in models:
        folder, _, weight = model.rpartition("=")
        parts.append((Path(folder), float(weight)))
    average(parts, out)


if __name__ == "__main__":
    main()
