"""Write the graph and the smoothing factors that the embedder loads beside the packaged weights.

    python -m training.export_embedder FILE... --out index/models/embedder

FILE is SQuAD JSON, plain or gzipped; the default model runs over some of its contexts in float32,
which shows how large each channel gets. ``graph.onnx`` holds operations and no weights;
``smoothing.npz`` one factor per input channel of the products that are smoothed.

The graph takes one text: its word vectors, shape (1, length, 384). One text at a time, because
onnxruntime's int8 products scale all that they are given alike: in a batch a text's vector would
depend on the texts beside it. Nothing is padded either, so there is no mask.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

from benchmarks.squad import load
from index.embedding import packaged_model
from index.quantised import (
    EXACT,
    LAYERS,
    PRODUCTS,
    SMOOTHED,
    WIDTH,
    Floats,
    initializers,
    product,
    read_weights,
)

HEADS = 12
EPSILON = 1e-12  # of every layer norm, from the model's config.json
MAX_TOKENS = 256
ALL = frozenset(f"{layer}.{part}" for layer in range(LAYERS) for part in PRODUCTS)

# How much of a channel's size moves from the activations into the weights; where 0.5 to 1 was
# tried in steps of 0.1, these lost least cosine.
STRENGTH = {"qkv": 0.75, "up": 0.65, "down": 0.7}


@dataclass
class Graph:
    """Nodes as they are added; initializers are placeholders but for the constants."""

    exact: frozenset[str]
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    product_inputs: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        domain = {"DynamicQuantizeMatMul": "com.microsoft", "Gelu": "com.microsoft"}.get(kind)
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def product(self, name: str, x: str) -> str:
        """``x`` times the product's matrix, plus its bias."""
        self.product_inputs[name] = x
        if name in self.exact:
            x = self.add("MatMul", [x, f"{name}.matrix"], f"{name}.multiplied")
            return self.add("Add", [x, f"{name}.bias"], name)
        if name.split(".")[1] in SMOOTHED:
            x = self.add("Mul", [x, f"{name}.damping"], f"{name}.damped")
        weights = [f"{name}.int8", f"{name}.scale", "", f"{name}.bias"]
        return self.add("DynamicQuantizeMatMul", [x, *weights], name)

    def norm(self, name: str, x: str) -> str:
        """Layer norm over the last axis.

        As instance norm, whose channels are then the tokens, with its own gain and shift left
        at 1 and 0: onnxruntime's LayerNormalization took four times as long.
        """
        x = self.add("InstanceNormalization", [x, "ones", "zeros"], f"{name}.n", epsilon=EPSILON)
        x = self.add("Mul", [x, f"{name}.gain"], f"{name}.gained")
        return self.add("Add", [x, f"{name}.shift"], name)


def build(exact: frozenset[str] = EXACT) -> tuple[Graph, str]:
    """All nodes from the word vectors to the unit vector, whose name is returned."""
    graph = Graph(exact)
    _per_token_constants(graph)
    x = graph.add("Add", ["words", "first_positions"], "placed")
    x = graph.norm("embedded", x)
    for layer in range(LAYERS):
        x = _layer(graph, layer, x)
    x = graph.add("ReduceMean", [x, graph.constant("tokens", np.array([1]))], "mean", keepdims=0)
    return graph, graph.add("LpNormalization", [x], "vector", axis=-1, p=2)


def _per_token_constants(graph: Graph) -> None:
    """The positions of as many tokens as there are, and as many ones and zeros."""
    graph.add("Shape", ["words"], "length", start=1, end=2)
    start = graph.constant("start", np.array([0]))
    graph.add("Slice", ["positions", start, "length"], "first_positions")
    for name, value in (("ones", 1), ("zeros", 0)):
        tensor = numpy_helper.from_array(np.array([value], np.float32))
        graph.add("ConstantOfShape", ["length"], name, value=tensor)


def _layer(graph: Graph, layer: int, x: str) -> str:
    """BERT's layer: attention, then a feed-forward block, each added to its input and normed."""
    parts = [f"{layer}.{part}" for part in ("query", "key", "value")]
    graph.nodes.append(
        helper.make_node("Split", [graph.product(f"{layer}.qkv", x)], parts, axis=-1, num_outputs=3)
    )
    heads = {"q_num_heads": HEADS, "kv_num_heads": HEADS}
    y = graph.add("Attention", parts, f"{layer}.context", **heads)
    y = graph.product(f"{layer}.attended", y)
    x = graph.norm(f"{layer}.middle", graph.add("Add", [x, y], f"{layer}.middle_sum"))
    y = graph.add("Gelu", [graph.product(f"{layer}.up", x)], f"{layer}.gelu")
    y = graph.product(f"{layer}.down", y)
    return graph.norm(f"{layer}.end", graph.add("Add", [x, y], f"{layer}.end_sum"))


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
    found = [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes, "embedder", [words], found, [*graph.constants, *placeholders]
        ),
        opset_imports=[helper.make_opsetid("", 23), helper.make_opsetid("com.microsoft", 1)],
        ir_version=10,
    )
    return model.SerializeToString()


def channel_sizes(weights: Mapping[str, Floats], contexts: Sequence[str]) -> dict[str, Floats]:
    """For each product and input channel the largest magnitude in a text, averaged over texts."""
    graph, _ = build(exact=ALL)
    names = list(graph.product_inputs)
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
    seen = defaultdict(list)
    for context in contexts:
        words = table[tokenizer.encode(context).ids][None]
        for output, values in zip(outputs, session.run(outputs, {"words": words}), strict=True):
            seen[output].append(np.abs(values[0]).max(axis=0))
    return {name: np.mean(seen[graph.product_inputs[name]], axis=0) for name in names}


def smoothing(weights: Mapping[str, Floats], sizes: Mapping[str, Floats]) -> dict[str, Floats]:
    """Factors by product, shape (inputs,), of geometric mean 1 (Xiao et al. 2023, equation 4)."""
    factors = {}
    for name in sorted(ALL - EXACT):
        layer, part = name.split(".")
        if part in SMOOTHED:
            matrix, _ = product(weights, int(layer), part)
            strength = STRENGTH[part]
            largest_weight = np.abs(matrix).max(axis=1)
            factor = sizes[name] ** strength / largest_weight ** (1 - strength)
            factors[name] = (factor / np.exp(np.log(factor).mean())).astype(np.float32)
    return factors


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
    factors = smoothing(weights, channel_sizes(weights, sample(files, texts)))
    graph, vector = build()
    out.mkdir(parents=True, exist_ok=True)
    np.savez(out / "smoothing.npz", **factors)
    (out / "graph.onnx").write_bytes(bare(graph, [vector], initializers(weights, factors)))
    for name in ("graph.onnx", "smoothing.npz"):
        click.echo(f"{out / name}: {(out / name).stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
