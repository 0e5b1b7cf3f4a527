"""A float32 product of the graph made int8 but for the few input channels that are too large.

In the first two layers single channels of what goes into ``down`` are many times as large as the
others; int8 with one scale for all would cost the others their precision. Those channels stay
float32 and the rest becomes int8 (LLM.int8(), Dettmers et al. 2022). Which are large hardly
depends on the text, so they are chosen when the graph is made: the outputs of ``up`` are put in
another order, the largest first, and the first are cut off by a slice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from index.quantised import Floats, quantise
from training.int8_graph import STRENGTH

LARGEST = 32  # channels left in float32; 64 to 256 were no better

Numbers = dict[str, NDArray[Any]]


def part(
    model: onnx.ModelProto, names: Iterable[str], sizes: Mapping[str, Floats]
) -> onnx.ModelProto:
    """The model with the float32 products ``names`` ("0.down") parted.

    Args:
        sizes: by product, how large each input channel gets; see `int8_graph.channel_sizes`.
    """
    graph = model.graph
    numbers: Numbers = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    nodes = list(graph.node)
    for name in names:
        _part_numbers(numbers, name, sizes[name])
        nodes = [new for node in nodes for new in _part_node(node, name)]
    initializers = [
        numpy_helper.from_array(np.ascontiguousarray(array), key) for key, array in numbers.items()
    ]
    made = helper.make_graph(nodes, graph.name, graph.input, graph.output, initializers)
    return helper.make_model(made, opset_imports=model.opset_import, ir_version=model.ir_version)


def _part_numbers(numbers: Numbers, name: str, size: Floats) -> None:
    order = np.argsort(-size, kind="stable")
    up = name.replace("down", "up")
    for key in (f"{up}.matrix", f"{up}.int8", f"{up}.scale", f"{up}.bias"):
        if key in numbers:
            numbers[key] = numbers[key][..., order]
    matrix, size = numbers.pop(f"{name}.matrix")[order], size[order]
    strength = STRENGTH[name.split(".")[1]]
    factor = size**strength / np.abs(matrix).max(axis=1) ** (1 - strength)
    factor /= np.exp(np.log(factor[LARGEST:]).mean())
    damping, rest = (1 / factor).astype(np.float32), matrix * factor[:, None]
    damping[:LARGEST] = rest[:LARGEST] = 0
    numbers[f"{name}.damping"] = damping
    numbers[f"{name}.int8"], numbers[f"{name}.scale"] = quantise(rest.astype(np.float32))
    numbers[f"{name}.largest"] = matrix[:LARGEST]
    numbers |= {"channels": np.array([2]), "none": np.array([0]), "largest": np.array([LARGEST])}


def _part_node(node: onnx.NodeProto, name: str) -> list[onnx.NodeProto]:
    """What stands in the place of a node: of the product's two, four and one; else itself."""
    if list(node.output) == [name]:
        return [helper.make_node("Add", [f"{name}.rest", f"{name}.cut_multiplied"], [name])]
    if list(node.output) != [f"{name}.multiplied"]:
        return [node]
    x = node.input[0]
    weights = [f"{name}.int8", f"{name}.scale", "", f"{name}.bias"]
    return [
        helper.make_node("Mul", [x, f"{name}.damping"], [f"{name}.damped"]),
        helper.make_node(
            "DynamicQuantizeMatMul",
            [f"{name}.damped", *weights],
            [f"{name}.rest"],
            domain="com.microsoft",
        ),
        helper.make_node("Slice", [x, "none", "largest", "channels"], [f"{name}.cut"]),
        helper.make_node("MatMul", [f"{name}.cut", f"{name}.largest"], [f"{name}.cut_multiplied"]),
    ]
