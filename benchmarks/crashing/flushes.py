"""A power cut: files that were renamed into place before they were flushed are emptied."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path


def track_unflushed_renames(record: Path) -> None:
    """Note every file that is renamed into place before it was flushed to the disk."""
    flushed: set[int] = set()
    rename = Path.replace

    def noting(flush: Callable[[int], None]) -> Callable[[int], None]:
        def flush_and_note(descriptor: int) -> None:
            flush(descriptor)
            flushed.add(os.fstat(descriptor).st_ino)

        return flush_and_note

    def noting_replace(path: Path, target: Path) -> Path:
        unflushed = path.is_file() and path.stat().st_ino not in flushed
        moved = rename(path, target)
        if unflushed:
            with record.open("a") as file:
                file.write(f"{target}\n")
        return moved

    exchange_flushes(noting)
    Path.replace = noting_replace  # type: ignore[method-assign,assignment]


def exchange_flushes(exchange: Callable[[Callable[[int], None]], Callable[[int], None]]) -> None:
    """Exchange what flushes a file to the disk, wherever it is called from."""
    os.fsync = exchange(os.fsync)
    for name, module in list(sys.modules.items()):
        if name.startswith("index.") and hasattr(module, "sync_data"):
            module.sync_data = exchange(module.sync_data)


def lose_unflushed(folder: Path) -> None:
    """The power cut: what was renamed without a flush is empty."""
    record = folder / "unflushed"
    if record.exists():
        for name in set(record.read_text().split("\n")) - {""}:
            if Path(name).is_file():
                Path(name).write_bytes(b"")
        record.unlink()
