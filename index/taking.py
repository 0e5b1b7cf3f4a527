"""Puts moved documents into a store: as they are into an empty one, as new ones into another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from index.document_store import DocumentStore
from index.documents import Origin, Span
from index.errors import CorruptExport, EmbedderMismatch, LibraryError
from index.linking import link_copies
from index.moved import DOCUMENT_COLUMNS, MovedDocument, vectors_of
from index.records import passage_key
from index.writes import Prepared

_BATCH_PASSAGES = 4_096  # of one transaction
_BATCH_BYTES = 16_000_000


class Taken(StrEnum):
    """What became of a document; the values are told to the user."""

    ADDED = "added"
    UNCHANGED = "unchanged"  # it was there
    KEPT = "kept as the library has them"  # another text of the same source was there
    DELETED = "left out, as they were deleted meanwhile"


@dataclass(frozen=True, slots=True)
class Moving:
    """What a store must know of the library that its documents come from.

    Attributes:
        name: tells this move from all others, so that one that was broken off goes on.
        embedder: name and dimension; None if the library never had a vector.
        voices: how many voices were given.
        last_ids: the highest ids of a document and a passage that were ever given.
    """

    name: str
    embedder: tuple[str, int] | None
    voices: int
    last_ids: tuple[int, int]

    @property
    def dimension(self) -> int:
        return 0 if self.embedder is None else self.embedder[1]


class Taker:
    """Stores what moves, batch by batch; each is a transaction.

    A store that never had a document takes ids, voices and all as they are, so that links and
    citations hold. In any other, documents become new ones, as if they were added there.
    """

    def __init__(self, store: DocumentStore, moving: Moving) -> None:
        _refuse_another_embedder(store, moving)
        self._store = store
        self._moving = moving
        self._mark = f"taking {moving.name}"
        self._begun = store.setting(self._mark) == _BEGUN
        if not self._begun:
            self._refuse_unfinished()
        self.keeps_ids = self._begun or store.ids_used() == (0, 0)

    def take(
        self, documents: Iterable[MovedDocument], on_document: Callable[[], None]
    ) -> Counter[Taken]:
        """Store what the store does not have. A second time, nothing changes."""
        told: Counter[Taken] = Counter()
        for batch in batches(documents):
            told.update(self._kept(batch) if self.keeps_ids else self._anew(batch))
            for _ in batch:
                on_document()
        return told

    def begin(self) -> None:
        """Make room for the ids to come: what is added meanwhile is given higher ones."""
        if self._begun or not self.keeps_ids:
            return
        with self._store.writing("beginning to take a library in"):
            self._store.set_setting(self._mark, _BEGUN)
            if self._moving.embedder is not None:
                self._store.remember_embedder(self._moving.embedder)
            self._store.set_setting("voices", str(self._moving.voices))
            self._store.use_ids_beyond(*self._moving.last_ids)
        self._begun = True

    def finish(self) -> None:
        """All is there: from now on the library is one like any other."""
        if self._begun:
            with self._store.writing("having taken a library in"):
                self._store.change("DELETE FROM settings WHERE name = ?", [(self._mark,)])
            self._begun = False

    def _refuse_unfinished(self) -> None:
        for (name,) in self._store.rows(
            "SELECT name FROM settings WHERE name LIKE ?", ("taking %",)
        ):
            raise LibraryError(
                f"{self._store.name} holds a part of another library ({name.split()[-1]}) that was "
                "not taken in to its end. Finish that first, or begin with an empty library."
            )

    def _kept(self, batch: Sequence[MovedDocument]) -> list[Taken]:
        told = self._compared(batch)
        added = [moved for moved, taken in zip(batch, told, strict=True) if taken is Taken.ADDED]
        if added:
            self._refuse_taken_ids(added)
            self.begin()
            with self._store.writing("taking documents in") as generation:
                insert(self._store, added, generation)
        return told

    def _compared(self, batch: Sequence[MovedDocument]) -> list[Taken]:
        """What is to become of each: only one that a broken-off move left out is added."""
        known, gone = self._known(batch), self._gone(batch)
        told = []
        for moved in batch:
            held = known.get(moved.id) or self._store.find(moved.source)
            if held is not None:
                same = held[1] == moved.content_hash
                told.append(Taken.UNCHANGED if same else Taken.KEPT)
            elif any(passage.id in gone for passage in moved.passages):
                told.append(Taken.DELETED)
            else:
                told.append(Taken.ADDED)
        return told

    def _known(self, batch: Sequence[MovedDocument]) -> dict[int, tuple[int, str]]:
        """By id, what the store has: id and content hash."""
        rows = self._store.rows(
            "SELECT id, content_hash FROM documents WHERE id BETWEEN ? AND ?",
            (batch[0].id, batch[-1].id),
        )
        return {row[0]: (row[0], row[1]) for row in rows}

    def _gone(self, batch: Sequence[MovedDocument]) -> set[int]:
        """Ids of passages that were deleted since the move began: none is ever used again."""
        ids = [passage.id for moved in batch for passage in moved.passages]
        if not self._begun or not ids:
            return set()
        rows = self._store.rows(
            "SELECT passage_id FROM removed_passages WHERE passage_id BETWEEN ? AND ?",
            (min(ids), max(ids)),
        )
        return {row[0] for row in rows}

    def _refuse_taken_ids(self, batch: Sequence[MovedDocument]) -> None:
        """Only what is no whole export of one library has them."""
        ids = [passage.id for moved in batch for passage in moved.passages]
        held, _ = self._store.vectors(ids)
        sources = {moved.source for moved in batch}
        if len(held) or len(set(ids)) != len(ids) or len(sources) != len(batch):
            raise CorruptExport(
                f"Of the documents {batch[0].id} to {batch[-1].id}, two have one source, or "
                "passages with one id."
            )
        highest = max(ids, default=0)
        if batch[-1].id > self._moving.last_ids[0] or highest > self._moving.last_ids[1]:
            raise CorruptExport(
                f"Document {batch[-1].id} or its passages have higher ids than were ever given."
            )

    def _anew(self, batch: Sequence[MovedDocument]) -> list[Taken]:
        told, put = [], []
        for moved in batch:
            held = self._store.find(moved.source)
            if held is None:
                put.append(moved)
                told.append(Taken.ADDED)
            else:
                told.append(Taken.UNCHANGED if held[1] == moved.content_hash else Taken.KEPT)
        if put:
            assert self._moving.embedder is not None  # there are documents
            prepared = [_prepared(moved, self._moving.dimension) for moved in put]
            self._store.apply(prepared, [], self._moving.embedder, link_copies)
        return told


def _refuse_another_embedder(store: DocumentStore, moving: Moving) -> None:
    stored = store.embedder()
    if None not in (stored, moving.embedder) and stored != moving.embedder:
        raise EmbedderMismatch(
            f"{store.name} was embedded with {stored!r}, and what is to be taken in with "
            f"{moving.embedder!r} (name and numbers of a vector). Take it into an empty library, "
            "or add the documents' files anew."
        )


_BEGUN = "begun"


def batches(documents: Iterable[MovedDocument]) -> Iterator[list[MovedDocument]]:
    """As many as go into one transaction."""
    batch: list[MovedDocument] = []
    passages = size = 0
    for moved in documents:
        batch.append(moved)
        passages, size = passages + len(moved.passages), size + moved.size()
        if passages >= _BATCH_PASSAGES or size >= _BATCH_BYTES:
            yield batch
            batch, passages, size = [], 0, 0
    if batch:
        yield batch


def insert(store: DocumentStore, batch: Sequence[MovedDocument], generation: int) -> None:
    """Put documents with the ids that they have; inside a transaction that `writing` began."""
    store.change(
        f"INSERT INTO documents ({', '.join(DOCUMENT_COLUMNS)}, generation)"
        f" VALUES ({_marks(len(DOCUMENT_COLUMNS) + 1)})",
        [(*document_row(moved), generation) for moved in batch],
    )
    insert_passages(store, batch, generation)
    insert_keys(store, batch)


def insert_keys(store: DocumentStore, batch: Sequence[MovedDocument]) -> None:
    """What near copies and repeated furniture are found by."""
    store.change(
        "INSERT INTO copy_bands (band, document_id) VALUES (?, ?)",
        [(band, moved.id) for moved in batch for band in moved.band_keys()],
    )
    store.change(
        "INSERT INTO blocks (site, block, document_id) VALUES (?, ?, ?)",
        [(moved.site, block, moved.id) for moved in batch for block in moved.block_keys()],
    )


def insert_passages(store: DocumentStore, batch: Sequence[MovedDocument], generation: int) -> None:
    store.change(
        "INSERT INTO passages (id, document_id, start_at, end_at, text, vector, generation,"
        f" text_key, checksum) VALUES ({_marks(9)})",
        [
            (p.id, moved.id, p.start, p.end, p.text, p.vector, generation, key, p.checksum)
            for moved in batch
            for p in moved.passages
            for key in [passage_key(p.text)]
        ],
    )


def document_row(moved: MovedDocument) -> tuple[object, ...]:
    return tuple(getattr(moved, name) for name in DOCUMENT_COLUMNS)


def _prepared(moved: MovedDocument, dimension: int) -> Prepared:
    return Prepared(
        moved.as_document(),
        [Span(passage.start, passage.end) for passage in moved.passages],
        vectors_of(moved, dimension),
        Origin(moved.origin, moved.origin_hash),
        bands=moved.band_keys(),
        site=moved.site,
        blocks=moved.block_keys(),
    )


def _marks(count: int) -> str:
    return ", ".join("?" * count)
