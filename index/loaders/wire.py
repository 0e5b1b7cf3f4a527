"""What the process that reads files and its parent tell each other: JSON, its length before it."""

from __future__ import annotations

import dataclasses
import json
import struct
from typing import Any

from index.loaders.limits import Limits
from index.loaders.loaded import Loaded, Member

LENGTH = struct.Struct(">Q")
READY = {"ready": True}
DONE = {"done": True}
OUT_OF_MEMORY = {"out of memory": True}
_BYTES_PER_CHARACTER = 6  # "\\u000c"
_BESIDE_THE_TEXT = 1 << 20


def packed(message: dict[str, Any]) -> bytes:
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
    return LENGTH.pack(len(body)) + body


def longest(limits: Limits) -> int:
    """Most bytes that a message can have."""
    return _BYTES_PER_CHARACTER * limits.max_text_characters + _BESIDE_THE_TEXT


def request(name: str, declared: str | None, size: int, limits: Limits) -> dict[str, Any]:
    """Announces a file, whose bytes follow."""
    name = name.encode("utf-8", "replace").decode()
    return {
        "name": name,
        "declared": declared,
        "size": size,
        "limits": dataclasses.asdict(limits),
    }


def refused(reason: str) -> dict[str, Any]:
    return {"refused": reason}


def from_member(member: Member) -> dict[str, Any]:
    content = member.content
    if isinstance(content, str):
        return {"path": member.path, "reason": content}
    return {"path": member.path, "loaded": dataclasses.asdict(content)}


def to_member(message: dict[str, Any]) -> Member:
    path = tuple(message["path"])
    if "reason" in message:
        return Member(path, message["reason"])
    fields = message["loaded"]
    return Member(path, Loaded(**{**fields, "pages": tuple(fields["pages"])}))
