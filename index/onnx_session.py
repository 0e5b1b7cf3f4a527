"""How a model is run by onnxruntime: on few threads, and with int8 products that are exact."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import onnxruntime

_PROCESSOR = Path("/proc/cpuinfo")
_VNNI = frozenset({"avx512_vnni", "avx_vnni"})


def session_options(threads: int = 1) -> onnxruntime.SessionOptions:
    """For models that run side by side, each on one thread; see `index.parallel`.

    With more ``threads`` they share the work of one run, whose numbers stay the same to the last
    bit, and give their processors back when it ends.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    if threads > 1:
        # Threads that wait for the next operation turn in circles; between runs they must not.
        options.add_session_config_entry("session.force_spinning_stop", "1")
    if not sums_int8_exactly():
        # Products of int8 overflow 16 bits unless told to take more care, which halves the speed.
        options.add_session_config_entry("session.x64quantprecision", "1")
    return options


@cache
def sums_int8_exactly(processor: Path = _PROCESSOR) -> bool:
    """Whether the processor has VNNI instructions, which add int8 products up in 32 bits.

    Not known is no: the careful products are right on every processor.
    """
    try:
        lines = processor.read_text("ascii", "replace").splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return not _VNNI.isdisjoint(flags.split())
