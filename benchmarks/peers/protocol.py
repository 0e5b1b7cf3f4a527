"""How a peer is driven: one JSON object a line, in on standard input, out on standard output.

Only the standard library, so that it runs in every peer's own environment.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol


class Peer(Protocol):
    def index(self, passages: Sequence[dict[str, str]]) -> None:
        """Make ``passages``, each with ``title`` and ``text``, searchable."""
        ...

    def ask(self, question: str) -> str:
        """The best answer; empty for none."""
        ...


def serve(peer: Peer) -> None:
    """Until the input ends: ``index``, ``ask``, ``clients``, ``memory``."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is not for the one who asks
    for line in sys.stdin:
        order = json.loads(line)
        began, processor = time.perf_counter(), time.process_time()
        answer = obey(peer, order)
        answer |= {
            "seconds": time.perf_counter() - began,
            "processor": time.process_time() - processor,
        }
        print(json.dumps(answer), file=out, flush=True)


def obey(peer: Peer, order: dict[str, Any]) -> dict[str, Any]:
    if order["do"] == "index":
        peer.index(order["passages"])
        return {}
    if order["do"] == "ask":
        return {"answer": peer.ask(order["question"])}
    if order["do"] == "clients":
        with ThreadPoolExecutor(order["clients"]) as pool:
            return {"answers": list(pool.map(peer.ask, order["questions"]))}
    if order["do"] == "memory":
        return {"peak_mb": peak_mb()}
    raise ValueError(f"{order['do']!r} is no order")


def peak_mb() -> float:
    """Most memory in RAM so far."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1e3
    raise LookupError("VmHWM")
