"""A library from what `index.parquet.exporting` wrote, proved before it is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from index import moved
from index.document_store import DocumentStore
from index.errors import CorruptExport
from index.moved import MovedDocument
from index.parquet.arrow import arrow
from index.parquet.manifest import Manifest
from index.parquet.reading import check_files, documents
from index.taking import Taken, Taker

_LOCK = "import.lock"


def import_into(
    store: DocumentStore,
    folder: Path,
    manifest: Manifest,
    *,
    on_bytes: Callable[[int], object] = lambda _: None,
    on_document: Callable[[], None] = lambda: None,
) -> tuple[Counter[Taken], bool]:
    """Store what the export in ``folder`` has and the store has not; no text is embedded.

    Every file's checksum is compared before anything is stored, and each document and passage
    before it is. An import that is broken off goes on; one that is repeated changes nothing.

    Args:
        manifest: the folder's, as `index.parquet.manifest.read` has it.
        on_bytes, on_document: told what was compared, and stored.

    Returns:
        What became of the documents, and whether they have the ids that they had.

    Raises:
        CorruptExport: the export is damaged or forged; what was stored until then is sound.
        EmbedderMismatch: the store's vectors are another embedder's.
        LibraryBusy, DiskFull: as of every write.
    """
    arrow()
    with store.alone(_LOCK, "an import"):
        taker = Taker(store, manifest.moving())
        check_files(folder, manifest, on_bytes)
        told = taker.take(_proved(folder, manifest), on_document)
        taker.finish()
    return told, taker.keeps_ids


def _proved(folder: Path, manifest: Manifest) -> Iterator[MovedDocument]:
    for document in documents(folder, manifest):
        if wrong := moved.fault(document, manifest.dimension):
            raise CorruptExport(f"The export in {folder} is not sound. {wrong}")
        yield document
