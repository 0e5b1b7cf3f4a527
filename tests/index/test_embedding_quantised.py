"""Weights: read from a file, cut to int8, and smoothed without changing the product."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from index.errors import ModelMissing
from index.quantised import initializers, quantise, read_weights

RANDOM = np.random.default_rng(0)


def numbers(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape).astype(np.float32)


def safetensors(path: Path, tensors: dict[str, np.ndarray]) -> Path:
    """The format as its specification has it: length of the header, header, bytes."""
    header, body = {}, b""
    for name, tensor in tensors.items():
        kind = {"float32": "F32", "int64": "I64"}[str(tensor.dtype)]
        end = len(body) + tensor.nbytes
        header[name] = {"dtype": kind, "shape": tensor.shape, "data_offsets": [len(body), end]}
        body += tensor.tobytes()
    head = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + body)
    return path


def tiny_model() -> dict[str, np.ndarray]:
    """All tensors of a model of six layers, 4 wide."""
    made = {
        "embeddings.position_embeddings.weight": numbers(8, 4),
        "embeddings.token_type_embeddings.weight": numbers(2, 4),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(6):
        prefix = f"encoder.layer.{layer}."
        norms += [f"{prefix}attention.output.LayerNorm", f"{prefix}output.LayerNorm"]
        shapes = {
            "attention.self.query": (4, 4),
            "attention.self.key": (4, 4),
            "attention.self.value": (4, 4),
            "attention.output.dense": (4, 4),
            "intermediate.dense": (16, 4),
            "output.dense": (4, 16),
        }
        for part, shape in shapes.items():
            made[f"{prefix}{part}.weight"] = numbers(*shape)
            made[f"{prefix}{part}.bias"] = numbers(shape[0])
    for norm in norms:
        made |= {f"{norm}.weight": numbers(4), f"{norm}.bias": numbers(4)}
    return made


def test_tensors_are_read_as_they_were_written(tmp_path: Path) -> None:
    wrote = {"a": numbers(3, 2), "ids": np.arange(4), "b": numbers(5)}
    read = read_weights(safetensors(tmp_path / "model.safetensors", wrote))
    assert list(read) == ["a", "b"]
    assert all(np.array_equal(read[name], wrote[name]) for name in read)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x05\0\0\0\0\0\0\0{",
        b"\x02\0\0\0\0\0\0\0[]more",
        b"\xff" * 8 + b"{}",
        b'\x43\0\0\0\0\0\0\0{"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}       }',
    ],
    ids=["empty", "cut in the header", "a list", "a header of exabytes", "cut in the numbers"],
)
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(content)
    with pytest.raises(ModelMissing, match=r"model\.safetensors"):
        read_weights(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"model\.safetensors"):
        read_weights(tmp_path / "model.safetensors")


def test_each_output_has_the_scale_of_its_own_weights() -> None:
    matrix = numbers(50, 3) * np.array([0.001, 1, 1000], np.float32)
    small, scale = quantise(matrix)
    assert small.dtype == np.int8
    assert np.abs(small).max(axis=0).tolist() == [127, 127, 127]
    assert (np.abs(small * scale - matrix) <= scale * 0.501).all()


def test_an_output_without_weights_stays_zero() -> None:
    small, scale = quantise(np.zeros((4, 2), np.float32))
    assert not small.any() and np.isfinite(scale).all()


def test_smoothing_changes_the_input_and_the_weights_against_each_other() -> None:
    weights = tiny_model()
    x = numbers(7, 4) * np.array([100, 1, 1, 1], np.float32)
    factors = np.array([50, 1, 1, 0.5], np.float32)
    plain = initializers(weights, {})
    smooth = initializers(weights, {"3.up": factors})
    product = (x * smooth["3.up.damping"]) @ (smooth["3.up.int8"] * smooth["3.up.scale"])
    expected = x @ weights["encoder.layer.3.intermediate.dense.weight"].T
    assert np.allclose(product, expected, atol=0.02 * np.abs(expected).max())
    assert not np.array_equal(smooth["3.up.int8"], plain["3.up.int8"])


def test_exact_products_stay_as_they_are() -> None:
    weights = tiny_model()
    found = initializers(weights, {}, exact=frozenset({"2.attended"}))
    expected = weights["encoder.layer.2.attention.output.dense.weight"].T
    assert np.array_equal(found["2.attended.matrix"], expected)
    assert "2.attended.int8" not in found and "3.attended.matrix" not in found


def test_query_key_and_value_are_one_product_in_this_order() -> None:
    weights = tiny_model()
    found = initializers(weights, {}, exact=frozenset({"0.qkv"}))
    for place, part in enumerate(("query", "key", "value")):
        own = weights[f"encoder.layer.0.attention.self.{part}.weight"].T
        assert np.array_equal(found["0.qkv.matrix"][:, 4 * place : 4 * place + 4], own)
