"""Keeps the vectors of a process in the structure that fits their number, beside its queries."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index import approximate, approximate_build, native, vector_loading
from index.embedding import Embedder
from index.errors import LibraryBusy
from index.locking import locked
from index.store import Store
from index.vector_files import unfinished
from index.vectors import PassageVectors

log = logging.getLogger(__name__)

LOCK_NAME = "vectors.lock"
_FORMER_NAME = "vectors.faiss"  # of version 0.1
_GONE_AT_MOST = 0.25  # of what is in the lists
_PAUSE_SECONDS = 2.0  # while another process is at it, or passages come faster than lists
_LONG_PAUSE_SECONDS = 300.0  # after a failure, such as a full disk


class Upkeep:
    """Builds lists when there are enough new passages, one process of the library at a time.

    Others take the new file when they have as many new passages. What is built is of some
    generation of the past: whoever takes it applies what changed since, removals included.

    Args:
        exact_passages: as many are searched exactly, beside lists or without.
        recall: see `index.approximate_build.build`.
    """

    def __init__(
        self, store: Store, embedder: Embedder, *, exact_passages: int, recall: float
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._exact_passages = exact_passages
        self._recall = recall
        self._thread: threading.Thread | None = None
        self._ready: PassageVectors | None = None
        self._not_before = 0.0

    def due(self, vectors: PassageVectors) -> bool:
        if vectors.listed_generation >= 0 and self._few(len(vectors)):
            return True
        return vectors.recent > self._exact_passages or vectors.gone > _GONE_AT_MOST

    def begin(self, vectors: PassageVectors) -> None:
        """Start what is due in a thread, unless it runs."""
        if self._thread is not None and self._thread.is_alive():
            return
        if self._ready is None and time.monotonic() >= self._not_before and self.due(vectors):
            self._thread = threading.Thread(
                target=self._run,
                args=(vectors.listed_generation,),
                name="vectors",
            )
            self._thread.start()

    def take(self, generation: int) -> PassageVectors | None:
        """What the thread made, once, unless it is of a generation yet to come."""
        ready = self._ready
        if ready is None or ready.generation > generation:
            return None
        self._ready = None
        return ready

    def wait(self) -> None:
        """Until the thread is done."""
        if self._thread is not None:
            self._thread.join()

    def settle(self) -> None:
        """Build in this thread what is due, for processes to come; nothing is loaded.

        What the own thread is at is finished first: it would be given up when the process ends.
        """
        self.wait()
        if not self._file_is_due():
            return
        with suppress(LibraryBusy), self._alone():
            if self._file_is_due():  # another may have built just before
                self._write()

    def build_anew(self) -> None:
        """The same, without the file that is there."""
        self.wait()
        self._path.unlink(missing_ok=True)
        self.settle()

    def tidy(self) -> None:
        """Remove what killed processes and earlier versions left behind."""
        if unfinished(self._path) or (self._store.folder / _FORMER_NAME).exists():
            with suppress(LibraryBusy), self._alone():
                (self._store.folder / _FORMER_NAME).unlink(missing_ok=True)

    @property
    def _path(self) -> Path:
        return self._store.folder / approximate.FILE_NAME

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Raises `LibraryBusy` while another builds. Unfinished files are then nobody's."""
        with locked(self._store.folder / LOCK_NAME, "building vector lists", wait_seconds=0):
            for file in unfinished(self._path):
                log.warning("Removed %s, which was left unfinished.", file)
                file.unlink(missing_ok=True)
            yield

    def _run(self, listed_generation: int) -> None:
        pause = 0.0
        try:
            with self._alone():
                ready = self._renewed(listed_generation)
            pause = _PAUSE_SECONDS if self.due(ready) else 0.0
            self._ready = ready
        except LibraryBusy:
            log.info("Another process builds vector lists; they will be taken over.")
            pause = _PAUSE_SECONDS
        except approximate_build.Abandoned:
            log.info("Vector lists were not finished: the process ends.")
        except Exception:
            log.exception("Vector lists could not be built; searches go on without.")
            pause = _LONG_PAUSE_SECONDS
        finally:
            self._not_before = time.monotonic() + pause
            self._store.close()

    def _renewed(self, listed_generation: int) -> PassageVectors:
        """Take another process's file if that helps; else build."""
        with self._store.snapshot():
            origin, _ = vector_loading.trust(self._store, self._embedder.dimension)
            if origin is not None and origin.generation > listed_generation:
                loaded = vector_loading.load(self._store, self._embedder.dimension)
                if not self.due(loaded):
                    return loaded
                del loaded
        self._write()
        with self._store.snapshot():
            return vector_loading.load(self._store, self._embedder.dimension)

    def _write(self) -> None:
        with self._store.snapshot():
            few = self._few(self._store.passage_count())
        if few:
            self._path.unlink(missing_ok=True)
        else:
            approximate_build.build(
                self._store,
                self._path,
                self._embedder.dimension,
                self._embedder.embed,
                recall=self._recall,
            )
            native.return_freed_memory()

    def _few(self, passages: int) -> bool:
        """Too few for lists, even for those that are there."""
        return passages <= self._exact_passages // 2

    def _file_is_due(self) -> bool:
        """As `due`, of the file."""
        with self._store.snapshot():
            return self._is_due()

    def _is_due(self) -> bool:
        store = self._store
        passages = store.passage_count()
        origin, reason = vector_loading.trust(store, self._embedder.dimension)
        if origin is None:
            return passages > self._exact_passages or bool(reason)
        if self._few(passages):
            return True
        newer = "SELECT count(*) FROM passages WHERE generation > ?"
        recent = int(store.rows(newer, (origin.generation,))[0][0])
        gone = 1 - (passages - recent) / max(origin.passages, 1)
        return recent > self._exact_passages or gone > _GONE_AT_MOST
