"""Progress goes to standard error, so that standard output stays a result."""

from __future__ import annotations

from rich.console import Console


def standard_error() -> Console:
    return Console(stderr=True, highlight=False)
