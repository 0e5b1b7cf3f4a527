"""Writes a library to a folder of Parquet files, from one snapshot, a few documents at a time.

Files are exchanged as a whole, and the manifest comes last: a folder without one is unfinished.
What was done before an export was broken off is used again if the library is as it was then;
otherwise it is begun anew, and what the folder held before stays whole until the new one is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index import moved
from index.connection import needing_room
from index.database import MIGRATIONS
from index.document_store import DocumentStore
from index.durable import sync_folder
from index.errors import CorruptExport, CorruptIndex, LibraryError
from index.locking import locked
from index.moved import HALF_BYTES, MovedDocument
from index.parquet import manifest as manifests
from index.parquet.arrow import arrow, documents_schema, passages_schema
from index.parquet.manifest import Chunking, File, Manifest, file_name, is_ours
from index.parquet.reading import check_files

_UNFINISHED = "unfinished.json"
_LOCK = "export.lock"
_PASSAGES_PER_FILE = 16_384
_BYTES_PER_FILE = 64_000_000  # of texts and vectors, before they are packed
_ROWS_PER_GROUP = 2_048
_BYTES_PER_GROUP = 8_000_000


@dataclass
class _Progress:
    """What of an export is on the disk for good.

    Attributes:
        after: the id of the last document that is.
        name, generation, history: of the library, when it was begun.
    """

    export_id: str
    library_id: str
    generation: int
    history: str
    after: int = 0
    files: list[File] = field(default_factory=list)


def export(
    store: DocumentStore,
    folder: Path,
    *,
    version: str,
    chunking: Chunking,
    on_document: Callable[[], None] = lambda: None,
) -> Manifest:
    """Write the library, as it is now, to ``folder``; memory is bounded whatever its size.

    Args:
        version: of this program.
        on_document: told after each document.

    Raises:
        LibraryError: the folder holds something else, or another library's export.
        CorruptIndex: the library is damaged; the message says where.
        LibraryBusy: another process exports to the folder.
        DiskFull: there is no room.
    """
    arrow()
    folder.mkdir(parents=True, exist_ok=True)
    with (
        needing_room(folder),
        locked(folder / _LOCK, "an export", wait_seconds=0),
        store.snapshot(),
    ):
        known = _known(folder, store.library_id())
        if known is not None and _is_current(known, store, folder):
            return known
        progress = _begun(folder, store)
        dimension = (store.embedder() or ("", 0))[1]
        for part in _parts(store, progress, dimension):
            _write(folder, progress, part, dimension, on_document)
        manifest = _manifest(store, progress, version, chunking)
        _exchange(folder / manifests.NAME, manifests.dumped(manifest))
        _tidy(folder, {file.name for file in manifest.files})
    return manifest


def _known(folder: Path, library_id: str) -> Manifest | None:
    """The whole export that the folder holds; refuses a folder that is not for us to write to."""
    if (folder / manifests.NAME).exists():
        known = manifests.read(folder)
        if known.library_id != library_id:
            raise LibraryError(f"{folder} holds the export of another library. Give a new folder.")
        return known
    strangers = [
        path.name
        for path in folder.iterdir()
        if path.name not in (_LOCK, _UNFINISHED, f"{_UNFINISHED}.part", f"{manifests.NAME}.part")
        and not is_ours(path.name)
    ]
    if strangers:
        raise LibraryError(
            f"{folder} holds something else: {sorted(strangers)[0]}. Give a new folder."
        )
    begun = _unfinished(folder)
    if begun is not None and begun.library_id != library_id:
        raise LibraryError(
            f"{folder} holds an unfinished export of another library. Give a new folder."
        )
    return None


def _is_current(known: Manifest, store: DocumentStore, folder: Path) -> bool:
    if (known.generation, known.history) != (store.generation(), store.history()):
        return False
    try:
        check_files(folder, known)
    except CorruptExport:
        return False
    return True


def _unfinished(folder: Path) -> _Progress | None:
    """What an export that was broken off has noted; None if that is of no use."""
    try:
        value = json.loads((folder / _UNFINISHED).read_bytes())
        files = [File(**file) for file in value.pop("files")]
        return _Progress(files=files, **value)
    except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None


def _begun(folder: Path, store: DocumentStore) -> _Progress:
    """The export that was broken off, if the library is as it was; otherwise a new one."""
    state = (store.library_id(), store.generation(), store.history())
    found = _unfinished(folder)
    if (
        found is not None
        and (found.library_id, found.generation, found.history) == state
        and re.fullmatch("[0-9a-f]{16}", found.export_id)
        and type(found.after) is int
        and all(is_ours(file.name) for file in found.files)
        and all(_sha256(folder / file.name) == file.sha256 for file in found.files)
    ):
        return found
    return _Progress(secrets.token_hex(8), *state)


def _parts(
    store: DocumentStore, progress: _Progress, dimension: int
) -> Iterator[Iterator[MovedDocument]]:
    """The documents that are not exported yet, as many at a time as go into one pair of files.

    Each is proved to be what was stored.
    """
    documents = _checked(store, progress.after, dimension)
    waiting = next(documents, None)

    def part() -> Iterator[MovedDocument]:
        nonlocal waiting
        passages = size = 0
        while waiting is not None and passages < _PASSAGES_PER_FILE and size < _BYTES_PER_FILE:
            passages, size = passages + len(waiting.passages), size + waiting.size()
            yield waiting
            waiting = next(documents, None)

    while waiting is not None:
        yield part()


def _checked(store: DocumentStore, after: int, dimension: int) -> Iterator[MovedDocument]:
    for document in moved.read(store, first=after + 1):
        if wrong := moved.fault(document, dimension):
            raise CorruptIndex(f"{wrong} Mend it with: python -m qa index verify --repair")
        yield document


def _write(
    folder: Path,
    progress: _Progress,
    documents: Iterator[MovedDocument],
    dimension: int,
    on_document: Callable[[], None],
) -> None:
    """Write a pair of files, and note it once it is on the disk."""
    number = len(progress.files) // 2
    paths = [
        folder / f"{file_name(kind, progress.export_id, number)}.part" for kind in manifests.KINDS
    ]
    after = progress.after
    with (
        closing(_Writer(paths[0], documents_schema())) as to_documents,
        closing(_Writer(paths[1], passages_schema(dimension * HALF_BYTES))) as to_passages,
    ):
        for document in documents:
            to_documents.add(_document_row(document), document.size())
            for passage in document.passages:
                row = (passage.start, passage.end, passage.text, passage.vector, passage.checksum)
                size = len(passage.text) + len(passage.vector)
                to_passages.add((passage.id, document.id, *row), size)
            after = document.id
            on_document()
    files = [
        _finished(path, writer.rows)
        for path, writer in zip(paths, (to_documents, to_passages), strict=True)
    ]
    sync_folder(folder)
    progress.files += files
    progress.after = after
    _exchange(folder / _UNFINISHED, json.dumps(asdict(progress)).encode())


class _Writer:
    """A Parquet file that rows are added to; they are written a bounded group at a time.

    What packs well is packed; vectors do not.
    """

    def __init__(self, path: Path, schema: Any) -> None:
        self.rows = 0
        self._arrow, self._schema = arrow(), schema
        self._group: list[Sequence[object]] = []
        self._size = 0
        self._writer = self._arrow.parquet.ParquetWriter(
            path,
            schema,
            compression={
                name: "zstd" if kind in ("string", "binary") else "none"
                for name, kind in ((column.name, str(column.type)) for column in schema)
            },
            use_dictionary=False,
            write_statistics=["id"],
            store_schema=False,
        )

    def add(self, row: Sequence[object], size: int) -> None:
        """Args: size: about how many bytes the row takes."""
        if self._size + size > _BYTES_PER_GROUP or len(self._group) >= _ROWS_PER_GROUP:
            self._flush()
        self._group.append(row)
        self._size += size

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if not self._group:
            return
        columns = zip(*self._group, strict=True)
        arrays = [
            self._arrow.array(column, field.type)
            for column, field in zip(columns, self._schema, strict=True)
        ]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        self.rows += len(self._group)
        self._group, self._size = [], 0


def _document_row(document: MovedDocument) -> tuple[object, ...]:
    return tuple(getattr(document, name) for name in documents_schema().names)


def _finished(path: Path, rows: int) -> File:
    """Give a file that is written its name, once it is on the disk."""
    target = path.with_name(path.name.removesuffix(".part"))
    with path.open("rb") as file:
        os.fsync(file.fileno())
    path.replace(target)
    return File(target.name, rows, target.stat().st_size, _sha256(target))


def _manifest(
    store: DocumentStore, progress: _Progress, version: str, chunking: Chunking
) -> Manifest:
    embedder, dimension = store.embedder() or ("", 0)
    last_document_id, last_passage_id = store.ids_used()
    documents, passages = store.count()
    return Manifest(
        version=version,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        export_id=progress.export_id,
        library_id=progress.library_id,
        schema=len(MIGRATIONS),
        generation=progress.generation,
        history=progress.history,
        embedder=embedder,
        dimension=dimension,
        chunking=chunking,
        voices=int(store.setting("voices") or 0),
        last_document_id=last_document_id,
        last_passage_id=last_passage_id,
        documents=documents,
        passages=passages,
        files=tuple(progress.files),
    )


def _exchange(path: Path, content: bytes) -> None:
    """Put a small file in place as a whole, for good."""
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def _tidy(folder: Path, kept: set[str]) -> None:
    """Remove what an earlier export, or one that was broken off, has left."""
    for path in folder.iterdir():
        if (is_ours(path.name) and path.name not in kept) or path.name == _UNFINISHED:
            path.unlink()


def _sha256(path: Path) -> str:
    """Empty if there is no such file."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
