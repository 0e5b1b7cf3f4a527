"""The writer: sends files to a Ray cluster and stores what comes back.

It stores by `index.indexing.Indexer`, batch by batch in the order of the files, as if it had read
them itself: near copies, repeated furniture and ids come out the same.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from index.document_store import DocumentStore
from index.documents import Document, Span
from index.embedding import Embedder
from index.errors import UnreadableDocument
from index.indexing import Indexer, Source, site
from index.loaders import Limits, LoadedFile, file_bytes
from index.outcomes import Indexed, Outcome
from index.ray_loading.finishing import Finished, Raw, decoded
from index.ray_loading.recipe import Recipe
from index.ray_loading.session import Session
from index.ray_loading.shelf import Shelf, ShelfEmbedder

_WAVE_BYTES = 16_000_000  # for each processor: minutes of its work
_WAVE_SHARE = 4  # of the object store, which must hold the results, too
_WAVE_FILES = 20_000
_EARLY = 64  # files of a folder, after which what repeats in it has been stored as furniture


@dataclass(frozen=True, slots=True)
class RawSource:
    """A file or URL to bring in.

    Attributes:
        origin: its absolute path, or the URL.
        read: its bytes, a hint for the format and a title, and the type that was declared;
            raises `UnreadableDocument`.
    """

    name: str
    origin: str
    read: Callable[[], tuple[bytes, str, str | None]]


@dataclass(frozen=True, slots=True)
class _Sent:
    source: RawSource
    sha256: str


class RayIndexer(Indexer):
    """Stores what workers have loaded, cut and embedded.

    Args:
        connect: opens the session; called when there is something to send.
        recipe: what the workers do it by.
    """

    def __init__(
        self,
        store: DocumentStore,
        embedder: Embedder,
        recipe: Recipe,
        connect: Callable[[], Session],
    ) -> None:
        self._shelf = Shelf()
        super().__init__(
            store,
            ShelfEmbedder(embedder, self._shelf),
            passage_tokens=recipe.passage_tokens,
            overlap_tokens=recipe.overlap_tokens,
            limits=recipe.limits,
            mark_furniture=recipe.mark_furniture,
        )
        self._connect = connect

    def bring_raw(self, sources: Iterable[RawSource]) -> Iterator[Indexed]:
        """Add or update what each source holds; see `Indexer.bring`.

        A file whose bytes are those that its documents were read from is not sent.

        Raises:
            RayUnavailable: the cluster cannot be used any more; what was yielded is stored.
        """
        self.store.check_embedder(*self.model)
        with ExitStack() as opened:
            yield from self.bring(self._sources(sources, opened))

    def passages(self, marked: Document) -> list[Span]:
        found = self._shelf.passages(marked)
        return super().passages(marked) if found is None else found

    def _sources(
        self, sources: Iterable[RawSource], opened: ExitStack
    ) -> Iterator[Source | Indexed]:
        session: Session | None = None
        folders: Counter[str] = Counter()
        wave: dict[int, _Sent] = {}
        size = 0
        for number, source in enumerate(sources):
            try:
                data, hint, declared = source.read()
            except UnreadableDocument as error:
                yield Indexed(source.name, Outcome.FAILED, str(error))
                continue
            sha256 = hashlib.sha256(data).hexdigest()
            if (ids := self._stored(source.origin, sha256)) is not None:
                yield self._left_alone(source.origin, ids)
                continue
            if session is None:
                session = opened.enter_context(self._connect())
            if wave and (size + len(data) > _wave_bytes(session) or len(wave) == _WAVE_FILES):
                yield from self._run(session, wave)
                wave, size = {}, 0
            folder = site(source.origin)
            folders[folder] += 1
            early = bool(folder) and folders[folder] <= _EARLY
            session.send(Raw(number, hint, source.origin, declared, early, data))
            wave[number] = _Sent(source, sha256)
            size += len(data)
        if session is not None and wave:
            yield from self._run(session, wave)

    def _run(self, session: Session, wave: dict[int, _Sent]) -> Iterator[Source]:
        """What was sent, as it comes back: each file once."""
        for header, data in session.run():
            try:
                finished = decoded(header, data, self.embedder.dimension)
            except (ValueError, KeyError, TypeError) as error:
                raise session.lost(f"a worker's answer is none ({error})") from error
            sent = wave.pop(finished.number, None)
            if sent is None:
                continue  # once more: what Ray runs twice is stored once
            if (loaded := finished.loaded) is not None and (
                (loaded.origin.name, loaded.origin.sha256) != (sent.source.origin, sent.sha256)
            ):
                raise session.lost(f"what came back for {sent.source.name} is not what was sent")
            yield Source(sent.source.name, partial(self._take, finished, sent))
        if wave:
            raise session.lost(f"{len(wave):,} files did not come back")

    def _take(self, finished: Finished, sent: _Sent) -> LoadedFile:
        if finished.loaded is None:
            raise UnreadableDocument(f"{sent.source.name}: {finished.failure}")
        self._shelf.put(finished)
        return finished.loaded

    def _stored(self, origin: str, sha256: str) -> tuple[int, ...] | None:
        """The ids of the documents that were read from these very bytes, if they were."""
        ids = tuple(document_id for document_id, _ in self.store.of_origin(origin).values())
        if not ids or self.store.document_unchecked(ids[0]).origin_hash != sha256:
            return None
        return ids

    def _left_alone(self, origin: str, ids: tuple[int, ...]) -> Indexed:
        """Furniture may have been proved since: a run that was broken off left that undone."""
        changed = [document_id for document_id in ids if self.mark_document_anew(document_id)]
        return Indexed(origin, Outcome.UPDATED if changed else Outcome.UNCHANGED, ids=ids)


def file_source(path: Path, limits: Limits) -> RawSource:
    return RawSource(
        str(path), str(path.resolve()), lambda: (file_bytes(path, limits), path.name, None)
    )


def _wave_bytes(session: Session) -> int:
    return max(1, min(_WAVE_BYTES * session.processors, session.object_store_bytes // _WAVE_SHARE))
