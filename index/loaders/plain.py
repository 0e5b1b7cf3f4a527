"""Plain text."""

from __future__ import annotations

from index.loaders.loaded import Loaded
from index.text import decode


def load(data: bytes, charset: str | None) -> Loaded:
    """Decode; the text is kept as it stands."""
    return Loaded(decode(data, charset), "text/plain")
