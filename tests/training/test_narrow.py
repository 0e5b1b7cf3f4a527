"""What is cut out of a reader, and that the rest says what it said."""

from __future__ import annotations

import shutil

import numpy as np
import onnxruntime
import pytest
import torch
from click.testing import CliRunner
from transformers import BertConfig, BertForQuestionAnswering

from index.embedding import packaged_model
from index.quantised import LAYERS, WIDTH
from training.distil import TaughtBatch, loss_with
from training.encoders import Encoder
from training.export_reader import build, model, numbers, weights_of
from training.int8_graph import ALL, HEAD_SIZE, heads_of
from training.labels import Taught, save
from training.narrow import BLOCK, FEWEST_BLOCKS, FEWEST_HEADS, Missed, chosen, main, missed
from training.narrowed import Kept, Widths, layers, load_reader, narrow
from training.narrowed import save as save_narrowed
from training.windows import Window

HEADS, UNITS = 12, 4 * WIDTH
WINDOW = Window([101, 2040, 102, 2002, 2003, 102], 3, [(3, 4)])


def wide() -> BertForQuestionAnswering:
    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=UNITS,
        attention_probs_dropout_prob=0.0,
        hidden_dropout_prob=0.0,
    )
    made = BertForQuestionAnswering(config).eval()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return made


def folder_of(made: BertForQuestionAnswering, folder):
    made.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(packaged_model() / name, folder / name)
    return folder


def silence(made: BertForQuestionAnswering, kept: Kept) -> None:
    """What is not kept puts out nothing."""
    for layer, heads, units in zip(layers(made), kept.heads, kept.units, strict=True):
        out = layer.attention.output.dense.weight.data
        for head in set(range(HEADS)) - set(heads):
            out[:, head * HEAD_SIZE : (head + 1) * HEAD_SIZE] = 0
        for unit in set(range(UNITS)) - set(units):
            layer.output.dense.weight.data[:, unit] = 0


KEPT = Kept(
    tuple(tuple(range(layer % 3, HEADS, 2)) for layer in range(LAYERS)),
    tuple(tuple(range(layer, UNITS, 3)) for layer in range(LAYERS)),
)
SEEN = {
    "input_ids": torch.tensor([[101, 2040, 102, 2002, 2003, 2004, 102]]),
    "token_type_ids": torch.tensor([[0, 0, 0, 1, 1, 1, 1]]),
}


@pytest.fixture(scope="module")
def narrowed(tmp_path_factory):
    """A folder with a narrowed model, and the wide one with the rest silenced."""
    folder = tmp_path_factory.mktemp("models")
    made = wide()
    start = folder_of(made, folder / "wide")
    silence(made, KEPT)
    cut = load_reader(start)
    narrow(cut, KEPT)
    save_narrowed(cut, Widths.of(KEPT), start, folder / "narrow")
    return folder / "narrow", made


def test_a_narrowed_model_says_what_the_rest_of_the_wide_one_said(narrowed) -> None:
    folder, silenced = narrowed
    loaded = load_reader(folder, attn_implementation="eager", hidden_dropout_prob=0.0)
    units = [layer.output.dense.in_features for layer in layers(loaded)]
    assert units == [len(kept) for kept in KEPT.units]
    with torch.no_grad():
        expected, found = silenced(**SEEN), loaded(**SEEN)
    torch.testing.assert_close(found.start_logits, expected.start_logits, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(found.end_logits, expected.end_logits, atol=1e-4, rtol=1e-4)


def test_its_graph_has_as_many_heads_as_each_layer_has_left(narrowed) -> None:
    folder, silenced = narrowed
    weights = weights_of(folder)
    heads = heads_of(weights)
    assert heads == tuple(map(len, KEPT.heads))
    made = model(build(ALL, heads), numbers(weights, {}, ALL))
    session = onnxruntime.InferenceSession(
        made.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    starts, _ = session.run(None, {name: ids.numpy() for name, ids in SEEN.items()})
    with torch.no_grad():
        expected = silenced(**SEEN).start_logits.numpy()
    np.testing.assert_allclose(starts, expected, atol=0.05 * np.abs(expected).max())


def test_dropout_and_precision_are_as_asked_for(narrowed) -> None:
    folder, _ = narrowed
    loaded = load_reader(folder, dtype=torch.bfloat16, hidden_dropout_prob=0.25)
    assert {p.dtype for p in loaded.parameters()} == {torch.bfloat16}
    assert layers(loaded)[0].output.dropout.p == 0.25


def test_what_puts_nothing_out_is_not_missed(tmp_path) -> None:
    made = wide()
    silence(made, KEPT)
    encoder = Encoder.load(folder_of(made, tmp_path), 0.0)
    logits = np.zeros(len(WINDOW.ids), np.float16)
    batch = TaughtBatch.taught([[Taught(WINDOW, logits, logits, 0)]])
    found = missed(encoder, [batch, batch], loss_with(encoder))
    for layer in range(LAYERS):
        for values, kept in ((found.heads, KEPT.heads), (found.units, KEPT.units)):
            gone = np.ones(values.shape[1], dtype=bool)
            gone[list(kept[layer])] = False
            assert not values[layer][gone].any()
            assert values[layer][~gone].any()


def test_the_least_missed_goes_first_down_to_the_fewest() -> None:
    chance = np.random.default_rng(0)
    found = Missed(chance.random((2, HEADS)), chance.random((2, UNITS)) / 1e3)
    found.heads[0, [1, 5]] = 0
    found.units[1, 100 : 100 + BLOCK] = 0
    some = chosen(found, 0.05)
    assert some.heads == (tuple(sorted(set(range(HEADS)) - {1, 5})), tuple(range(HEADS)))
    assert set(range(100, 100 + BLOCK)).isdisjoint(some.units[1])
    assert chosen(found, 0.0) == Kept((tuple(range(HEADS)),) * 2, (tuple(range(UNITS)),) * 2)
    least = Widths.of(chosen(found, 1.0))
    assert least == Widths((FEWEST_HEADS,) * 2, (FEWEST_BLOCKS * BLOCK,) * 2)


def test_the_command_writes_a_model_that_distilling_starts_from(tmp_path) -> None:
    start = folder_of(wide(), tmp_path / "wide")
    labels = tmp_path / "labels"
    labels.mkdir()
    logits = np.arange(len(WINDOW.ids), dtype=np.float16)
    save(labels / "0.npz", [Taught(WINDOW, logits, logits, n) for n in range(4)])
    out = tmp_path / "narrow"
    options = ["--start", str(start), "--out", str(out), "--share", "0.3", "--batch", "12"]
    result = CliRunner().invoke(main, [str(labels), *options], catch_exceptions=False)
    assert "heads by layer (" in result.output
    whole, cut = (sum(p.numel() for p in load_reader(f).parameters()) for f in (start, out))
    assert cut < whole
    assert {file.name for file in out.iterdir()} == {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    again = CliRunner().invoke(main, [str(labels), "--start", str(out), "--out", str(out)])
    assert again.exit_code == 2
    assert "was narrowed before" in again.output
