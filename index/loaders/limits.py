"""How much of a file is too much, and the count of what has been taken so far."""

from __future__ import annotations

from dataclasses import dataclass

from index.errors import UnreadableDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is not read of a file, each for the reasons that the settings give.

    Attributes:
        max_file_bytes: a larger file, or member of an archive, is not read.
        max_text_characters: a document with a longer text is not read.
        max_pages: a PDF with more pages is not read.
        max_members: most documents that one file may hold.
        max_expanded_bytes: most that an archive may hold, its members' archives included.
        max_seconds: a file that takes longer is given up.
        max_memory_bytes: address space of the process that reads files.
    """

    max_file_bytes: int
    max_text_characters: int
    max_pages: int
    max_members: int
    max_expanded_bytes: int
    max_seconds: float
    max_memory_bytes: int


class FileRefused(UnreadableDocument):
    """The whole file is refused, not one member of it."""


def too_many_bytes(size: int | None, limits: Limits) -> UnreadableDocument:
    """``size`` is None where it is only known to be too large."""
    has = "it has too many bytes" if size is None else f"it has {size:,} bytes"
    return UnreadableDocument(
        f"{has}; at most {limits.max_file_bytes:,} are read (QA_MAX_FILE_BYTES)"
    )


def too_many_characters(limits: Limits) -> UnreadableDocument:
    return UnreadableDocument(
        f"its text has more than {limits.max_text_characters:,} characters, "
        "the most that are read (QA_MAX_TEXT_CHARACTERS)"
    )


def too_many_pages(pages: int, limits: Limits) -> UnreadableDocument:
    return UnreadableDocument(
        f"it has {pages:,} pages; at most {limits.max_pages:,} are read (QA_MAX_PAGES)"
    )


def too_long(limits: Limits) -> UnreadableDocument:
    return UnreadableDocument(
        f"it could not be read within {limits.max_seconds:g} seconds (QA_MAX_LOAD_SECONDS)"
    )


def too_much_memory(limits: Limits) -> UnreadableDocument:
    return UnreadableDocument(
        f"reading it takes more than {limits.max_memory_bytes:,} bytes of memory "
        "(QA_MAX_LOAD_MEMORY_BYTES)"
    )


class Budget:
    """What one file, with all that is packed into it, may still take."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._documents = 0
        self._expanded = 0

    def take_document(self) -> None:
        self._documents += 1
        if self._documents > self.limits.max_members:
            raise FileRefused(
                f"it holds more than {self.limits.max_members:,} documents, "
                "the most that are read of one file (QA_MAX_MEMBERS)"
            )

    def take_bytes(self, count: int) -> None:
        self._expanded += count
        if self._expanded > self.limits.max_expanded_bytes:
            raise FileRefused(
                f"it expands to more than {self.limits.max_expanded_bytes:,} bytes, "
                "the most that are read of one file (QA_MAX_EXPANDED_BYTES)"
            )


class Pieces:
    """A text put together from pieces, never longer than is read."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pieces: list[str] = []
        self.length = 0

    def add(self, piece: str) -> None:
        self.length += len(piece)
        if self.length > self._limits.max_text_characters:
            raise too_many_characters(self._limits)
        self._pieces.append(piece)

    def text(self) -> str:
        return "".join(self._pieces)
