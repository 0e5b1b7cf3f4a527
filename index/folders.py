"""Walks folders: the files of a known format, hidden ones and links left out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from index.database import FILE_NAME as LIBRARY
from index.errors import UnreadableDocument
from index.loaders import SUFFIXES


def files_under(
    paths: Iterable[Path], on_unknown: Callable[[Path], None] = lambda _: None
) -> list[Path]:
    """The files named, and in folders those of a known format, sorted.

    Raises `UnreadableDocument` for a path that does not exist.

    Args:
        on_unknown: see `walk`.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(walk(path, lambda _folder, _reason: None, on_unknown))
        elif path.exists():
            found.append(path)
        else:
            raise UnreadableDocument(f"{path} does not exist.")
    return found


def walk(
    folder: Path,
    on_error: Callable[[Path, str], None],
    on_unknown: Callable[[Path], None] = lambda _: None,
) -> Iterator[Path]:
    """Files of a known format below ``folder``.

    Hidden files and folders, what is reached by a link only, and libraries are left out: a job's
    file is no text of the user's.

    Args:
        on_error: told of each folder that cannot be listed, and why.
        on_unknown: told of each file whose format is unknown by its name.
    """

    def failed(error: OSError) -> None:
        on_error(Path(error.filename or folder), error.strerror or str(error))

    for here, folders, names in os.walk(folder, onerror=failed):
        if LIBRARY in names:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(here, name)
            if path.name.startswith(".") or path.is_symlink():
                continue
            if is_wanted(path):
                yield path
            else:
                on_unknown(path)


def is_reached(path: Path, folder: Path) -> bool:
    """Whether a walk of ``folder`` comes to where the path is."""
    if not path.is_relative_to(folder):
        return False
    here = folder
    for name in path.relative_to(folder).parts[:-1]:
        if (here / LIBRARY).exists():
            return False
        here /= name
        if name.startswith(".") or here.is_symlink():
            return False
    return not (here / LIBRARY).exists()


def is_wanted(path: Path) -> bool:
    """Whether a folder's walk picks the file up, by its name."""
    return not path.name.startswith(".") and path.suffix.lower() in SUFFIXES
