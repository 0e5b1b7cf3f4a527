"""Work in processes of its own, and what was seen there."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """What was seen."""

    kills: int = 0
    changes: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def note(self, kind: str, what: str) -> None:
        self.counts[kind] += 1
        if self.counts[kind] <= 5:
            self.examples.append(f"{kind}: {what}")


def forked(work: Callable[[int], None]) -> tuple[int, int]:
    """Run ``work`` in a child; returns its pid and the pipe that it writes to."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            work(writing)
        finally:
            os._exit(0)
    os.close(writing)
    return pid, reading


def in_child(work: Callable[[], Any]) -> Any:
    """What ``work`` returns in a process of its own, or None if it dies."""
    pid, pipe = forked(lambda out: tell(out, json.dumps(work())))
    with os.fdopen(pipe, "rb") as told:
        answer = told.read()
    os.waitpid(pid, 0)
    return json.loads(answer) if answer else None


def tell(pipe: int, line: str) -> None:
    os.write(pipe, line.encode() + b"\n")


def listen() -> list[str]:
    """What the index logs from now on in this process."""
    logged: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: logged.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("index").addHandler(handler)
    return logged
