"""The mean of two models' weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from training.average_readers import average


def model(folder: Path, tensor: torch.Tensor) -> Path:
    folder.mkdir()
    save_file({"weight": tensor}, folder / "model.safetensors")
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_text("{}", "utf-8")
    return folder


def test_weights_are_shares_of_the_mean(tmp_path: Path) -> None:
    first = model(tmp_path / "a", torch.tensor([0.0, 4.0]))
    second = model(tmp_path / "b", torch.tensor([4.0, 4.0]).half())
    average([(first, 3), (second, 1)], tmp_path / "mean")
    mean = load_file(tmp_path / "mean" / "model.safetensors")["weight"]
    assert mean.tolist() == [1.0, 4.0]


def test_models_of_another_shape_are_refused(tmp_path: Path) -> None:
    first = model(tmp_path / "a", torch.zeros(2))
    second = model(tmp_path / "b", torch.zeros(3))
    with pytest.raises(ValueError, match="same shape"):
        average([(first, 1), (second, 1)], tmp_path / "mean")
