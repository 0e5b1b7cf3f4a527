"""A data folder as one archive, taken while it is in use, and a data folder from such an archive.

The archive is a tar file, gzipped where its name says so. Each file in it is as it was at one
moment: databases are copied by SQLite's online backup, which sees one committed state whatever is
written meanwhile, and everything else in the folder is only ever exchanged as a whole. The library
comes last, so that nothing that was acknowledged can be in neither a waiting job nor the library.
What can be made again, what is of a moment, and what was deleted stays out.

The last entry is the manifest: every file's name, length and SHA-256. An archive is believed only
if it holds exactly what that says.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from index import backup_manifest
from index.backup_manifest import DEPTH, PART, Entry, Manifest
from index.connection import needing_room
from index.database import FILE_NAME as LIBRARY
from index.database import applied_migrations
from index.durable import sync_folder
from index.errors import LibraryMissing

_DATABASE = ".sqlite3"
# Deleted documents, counted requests, and a rebuild that can be begun again.
_LEFT_OUT = frozenset({"removed.sqlite3", "rates.sqlite3", "rebuild.sqlite3", backup_manifest.NAME})
# Locks, SQLite's own logs, seals of pages that the copy does not have, what is being written.
_NEVER = re.compile(
    r".*(\.lock|-wal|-shm|-journal|\.new|\.seal|\.seal-log|\.highwater|\.tar(\.gz)?)"
)
_VECTORS = re.compile(r"vectors\..*")  # made again from the library


def back_up(data: Path, target: Path, *, version: str, vectors: bool = True) -> Manifest:
    """Write an archive of a data folder, which may be in use; ``target`` is replaced in the end.

    Takes as much room again as the databases, beside ``target``, while it is at it.

    Args:
        vectors: whether to take the vector index along; without, it is made from the library.

    Raises:
        LibraryMissing: there is no library in ``data``.
        DiskFull: there is no room beside ``target``.
    """
    if not (data / LIBRARY).is_file():
        raise LibraryMissing(f"There is no library in {data}.")
    with (
        needing_room(target.parent),
        tempfile.TemporaryDirectory(prefix=".qa-backup-", dir=target.parent) as scratch,
    ):
        unfinished = Path(scratch, "archive")
        with _packing(unfinished, gzipped=target.name.endswith(("gz", "tgz"))) as archive:
            entries = list(_packed(data, archive, Path(scratch), vectors=vectors))
            schema, generation = _state(Path(scratch, LIBRARY))
            manifest = Manifest(version, _now(), schema, generation, tuple(entries))
            _add_bytes(archive, backup_manifest.NAME, backup_manifest.dumped(manifest))
        unfinished.replace(target)
        sync_folder(target.parent)
    return manifest


def _packed(
    data: Path, archive: tarfile.TarFile, scratch: Path, *, vectors: bool
) -> Iterator[Entry]:
    """Everything, in this order: what others point from, the library, what it points to."""
    packed: set[str] = set()
    for last in (False, True):
        for path in _files(data):
            name = path.relative_to(data).as_posix()
            if name in packed or name == LIBRARY or (not vectors and _VECTORS.fullmatch(name)):
                continue
            entry = _pack(archive, path, name, scratch)
            if entry is not None:
                packed.add(name)
                yield entry
        if not last:
            entry = _pack(archive, data / LIBRARY, LIBRARY, scratch)
            if entry is None:
                raise LibraryMissing(f"The library in {data} was taken away meanwhile.")
            yield entry


def _files(data: Path) -> list[Path]:
    """What belongs into an archive: files of names that we give, nothing behind a link."""
    found = []
    for folder, folders, names in os.walk(data):
        below = Path(folder).relative_to(data).parts
        folders[:] = [n for n in folders if PART.fullmatch(n) and len(below) < DEPTH - 1]
        found += [
            Path(folder, name)
            for name in names
            if PART.fullmatch(name) and not _NEVER.fullmatch(name) and name not in _LEFT_OUT
        ]
    return sorted(path for path in found if not path.is_symlink() and path.is_file())


def _pack(archive: tarfile.TarFile, path: Path, name: str, scratch: Path) -> Entry | None:
    """None where the file has been removed meanwhile."""
    try:
        if path.suffix == _DATABASE:
            path = _copied_database(path, scratch)
        with path.open("rb") as file:
            return _add(archive, name, file, os.fstat(file.fileno()).st_size)
    except FileNotFoundError:
        return None


def _copied_database(path: Path, scratch: Path) -> Path:
    """One committed state of it. A connection that only reads does no checkpoint on closing."""
    if not path.is_file():
        raise FileNotFoundError(path)
    copy = scratch / path.name
    source = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=60)
    with closing(source), closing(sqlite3.connect(copy)) as target:
        target.execute("PRAGMA synchronous = OFF")  # it is read once, and thrown away
        source.backup(target)
    return copy


def _state(library: Path) -> tuple[int, int]:
    """Schema and generation; 0 where it is so damaged that it does not say."""
    with closing(sqlite3.connect(f"{library.as_uri()}?immutable=1", uri=True)) as connection:
        schema = applied_migrations(connection)
        try:
            (generation,) = connection.execute(
                "SELECT value FROM settings WHERE name = 'generation'"
            ).fetchone()
            return schema, int(generation)
        except (sqlite3.OperationalError, TypeError, ValueError):
            return schema, 0


@contextmanager
def _packing(path: Path, *, gzipped: bool) -> Iterator[tarfile.TarFile]:
    """A new archive, readable by its owner only, that is on the disk when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        packer = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1) if gzipped else file
        with tarfile.open(fileobj=packer, mode="w|", format=tarfile.PAX_FORMAT) as archive:
            yield archive
        if gzipped:
            packer.close()
        file.flush()
        os.fsync(file.fileno())


class _Hashing:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sha256.update(data)
        return data


def _add(archive: tarfile.TarFile, name: str, file: IO[bytes], size: int) -> Entry:
    hashing = _Hashing(file)
    archive.addfile(_header(name, size), cast(IO[bytes], hashing))
    return Entry(name, size, hashing.sha256.hexdigest())


def _add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    archive.addfile(_header(name, len(data)), io.BytesIO(data))


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, 0o600
    header.mtime = int(datetime.now(UTC).timestamp())
    return header


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
