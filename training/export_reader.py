"""Write the reader as one ONNX file: int8 where that is safe, one window at a time.

    python -m training.export_reader MODEL_DIR FILE... --out READER [--keep-fp32]

MODEL_DIR is a six-layer MiniLM with a span head, as `training.train_reader` writes it. FILE is
SQuAD JSON, plain or gzipped; the model runs over some of its questions in float32, which shows how
large each channel gets (see `training.int8_graph`). The table of words is stored in float16.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

from benchmarks.squad import Example, load
from index.quantised import Floats, initializers, read_weights
from training import int8_graph
from training.int8_graph import ALL, HEADS, Graph
from training.parted import part

OUTPUTS = ("start_logits", "end_logits")
MAX_TOKENS = 384
# Together they cost 0.1 F1 in int8 and a tenth of the time in float32; see `training.parted`.
EXACT = frozenset({"0.down", "1.down"})


def build(exact: frozenset[str], heads: Sequence[int] = HEADS) -> Graph:
    """From token ids, (1, length), and types, 0 the question and 1 the passage, to logits."""
    graph = Graph(exact, heads)
    int8_graph.per_token_constants(graph, "input_ids")
    words = graph.add("Gather", ["words", "input_ids"], "halved")
    words = graph.add("Cast", [words], "word_vectors", to=TensorProto.FLOAT)
    types = graph.add("Gather", ["types", "token_type_ids"], "type_vectors")
    x = graph.add("Add", [words, "first_positions"], "placed")
    x = int8_graph.encoder(graph, graph.add("Add", [x, types], "typed"))
    x = graph.add("MatMul", [x, "span.matrix"], "span.multiplied")
    x = graph.add("Add", [x, "span.bias"], "span")
    x = graph.add("Transpose", [x], "sides", perm=[0, 2, 1])
    axis = graph.constant("axis", np.array([1]))
    for number, name in enumerate(OUTPUTS):
        edges = [graph.constant(f"{name}.{i}", np.array([i])) for i in (number, number + 1)]
        side = graph.add("Slice", [x, *edges, axis], f"{name}.side")
        graph.add("Squeeze", [side, axis], name)
    return graph


def numbers(
    weights: Mapping[str, Floats], factors: Mapping[str, Floats], exact: frozenset[str]
) -> list[TensorProto]:
    """Every number of the graph; ``weights`` are those of the encoder and ``qa_outputs``."""
    found: dict[str, NDArray[Any]] = initializers(weights, factors, exact=exact)
    found["positions"] = weights["embeddings.position_embeddings.weight"]
    found["types"] = weights["embeddings.token_type_embeddings.weight"]
    found["words"] = weights["embeddings.word_embeddings.weight"].astype(np.float16)
    found["span.matrix"] = weights["qa_outputs.weight"].T
    found["span.bias"] = weights["qa_outputs.bias"]
    return [numpy_helper.from_array(np.ascontiguousarray(a), name) for name, a in found.items()]


def model(
    graph: Graph, tensors: Sequence[TensorProto], outputs: Sequence[str] = OUTPUTS
) -> onnx.ModelProto:
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, [1, "length"])
        for name in ("input_ids", "token_type_ids")
    ]
    return int8_graph.model_of(graph, inputs, outputs, tensors)


def weights_of(folder: Path) -> dict[str, Floats]:
    """The tensors of ``model.safetensors``, without the encoder's prefix."""
    return {
        name.removeprefix("bert."): tensor
        for name, tensor in read_weights(folder / "model.safetensors").items()
    }


def windows(examples: Sequence[Example], tokenizer: Tokenizer) -> Iterator[dict[str, Any]]:
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")
    for example in examples:
        encoding = tokenizer.encode(example.question, example.context)
        yield {
            "input_ids": np.array([encoding.ids]),
            "token_type_ids": np.array([encoding.type_ids]),
        }


def sizes(
    weights: Mapping[str, Floats], examples: Sequence[Example], tokenizer: Tokenizer
) -> dict[str, Floats]:
    graph = build(ALL, int8_graph.heads_of(weights))
    outputs = list(dict.fromkeys(graph.product_inputs.values()))
    session = onnxruntime.InferenceSession(
        model(graph, numbers(weights, {}, ALL), outputs).SerializeToString(),
        providers=["CPUExecutionProvider"],
    )
    return int8_graph.channel_sizes(graph, session, windows(examples, tokenizer))


def sample(files: Sequence[Path], count: int) -> list[Example]:
    """``count`` questions, evenly from all files."""
    return [e for file in files for e in _evenly(load(file), -(-count // len(files)))]


def _evenly(examples: Sequence[Example], count: int) -> Sequence[Example]:
    return examples[:: max(1, len(examples) // count)][:count]


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--questions", default=500, show_default=True, help="To run the model over.")
@click.option("--keep-fp32", is_flag=True, help="Write the float32 model beside the int8 one.")
@click.option("--exact", default=",".join(sorted(EXACT)), show_default=True, help="Parted.")
def main(
    folder: Path, files: tuple[Path, ...], out: Path, questions: int, keep_fp32: bool, exact: str
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    kept = frozenset(filter(None, exact.split(",")))
    weights = weights_of(folder)
    heads = int8_graph.heads_of(weights)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    seen = sizes(weights, sample(files, questions), tokenizer)
    factors = int8_graph.smoothing(weights, seen, kept)
    whole = model(build(kept, heads), numbers(weights, factors, kept))
    onnx.save(part(whole, sorted(kept), seen), out / "model.onnx")
    if keep_fp32:
        onnx.save(model(build(ALL, heads), numbers(weights, {}, ALL)), out / "model.fp32.onnx")
    shutil.copyfile(folder / "tokenizer.json", out / "tokenizer.json")
    click.echo(f"{out / 'model.onnx'}: {(out / 'model.onnx').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
