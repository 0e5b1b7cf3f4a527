"""An ONNX graph of a six-layer MiniLM, as onnxruntime runs it fastest in int8 on a CPU.

The names of its numbers are those of `index.quantised.initializers`. One text at a time, because
onnxruntime's int8 products scale all that they are given alike: in a batch a text's numbers would
depend on the texts beside it. Nothing is padded either, so there is no mask.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from index.quantised import LAYERS, PRODUCTS, SMOOTHED, Floats, product

HEADS = (12,) * LAYERS
HEAD_SIZE = 32
EPSILON = 1e-12  # of every layer norm, from the model's config.json
ALL = frozenset(f"{layer}.{part}" for layer in range(LAYERS) for part in PRODUCTS)

# How much of a channel's size moves from the activations into the weights; where 0.5 to 1 was
# tried in steps of 0.1, these lost least cosine.
STRENGTH = {"qkv": 0.75, "up": 0.65, "down": 0.7}


@dataclass
class Graph:
    """Nodes as they are added; initializers are placeholders but for the constants.

    Attributes:
        exact: the products that stay float32.
        heads: how many each layer has.
    """

    exact: frozenset[str]
    heads: Sequence[int] = HEADS
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


def heads_of(weights: Mapping[str, Floats]) -> tuple[int, ...]:
    """How many heads each layer has: twelve, or fewer where some were cut."""
    return tuple(
        len(product(weights, layer, "attended")[0]) // HEAD_SIZE for layer in range(LAYERS)
    )


def per_token_constants(graph: Graph, tokens: str) -> None:
    """The positions of as many tokens as ``tokens`` has in its second axis; as many ones, zeros."""
    graph.add("Shape", [tokens], "length", start=1, end=2)
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
    heads = {"q_num_heads": graph.heads[layer], "kv_num_heads": graph.heads[layer]}
    y = graph.add("Attention", parts, f"{layer}.context", **heads)
    y = graph.product(f"{layer}.attended", y)
    x = graph.norm(f"{layer}.middle", graph.add("Add", [x, y], f"{layer}.middle_sum"))
    y = graph.add("Gelu", [graph.product(f"{layer}.up", x)], f"{layer}.gelu")
    y = graph.product(f"{layer}.down", y)
    return graph.norm(f"{layer}.end", graph.add("Add", [x, y], f"{layer}.end_sum"))


def encoder(graph: Graph, x: str) -> str:
    """From what is embedded, words and positions summed, to the last layer's output."""
    x = graph.norm("embedded", x)
    for layer in range(LAYERS):
        x = _layer(graph, layer, x)
    return x


def model_of(
    graph: Graph,
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[str],
    numbers: Sequence[TensorProto],
) -> onnx.ModelProto:
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            "minilm",
            inputs,
            [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs],
            [*graph.constants, *numbers],
        ),
        opset_imports=[helper.make_opsetid("", 23), helper.make_opsetid("com.microsoft", 1)],
        ir_version=10,
    )


def channel_sizes(
    graph: Graph, session: onnxruntime.InferenceSession, texts: Iterable[Mapping[str, Any]]
) -> dict[str, Floats]:
    """For each product and input channel the largest magnitude in a text, averaged over texts.

    Args:
        session: of ``graph`` with all products exact, and their inputs as its outputs.
    """
    outputs = list(dict.fromkeys(graph.product_inputs.values()))
    seen = defaultdict(list)
    for text in texts:
        for output, values in zip(outputs, session.run(outputs, text), strict=True):
            seen[output].append(np.abs(values[0]).max(axis=0))
    return {name: np.mean(seen[x], axis=0) for name, x in graph.product_inputs.items()}


def smoothing(
    weights: Mapping[str, Floats], sizes: Mapping[str, Floats], exact: frozenset[str]
) -> dict[str, Floats]:
    """Factors by product, shape (inputs,), of geometric mean 1 (Xiao et al. 2023, equation 4)."""
    factors = {}
    for name in sorted(ALL - exact):
        layer, part = name.split(".")
        if part in SMOOTHED:
            matrix, _ = product(weights, int(layer), part)
            strength = STRENGTH[part]
            largest_weight = np.abs(matrix).max(axis=1)
            factor = sizes[name] ** strength / largest_weight ** (1 - strength)
            factors[name] = (factor / np.exp(np.log(factor).mean())).astype(np.float32)
    return factors
