"""Reads an export that nobody vouches for: what is too much is refused before it is in memory.

Its files are proved to be what the manifest says before any is opened; then schema and sizes are
compared with what we write; and while a group of rows is decoded, which is where a few forged
bytes can ask for any amount of memory, the process may not grow beyond a limit.
"""

from __future__ import annotations

import hashlib
import os
import resource
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from index.errors import CorruptExport
from index.moved import BLOCK_BYTES, HALF_BYTES, MovedDocument, MovedPassage
from index.parquet.arrow import arrow, documents_schema, passages_schema
from index.parquet.manifest import File, Manifest
from index.reads import BAND_BYTES

_PIECE = 1 << 20
_ROWS_PER_GROUP_AT_MOST = 65_536
_BYTES_PER_GROUP_AT_MOST = 512_000_000  # one document may be its own group
_MEMORY_AT_MOST = 2_000_000_000  # beyond what the process has, to decode a group
_PASSAGES_BYTES_AT_MOST = 1_000_000_000  # of one document
_FOOTER_AT_MOST = 64_000_000  # bytes, and things in it
_KEYS_AT_MOST = 100_000  # of one document


def check_files(
    folder: Path, manifest: Manifest, on_bytes: Callable[[int], object] = lambda _: None
) -> None:
    """Prove every file of an export to be, byte for byte, what the manifest says.

    Args:
        on_bytes: told how many bytes were read.

    Raises:
        CorruptExport: one is not; the message names it.
    """
    for file in manifest.files:
        _check_file(folder, file, on_bytes)


def documents(folder: Path, manifest: Manifest) -> Iterator[MovedDocument]:
    """All documents of an export with their passages, by id; a group of rows is in memory.

    What they say is not proved; see `index.moved.fault`.

    Raises:
        CorruptExport: files that are no export of ours.
    """
    last = 0
    for files in manifest.pairs():
        names = [file.name for file in files]
        rows = _rows(folder, files[0], documents_schema())
        passages = _Passages(
            _rows(folder, files[1], passages_schema(manifest.dimension * HALF_BYTES))
        )
        for row in rows:
            moved = _moved(row, passages, names[0])
            if moved.id <= last:
                raise CorruptExport(f"{names[0]}: document {moved.id} is out of order.")
            last = moved.id
            yield moved
        if passages.waiting is not None:
            raise CorruptExport(f"{names[1]} has passages of no document of {names[0]}.")


def _moved(row: dict[str, Any], passages: _Passages, name: str) -> MovedDocument:
    if (
        len(row["bands"]) > _KEYS_AT_MOST * BAND_BYTES
        or len(row["blocks"]) > _KEYS_AT_MOST * BLOCK_BYTES
    ):
        raise CorruptExport(f"{name}: document {row['id']} has more keys than any text has.")
    return MovedDocument(**row, passages=tuple(passages.of(row["id"], name)))


class _Passages:
    """The rows of a file of passages, document by document."""

    def __init__(self, rows: Iterator[dict[str, Any]]) -> None:
        self._rows = rows
        self.waiting = next(rows, None)

    def of(self, document_id: int, name: str) -> Iterator[MovedPassage]:
        size = 0
        while self.waiting is not None and self.waiting["document_id"] == document_id:
            row = self.waiting
            size += len(row["text"]) + len(row["vector"])
            if size > _PASSAGES_BYTES_AT_MOST:
                raise CorruptExport(f"{name}: document {document_id} has too many passages.")
            yield MovedPassage(
                row["id"],
                row["start_at"],
                row["end_at"],
                row["text"],
                row["vector"],
                row["checksum"],
            )
            self.waiting = next(self._rows, None)


def _rows(folder: Path, file: File, schema: Any) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file, of which one group is in memory."""
    pa = arrow()
    with _opened(folder, file) as source, _named(file.name):
        with _bounded():
            parquet = pa.parquet.ParquetFile(
                source,
                pre_buffer=False,
                thrift_string_size_limit=_FOOTER_AT_MOST,
                thrift_container_size_limit=_FOOTER_AT_MOST,
                arrow_extensions_enabled=False,
            )
        _check_form(parquet, file, schema)
        for group in range(parquet.num_row_groups):
            with _bounded():
                rows = parquet.read_row_group(group, use_threads=False).to_pylist()
            yield from rows


def _check_form(parquet: Any, file: File, schema: Any) -> None:
    found = parquet.schema_arrow.remove_metadata()
    if not found.equals(schema):
        raise CorruptExport(
            f"{file.name} has not the columns of an export: {_unlike(found, schema)}."
        )
    metadata = parquet.metadata
    if metadata.num_rows != file.rows:
        raise CorruptExport(
            f"{file.name} says that it has {metadata.num_rows:,} rows; the manifest says "
            f"{file.rows:,}."
        )
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        columns = [group.column(at) for at in range(group.num_columns)]
        size = max(group.total_byte_size, sum(c.total_uncompressed_size for c in columns))
        if not 0 <= group.num_rows <= _ROWS_PER_GROUP_AT_MOST or size > _BYTES_PER_GROUP_AT_MOST:
            raise CorruptExport(
                f"{file.name} has a group of {group.num_rows:,} rows and {size:,} bytes; "
                "we write none so large."
            )
        if any(column.compression not in ("ZSTD", "UNCOMPRESSED") for column in columns):
            raise CorruptExport(f"{file.name} is packed in another way than we write.")


def _unlike(found: Any, schema: Any) -> str:
    """The first column that is none of ours."""
    for column in found:
        if column not in list(schema):
            return f"{column.name[:100]!r} is of type {str(column.type)[:100]}"
    return "their number or order is another"


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Whatever pyarrow makes of a file, it is the file's fault."""
    pa = arrow()
    try:
        yield
    except MemoryError as error:
        raise CorruptExport(
            f"{name} needs more than {_MEMORY_AT_MOST:,} bytes of memory to be read."
        ) from error
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise CorruptExport(f"{name} cannot be read: {error}") from error


@contextmanager
def _bounded() -> Iterator[None]:
    """The process may grow by `_MEMORY_AT_MOST`, where the system can tell how large it is."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except (OSError, ValueError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = pages * resource.getpagesize() + _MEMORY_AT_MOST
    allowed = [limit, *(bound for bound in (soft, hard) if bound != resource.RLIM_INFINITY)]
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (min(allowed), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _check_file(folder: Path, file: File, on_bytes: Callable[[int], object]) -> None:
    digest = hashlib.sha256()
    with _opened(folder, file) as source:
        while piece := source.read(_PIECE):
            digest.update(piece)
            on_bytes(len(piece))
    if digest.hexdigest() != file.sha256:
        raise CorruptExport(f"{file.name} in {folder} is damaged: it does not fit its checksum.")


@contextmanager
def _opened(folder: Path, file: File) -> Iterator[Any]:
    """A plain file of the length that the manifest says; nothing behind a link."""
    path = folder / file.name
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise CorruptExport(
            f"{file.name} is missing in {folder}, or is a link: {error.strerror}."
        ) from error
    with os.fdopen(descriptor, "rb") as source:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size != file.size:
            raise CorruptExport(
                f"{file.name} in {folder} is damaged: it has {found.st_size:,} bytes, not "
                f"{file.size:,}."
            )
        yield source
