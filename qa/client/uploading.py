"""Files as a form (RFC 7578), read from the disk piece by piece as they are sent."""

from __future__ import annotations

import mimetypes
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from qa.client.errors import FileUnreadable

_PIECE = 1 << 16  # bytes
_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
_UNKNOWN = "application/octet-stream"


class Files:
    """Each file as a field named ``file``. Raises `FileUnreadable`, also while it is sent."""

    def __init__(self, paths: Sequence[Path]) -> None:
        boundary = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._parts = [(_head(path, boundary), path, _size(path)) for path in paths]
        self._end = f"--{boundary}--\r\n".encode()

    @property
    def length(self) -> int:
        return sum(len(head) + size + 2 for head, _, size in self._parts) + len(self._end)

    def pieces(self) -> Iterator[bytes]:
        for head, path, size in self._parts:
            yield head
            yield from _content(path, size)
            yield b"\r\n"
        yield self._end


def _head(path: Path, boundary: str) -> bytes:
    name = path.name.translate(_ESCAPES)
    media_type = mimetypes.guess_type(path.name)[0] or _UNKNOWN
    lines = (
        f"--{boundary}",
        f'Content-Disposition: form-data; name="file"; filename="{name}"',
        f"Content-Type: {media_type}",
        "\r\n",
    )
    return "\r\n".join(lines).encode("utf-8", "replace")


def _size(path: Path) -> int:
    with _opened(path) as file:
        return os.fstat(file.fileno()).st_size


def _content(path: Path, size: int) -> Iterator[bytes]:
    """As many bytes as were announced."""
    with _opened(path) as file:
        left = size
        while left:
            piece = file.read(min(_PIECE, left))
            if not piece:
                raise FileUnreadable(f"{path} became shorter while it was sent.")
            left -= len(piece)
            yield piece


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise FileUnreadable(f"{path} cannot be read: {error.strerror}.") from error
