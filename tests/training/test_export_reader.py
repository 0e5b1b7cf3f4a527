"""The exported graph says what the model says, in float32 and nearly in int8."""

from __future__ import annotations

import shutil

import numpy as np
import onnxruntime
import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertForQuestionAnswering

from benchmarks.squad import Example
from index.embedding import packaged_model
from index.quantised import LAYERS, SMOOTHED, WIDTH, read_weights
from qa.reader import OnnxReader
from training import int8_graph
from training.export_reader import EXACT, build, model, numbers, sizes, weights_of
from training.int8_graph import ALL
from training.parted import LARGEST, part

TEXT = "Ivan Nechaev denied the reports on Monday. The embassy had confirmed them a day before."


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The packaged encoder with a span head of random numbers."""
    folder = tmp_path_factory.mktemp("model")
    config = BertConfig(
        hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=12, intermediate_size=1536
    )
    torch.manual_seed(0)
    whole = BertForQuestionAnswering(config).eval()
    encoder = {
        name: torch.from_numpy(np.array(values))
        for name, values in read_weights(packaged_model() / "model.safetensors").items()
        if not name.startswith("pooler")
    }
    missing = whole.bert.load_state_dict(encoder, strict=False)
    assert not missing.missing_keys
    torch.nn.init.normal_(whole.qa_outputs.weight, std=0.2)
    whole.save_pretrained(folder)
    shutil.copyfile(packaged_model() / "tokenizer.json", folder / "tokenizer.json")
    return folder, whole


def session_of(folder, exact, factors):
    made = model(build(exact), numbers(weights_of(folder), factors, exact))
    return onnxruntime.InferenceSession(
        made.SerializeToString(), providers=["CPUExecutionProvider"]
    )


def unsmoothed(exact):
    widths = {"qkv": WIDTH, "up": WIDTH, "down": 4 * WIDTH}
    parts = (name.split(".") for name in ALL - exact)
    return {f"{n}.{p}": np.ones(widths[p], np.float32) for n, p in parts if p in SMOOTHED}


def window(question: str, text: str):
    tokenizer = Tokenizer.from_file(str(packaged_model() / "tokenizer.json"))
    tokenizer.no_padding()
    encoding = tokenizer.encode(question, text)
    return {"input_ids": np.array([encoding.ids]), "token_type_ids": np.array([encoding.type_ids])}


@pytest.mark.parametrize("text", ["No.", TEXT, TEXT * 8])
def test_in_float32_it_is_the_model_itself(trained, text) -> None:
    folder, whole = trained
    seen = window("who denied it?", text)
    with torch.no_grad():
        expected = whole(**{name: torch.from_numpy(ids) for name, ids in seen.items()})
    starts, ends = session_of(folder, ALL, {}).run(["start_logits", "end_logits"], seen)
    np.testing.assert_allclose(starts, expected.start_logits, atol=1e-2)  # words are float16
    np.testing.assert_allclose(ends, expected.end_logits, atol=1e-2)


def test_int8_with_smoothing_is_nearer_than_without(trained) -> None:
    folder, _ = trained
    weights = weights_of(folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    examples = [Example(str(i), q, TEXT, ()) for i, q in enumerate(("who denied it?", "when"))]
    factors = int8_graph.smoothing(weights, sizes(weights, examples, tokenizer), EXACT)
    seen = window("who confirmed the reports?", TEXT)
    exact = session_of(folder, ALL, {}).run(None, seen)[0]
    smoothed = session_of(folder, EXACT, factors).run(None, seen)[0]
    plain = session_of(folder, EXACT, unsmoothed(EXACT)).run(None, seen)[0]
    assert np.corrcoef(exact, smoothed)[0, 1] > 0.99
    assert np.abs(exact - smoothed).mean() < np.abs(exact - plain).mean()


def test_parted_products_are_int8_but_for_their_largest_channels(trained) -> None:
    """Channels of very different size, which int8 alone would blur."""
    folder, _ = trained
    weights = weights_of(folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    examples = [Example(str(i), q, TEXT, ()) for i, q in enumerate(("who denied it?", "when"))]
    seen = sizes(weights, examples, tokenizer)
    whole = model(build(EXACT), numbers(weights, int8_graph.smoothing(weights, seen, EXACT), EXACT))
    parted = part(whole, sorted(EXACT), seen)
    asked = window("who confirmed the reports?", TEXT)
    one, other = (
        onnxruntime.InferenceSession(m.SerializeToString(), providers=["CPUExecutionProvider"])
        for m in (whole, parted)
    )
    for kept, cut in zip(one.run(None, asked), other.run(None, asked), strict=True):
        assert np.corrcoef(kept, cut)[0, 1] > 0.995
    shapes = {each.name: list(each.dims) for each in parted.graph.initializer}
    for name in EXACT:
        assert f"{name}.matrix" not in shapes
        assert shapes[f"{name}.largest"] == [LARGEST, WIDTH]


def test_the_order_of_inner_channels_changes_nothing(trained) -> None:
    """Parting a product puts the outputs of the one before in another order."""
    folder, _ = trained
    whole = model(build(ALL), numbers(weights_of(folder), {}, ALL))
    sized = np.random.default_rng(0).uniform(0.5, 2, 4 * WIDTH).astype(np.float32)
    parted = part(whole, ["0.down"], {"0.down": sized})
    asked = window("who denied it?", TEXT)
    one, other = (
        onnxruntime.InferenceSession(m.SerializeToString(), providers=["CPUExecutionProvider"])
        for m in (whole, parted)
    )
    assert np.corrcoef(one.run(None, asked)[0], other.run(None, asked)[0])[0, 1] > 0.95


def test_the_reader_reads_it(trained, tmp_path) -> None:
    import onnx

    folder, _ = trained
    onnx.save(
        model(build(EXACT), numbers(weights_of(folder), unsmoothed(EXACT), EXACT)),
        tmp_path / "model.onnx",
    )
    shutil.copyfile(folder / "tokenizer.json", tmp_path / "tokenizer.json")
    reader = OnnxReader(
        tmp_path,
        max_tokens=384,
        max_question_tokens=64,
        stride_tokens=64,
        max_answer_tokens=30,
        spans_per_passage=2,
        threads=1,
    )
    reading = reader.read("who denied it?", [TEXT])[0]
    assert len(reading.spans) == 2
    assert all(TEXT[s.passage_start : s.passage_end].strip() for s in reading.spans)
