"""A sampling profiler: which Python stacks the time goes to, in the form flame graphs take."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

INTERVAL = 0.001  # seconds


def stack(frame: FrameType | None) -> str:
    """The outermost first, as ``module:function;module:function``."""
    names: list[str] = []
    while frame is not None:
        names.append(f"{Path(frame.f_code.co_filename).stem}:{frame.f_code.co_name}")
        frame = frame.f_back
    return ";".join(reversed(names))


@contextmanager
def sampled(path: Path | None) -> Iterator[None]:
    """Write how often each stack of the calling thread was seen, one a line; nothing for None."""
    if path is None:
        yield
        return
    watched, done = threading.get_ident(), threading.Event()
    seen: Counter[str] = Counter()

    def sample() -> None:
        while not done.wait(INTERVAL):
            seen[stack(sys._current_frames().get(watched))] += 1

    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    try:
        yield
    finally:
        done.set()
        sampler.join()
        lines = (f"{where} {count}\n" for where, count in seen.most_common())
        path.write_text("".join(lines), "utf-8")
