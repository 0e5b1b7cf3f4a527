"""What changes a store, in SQL that SQLite and PostgreSQL understand alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.documents import Document, Origin, Span
from index.embedding import Vectors
from index.errors import UnknownDocument
from index.reads import StoreReads
from index.records import content_hash, marks_to_json, passage_checksum, passage_key

_NOTED_PER_BLOCK = 50
_HALF = "<f2"  # vectors are stored as little-endian float16


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that is ready to be stored.

    Attributes:
        passages: slices of the document's text.
        vectors: shape (len(passages), dimension).
        origin: None if it was not read from a file or URL.
        document_id: the document that it replaces; None to go by the source.
        bands: keys that near copies share, see `index.copies`.
        site, blocks: what may prove to be repeated furniture, see `index.boilerplate`.
    """

    document: Document
    passages: Sequence[Span]
    vectors: Vectors
    origin: Origin | None = None
    document_id: int | None = None
    bands: Sequence[bytes] = ()
    site: str = ""
    blocks: Sequence[bytes] = ()


class StoreWrites(StoreReads):
    """The writing half of a store; each change is a transaction of its own."""

    def put(
        self,
        document: Document,
        passages: Sequence[Span],
        vectors: Vectors,
        embedder: tuple[str, int],
    ) -> int:
        """Add one document, or replace the one of the same source; see `apply`."""
        return self.apply([Prepared(document, passages, vectors)], [], embedder)[0]

    def apply(
        self,
        put: Sequence[Prepared],
        remove: Sequence[int],
        embedder: tuple[str, int],
        link: Callable[[StoreReads, int], int | None] = lambda _store, _document_id: None,
    ) -> list[int]:
        """Remove and put documents, all in one transaction; return the ids of those put.

        Args:
            remove: ids; those that are gone already are passed over.
            embedder: name and dimension of what made the vectors.
            link: tells the voice of a document, by its id, where it is a near copy.

        Raises:
            EmbedderMismatch: the library's vectors are another embedder's.
            ValueError: vectors that do not fit their passages or the embedder.
        """
        with self.writing("storing documents") as generation:
            self.check_embedder(*embedder)
            self.remember_embedder(embedder)
            for document_id in remove:
                self._remove_document(document_id)
            ids = []
            for prepared in put:
                ids.append(self._put(prepared, generation, embedder[1]))
                self._set_voice(ids[-1], link(self, ids[-1]))
            return ids

    def remove(self, document_id: int) -> None:
        """Remove a document for good. Raises `UnknownDocument`."""
        with self.writing("removing a document"):
            if not self._remove_document(document_id):
                raise UnknownDocument(f"There is no document with the id {document_id}.")

    def discard(self, ids: Sequence[int]) -> list[int]:
        """Remove documents in one transaction; returns those that were still there."""
        with self.writing("removing documents"):
            return [document_id for document_id in ids if self._remove_document(document_id)]

    def remember_origin(self, origin: Origin) -> None:
        """Note that the documents of an origin are what its bytes of now say, too."""
        with self.writing("noting a file's checksum"):
            self._connection.execute(
                "UPDATE documents SET origin_hash = ? WHERE origin = ?",
                (origin.sha256, origin.name),
            )

    def remember_embedder(self, embedder: tuple[str, int]) -> None:
        self.set_setting("embedder", embedder[0])
        self.set_setting("dimension", str(embedder[1]))

    def exchange_passages(
        self,
        document_id: int,
        version: str,
        furniture: tuple[Span, ...],
        passages: Sequence[Span],
        vectors: Vectors,
        generation: int,
    ) -> bool:
        """Cut a stored document in another way; inside a transaction that `writing` began.

        Args:
            version: the content hash of what was cut. If that is no longer the document's,
                nothing is done, and False returned.
        """
        try:
            stored = self.document(document_id)
        except UnknownDocument:
            return False
        if stored.content_hash != version:
            return False
        document = stored.as_document(furniture)
        self._connection.execute(
            "UPDATE documents SET furniture = ?, content_hash = ?, generation = ? WHERE id = ?",
            (marks_to_json(furniture), content_hash(document), generation, document_id),
        )
        self._remove_passages(document_id)
        self._add_passages(document_id, document.text, passages, vectors, generation)
        return True

    def accept_generation(self) -> None:
        """Go on from the generation that there is, though a later one was acknowledged."""
        with self.writing("going on from what there is"):
            pass

    def silence(self, document_id: int) -> None:
        """Take a document's passages away, so that no answer comes from it."""
        with self.writing("taking a damaged document out of all answers"):
            self._connection.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))
            # What is added again is compared with these: it must not be taken for unchanged.
            self._connection.execute(
                "UPDATE documents SET content_hash = '', origin_hash = '' WHERE id = ?",
                (document_id,),
            )

    def _put(self, prepared: Prepared, generation: int, dimension: int) -> int:
        if prepared.vectors.shape != (len(prepared.passages), dimension):
            raise ValueError(
                f"vectors of shape {prepared.vectors.shape} for {len(prepared.passages)} passages "
                f"of {dimension} numbers"
            )
        document_id = self._put_document(prepared, generation)
        self._remove_passages(document_id)
        self._add_passages(
            document_id, prepared.document.text, prepared.passages, prepared.vectors, generation
        )
        self._note_bands(document_id, prepared.bands)
        self._note_blocks(document_id, prepared.site, prepared.blocks)
        return document_id

    def _set_voice(self, document_id: int, voice: int | None) -> None:
        """None: a new voice, which no document has had."""
        if voice is None:
            voice = int(self.setting("voices") or 0) + 1
            self.set_setting("voices", str(voice))
        self._connection.execute(
            "UPDATE documents SET voice = ? WHERE id = ?", (voice, document_id)
        )

    def _note_bands(self, document_id: int, bands: Sequence[bytes]) -> None:
        self._forget_bands(document_id)
        rows = [(band, document_id) for band in dict.fromkeys(bands)]
        self._connection.executemany("INSERT INTO copy_bands VALUES (?, ?)", rows)
        self._connection.execute(
            "UPDATE documents SET bands = ? WHERE id = ?",
            (b"".join(band for band, _ in rows), document_id),
        )

    def _forget_bands(self, document_id: int) -> None:
        self._connection.executemany(
            "DELETE FROM copy_bands WHERE band = ? AND document_id = ?",
            [(band, document_id) for band in self.bands_of(document_id)],
        )

    def _note_blocks(self, document_id: int, site: str, blocks: Sequence[bytes]) -> None:
        """Enough documents with a block prove it furniture: the thousandth need not be noted."""
        self._connection.execute("DELETE FROM blocks WHERE document_id = ?", (document_id,))
        self._connection.executemany(
            "INSERT INTO blocks (site, block, document_id) SELECT ?1, ?2, ?3 WHERE"
            " (SELECT count(*) FROM (SELECT 1 FROM blocks WHERE site = ?1 AND block = ?2"
            " LIMIT ?4) AS noted) < ?4 ON CONFLICT DO NOTHING",
            [(site, block, document_id, _NOTED_PER_BLOCK) for block in blocks],
        )

    def _put_document(self, prepared: Prepared, generation: int) -> int:
        document = prepared.document
        origin = prepared.origin or Origin(document.source, "")
        values = {
            "source": document.source,
            "title": document.title,
            "date": document.date,
            "media_type": document.media_type,
            "text": document.text,
            "furniture": marks_to_json(document.furniture),
            "content_hash": content_hash(document),
            "generation": generation,
            "author": document.author,
            "pages": json.dumps(document.pages),
            "origin": origin.name,
            "origin_hash": origin.sha256,
        }
        names, assigned = ", ".join(values), ", ".join(f"{name} = :{name}" for name in values)
        document_id = self._place_of(prepared)
        if document_id is not None:
            self._connection.execute(
                f"UPDATE documents SET {assigned} WHERE id = :id", values | {"id": document_id}
            )
            return document_id
        row = self._connection.execute(
            f"INSERT INTO documents ({names}) VALUES (:{', :'.join(values)}) RETURNING id", values
        ).fetchone()
        return int(row[0])

    def _place_of(self, prepared: Prepared) -> int | None:
        """The stored document that this one replaces."""
        source = prepared.document.source
        if prepared.document_id is not None and self._exists(prepared.document_id):
            self._make_way(source, prepared.document_id)
            return prepared.document_id
        known = self.find(source)
        return None if known is None else known[0]

    def _exists(self, document_id: int) -> bool:
        """Whether it is still there: somebody may have removed it since it was looked up."""
        row = self._connection.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,))
        return row.fetchone() is not None

    def _make_way(self, source: str, document_id: int) -> None:
        """Remove the document that has the source, if it is another: somebody was faster."""
        known = self.find(source)
        if known is not None and known[0] != document_id:
            self._remove_document(known[0])

    def _remove_document(self, document_id: int) -> bool:
        self._remove_passages(document_id)
        self._forget_bands(document_id)
        gone = self._connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
        return gone.rowcount > 0

    def _remove_passages(self, document_id: int) -> None:
        self._connection.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))

    def _add_passages(
        self,
        document_id: int,
        text: str,
        passages: Sequence[Span],
        vectors: Vectors,
        generation: int,
    ) -> None:
        rows = []
        for span, vector in zip(passages, vectors.astype(_HALF), strict=True):
            place = (document_id, span.start, span.end)
            words, stored = text[span.start : span.end], vector.tobytes()
            checksum = passage_checksum(*place, words, stored)
            rows.append((*place, words, stored, generation, passage_key(words), checksum))
        self._connection.executemany(
            "INSERT INTO passages"
            " (document_id, start_at, end_at, text, vector, generation, text_key, checksum)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
