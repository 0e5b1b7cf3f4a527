"""A child process: it reads what its parent sends to its standard input, and ends with it."""

from __future__ import annotations

import os
import select

STDIN = 0


def read_exactly(count: int) -> bytes:
    """Exactly so many bytes; ends the process if its parent has ended."""
    blocks = bytearray()
    while len(blocks) < count:
        block = os.read(STDIN, min(count - len(blocks), 1 << 20))
        if not block:
            os._exit(0)
        blocks += block
    return bytes(blocks)


def end_with_parent() -> None:
    """Its standard input is closed when the parent is gone, however it went."""
    poll = select.poll()
    poll.register(STDIN, 0)  # only whether it has hung up, which is always told
    poll.poll()
    os._exit(0)
