"""Paths and ids on the command line."""

from __future__ import annotations

from typing import Any

import click

from index.documents import LARGEST_ID


class FilledPath(click.Path):
    """A path that is not empty.

    A shell makes an empty one of a variable that is not set, and Python takes that for the folder
    one stands in: its files would be added, or the library made equal to it.
    """

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail('the path is empty; for the folder you are in write ".".', param, ctx)
        return super().convert(value, param, ctx)


def as_id(name: str) -> int | None:
    """The id that a name is, if it can be one."""
    if not name.isdecimal() or len(name) > len(str(LARGEST_ID)):  # Python reads no endless numbers
        return None
    return int(name) if int(name) <= LARGEST_ID else None
