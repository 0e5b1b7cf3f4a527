"""Brings files into a library, and takes them out again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from index.boilerplate import block_keys, furniture
from index.chunking import cut
from index.copies import bands, signature
from index.document_store import DocumentStore
from index.documents import Document, Origin, Span
from index.embedding import Embedder, Vectors
from index.errors import CorruptIndex, UnknownDocument, UnreadableDocument
from index.linking import link_copies
from index.loaders import Limits, LoadedFile, load_file
from index.outcomes import Indexed, Outcome
from index.records import content_hash, passage_key
from index.writes import Prepared

_BATCH_PASSAGES = 128  # embedded together and committed together
_BATCH_CHARACTERS = 4_000_000
REPEATED_AT_LEAST = 3  # documents of a site that show a block before it counts as its furniture

_NO_VECTORS = np.empty((0, 0), np.float32)  # until the batch is embedded

_Blocks = dict[str, set[bytes]]  # by site


@dataclass(frozen=True, slots=True)
class Source:
    """A file or URL to bring in.

    Attributes:
        load: raises `UnreadableDocument`.
        renamed_from: the origin whose documents it is to take over.
    """

    name: str
    load: Callable[[], LoadedFile]
    renamed_from: str | None = None


@dataclass(slots=True)
class _Pending:
    """Files that are read and cut, and wait for the others of their batch."""

    files: list[tuple[LoadedFile, Outcome, list[Prepared], list[int]]] = field(default_factory=list)
    passages: int = 0
    characters: int = 0

    def holds(self, origin: str) -> bool:
        return any(loaded.origin.name == origin for loaded, *_ in self.files)

    @property
    def full(self) -> bool:
        return self.passages >= _BATCH_PASSAGES or self.characters >= _BATCH_CHARACTERS


class Indexer:
    """Loads, cuts, embeds and stores.

    Args:
        passage_tokens, overlap_tokens: see `index.chunking.cut`.
        limits: what is too much of a file.
        mark_furniture: whether page furniture is left out of the passages.
    """

    def __init__(
        self,
        store: DocumentStore,
        embedder: Embedder,
        *,
        passage_tokens: int,
        overlap_tokens: int,
        limits: Limits,
        mark_furniture: bool,
    ) -> None:
        self.store = store
        self.embedder = embedder
        self.passage_tokens = passage_tokens
        self.overlap_tokens = overlap_tokens
        self.limits = limits
        self.mark_furniture = mark_furniture

    @property
    def model(self) -> tuple[str, int]:
        return self.embedder.name, self.embedder.dimension

    def add(self, paths: Iterable[Path]) -> Iterator[Indexed]:
        """Add or update each file; one that fails does not stop the others."""
        return self.bring(self.file(path) for path in paths)

    def file(self, path: Path, renamed_from: str | None = None) -> Source:
        return Source(str(path), lambda: load_file(path, self.limits), renamed_from)

    def add_document(self, document: Document) -> Indexed:
        """Add or update one document that is no file."""
        loaded = LoadedFile(Origin(document.source, ""), (document,), ())
        return next(self.bring([Source(document.source, lambda: loaded)]))

    def bring(self, sources: Iterable[Source | Indexed]) -> Iterator[Indexed]:
        """Add or update what each source holds; an outcome among them is passed on.

        An outcome is yielded once it is committed; sources are committed in batches. A source
        that fails leaves what the library had of it as it was.
        """
        pending = _Pending()
        for source in sources:
            if isinstance(source, Indexed):
                yield source
                continue
            try:
                loaded = source.load()
            except UnreadableDocument as error:
                yield Indexed(source.name, Outcome.FAILED, str(error))
                continue
            if pending.holds(loaded.origin.name):
                yield from self._commit(pending)
                pending = _Pending()
            if (unchanged := self._prepare(loaded, source.renamed_from, pending)) is not None:
                yield unchanged
            if pending.full:
                yield from self._commit(pending)
                pending = _Pending()
        yield from self._commit(pending)

    def remove(self, source: str) -> list[int]:
        """Remove the document from ``source`` (as listed, or a path to it); return its id.

        Of a file that holds several documents all are removed, of a mail its attachments, too.
        Raises `UnknownDocument`.
        """
        for name in (source, str(Path(source).resolve())):
            known = self.store.find(name)
            own = [known[0]] if known else []
            ids = list(dict.fromkeys([*own, *(i for i, _ in self.store.of_origin(name).values())]))
            if ids:
                self.store.discard(ids)
                return ids
        raise UnknownDocument(
            f"No document has the source {source!r}. See: python -m qa index list"
        )

    def remove_origins(self, origins: Iterable[str]) -> Iterator[Indexed]:
        """Remove all documents that were read from each of the origins."""
        for origin in origins:
            ids = [document_id for document_id, _ in self.store.of_origin(origin).values()]
            if ids:
                self.store.discard(ids)
                yield Indexed(origin, Outcome.REMOVED)

    def cut(self, document: Document) -> tuple[Document, list[Span]]:
        """The document as it is to be stored, with its furniture marked, and its passages."""
        marked = self.marked(document)
        return marked, self.passages(marked)

    def marked(self, document: Document) -> Document:
        """With the furniture that it has among the documents of now."""
        if not self.mark_furniture:
            return _with_furniture(document, ())
        repeated = self.store.repeated_blocks(
            site(document.source), block_keys(document.text), REPEATED_AT_LEAST
        )
        return _with_furniture(document, furniture(document.text, repeated))

    def passages(self, marked: Document) -> list[Span]:
        return cut(
            marked.text,
            marked.furniture,
            count_tokens=self.embedder.count_tokens,
            passage_tokens=self.passage_tokens,
            overlap_tokens=self.overlap_tokens,
        )

    def embed(self, text: str, passages: Sequence[Span]) -> Vectors:
        return self.embedder.embed([text[p.start : p.end] for p in passages])

    def prepared(self, document: Document, origin: Origin, document_id: int) -> Prepared:
        """A document that takes the place of a stored one, cut and embedded."""
        marked, passages = self.cut(document)
        return self._prepared(
            marked, passages, self.embed(marked.text, passages), origin, document_id
        )

    def _prepared(
        self,
        document: Document,
        passages: Sequence[Span],
        vectors: Vectors,
        origin: Origin,
        document_id: int | None,
    ) -> Prepared:
        where = site(document.source)
        return Prepared(
            document,
            passages,
            vectors,
            origin,
            document_id,
            bands(signature(document.text, document.furniture)),
            where,
            # None where nothing tells whose page it is.
            block_keys(document.text) if where and self.mark_furniture else (),
        )

    def _prepare(
        self, loaded: LoadedFile, renamed_from: str | None, pending: _Pending
    ) -> Indexed | None:
        """Cut what is new and let it wait in ``pending``; or say that nothing is."""
        known = self.store.of_origin(renamed_from or loaded.origin.name)
        new = [self.cut(document) for document in loaded.documents]
        now = {document.source: content_hash(document) for document, _ in new}
        if renamed_from is None and now == {source: hash_ for source, (_, hash_) in known.items()}:
            if loaded.origin.sha256 and self._origin_hash(loaded) != loaded.origin.sha256:
                self.store.remember_origin(loaded.origin)
            ids = tuple(document_id for document_id, _ in known.values())
            return Indexed(loaded.origin.name, Outcome.UNCHANGED, _reason(loaded), ids=ids)
        keep = _counterparts(known, [document for document, _ in new], renamed_from, loaded)
        prepared = [
            self._prepared(
                document, passages, _NO_VECTORS, loaded.origin, keep.get(document.source)
            )
            for document, passages in new
        ]
        gone = [i for i, _ in known.values() if i not in keep.values()]
        outcome = Outcome.UPDATED if known else Outcome.ADDED
        if renamed_from is not None:
            outcome = Outcome.RENAMED
        pending.files.append((loaded, outcome, prepared, gone))
        pending.passages += sum(len(passages) for _, passages in new)
        pending.characters += sum(len(document.text) for document, _ in new)
        return None

    def _origin_hash(self, loaded: LoadedFile) -> str:
        source = next((d.source for d in loaded.documents), None)
        known = None if source is None else self.store.find(source)
        return "" if known is None else self.store.document_unchecked(known[0]).origin_hash

    def _commit(self, pending: _Pending) -> Iterator[Indexed]:
        if not pending.files:
            return
        ready = [prepared for _, _, some, _ in pending.files for prepared in some]
        vectors = self._vectors(words for prepared in ready for words in _words(prepared))
        put = [_with_vectors(prepared, vectors, self.embedder.dimension) for prepared in ready]
        gone = [i for *_, ids in pending.files for i in ids]
        blocks: _Blocks = defaultdict(set)
        for prepared in put:
            blocks[prepared.site].update(prepared.blocks)
        before = self._repeated(blocks)
        stored = self.store.apply(put, gone, self.model, link_copies)
        new = {where: own - before[where] for where, own in self._repeated(blocks).items()}
        self._mark_anew(new, list(zip(stored, put, strict=True)))
        ids = iter(stored)
        for loaded, outcome, some, _ in pending.files:
            count = sum(len(prepared.passages) for prepared in some)
            own = tuple(next(ids) for _ in some)
            yield Indexed(loaded.origin.name, outcome, _reason(loaded), count, own)

    def _vectors(self, passages: Iterable[str]) -> dict[bytes, Vectors]:
        """Each passage's vector by its key; a text that is known is not embedded again."""
        texts = {passage_key(words): words for words in passages}
        self.store.check_embedder(*self.model)
        known = self.store.known_vectors(list(texts))
        new = {key: words for key, words in texts.items() if key not in known}
        if not new:
            return known
        return known | dict(zip(new, self.embedder.embed(list(new.values())), strict=True))

    def _repeated(self, blocks: _Blocks) -> _Blocks:
        """Those of the blocks that are furniture of their site by now."""
        return {
            where: self.store.repeated_blocks(where, list(own), REPEATED_AT_LEAST)
            for where, own in blocks.items()
        }

    def _mark_anew(self, blocks: _Blocks, put: Sequence[tuple[int, Prepared]]) -> None:
        """Let documents lose the blocks that have just proved to be furniture of their site.

        Args:
            put: the documents that were stored with these blocks: of many of them that share a
                block the store notes only some.
        """
        for where, own in blocks.items():
            if own:
                found = set(self.store.with_blocks(where, list(own)))
                found |= {i for i, p in put if p.site == where and not own.isdisjoint(p.blocks)}
                for document_id in sorted(found):
                    self.mark_document_anew(document_id)

    def mark_document_anew(self, document_id: int) -> bool:
        """Mark a stored document's furniture as of now, and cut it anew if that differs."""
        try:
            stored = self.store.document(document_id)
        except (UnknownDocument, CorruptIndex):
            return False  # removed meanwhile, or for `index verify` to tell
        document = self.marked(stored.as_document(stored.furniture))
        if document.furniture == stored.furniture:
            return False
        passages = self.passages(document)
        words = [document.text[p.start : p.end] for p in passages]
        vectors = _stacked(words, self._vectors(words), self.embedder.dimension)
        with self.store.writing("marking repeated blocks") as generation:
            return self.store.exchange_passages(
                document_id, stored.content_hash, document.furniture, passages, vectors, generation
            )


def site(source: str) -> str:
    """Whose page a document is: a URL's host, a file's folder; empty where nothing tells."""
    if "://" in source:
        try:
            return (urlsplit(source).hostname or "").removeprefix("www.")
        except ValueError:  # no URL, it only looks like one
            return ""
    return str(Path(source).parent) if source.startswith("/") else ""


def _counterparts(
    known: dict[str, tuple[int, str]],
    documents: Sequence[Document],
    renamed_from: str | None,
    loaded: LoadedFile,
) -> dict[str, int]:
    """Which stored document each of the new ones takes the place of, by the new one's source."""
    if renamed_from is None:
        return {d.source: known[d.source][0] for d in documents if d.source in known}
    kept: dict[str, int] = {}
    for document in documents:
        former = renamed_from + document.source.removeprefix(loaded.origin.name)
        if former in known:
            kept[document.source] = known[former][0]
    return kept


def _with_furniture(document: Document, marks: tuple[Span, ...]) -> Document:
    return Document(
        document.source,
        document.title,
        document.text,
        document.media_type,
        document.date,
        marks,
        document.author,
        document.pages,
    )


def _with_vectors(prepared: Prepared, vectors: dict[bytes, Vectors], dimension: int) -> Prepared:
    return Prepared(
        prepared.document,
        prepared.passages,
        _stacked(_words(prepared), vectors, dimension),
        prepared.origin,
        prepared.document_id,
        prepared.bands,
        prepared.site,
        prepared.blocks,
    )


def _stacked(passages: Sequence[str], vectors: dict[bytes, Vectors], dimension: int) -> Vectors:
    rows = [vectors[passage_key(words)] for words in passages]
    return np.stack(rows) if rows else np.empty((0, dimension), np.float32)


def _words(prepared: Prepared) -> list[str]:
    text = prepared.document.text
    return [text[span.start : span.end] for span in prepared.passages]


def _reason(loaded: LoadedFile) -> str:
    """What of a file could not be read, where the rest of it could."""
    return "; ".join(f"{name}: {reason}" for name, reason in loaded.failures)
