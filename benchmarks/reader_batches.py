"""Whether windows of several questions would be read faster together than one by one.

python -m benchmarks.reader_batches [--tokens 250] [--rounds 30]

The packaged reader takes one window a run, for its int8 activations share one scale per run: in a
batch, what is found in a window would depend on what is read beside it. This tells what that
costs: the int8 products of a layer (384 and 1,536 wide, most of the reader's time) over the tokens
of 1, 2, 4 and 8 windows at once, on one thread, in turn; told is the processor's time for each
window, which other work on the machine hardly changes.
"""

from __future__ import annotations

import statistics
import time

import click
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from index.onnx_session import session_options

_WINDOWS = (1, 2, 4, 8)
_SHAPES = ((384, 1_152), (384, 384), (384, 1_536), (1_536, 384))  # query-key-value, out, up, down


def product(rows: int, columns: int) -> onnxruntime.InferenceSession:
    weights = np.random.default_rng(1).integers(-127, 127, (rows, columns)).astype(np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "weights"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, None)],
        [helper.make_tensor_value_info("y", TensorProto.INT32, None)],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return onnxruntime.InferenceSession(
        model.SerializeToString(), session_options(), providers=["CPUExecutionProvider"]
    )


@click.command(help=__doc__)
@click.option("--tokens", default=250, show_default=True)
@click.option("--rounds", default=30, show_default=True)
def main(tokens: int, rounds: int) -> None:
    layers = [product(*shape) for shape in _SHAPES]
    times: dict[int, list[float]] = {many: [] for many in _WINDOWS}
    given = {
        (many, rows): np.ones((many * tokens, rows), np.uint8)
        for many in _WINDOWS
        for rows, _ in _SHAPES
    }
    for _ in range(rounds):
        for many in _WINDOWS:
            began = time.process_time()
            for _ in range(max(_WINDOWS) // many):
                for session, (rows, _) in zip(layers, _SHAPES, strict=True):
                    session.run(None, {"x": given[many, rows]})
            times[many].append(1000 * (time.process_time() - began) / max(_WINDOWS))
    alone = statistics.median(times[1])
    for many in _WINDOWS:
        median = statistics.median(times[many])
        click.echo(
            f"{many} windows of {tokens} tokens at once: {median:.3f} ms of processor time a layer "
            f"for each, {median / alone:.2f} of one by itself"
        )


if __name__ == "__main__":
    main()
