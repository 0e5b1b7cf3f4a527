"""What the writer and the driver tell each other over pipes.

A message is a kind, a JSON object and bytes: ``>BQQ`` with the kind and both lengths, then both.
"""

from __future__ import annotations

import json
import struct
from enum import IntEnum
from typing import Any

HEAD = struct.Struct(">BQQ")
_LONGEST = 1 << 34  # bytes; more is no message, but a pipe that is out of step


class Kind(IntEnum):
    """To the driver: START, FILE, RUN, END. From it: READY, BEAT, FILE, DONE, ERROR."""

    START = 1
    FILE = 2
    RUN = 3
    END = 4
    READY = 5
    BEAT = 6
    DONE = 7
    ERROR = 8


def packed(kind: Kind, header: dict[str, Any] | bytes = b"{}", data: bytes = b"") -> list[bytes]:
    """The pieces of a message, to be written one after the other."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return [HEAD.pack(kind, len(text), len(data)) + text, data]


def lengths(head: bytes) -> tuple[Kind, int, int]:
    """The kind and both lengths. Raises `ValueError` if these bytes begin no message."""
    kind, text, data = HEAD.unpack(head)
    if text > _LONGEST or data > _LONGEST:
        raise ValueError(f"a message of {text:,} and {data:,} bytes")
    return Kind(kind), text, data
