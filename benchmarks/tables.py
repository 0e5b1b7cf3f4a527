"""How figures are printed."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table

_WIDE = 160  # characters; in a narrower terminal lines wrap, but no figure is cut off


def output() -> Console:
    """Prints to standard output, with lines long enough for every table here."""
    return Console(width=max(Console().width, _WIDE))


def progress_output() -> Console:
    """For what is of no use later."""
    return Console(stderr=True)


def table(*columns: str) -> Table:
    """The first column names the row, the others hold figures."""
    made = Table(box=box.SIMPLE_HEAD)
    for number, column in enumerate(columns):
        if number:
            made.add_column(column, justify="right", no_wrap=True)
        else:
            made.add_column(column, overflow="fold")  # a long name gives way, never a figure
    return made
