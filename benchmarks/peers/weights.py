"""The readers that peers run: the packaged one as float32 weights, and a larger one at random.

The packaged reader is stored in int8; multiplied out, the same numbers fill a
`transformers.BertForQuestionAnswering`. Such a model's layers are all equally wide, so the heads
and units that ours has no more are zeros on disk, and `benchmarks.peers.narrowing` takes them out
again once the peer has loaded it: all multiply the same. The larger one has the size of RoBERTa
base and random weights: its answers mean nothing, its time is that of any reader of this size.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    RobertaConfig,
    RobertaForQuestionAnswering,
)

from index.quantised import LAYERS, WIDTH

Numbers = dict[str, NDArray[Any]]

_NORMS = {"middle": "attention.output.LayerNorm", "end": "output.LayerNorm"}
_PRODUCTS = {
    "attended": "attention.output.dense",
    "up": "intermediate.dense",
    "down": "output.dense",
}
_TOKENIZER = {
    "tokenizer_class": "BertTokenizer",
    "do_lower_case": True,
    "model_max_length": 512,
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "mask_token": "[MASK]",
}


def matrix(numbers: Numbers, name: str) -> NDArray[np.float32]:
    """Of a product, shape (inputs, outputs), as it was before it was quantised."""
    if f"{name}.matrix" in numbers:
        return np.asarray(numbers[f"{name}.matrix"], np.float32)
    found = numbers[f"{name}.int8"].astype(np.float32) * numbers[f"{name}.scale"]
    if f"{name}.damping" in numbers:
        found *= numbers[f"{name}.damping"][:, None]
    if f"{name}.largest" in numbers:  # see `training.parted`
        found[: len(numbers[f"{name}.largest"])] = numbers[f"{name}.largest"]
    return found


def tensors(numbers: Numbers) -> Numbers:
    """The numbers of `training.export_reader`'s graph, by their names in transformers."""
    found: Numbers = {
        "bert.embeddings.word_embeddings.weight": numbers["words"],
        "bert.embeddings.position_embeddings.weight": numbers["positions"],
        "bert.embeddings.token_type_embeddings.weight": numbers["types"],
        "bert.embeddings.LayerNorm.weight": numbers["embedded.gain"],
        "bert.embeddings.LayerNorm.bias": numbers["embedded.shift"],
        "qa_outputs.weight": numbers["span.matrix"].T,
        "qa_outputs.bias": numbers["span.bias"],
    }
    for layer in range(LAYERS):
        prefix = f"bert.encoder.layer.{layer}."
        parts = np.split(matrix(numbers, f"{layer}.qkv"), 3, axis=1)
        biases = np.split(numbers[f"{layer}.qkv.bias"], 3)
        for name, part, bias in zip(("query", "key", "value"), parts, biases, strict=True):
            found[f"{prefix}attention.self.{name}.weight"] = part.T
            found[f"{prefix}attention.self.{name}.bias"] = bias
        for name, target in _PRODUCTS.items():
            found[f"{prefix}{target}.weight"] = matrix(numbers, f"{layer}.{name}").T
            found[f"{prefix}{target}.bias"] = numbers[f"{layer}.{name}.bias"]
        for name, target in _NORMS.items():
            found[f"{prefix}{target}.weight"] = numbers[f"{layer}.{name}.gain"]
            found[f"{prefix}{target}.bias"] = numbers[f"{layer}.{name}.shift"]
    return found


def write_reader(packaged: Path, folder: Path) -> None:
    """The packaged reader as a folder of transformers."""
    graph = onnx.load(packaged / "model.onnx").graph
    found = tensors({each.name: numpy_helper.to_array(each) for each in graph.initializer})
    config = BertConfig(
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=12,
        intermediate_size=4 * WIDTH,
        dtype="float32",
    )
    model = BertForQuestionAnswering(config)
    model.load_state_dict(
        {name: _filled(found[name], blank) for name, blank in model.state_dict().items()}
    )
    model.save_pretrained(folder)
    _write_tokenizer(packaged, folder)


def _filled(array: NDArray[Any], blank: torch.Tensor) -> torch.Tensor:
    """The array in the shape of ``blank``, with zeros for what it has not."""
    made = torch.zeros_like(blank)
    made[tuple(slice(size) for size in array.shape)] = torch.tensor(array, dtype=torch.float32)
    return made


def write_random(packaged: Path, folder: Path) -> None:
    """A reader of RoBERTa base's size; it takes the packaged reader's tokens."""
    torch.manual_seed(0)
    config = RobertaConfig(
        vocab_size=50_265, max_position_embeddings=514, pad_token_id=0, type_vocab_size=2
    )
    RobertaForQuestionAnswering(config).save_pretrained(folder)
    _write_tokenizer(packaged, folder)


def _write_tokenizer(packaged: Path, folder: Path) -> None:
    shutil.copyfile(packaged / "tokenizer.json", folder / "tokenizer.json")
    (folder / "tokenizer_config.json").write_text(json.dumps(_TOKENIZER, indent=1), "utf-8")
