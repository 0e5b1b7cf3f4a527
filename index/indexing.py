"""Brings files into a library, and takes them out again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from index.boilerplate import furniture
from index.chunking import cut
from index.documents import Document, Span, StoredDocument
from index.embedding import Embedder, Vectors
from index.errors import UnknownDocument, UnreadableDocument
from index.loaders import SUFFIXES, load_file
from index.store import Store, content_hash


class Outcome(StrEnum):
    """What became of one file."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Indexed:
    """One file's outcome; ``reason`` is set where it failed."""

    path: Path
    outcome: Outcome
    reason: str = ""


class Indexer:
    """Loads, cuts, embeds and stores.

    Args:
        passage_tokens, overlap_tokens: see `index.chunking.cut`.
        max_file_bytes: a larger file is not read.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        *,
        passage_tokens: int,
        overlap_tokens: int,
        max_file_bytes: int,
    ) -> None:
        self.store = store
        self.embedder = embedder
        self.passage_tokens = passage_tokens
        self.overlap_tokens = overlap_tokens
        self.max_file_bytes = max_file_bytes

    def add(self, paths: Iterable[Path]) -> Iterator[Indexed]:
        """Add or update each file; one that fails does not stop the others."""
        for path in paths:
            try:
                yield self._add_file(path)
            except UnreadableDocument as error:
                yield Indexed(path, Outcome.FAILED, reason=str(error))

    def add_document(self, document: Document) -> Outcome:
        """Add or update one document; an unchanged one is not embedded again."""
        known = self.store.find(document.source)
        if known is not None and known[1] == content_hash(document):
            return Outcome.UNCHANGED
        passages = self._cut(document.text, document.furniture)
        self.store.put(document, passages, self._embed(document.text, passages), self._model())
        return Outcome.ADDED if known is None else Outcome.UPDATED

    def remove(self, source: str) -> int:
        """Remove the document from ``source`` (as listed, or a path to it); return its id.

        Raises `UnknownDocument`.
        """
        known = self.store.find(source) or self.store.find(str(Path(source).resolve()))
        if known is None:
            raise UnknownDocument(
                f"No document has the source {source!r}. See: python -m qa index list"
            )
        self.store.remove(known[0])
        return known[0]

    def rebuild(self, on_document: Callable[[StoredDocument], None]) -> None:
        """Mark, cut and embed every stored text anew, in one transaction.

        Until it is committed searches see the old index; other writers wait.

        Args:
            on_document: told of each document as it is done.
        """

        def anew(document: StoredDocument) -> tuple[tuple[Span, ...], Sequence[Span], Vectors]:
            marks = furniture(document.text)
            passages = self._cut(document.text, marks)
            vectors = self._embed(document.text, passages)
            on_document(document)
            return marks, passages, vectors

        self.store.rewrite(anew, self._model())

    def _add_file(self, path: Path) -> Indexed:
        document = load_file(path, max_bytes=self.max_file_bytes)
        return Indexed(path, self.add_document(document))

    def _model(self) -> tuple[str, int]:
        return self.embedder.name, self.embedder.dimension

    def _cut(self, text: str, marks: Sequence[Span]) -> list[Span]:
        return cut(
            text,
            marks,
            count_tokens=self.embedder.count_tokens,
            passage_tokens=self.passage_tokens,
            overlap_tokens=self.overlap_tokens,
        )

    def _embed(self, text: str, passages: Sequence[Span]) -> Vectors:
        return self.embedder.embed([text[p.start : p.end] for p in passages])


def files_under(paths: Iterable[Path]) -> list[Path]:
    """The files named, and in folders those of a known format, sorted; hidden ones left out.

    Raises `UnreadableDocument` for a path that does not exist.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(
                file
                for file in path.rglob("*")
                if file.is_file()
                and file.suffix.lower() in SUFFIXES
                and not any(part.startswith(".") for part in file.relative_to(path).parts)
            )
        elif path.exists():
            found.append(path)
        else:
            raise UnreadableDocument(f"{path} does not exist.")
    return found
