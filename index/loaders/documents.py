"""From what a loader extracted to a `Document` as it is stored."""

from __future__ import annotations

from collections.abc import Sequence

from index.boilerplate import furniture
from index.documents import Document
from index.errors import UnreadableDocument
from index.head import date_of, shorten, title_of
from index.loaders.limits import Limits, too_many_characters
from index.loaders.loaded import Loaded
from index.loaders.names import label
from index.text import normalise, printable

_TITLE_AT_MOST = 300  # characters
_AUTHOR_AT_MOST = 200


def to_document(loaded: Loaded, source: str, names: Sequence[str], limits: Limits) -> Document:
    """Normalise the text, mark its furniture, find title and date where none was given.

    Args:
        names: of the file and of the members within members, down to the document.

    Raises:
        UnreadableDocument: it holds no text, or too much.
    """
    if len(loaded.text) > limits.max_text_characters:
        raise too_many_characters(limits)
    text = normalise(loaded.text)
    if not text.strip():
        raise UnreadableDocument("it holds no text")
    marks = furniture(text)
    title = _tidy(loaded.title or "", _TITLE_AT_MOST)
    called = _called(names, loaded.name)
    return Document(
        source,
        title or (called if loaded.is_table else title_of(text, marks, called)),
        text,
        loaded.media_type,
        loaded.date or (None if loaded.is_table else date_of(text)) or loaded.file_date,
        marks,
        _tidy(loaded.author or "", _AUTHOR_AT_MOST) or None,
        loaded.pages,
    )


def _tidy(words: str, at_most: int) -> str:
    """On one line, as something that can be stored."""
    return shorten(" ".join(normalise(printable(words[: 2 * at_most])).split()), at_most)


def _called(names: Sequence[str], record: str | None) -> str:
    """The name of the file, without its ending; of a record, its file's and its place in it."""
    base = label(names[-2] if record and len(names) > 1 else names[-1]).rpartition("/")[2]
    stem = base.rpartition(".")[0] or base
    return f"{stem}, {record}" if record else stem
