"""Zip files from strangers: Word documents, EPUB books and archives are all of them.

Members are inflated in memory, piece by piece, and counted while that is done: what the
directory of the archive says of their sizes is not believed. Nothing is written to disk.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable

from index.errors import UnreadableDocument
from index.loaders.limits import Budget, too_many_bytes

_BLOCK_BYTES = 1 << 16
_EXPANSION_AT_MOST = 200  # text is packed ten to a hundred times; DEFLATE's most is 1,032
_EXPANSION_FROM_BYTES = 1 << 20
_ENCRYPTED = 0x1
_NAME_IS_UTF_8 = 0x800
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others cannot be inflated by pieces
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)


class Package:
    """A zip file in memory.

    Raises:
        UnreadableDocument: it has no directory, or a damaged one.
    """

    def __init__(self, data: bytes, budget: Budget) -> None:
        self._budget = budget
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGED as error:
            raise UnreadableDocument("its zip archive is damaged or incomplete") from error
        self._by_name = {info.filename: info for info in self._zip.infolist()}

    def holds(self, names: Iterable[str]) -> bool:
        """Whether there are members of all these names."""
        return all(name in self._by_name for name in names)

    def holds_like(self, name: re.Pattern[str]) -> bool:
        """Whether there is a member of such a name."""
        return any(map(name.fullmatch, self._by_name))

    def members(self) -> list[tuple[str, zipfile.ZipInfo]]:
        """Names and entries of all that is not a folder, in their order."""
        return [(_name(info), info) for info in self._zip.infolist() if not info.is_dir()]

    def named(self, name: str) -> bytes:
        """The member of that name; raises `UnreadableDocument` if there is none."""
        info = self._by_name.get(name)
        if info is None:
            raise UnreadableDocument(f"{name[:200]!r} is missing from it")
        return self.read(info)

    def read(self, info: zipfile.ZipInfo) -> bytes:
        """The bytes of a member.

        Raises:
            UnreadableDocument: it is encrypted, damaged, a link, too large, or expands absurdly.
        """
        if info.flag_bits & _ENCRYPTED:
            raise UnreadableDocument("it is encrypted")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UnreadableDocument("it is a link, not a file")
        if info.compress_type not in _METHODS:
            raise UnreadableDocument(
                f"it is packed by the method {info.compress_type}; only 0 and 8 (deflate) are read"
            )
        try:
            return self._inflate(info)
        except _DAMAGED as error:
            raise UnreadableDocument("it is damaged: its bytes cannot be unpacked") from error

    def _inflate(self, info: zipfile.ZipInfo) -> bytes:
        content = bytearray()
        allowed = _EXPANSION_AT_MOST * info.compress_size  # zipfile inflates no more than this size
        with self._zip.open(info) as member:
            while block := member.read(_BLOCK_BYTES):
                self._budget.take_bytes(len(block))
                content += block
                if len(content) > self._budget.limits.max_file_bytes:
                    raise too_many_bytes(None, self._budget.limits)
                if len(content) > max(_EXPANSION_FROM_BYTES, allowed):
                    raise UnreadableDocument(
                        f"it expands more than {_EXPANSION_AT_MOST}-fold, as only a zip bomb does"
                    )
        return bytes(content)


def _name(info: zipfile.ZipInfo) -> str:
    """The name as meant: many programs write UTF-8 and do not say so."""
    if info.flag_bits & _NAME_IS_UTF_8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename
