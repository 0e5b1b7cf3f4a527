"""From a file's bytes to `Document`s, one loader per format.

Plain text and Markdown are read here. Everything else is parsed by a process of its own, within
limits of time and memory (`index.loaders.pool`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.documents import Document, Origin
from index.errors import UnreadableDocument
from index.loaders import markdown, plain, reading
from index.loaders.documents import to_document
from index.loaders.formats import SUFFIXES, Format, declared_charset, recognise
from index.loaders.limits import Limits, too_many_bytes
from index.loaders.loaded import Member
from index.loaders.names import source
from index.loaders.pool import POOL

__all__ = [
    "SUFFIXES",
    "Limits",
    "LoadedFile",
    "file_bytes",
    "hash_file",
    "load_bytes",
    "load_file",
]

_READ_HERE = {Format.PLAIN: plain.load, Format.MARKDOWN: markdown.load}
_REASONS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """What was read of one file or URL.

    Attributes:
        origin: its absolute path or URL, and the SHA-256 of the bytes that were read.
        documents: at least one.
        failures: source and reason of what could not be read of it.
    """

    origin: Origin
    documents: tuple[Document, ...]
    failures: tuple[tuple[str, str], ...]


def load_file(path: Path, limits: Limits) -> LoadedFile:
    """Read one file.

    Raises:
        UnreadableDocument: it is missing, no regular file, too large, of a format that is not
            read, damaged, or empty. The message begins with the path.
    """
    with _named(str(path)):
        _check_path(path)
        data = reading.read(path, limits)
        return _loaded(data, path.name, str(path.resolve()), limits, None)


def load_bytes(
    data: bytes, name: str, origin: str, limits: Limits, declared: str | None = None
) -> LoadedFile:
    """Read an upload, or what a URL returned.

    Args:
        name: a hint for the format and for a title; never a path.
        origin: the source of the document.
        declared: the value of its ``Content-Type`` header.

    Raises:
        UnreadableDocument: as `load_file` does; the message begins with the origin.
    """
    with _named(origin):
        if len(data) > limits.max_file_bytes:
            raise too_many_bytes(len(data), limits)
        return _loaded(data, name, origin, limits, declared)


def file_bytes(path: Path, limits: Limits) -> bytes:
    """A file as it is; raises as `load_file` does for what is not read at all."""
    with _named(str(path)):
        _check_path(path)
        return reading.read(path, limits)


def hash_file(path: Path, limits: Limits) -> str:
    """SHA-256 of a file's bytes, in hex; raises as `load_file` does for what is not read at all."""
    with _named(str(path)):
        _check_path(path)
        return reading.sha256(path, limits)


def _loaded(
    data: bytes, name: str, origin: str, limits: Limits, declared: str | None
) -> LoadedFile:
    documents: list[Document] = []
    failures: list[tuple[str, str]] = []
    for member in _members(data, name, declared, limits):
        place = source(origin, member.path)
        try:
            if isinstance(member.content, str):
                raise UnreadableDocument(member.content)
            names = (name or origin, *member.path)
            documents.append(to_document(member.content, place, names, limits))
        except UnreadableDocument as error:
            failures.append((place, str(error)))
    if not documents:
        raise UnreadableDocument(_nothing_read(origin, failures))
    return LoadedFile(
        Origin(origin, hashlib.sha256(data).hexdigest()), tuple(documents), tuple(failures)
    )


def _members(data: bytes, name: str, declared: str | None, limits: Limits) -> Sequence[Member]:
    if not data:
        raise UnreadableDocument("it is empty")
    loader = _READ_HERE.get(recognise(data, name, declared))
    if loader is None:
        return POOL.read(data, name, declared, limits)
    return [Member((), loader(data, declared_charset(declared)))]


def _nothing_read(origin: str, failures: Sequence[tuple[str, str]]) -> str:
    """The reason for the whole file: its own, or those of its members."""
    own = [reason for place, reason in failures if place == origin]
    if own or not failures:
        return own[0] if own else "it holds no document of a format that is read"
    shown = "; ".join(
        f"{place.removeprefix(origin)}: {reason}" for place, reason in failures[:_REASONS_SHOWN]
    )
    more = len(failures) - _REASONS_SHOWN
    return f"nothing in it could be read: {shown}" + (f"; and {more:,} more" if more > 0 else "")


def _check_path(path: Path) -> None:
    name = str(path)
    if "\x00" in name:
        raise UnreadableDocument("its path holds a zero byte")
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise UnreadableDocument("its path is not valid UTF-8") from error


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Every message says which file it speaks of."""
    try:
        yield
    except UnreadableDocument as error:
        raise UnreadableDocument(f"{name}: {error}") from error
