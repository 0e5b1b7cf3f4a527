"""Reads files on behalf of another process: ``python -m index.loaders.worker``.

Parsers of strangers' files crash, loop and eat memory. Here they do so within limits that the
kernel enforces, away from the library. The process takes files from its standard input and
answers on its standard output (`index.loaders.wire`); it ends with its parent.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import resource
import select
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from index.errors import UnreadableDocument
from index.loaders import wire
from index.loaders.extract import extract, unexpected
from index.loaders.limits import Limits
from index.parent import STDIN, end_with_parent, read_exactly

_IDLE_SECONDS = 300
_OPEN_FILES = 64
_GROWN_BYTES = 400_000_000
_RSS_UNIT = 1 if sys.platform == "darwin" else 1_024


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    answers = os.dup(1)
    os.dup2(2, 1)  # what a library prints is no answer
    threading.Thread(target=end_with_parent, daemon=True).start()
    _forbid()
    _send(answers, wire.READY)
    while not _has_grown() and (message := _next()) is not None:
        limits = Limits(**message["limits"])
        data = read_exactly(message["size"])
        _limit(limits)
        _answer(answers, data, message, limits)


def _answer(answers: int, data: bytes, message: dict[str, Any], limits: Limits) -> None:
    try:
        for member in extract(data, message["name"], message["declared"], limits):
            _send(answers, wire.from_member(member))
        _send(answers, wire.DONE)
    except UnreadableDocument as error:
        _send(answers, wire.refused(str(error)))
    except MemoryError:
        _send(answers, wire.OUT_OF_MEMORY)
    except Exception as error:  # what strangers write finds every gap of a parser
        _send(answers, wire.refused(unexpected(error)))


def _next() -> dict[str, Any] | None:
    """The next request; None when there is none for long, or never will be."""
    if not select.select([STDIN], [], [], _IDLE_SECONDS)[0]:
        return None
    head = read_exactly(wire.LENGTH.size)
    message: dict[str, Any] = json.loads(read_exactly(*wire.LENGTH.unpack(head)))
    return message


def _has_grown() -> bool:
    """Whether some file has left it so large that a fresh process is the better one."""
    return _most_resident() > _GROWN_BYTES


def _most_resident() -> int:
    """Bytes. Linux's ru_maxrss begins, over exec, with what the parent once had."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
        return 1_024 * int(status.partition("VmHWM:")[2].split()[0])
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT


def _send(answers: int, message: dict[str, Any]) -> None:
    rest = memoryview(wire.packed(message))
    while rest:
        rest = rest[os.write(answers, rest) :]


def _forbid() -> None:
    """No dumps of documents, no writing to files at all, few files open."""
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        _set(what, most)


def _limit(limits: Limits) -> None:
    """Memory for the whole process; processor time for this file, should the parent not look."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _set(resource.RLIMIT_AS, limits.max_memory_bytes)
    _set(resource.RLIMIT_CPU, math.ceil(used + limits.max_seconds) + 1)


def _set(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    with contextlib.suppress(ValueError, OSError):  # macOS knows some of them by name only
        resource.setrlimit(what, (most, hard))


if __name__ == "__main__":
    main()
