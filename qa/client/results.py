"""What calls return that is no dataclass of the library's own; offsets are code points."""

from __future__ import annotations

from dataclasses import dataclass

from index.documents import RetrievedPassage, Span
from qa.answers import AnswerSet


@dataclass(frozen=True, slots=True)
class Searching:
    """The question has been taken; the search begins."""

    question: str


@dataclass(frozen=True, slots=True)
class Reading:
    """``passages`` have been found, and are now read.

    Attributes:
        searched: the question as it was understood.
    """

    searched: str
    passages: int


Stage = Searching | Reading | AnswerSet


@dataclass(frozen=True, slots=True)
class Found:
    """The passages that a search found, best first; none of them is an answer."""

    query: str
    searched: str
    generation: int
    indexed: int
    searchable: int
    passages: tuple[RetrievedPassage, ...]


@dataclass(frozen=True, slots=True)
class ServedDocument:
    """A document with its text; see `index.documents.StoredDocument`.

    Attributes:
        version: changes whenever the document does.
        original: ``file`` where the server has the file, an address where the web has, or None.
    """

    id: int
    title: str
    source: str
    text: str
    media_type: str
    date: str | None
    author: str | None
    version: str
    passages: int
    pages: tuple[int, ...]
    furniture: tuple[Span, ...]
    original: str | None


@dataclass(frozen=True, slots=True)
class Model:
    name: str
    dimension: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """What is served."""

    version: str
    generation: int
    documents: int
    passages: int
    embedder: Model
    reader: Model
    disk_bytes: int
    search: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the library that is not as it was written; see `index.verify`."""

    part: str
    message: str
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """The whole library was looked through; ``findings`` are the first of ``found``.

    Attributes:
        rebuild_due: whether a rebuild would cut its passages in another way.
    """

    sound: bool
    generation: int
    documents: int
    passages: int
    findings: tuple[Finding, ...]
    found: int
    rebuild_due: bool = False
