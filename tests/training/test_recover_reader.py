"""Weights come back out of what was exported."""

from __future__ import annotations

import json

import pytest
import torch
from click.testing import CliRunner

from index.embedding import packaged_model
from qa.assembly import make_reader
from qa.settings import Settings
from training.narrowed import load_reader
from training.recover_reader import main

FOLDER = make_reader(Settings(threads=1)).folder
QUESTION, TEXT = "Who built the bridge?", "The bridge was built in 1932 by Anna Berg."


@pytest.fixture(scope="module")
def recovered(tmp_path_factory):
    out = tmp_path_factory.mktemp("recovered")
    told = CliRunner().invoke(
        main, [str(FOLDER), "--start", str(packaged_model()), "--out", str(out)]
    )
    assert told.exit_code == 0, told.output
    return out


@pytest.mark.models
def test_the_recovered_model_says_nearly_what_the_exported_one_says(recovered) -> None:
    reader = make_reader(Settings(threads=1))
    reading = reader.read(QUESTION, [TEXT])[0]
    encoding = reader._loaded().tokenizer.encode(QUESTION, TEXT)
    with torch.no_grad():
        said = load_reader(recovered)(
            input_ids=torch.tensor([encoding.ids]), token_type_ids=torch.tensor([encoding.type_ids])
        )
    no_answer = float(said.start_logits[0, 0] + said.end_logits[0, 0])
    assert no_answer == pytest.approx(reading.no_answer_logit, abs=0.5)
    start, end = int(said.start_logits[0].argmax()), int(said.end_logits[0].argmax())
    places = encoding.offsets[start][0], encoding.offsets[end][1]
    assert TEXT[slice(*places)] == "Anna Berg"
    best = float(said.start_logits[0, start] + said.end_logits[0, end])
    assert best == pytest.approx(reading.spans[0].logit, abs=0.5)


def test_its_widths_are_those_of_the_exported_graph(recovered) -> None:
    narrowed = json.loads((recovered / "config.json").read_text())["narrowed"]
    assert len(narrowed["heads"]) == len(narrowed["units"]) == 6
    weights = load_reader(recovered).bert.encoder.layer
    assert [layer.intermediate.dense.out_features for layer in weights] == narrowed["units"]
