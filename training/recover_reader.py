"""Float32 weights out of an exported reader, to go on training from what is shipped.

    python -m training.recover_reader READER --start MODEL_DIR --out MODEL_DIR

READER is what `training.export_reader` writes, the first MODEL_DIR a model whose configuration
goes with the weights (all-MiniLM-L6-v2's). What int8 and float16 rounded stays rounded; what was
smoothed is multiplied back. Feed-forward units of parted products stay in the order of their size.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click
import numpy as np
import onnx
import torch
from onnx import numpy_helper
from safetensors.torch import save_file

from index.quantised import LAYERS, Arrays, Floats
from qa.reader import MODEL_FILE
from training.int8_graph import HEAD_SIZE
from training.narrowed import ENTRY, Widths
from training.parted import LARGEST

_TABLES = {"words": "word", "positions": "position", "types": "token_type"}
_NORMS = {"middle": "attention.output.LayerNorm", "end": "output.LayerNorm"}
_QUERY_KEY_VALUE = ("attention.self.query", "attention.self.key", "attention.self.value")
_DENSE = {
    "attended": "attention.output.dense",
    "up": "intermediate.dense",
    "down": "output.dense",
}


def matrix(numbers: Mapping[str, np.ndarray], name: str) -> Floats:
    """A product's weights, shape (inputs, outputs), as they were before they were rounded."""
    if f"{name}.matrix" in numbers:
        return np.asarray(numbers[f"{name}.matrix"])
    whole: Floats = numbers[f"{name}.int8"] * numbers[f"{name}.scale"]
    if f"{name}.damping" in numbers:
        whole = whole * numbers[f"{name}.damping"][:, None]
    if f"{name}.largest" in numbers:
        whole[:LARGEST] = numbers[f"{name}.largest"]
    return whole


def recover(numbers: Mapping[str, np.ndarray]) -> tuple[Arrays, Widths]:
    """The weights by the names that `transformers` has for them, and what each layer has left."""
    found: Arrays = {
        f"bert.embeddings.{long}_embeddings.weight": numbers[short]
        for short, long in _TABLES.items()
    }
    found |= _norm(numbers, "embedded", "bert.embeddings.LayerNorm")
    found["qa_outputs.weight"] = numbers["span.matrix"].T
    found["qa_outputs.bias"] = numbers["span.bias"]
    heads, units = [], []
    for layer in range(LAYERS):
        prefix = f"bert.encoder.layer.{layer}"
        for short, long in _NORMS.items():
            found |= _norm(numbers, f"{layer}.{short}", f"{prefix}.{long}")
        thirds = np.split(matrix(numbers, f"{layer}.qkv"), 3, axis=1)
        biases = np.split(numbers[f"{layer}.qkv.bias"], 3)
        for part, third, bias in zip(_QUERY_KEY_VALUE, thirds, biases, strict=True):
            found[f"{prefix}.{part}.weight"], found[f"{prefix}.{part}.bias"] = third.T, bias
        for short, long in _DENSE.items():
            found[f"{prefix}.{long}.weight"] = matrix(numbers, f"{layer}.{short}").T
            found[f"{prefix}.{long}.bias"] = numbers[f"{layer}.{short}.bias"]
        heads.append(thirds[0].shape[1] // HEAD_SIZE)
        units.append(len(numbers[f"{layer}.up.bias"]))
    return found, Widths(tuple(heads), tuple(units))


def _norm(numbers: Mapping[str, np.ndarray], short: str, long: str) -> Arrays:
    return {f"{long}.weight": numbers[f"{short}.gain"], f"{long}.bias": numbers[f"{short}.shift"]}


@click.command(help=__doc__)
@click.argument("reader", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--start", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
def main(reader: Path, start: Path, out: Path) -> None:
    graph = onnx.load(reader / MODEL_FILE).graph
    numbers = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    found, widths = recover(numbers)
    out.mkdir(parents=True, exist_ok=True)
    tensors = {
        name: torch.from_numpy(np.array(array, dtype=np.float32, order="C"))
        for name, array in found.items()
    }
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((start / "config.json").read_text("utf-8"))
    config[ENTRY] = asdict(widths)
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    shutil.copyfile(start / "tokenizer_config.json", out / "tokenizer_config.json")
    shutil.copyfile(reader / "tokenizer.json", out / "tokenizer.json")
    click.echo(f"{out / 'model.safetensors'}: {sum(t.numel() for t in tensors.values()):,} numbers")


if __name__ == "__main__":
    main()
