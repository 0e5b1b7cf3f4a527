"""Which share of the machine's peak the reader reaches: its products, over time, against a ceiling.

The ceiling is measured too: square products of 1,024, in int8 and in float32, by the library that
runs the reader, one on each thread. A reader at 100 % would do nothing but multiply matrices, each
as fast as that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from index.onnx_session import session_options
from index.parallel import run_each
from training.int8_graph import HEAD_SIZE

SIDE = 1_024
PRODUCTS_PER_RUN = 40


@dataclass(frozen=True)
class Products:
    """Multiplications with addition per token, and per pair of tokens (attention)."""

    int8: int
    float32: int
    per_pair: int


@dataclass(frozen=True)
class Peak:
    """Multiplications with addition per second, in units of 10**9."""

    int8_ceiling: float
    float32_ceiling: float
    reached: float
    share: float


def count_products(model: Path) -> Products:
    """What the graph multiplies for each token, by the shapes of its matrices."""
    graph = onnx.load(model).graph
    shapes = {each.name: list(each.dims) for each in graph.initializer}
    kinds = {each.name: each.data_type for each in graph.initializer}
    int8 = float32 = 0
    for node in graph.node:
        if node.op_type not in ("DynamicQuantizeMatMul", "MatMul", "MatMulInteger"):
            continue
        shape = shapes.get(node.input[1])
        if shape is None:
            continue
        if kinds[node.input[1]] == TensorProto.FLOAT:
            float32 += int(np.prod(shape))
        else:
            int8 += int(np.prod(shape))
    heads = [
        attribute.i
        for node in graph.node
        if node.op_type == "Attention"
        for attribute in node.attribute
        if attribute.name == "q_num_heads"
    ]
    return Products(int8, float32, 2 * HEAD_SIZE * sum(heads))


def ceiling(kind: Any, threads: int) -> float:
    """10**9 multiplications with addition per second, on all threads together."""
    weights = np.ones((SIDE, SIDE), np.int8 if kind == np.uint8 else np.float32)
    name, result = ("MatMulInteger", TensorProto.INT32)
    if kind == np.float32:
        name, result = ("MatMul", TensorProto.FLOAT)
    graph = helper.make_graph(
        [helper.make_node(name, ["x", "weights"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", helper.np_dtype_to_tensor_dtype(np.dtype(kind)), None)],
        [helper.make_tensor_value_info("y", result, None)],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), session_options(), providers=["CPUExecutionProvider"]
    )
    given = np.ones((SIDE, SIDE), kind)
    seconds = least(
        lambda: run_each(lambda _: session.run(None, {"x": given}), PRODUCTS_PER_RUN, threads)
    )
    return PRODUCTS_PER_RUN * SIDE**3 / seconds / 1e9


def least(work: Callable[[], object], rounds: int = 5) -> float:
    """Seconds of the fastest round: what else ran has the smallest part in it."""
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def peak(reader: Any, questions: Sequence[tuple[str, Sequence[str]]]) -> Peak:
    """Read each question's passages, and compare.

    Args:
        reader: a `qa.reader.OnnxReader`.
    """
    products = count_products(reader.folder / reader.model_file)
    int8, float32 = (ceiling(kind, reader.threads) for kind in (np.uint8, np.float32))
    lengths: list[int] = []
    logits = reader._logits

    def counted(
        session: Any, question_ids: list[int], window: Any
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        lengths.append(len(question_ids) + len(window) + 3)
        found: tuple[NDArray[Any], NDArray[Any]] = logits(session, question_ids, window)
        return found

    reader._logits = counted
    try:
        for question, passages in questions:
            reader.read(question, passages)
    finally:
        del reader._logits
    in_int8 = products.int8 * sum(lengths)
    in_float32 = products.float32 * sum(lengths)
    in_float32 += products.per_pair * sum(length**2 for length in lengths)
    seconds = sum(
        least(lambda q=question, p=passages: reader.read(q, p), 3)
        for question, passages in questions
    )
    reached = (in_int8 + in_float32) / seconds / 1e9
    ideal = in_int8 / int8 / 1e9 + in_float32 / float32 / 1e9
    return Peak(int8, float32, reached, ideal / seconds)
