"""What makes a write last: after these return, a loss of power does not undo it."""

from __future__ import annotations

import os
from pathlib import Path

# Without the file's times, where the system can leave them out.
sync_data = getattr(os, "fdatasync", os.fsync)


def sync_folder(folder: Path) -> None:
    """Make new, renamed and removed names in ``folder`` last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
