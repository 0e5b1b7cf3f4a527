"""The options that limit a question to some documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from index.documents import Filters

_OPTIONS = (
    click.option("--document", "documents", type=int, multiple=True, help="Search this id only."),
    click.option("--source", "sources", multiple=True, help="Search this source only."),
    click.option(
        "--from", "date_from", help="Search documents of this date or later (2022-08-31)."
    ),
    click.option("--to", "date_to", help="Search documents of this date or earlier."),
)


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command that takes ``documents``, ``sources``, ``date_from`` and ``date_to``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def filters_of(
    documents: tuple[int, ...],
    sources: tuple[str, ...],
    date_from: str | None,
    date_to: str | None,
) -> Filters:
    """Raises `InvalidFilter`."""
    return Filters(documents, _as_stored(sources), date_from, date_to)


def _as_stored(sources: tuple[str, ...]) -> tuple[str, ...]:
    """Each as it is ("upload:report.txt", a URL), and as the path that the library would store."""
    return tuple(
        dict.fromkeys(name for source in sources for name in (source, str(Path(source).resolve())))
    )
