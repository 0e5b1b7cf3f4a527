"""Memory of this process, and what the system keeps of files, as Linux tells it."""

from __future__ import annotations

import os
from pathlib import Path

_AT_ONCE = 1 << 24


def resident_mb(which: str) -> float:
    """VmRSS: memory in RAM now; VmHWM: the most there was so far."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(which):
            return int(line.split()[1]) / 1e3
    raise LookupError(which)


def forget_peak() -> None:
    """Let VmHWM begin anew."""
    Path("/proc/self/clear_refs").write_text("5")


def remember(path: Path) -> None:
    """Read a file once, so that it is in the system's cache."""
    with path.open("rb") as file:
        while file.read(_AT_ONCE):
            pass


def forget(path: Path) -> None:
    """Take a file out of the system's cache, as far as the system agrees."""
    if path.exists():
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
