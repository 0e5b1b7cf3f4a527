"""A data folder from an archive that `index.backup` wrote; the archive is not trusted."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import shutil
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import IO

from index import backup_manifest
from index.backup_manifest import DEPTH, PART, Entry, Manifest
from index.connection import needing_room
from index.database import FILE_NAME as LIBRARY
from index.durable import sync_folder
from index.errors import CorruptBackup, LibraryError

_MANIFEST_AT_MOST = 500_000_000  # bytes: millions of files
_PIECE = 1 << 20
_UNREADABLE = (
    *(tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError),
    *(FileExistsError, NotADirectoryError, IsADirectoryError),  # a name that comes twice
)
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)


def restore(archive: Path, data: Path) -> Manifest:
    """Make a data folder of an archive. There is all of it in the end, or nothing.

    Raises:
        CorruptBackup: it is not, byte for byte, what `back_up` wrote; the message says in what.
        LibraryError: ``data`` is there and not empty.
        DiskFull: there is no room.
    """
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise LibraryError(f"{data} is not empty. Restore to a new folder, or empty this one.")
    # A folder that is there may be a mounted one, which nothing can be put in the place of.
    parent = data if data.exists() else data.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    with (
        needing_room(parent),
        tempfile.TemporaryDirectory(prefix=".qa-restore-", dir=parent) as scratch,
    ):
        folder = Path(scratch, "data")
        folder.mkdir(mode=0o700)
        manifest = _unpacked(archive, folder)
        for below, _, _ in os.walk(folder):
            sync_folder(Path(below))
        if parent == data:
            for path in sorted(folder.iterdir(), key=lambda path: path.name == LIBRARY):
                path.replace(data / path.name)  # the library last: without it there is none
        else:
            folder.replace(data)
        sync_folder(parent)
    return manifest


def _unpacked(path: Path, folder: Path) -> Manifest:
    """Write what the archive holds into ``folder``, and nowhere else."""
    found: list[Entry] = []
    text: bytes | None = None
    try:
        with path.open("rb") as file, _reading(file) as archive:
            for member in archive:
                if text is not None:
                    raise CorruptBackup(f"{path} goes on after its manifest.")
                content = archive.extractfile(member) if member.type in _PLAIN else None
                if content is None or member.sparse is not None:
                    raise CorruptBackup(f"{path} holds {member.name!r}, which is no plain file.")
                if member.name == backup_manifest.NAME:
                    text = _whole(content, member.size, path)
                else:
                    found.append(_write(content, member, folder, path))
    except _UNREADABLE as error:
        raise CorruptBackup(f"{path} is damaged, or no backup: {error}.") from error
    return _checked(path, text, found)


def _reading(file: IO[bytes]) -> tarfile.TarFile:
    gzipped = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return tarfile.open(fileobj=file, mode="r|gz" if gzipped else "r|")


def _whole(content: IO[bytes], size: int, path: Path) -> bytes:
    if size > _MANIFEST_AT_MOST:
        raise CorruptBackup(f"{path} has a manifest of {size:,} bytes.")
    return content.read()


def _write(content: IO[bytes], member: tarfile.TarInfo, folder: Path, path: Path) -> Entry:
    parts = member.name.split("/")
    if len(parts) > DEPTH or not all(PART.fullmatch(part) for part in parts):
        raise CorruptBackup(f"{path} holds a file of a name that we never give: {member.name!r}.")
    if member.size > shutil.disk_usage(folder).free:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    target = folder.joinpath(*parts)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("xb") as file:
        while piece := content.read(_PIECE):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    target.chmod(0o600)
    return Entry(member.name, member.size, digest.hexdigest())


def _checked(path: Path, text: bytes | None, found: list[Entry]) -> Manifest:
    if text is None:
        raise CorruptBackup(f"{path} has no manifest: it was cut short, or is no backup.")
    try:
        manifest = backup_manifest.parsed(text)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CorruptBackup(f"The manifest of {path} cannot be read.") from error
    told = {entry.name: entry for entry in manifest.files}
    for entry in found:
        if told.pop(entry.name, None) != entry:
            raise CorruptBackup(f"{path}: {entry.name} is not what was backed up.")
    if told:
        raise CorruptBackup(f"{path}: {', '.join(sorted(told)[:5])} is missing.")
    if LIBRARY not in {entry.name for entry in found}:
        raise CorruptBackup(f"{path} holds no library.")
    return manifest
