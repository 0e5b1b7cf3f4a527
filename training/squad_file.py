"""Writes the SQuAD files that the makers of training data make."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any


def save(path: Path, dataset: dict[str, Any]) -> None:
    """Gzipped JSON; the same data give the same bytes."""
    text = json.dumps(dataset, ensure_ascii=False)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
