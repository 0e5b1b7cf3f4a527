"""Makes one store hold what another holds, ids and all, while both are in use.

There is no list of what was done: each pass compares the documents of both, a window of ids at a
time, and moves what differs. So a pass that was broken off is gone on with by the next, and what
changed in the source meanwhile is found by it, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from index import moved
from index.document_store import DocumentStore
from index.documents import LARGEST_ID
from index.errors import CorruptIndex, LibraryError
from index.moved import DOCUMENT_COLUMNS, MovedDocument
from index.taking import batches, document_row, insert, insert_keys, insert_passages

_WINDOW = 512  # documents compared at a time
_PASSES_AT_MOST = 20
_LOCK = "mirror.lock"

# All that a document may differ in; its passages never change, and their ids are never used again.
_SUMMARY = (
    "SELECT d.id, d.source, d.title, d.content_hash, d.origin, d.origin_hash, d.voice, d.bands,"
    " (SELECT count(*) FROM passages p WHERE p.document_id = d.id),"
    " (SELECT coalesce(min(p.id), 0) FROM passages p WHERE p.document_id = d.id),"
    " (SELECT coalesce(max(p.id), 0) FROM passages p WHERE p.document_id = d.id)"
    " FROM documents d WHERE d.id BETWEEN ? AND ? ORDER BY d.id LIMIT ?"
)
_PASSAGES_FROM = 8  # of the columns of a summary
_UPDATE = (
    f"UPDATE documents SET {', '.join(f'{name} = ?' for name in DOCUMENT_COLUMNS[1:])},"
    " generation = ? WHERE id = ?"
)

_Summaries = dict[int, tuple[Any, ...]]


def mirror(
    source: DocumentStore, target: DocumentStore, on_document: Callable[[], None] = lambda: None
) -> int:
    """Bring the target to what the source holds now; returns the source's generation.

    Args:
        on_document: told after each document that was compared or moved.

    Raises:
        LibraryError: the target holds something else than an earlier state of the source, or
            was changed by somebody else since.
        CorruptIndex: the source is damaged; the message says where.
    """
    mark = f"mirror {source.library_id()}"
    with target.alone(_LOCK, "taking a library in"):
        _refuse_a_stranger(target, mark, target.generation())
        for _ in range(_PASSES_AT_MOST):
            with source.snapshot():
                generation = source.generation()
                _Pass(source, target, mark).run(on_document)
            _refuse_a_stranger(target, mark, target.generation())
            if source.generation() == generation:
                break
    return generation


def _refuse_a_stranger(target: DocumentStore, mark: str, generation: int) -> None:
    """Whoever writes to the target leaves another history than we noted."""
    if target.setting(mark) != target.history_at(generation) and target.ids_used() != (0, 0):
        raise LibraryError(
            f"{target.name} holds documents that did not come from this library, or was changed "
            "since they did. A library is moved to an empty one."
        )


class _Pass:
    """One comparison of all documents, inside a snapshot of the source."""

    def __init__(self, source: DocumentStore, target: DocumentStore, mark: str) -> None:
        self._source = source
        self._target = target
        self._mark = mark
        self._dimension = (source.embedder() or ("", 0))[1]

    def run(self, on_document: Callable[[], None]) -> None:
        self._prepare()
        self._remove_what_is_gone()
        first = 0
        while wanted := _summaries(self._source, first=first):
            ids = list(wanted)
            held = _summaries(self._target, first=ids[0], last=ids[-1])
            missing = [number for number in ids if number not in held]
            self._insert(_ranges(missing, ids), on_document)
            for number in held:
                if held[number] != wanted[number]:
                    self._update(number, held[number], wanted[number])
                on_document()
            first = ids[-1] + 1

    def _prepare(self) -> None:
        """Settings; written only where they differ, so that a second time nothing changes."""
        source, target = self._source, self._target
        voices = source.setting("voices") or "0"
        used = source.ids_used()
        if (target.embedder(), target.setting("voices")) == (source.embedder(), voices) and all(
            has >= least for has, least in zip(target.ids_used(), used, strict=True)
        ):
            return
        with self._writing("beginning to take a library in"):
            embedder = source.embedder()
            if embedder is not None:
                target.remember_embedder(embedder)
            target.set_setting("voices", voices)
            target.use_ids_beyond(*used)

    def _remove_what_is_gone(self) -> None:
        after = 0
        statement = "SELECT id FROM documents WHERE id > ? ORDER BY id LIMIT ?"
        while held := [row[0] for row in self._target.rows(statement, (after, _WINDOW))]:
            there = self._source.rows(
                "SELECT id FROM documents WHERE id BETWEEN ? AND ?", (held[0], held[-1])
            )
            gone = sorted(set(held) - {row[0] for row in there})
            if gone:
                with self._writing("removing what was removed"):
                    for number in gone:
                        self._forget(number)
                    self._target.change(
                        "DELETE FROM documents WHERE id = ?", [(number,) for number in gone]
                    )
            after = held[-1]

    def _insert(self, ranges: Iterable[tuple[int, int]], on_document: Callable[[], None]) -> None:
        for batch in batches(self._proved(ranges)):
            with self._writing("taking documents in") as generation:
                self._make_way(batch)
                insert(self._target, batch, generation)
            for _ in batch:
                on_document()

    def _proved(self, ranges: Iterable[tuple[int, int]]) -> Iterator[MovedDocument]:
        for first, last in ranges:
            for document in moved.read(self._source, first=first, last=last):
                if wrong := moved.fault(document, self._dimension):
                    raise CorruptIndex(f"{wrong} Mend it with: python -m qa index verify --repair")
                yield document

    def _update(self, number: int, held: tuple[Any, ...], wanted: tuple[Any, ...]) -> None:
        [document] = self._proved([(number, number)])
        target = self._target
        with self._writing("taking a changed document in") as generation:
            self._make_way([document])
            recut = held[_PASSAGES_FROM:] != wanted[_PASSAGES_FROM:]
            if recut:
                target.change("DELETE FROM passages WHERE document_id = ?", [(number,)])
            self._forget_keys(number)
            target.change(_UPDATE, [(*document_row(document)[1:], generation, number)])
            if recut:
                insert_passages(target, [document], generation)
            insert_keys(target, [document])

    def _make_way(self, batch: Sequence[MovedDocument]) -> None:
        """Take a source from a document that has another one by now, and is not moved yet."""
        for document in batch:
            known = self._target.find(document.source)
            if known is not None and known[0] != document.id:
                self._target.change(
                    "UPDATE documents SET source = ? WHERE id = ?",
                    [(f"moving:{known[0]}", known[0])],
                )

    def _forget(self, number: int) -> None:
        self._forget_keys(number)
        self._target.change("DELETE FROM passages WHERE document_id = ?", [(number,)])

    def _forget_keys(self, number: int) -> None:
        self._target.change(
            "DELETE FROM copy_bands WHERE band = ? AND document_id = ?",
            [(band, number) for band in self._target.bands_of(number)],
        )
        self._target.change("DELETE FROM blocks WHERE document_id = ?", [(number,)])

    @contextmanager
    def _writing(self, purpose: str) -> Iterator[int]:
        """A transaction that notes that it was we who made this generation of the target."""
        with self._target.writing(purpose) as generation:
            _refuse_a_stranger(self._target, self._mark, generation - 1)
            yield generation
            self._target.set_setting(self._mark, self._target.history())


def _summaries(store: DocumentStore, *, first: int = 0, last: int = LARGEST_ID) -> _Summaries:
    """By id, of documents with ids from ``first`` to ``last``."""
    rows = store.rows(_SUMMARY, (first, last, _WINDOW))
    return {
        row[0]: tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows
    }


def _ranges(ids: Sequence[int], all_ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of runs of ``ids`` that have none of the others between them."""
    wanted, run = set(ids), list[int]()
    for number in all_ids:
        if number in wanted:
            run.append(number)
        elif run:
            yield run[0], run[-1]
            run = []
    if run:
        yield run[0], run[-1]
