"""Documents that were just deleted, so that the deletion can be undone.

They are held in the memory of this process and nowhere on the disk: deleted is deleted, and after
`UNDO_SECONDS`, or when the server ends, for good.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from index.documents import Origin, StoredDocument
from index.errors import LibraryError

if TYPE_CHECKING:
    from index.indexing import Indexer, Source

UNDO_SECONDS = 600
_DOCUMENTS_AT_MOST = 100
_CHARACTERS_AT_MOST = 20_000_000
_SIBLINGS_AT_MOST = 50  # documents of one file that are stored anew with one that comes back


class NotRestorable(LibraryError):
    """The document was not deleted here, or too long ago."""


class RemovedDocuments:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[int, tuple[float, StoredDocument]] = {}

    def hold(self, document: StoredDocument) -> None:
        """Keep it for a while, as long as there is room."""
        with self._lock:
            self._held[document.id] = (time.monotonic(), document)
            self._let_go()

    def restore(self, document_id: int, indexer: Indexer) -> int:
        """Put it back as it was; returns its new id. Raises `NotRestorable`."""
        with self._lock:
            self._let_go()
            held = self._held.get(document_id)
        if held is None:
            raise NotRestorable(
                f"Document {document_id} cannot be brought back: a deletion can be undone for "
                f"{UNDO_SECONDS // 60} minutes, while the server runs."
            )
        document = held[1]
        if indexer.store.find(document.source) is None:
            for _ in indexer.bring([_as_source(document, indexer)]):
                pass
        with self._lock:
            self._held.pop(document_id, None)
        found = indexer.store.find(document.source)
        if found is None:
            raise NotRestorable(f"Document {document_id} cannot be brought back.")
        return found[0]

    def _let_go(self) -> None:
        """Of what is too old, then of the oldest, as long as it is too much."""
        until = time.monotonic() - UNDO_SECONDS
        for document_id, (since, _) in list(self._held.items()):
            characters = sum(len(document.text) for _, document in self._held.values())
            too_much = len(self._held) > _DOCUMENTS_AT_MOST or characters > _CHARACTERS_AT_MOST
            if since < until or too_much:
                del self._held[document_id]


def _as_source(document: StoredDocument, indexer: Indexer) -> Source:
    """What the document was read from, with the other documents of the same file."""
    from index.indexing import Source  # loaders and splitter: half a second that a server saves
    from index.loaders import LoadedFile

    store = indexer.store
    siblings = [store.document(i) for i, _ in store.of_origin(document.origin).values()]
    origin = Origin(document.origin, document.origin_hash)
    if len(siblings) > _SIBLINGS_AT_MOST:
        siblings, origin = [], Origin(document.source, "")
    documents = tuple(one.as_document(one.furniture) for one in (*siblings, document))
    return Source(document.source, lambda: LoadedFile(origin, documents, ()))
