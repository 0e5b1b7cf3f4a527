"""Write the graph and the smoothing factors that the embedder loads beside the packaged weights.

    python -m training.export_embedder FILE... --out index/models/embedder

FILE is SQuAD JSON, plain or gzipped; the default model runs over some of its contexts in float32,
which shows how large each channel gets. ``graph.onnx`` holds operations and no weights;
``smoothing.npz`` one factor per input channel of the products that are smoothed.

The graph takes one text: its word vectors, shape (1, length, 384).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper
from tokenizers import Tokenizer

from benchmarks.squad import load
from index.embedding import packaged_model
from index.quantised import EXACT, WIDTH, Floats, initializers, read_weights
from training import int8_graph
from training.int8_graph import ALL, Graph

MAX_TOKENS = 256


def build(exact: frozenset[str] = EXACT) -> tuple[Graph, str]:
    """All nodes from the word vectors to the unit vector, whose name is returned."""
    graph = Graph(exact)
    int8_graph.per_token_constants(graph, "words")
    x = int8_graph.encoder(graph, graph.add("Add", ["words", "first_positions"], "placed"))
    x = graph.add("ReduceMean", [x, graph.constant("tokens", np.array([1]))], "mean", keepdims=0)
    return graph, graph.add("LpNormalization", [x], "vector", axis=-1, p=2)


def bare(graph: Graph, outputs: Sequence[str], numbers: Mapping[str, NDArray[Any]]) -> bytes:
    """The model, with placeholders where ``numbers`` are to be given when it is loaded."""
    placeholders = []
    for name, array in numbers.items():
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        tensor = TensorProto(name=name, data_type=kind, dims=array.shape)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="given when loaded")
        placeholders.append(tensor)
    words = helper.make_tensor_value_info("words", TensorProto.FLOAT, [1, "length", WIDTH])
    return int8_graph.model_of(graph, [words], outputs, placeholders).SerializeToString()


def channel_sizes(weights: Mapping[str, Floats], contexts: Sequence[str]) -> dict[str, Floats]:
    """See `training.int8_graph.channel_sizes`; the model runs over ``contexts``."""
    graph, _ = build(exact=ALL)
    numbers = initializers(weights, {}, exact=ALL)
    options = onnxruntime.SessionOptions()
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in numbers.values()]
    options.add_external_initializers(list(numbers), values)
    outputs = list(dict.fromkeys(graph.product_inputs.values()))
    session = onnxruntime.InferenceSession(
        bare(graph, outputs, numbers), options, providers=["CPUExecutionProvider"]
    )
    tokenizer = Tokenizer.from_file(str(packaged_model() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    table = weights["embeddings.word_embeddings.weight"]

    def texts() -> Iterator[dict[str, Any]]:
        for context in contexts:
            yield {"words": table[tokenizer.encode(context).ids][None]}

    return int8_graph.channel_sizes(graph, session, texts())


def sample(files: Sequence[Path], count: int) -> list[str]:
    """``count`` contexts, evenly from all files."""
    contexts = list(dict.fromkeys(e.context for file in files for e in load(file)))
    step = max(1, len(contexts) // count)
    return contexts[::step][:count]


@click.command(help=__doc__)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--texts", default=500, show_default=True, help="Contexts to run the model over.")
def main(files: tuple[Path, ...], out: Path, texts: int) -> None:
    weights = read_weights(packaged_model() / "model.safetensors")
    sizes = channel_sizes(weights, sample(files, texts))
    factors = int8_graph.smoothing(weights, sizes, EXACT)
    graph, vector = build()
    out.mkdir(parents=True, exist_ok=True)
    np.savez(out / "smoothing.npz", **factors)
    (out / "graph.onnx").write_bytes(bare(graph, [vector], initializers(weights, factors)))
    for name in ("graph.onnx", "smoothing.npz"):
        click.echo(f"{out / name}: {(out / name).stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
