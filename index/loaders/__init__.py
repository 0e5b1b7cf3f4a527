"""From a file's bytes to a `Document`, one loader per format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from index.boilerplate import furniture
from index.documents import Document
from index.errors import UnreadableDocument
from index.head import date_of, title_of
from index.loaders import html, markdown, plain
from index.loaders.loaded import Loaded
from index.text import normalise

_LOADERS: dict[str, Callable[[bytes], Loaded]] = {
    ".txt": plain.load,
    ".text": plain.load,
    ".md": markdown.load,
    ".markdown": markdown.load,
    ".html": html.load,
    ".htm": html.load,
}
SUFFIXES = tuple(_LOADERS)


def load_file(path: Path, *, max_bytes: int) -> Document:
    """Read one file.

    Raises:
        UnreadableDocument: it is missing, too large, of an unknown format, not text, or empty.
    """
    loader = _LOADERS.get(path.suffix.lower())
    if loader is None:
        raise UnreadableDocument(
            f"{path}: files ending in {path.suffix or '(nothing)'} are not read; "
            f"these are: {', '.join(SUFFIXES)}"
        )
    try:
        return to_document(loader(_read(path, max_bytes)), str(path.resolve()), path.stem)
    except UnreadableDocument as error:
        raise UnreadableDocument(f"{path}: {error}") from error


def to_document(loaded: Loaded, source: str, fallback_title: str) -> Document:
    """Normalise the text, mark its furniture, and find title and date where none was given."""
    try:
        source.encode()
    except UnicodeEncodeError as error:
        raise UnreadableDocument("its path is not valid UTF-8") from error
    text = normalise(loaded.text)
    if not text.strip():
        raise UnreadableDocument("it holds no text")
    marks = furniture(text)
    title = " ".join((loaded.title or title_of(text, marks, fallback_title)).split())
    date = loaded.date or date_of(text)
    return Document(source, title, text, loaded.media_type, date, marks)


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise UnreadableDocument(
                f"it has {size:,} bytes; at most {max_bytes:,} are read (QA_MAX_FILE_BYTES)"
            )
        with path.open("rb") as file:
            return file.read(max_bytes)
    except OSError as error:
        raise UnreadableDocument(f"it cannot be read: {error.strerror}") from error
