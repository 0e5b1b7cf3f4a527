"""Runs the jobs of a library, one after the other, in a thread of one of its processes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import (
    DatabaseLost,
    DatabaseUnavailable,
    LibraryBusy,
    LibraryError,
    UnreadableDocument,
)
from index.jobs import Item, Job, Jobs, Kind, State, Upload, now

if TYPE_CHECKING:  # loaders and splitter take half a second to import: not before a job needs them
    from index.indexing import Indexer, Source
    from index.loaders import LoadedFile

log = logging.getLogger(__name__)

_TEXT = "text:"  # a pasted text is its own original
_SAVE_SECONDS = 0.5  # how often a job's progress is written down


class _Cancelled(Exception):
    """The job was asked to end."""


class _Stopped(Exception):
    """The process ends; the job goes on with the next one."""


class JobRunner:
    """A thread that runs what is queued.

    Of several processes on one library one has the lock and runs the jobs; when it ends,
    however it ends, another takes over what it left.

    Args:
        jobs: what keeps them.
        make_indexer: called before the first job is run.
        fetch: turns a URL into documents; raises `UnreadableDocument`.
        poll_seconds: how often to look for jobs that other processes queued.
        on_ended: told of each job that this runner has brought to its end.
        keep: given each upload that could be read, and its SHA-256, before it is stored.
    """

    def __init__(
        self,
        jobs: Jobs,
        make_indexer: Callable[[], Indexer],
        *,
        fetch: Callable[[str], LoadedFile],
        poll_seconds: float,
        on_ended: Callable[[Job], None] = lambda _job: None,
        keep: Callable[[Path, str], None] = lambda _path, _digest: None,
    ) -> None:
        self.jobs = jobs
        self._make_indexer = make_indexer
        self.fetch = fetch
        self.poll_seconds = poll_seconds
        self._on_ended = on_ended
        self._keep = keep
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    @cached_property
    def indexer(self) -> Indexer:
        return self._make_indexer()

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Look for new jobs at once."""
        self._wake.set()

    def stop(self, seconds: float | None = None) -> None:
        """Let the present file be finished and the thread end; wait for that, at most so long."""
        self._stop.set()
        self._wake.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        self.jobs.sweep()
        while not self._stop.is_set():
            try:
                self.run_waiting()
            except LibraryBusy:
                pass  # another process runs the jobs
            except DatabaseUnavailable as error:
                log.warning("Jobs wait: %s", error)
            except Exception:
                log.exception("The runner of jobs failed; it tries again.")
            self._wake.wait(self.poll_seconds)
            self._wake.clear()

    def run_waiting(self) -> None:
        """Run all that is queued. Raises `LibraryBusy` if another process is at it."""
        if not self.jobs.waiting():
            return
        with self.jobs.alone():
            for job in self.jobs.waiting():
                if self._stop.is_set():
                    return
                self._carry_out(job)
            self.indexer.store.settle()

    def _carry_out(self, job: Job) -> None:
        # After a crash a job starts over: what it had committed is found unchanged.
        job = replace(
            job, state=State.RUNNING, started_at=now(), done=0, passages=0, counts={}, items=()
        )
        progress = _Progress(self.jobs, job, self._stop)
        state, error = State.DONE, None
        try:
            progress.save()
            if job.kind is Kind.REBUILD:
                self._rebuild(progress)
            else:
                self._bring(progress)
        except _Cancelled:
            state = State.CANCELLED
        except _Stopped:
            return
        except DatabaseLost:
            raise  # the job goes on when the database is there again
        except (LibraryError, OSError) as failure:
            state, error = State.FAILED, str(failure)
        except Exception:
            log.exception("Job %s failed.", job.id)
            state, error = State.FAILED, "The job failed unexpectedly; the server's log says why."
        ended = replace(progress.job, state=state, error=error, ended_at=now(), seconds_left=None)
        self.jobs.save(ended)
        self._on_ended(ended)

    def _bring(self, progress: _Progress) -> None:
        names = {upload.origin: upload.name for upload in progress.job.uploads}
        for indexed in self.indexer.bring(self._sources(progress)):
            name = names.get(indexed.name, indexed.name)
            reason = indexed.reason
            for said in (indexed.name, name):  # the item has its name already
                reason = reason.removeprefix(f"{said}: ")
            item = Item(name, indexed.outcome, reason, indexed.ids)
            progress.add(item, indexed.passages)

    def _sources(self, progress: _Progress) -> Iterator[Source]:
        from index.indexing import Source

        for number, upload in enumerate(progress.job.uploads):
            progress.check()
            yield Source(upload.origin, self._loader(progress.job, number, upload))

    def _loader(self, job: Job, number: int, upload: Upload) -> Callable[[], LoadedFile]:
        if job.kind is Kind.ADD_URL:
            return lambda: _as_told(self.fetch(upload.origin), upload)
        return lambda: _as_told(self._load_upload(job, number, upload), upload)

    def _load_upload(self, job: Job, number: int, upload: Upload) -> LoadedFile:
        from index.loaders import load_bytes

        path, limits = self.jobs.upload(job, number), self.indexer.limits
        try:
            if path.stat().st_size > limits.max_file_bytes:
                raise UnreadableDocument(
                    f"{upload.name}: it has {path.stat().st_size:,} bytes; "
                    f"at most {limits.max_file_bytes:,} are read (QA_MAX_FILE_BYTES)"
                )
            data = path.read_bytes()
        except OSError as error:
            raise UnreadableDocument(f"{upload.name}: its upload was lost") from error
        if sha256(data).hexdigest() != upload.sha256:
            raise UnreadableDocument(f"{upload.name}: its upload was damaged on the disk")
        loaded = load_bytes(data, upload.name, upload.origin, limits, upload.declared)
        if not upload.origin.startswith(_TEXT):
            self._keep(path, upload.sha256)
        return loaded

    def _rebuild(self, progress: _Progress) -> None:
        from index.rebuilding import rebuild

        documents, _ = self.indexer.store.count()
        progress.job = replace(progress.job, total=documents)
        for _, passages in rebuild(self.indexer):
            progress.advance(passages)


def _as_told(loaded: LoadedFile, upload: Upload) -> LoadedFile:
    """With the title and the date that the user gave, where there is one document."""
    if len(loaded.documents) != 1 or not (upload.title or upload.date):
        return loaded
    document = loaded.documents[0]
    told = replace(
        document, title=upload.title or document.title, date=upload.date or document.date
    )
    return replace(loaded, documents=(told,))


class _Progress:
    """A job under way: what has been done, written down now and then."""

    def __init__(self, jobs: Jobs, job: Job, stop: threading.Event) -> None:
        self.jobs = jobs
        self.job = job
        self._stop = stop
        self._began = time.monotonic()
        self._saved = 0.0

    def check(self) -> None:
        if self._stop.is_set():
            raise _Stopped
        if self.jobs.is_cancelled(self.job):
            raise _Cancelled

    def add(self, item: Item, passages: int) -> None:
        self.job = self.job.with_item(item, passages)
        self._estimate()

    def advance(self, passages: int) -> None:
        self.check()
        self.job = replace(self.job, done=self.job.done + 1, passages=self.job.passages + passages)
        self._estimate()

    def save(self) -> None:
        self.jobs.save(self.job)
        self._saved = time.monotonic()

    def _estimate(self) -> None:
        spent, done = time.monotonic() - self._began, self.job.done
        left = spent / done * max(0, self.job.total - done)
        self.job = replace(self.job, seconds_left=round(left, 1))
        if time.monotonic() - self._saved > _SAVE_SECONDS:
            self.save()
