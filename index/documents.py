"""What a library holds: documents, and the passages that are cut from them.

Every offset indexes the document's stored text, in Unicode code points, half-open.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from index.errors import InvalidFilter

LARGEST_ID = 2**63 - 1  # SQLite's integers
MEMBER = "!/"  # in a source, between the name of a file that holds several documents and a member's


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open code point offsets ``[start, end)``; raises `ValueError` if they are reversed."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Document:
    """A source as the loader read it, before it has an id.

    Attributes:
        source: absolute path or URL; one source is one document. A member of a file that holds
            several is ``FILE!/MEMBER``.
        text: NFC, line ends are ``\\n``; stored whole.
        date: ISO date, or None where the text states none.
        furniture: ranges of ``text`` that yield no passages.
        author: as the format states it, or None.
        pages: where each page begins in ``text``, the first at 0; empty if it has no pages.
    """

    source: str
    title: str
    text: str
    media_type: str
    date: str | None = None
    furniture: tuple[Span, ...] = ()
    author: str | None = None
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """The file or URL that documents were read from, and the SHA-256 of its bytes, in hex."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document in the library.

    Attributes:
        content_hash: SHA-256 of all that an answer can show; names the document's version.
        passages: how many there are.
        voice: documents that are near copies of each other have the same.
    """

    id: int
    source: str
    title: str
    text: str
    media_type: str
    date: str | None
    furniture: tuple[Span, ...]
    content_hash: str
    passages: int
    author: str | None
    pages: tuple[int, ...]
    origin: str
    origin_hash: str
    voice: int

    def as_document(self, furniture: tuple[Span, ...]) -> Document:
        """What was loaded, with other marks."""
        return Document(
            self.source,
            self.title,
            self.text,
            self.media_type,
            self.date,
            furniture,
            self.author,
            self.pages,
        )


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A row of the library's list: everything but the text."""

    id: int
    source: str
    title: str
    media_type: str
    date: str | None
    characters: int
    passages: int
    author: str | None
    voice: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved unit with what a citation needs to know of its document."""

    id: int
    document_id: int
    title: str
    source: str
    date: str | None
    document_start: int
    document_end: int
    text: str
    voice: int = 0


@dataclass(frozen=True, slots=True)
class RetrievedPassage:
    """A passage and why it was retrieved.

    Attributes:
        score: fused score, see `index.retrieval.fuse`; higher is better, at most 1.
        cosine: similarity of the embeddings of query and passage, -1 to 1.
        bm25: FTS5's BM25 with the sign turned, of the query's telling words and of those that
            stand side by side; higher is better, None if it holds none of them.
    """

    passage: Passage
    score: float
    cosine: float
    bm25: float | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents a search may use; empty means all.

    The name of a file that holds several documents, as a source, stands for all of them.
    Dates are ISO (``2022-08-11``), both ends included; a document without a date is left out
    as soon as a date is asked for. Raises `InvalidFilter` on anything that is no date, and on a
    source that no document can have.
    """

    document_ids: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()
    date_from: str | None = None
    date_to: str | None = None

    def __post_init__(self) -> None:
        for document_id in self.document_ids:
            if not 0 <= document_id <= LARGEST_ID:
                raise InvalidFilter(f"document_id is {document_id}; no document can have this id.")
        for source in self.sources:
            if not can_be_stored(source):
                raise InvalidFilter(
                    f"The source {source!r} is not valid UTF-8; no document can have it."
                )
        for name, value in (("date_from", self.date_from), ("date_to", self.date_to)):
            if value is not None:
                _check_date(name, value)
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise InvalidFilter(f"date_from {self.date_from} is after date_to {self.date_to}.")

    def __bool__(self) -> bool:
        return bool(self.document_ids or self.sources or self.date_from or self.date_to)

    def has_source(self, source: str) -> bool:
        """Whether documents of this source are meant: it is named, or a file that it is in."""
        parts = source.split(MEMBER)
        names = (MEMBER.join(parts[:end]) for end in range(len(parts), 0, -1))
        return not self.sources or any(name in self.sources for name in names)


def can_be_stored(name: str) -> bool:
    """Whether a document can have the name: no path that is not UTF-8 is one's."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_date(name: str, value: str) -> None:
    try:
        valid = datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        valid = False
    if not valid:
        raise InvalidFilter(f"{name} is {value!r}; a date looks like 2022-08-31.")
