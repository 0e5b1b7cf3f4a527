"""What an export says that it holds; it is not trusted."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.database import MIGRATIONS
from index.documents import LARGEST_ID
from index.errors import CorruptExport, SchemaTooNew
from index.taking import Moving

NAME = "manifest.json"
FORMAT = 1
KINDS = ("documents", "passages")

_NAME = re.compile(r"(documents|passages)-([0-9a-f]{16})-([0-9]{5})\.parquet")
_BYTES_AT_MOST = 50_000_000  # 200,000 files
_DIMENSION_AT_MOST = 65_536
_EMBEDDER_CHARACTERS_AT_MOST = 1_000
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class File:
    """A Parquet file of an export; the name is relative to its folder."""

    name: str
    rows: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Chunking:
    """How texts were cut when the export was made; see `index.chunking.cut`."""

    passage_tokens: int
    overlap_tokens: int
    mark_furniture: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export holds.

    Attributes:
        version: of the program that made it.
        export_id: in the names of its files.
        library_id, generation, history: what was exported; see `index.library.Library`.
        embedder, dimension: what made the vectors; empty and 0 if there never was one.
        voices, last_document_id, last_passage_id: the highest that were ever given.
        files: documents and passages by turns; those of one number belong together.
    """

    version: str
    created_at: str
    export_id: str
    library_id: str
    schema: int
    generation: int
    history: str
    embedder: str
    dimension: int
    chunking: Chunking
    voices: int
    last_document_id: int
    last_passage_id: int
    documents: int
    passages: int
    files: tuple[File, ...]

    def moving(self) -> Moving:
        return Moving(
            f"export {self.export_id}",
            (self.embedder, self.dimension) if self.embedder else None,
            self.voices,
            (self.last_document_id, self.last_passage_id),
        )

    def pairs(self) -> list[tuple[File, File]]:
        """Files of documents, each with that of their passages."""
        return list(zip(self.files[::2], self.files[1::2], strict=True))


def file_name(kind: str, export_id: str, number: int) -> str:
    return f"{kind}-{export_id}-{number:05}.parquet"


def is_ours(name: str) -> bool:
    """Whether a file of this name may be one of an export, finished or not."""
    return bool(_NAME.fullmatch(name.removesuffix(".part")))


def dumped(manifest: Manifest) -> bytes:
    value = {"format": FORMAT, **asdict(manifest)}
    return json.dumps(value | {"sum": _sum(value)}, indent=1).encode()


def read(folder: Path) -> Manifest:
    """The manifest of an export.

    Raises:
        CorruptExport: there is none, or it is not what was written.
        SchemaTooNew: a newer version of this program wrote it.
    """
    path = folder / NAME
    try:
        if path.is_symlink() or path.stat().st_size > _BYTES_AT_MOST:
            raise CorruptExport(f"{path} is a link, or too large for a manifest.")
        text = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise CorruptExport(
            f"{folder} holds no whole export: it has no {NAME}, which is written last. "
            "Finish it with: python -m qa index export FOLDER"
        ) from error
    try:
        return _parsed(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CorruptExport(f"{path} is damaged, or no manifest of ours: {error}") from error


def _parsed(text: bytes) -> Manifest:
    value: dict[str, Any] = json.loads(text)
    form = value.pop("format")
    if type(form) is int and form > FORMAT:
        raise SchemaTooNew(f"The export has format {form}; this program knows {FORMAT}.")
    expected = value.pop("sum")
    if form != FORMAT or expected != _sum({"format": FORMAT, **value}):
        raise ValueError("it is not what was written")
    files = tuple(File(**file) for file in value.pop("files"))
    chunking = Chunking(**value.pop("chunking"))
    manifest = Manifest(files=files, chunking=chunking, **value)
    _check(manifest)
    return manifest


def _check(manifest: Manifest) -> None:
    """Raise `ValueError` on what we never write: a sum only tells that nothing was damaged."""
    _check_kinds(manifest)
    if manifest.schema > len(MIGRATIONS):
        raise SchemaTooNew(
            f"The export is of schema {manifest.schema}, this program knows schemas up to "
            f"{len(MIGRATIONS)}. Use the newer version that wrote it."
        )
    if not re.fullmatch("[0-9a-f]{16}", manifest.export_id):
        raise ValueError(f"no export has the id {manifest.export_id!r}")
    if bool(manifest.embedder) != bool(manifest.dimension) or (
        manifest.dimension > _DIMENSION_AT_MOST
        or len(manifest.embedder) > _EMBEDDER_CHARACTERS_AT_MOST
    ):
        raise ValueError(f"no embedder makes vectors of {manifest.dimension:,} numbers")
    if manifest.documents and not manifest.embedder:
        raise ValueError("it has documents, and no embedder")
    _check_files(manifest)


def _check_kinds(manifest: Manifest) -> None:
    """That each value is of the type that is written: JSON has its own ideas."""
    for part in (manifest, manifest.chunking, *manifest.files):
        for name, annotation in type(part).__annotations__.items():
            value = getattr(part, name)
            if annotation == "int" and (type(value) is not int or not 0 <= value <= LARGEST_ID):
                raise ValueError(f"{name} is {value!r}, which is no count")
            if annotation == "str" and type(value) is not str:
                raise ValueError(f"{name} is {value!r}, which is no text")
            if annotation == "bool" and type(value) is not bool:
                raise ValueError(f"{name} is {value!r}, which is neither true nor false")


def _check_files(manifest: Manifest) -> None:
    for place, file in enumerate(manifest.files):
        kind = KINDS[place % 2]
        if file.name != file_name(kind, manifest.export_id, place // 2):
            raise ValueError(f"it names a file that no export has: {file.name!r}")
        if not _HEX.fullmatch(file.sha256):
            raise ValueError(f"{file.name} has no SHA-256")
    if len(manifest.files) % 2:
        raise ValueError("documents without passages")
    for kind, told in zip(KINDS, (manifest.documents, manifest.passages), strict=True):
        rows = sum(file.rows for file in manifest.files if file.name.startswith(kind))
        if rows != told:
            raise ValueError(f"its files have {rows:,} {kind}, and it says {told:,}")


def _sum(value: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
