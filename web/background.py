"""What a server does beside answering: it runs jobs and, if told so, watches a folder."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from pathlib import Path

from flask import Flask

from index.errors import LibraryBusy, LibraryError
from index.job_runner import JobRunner
from index.jobs import Job
from index.originals import OriginalStore
from index.outcomes import Indexed, Outcome
from qa.assembly import make_indexer, make_syncer, url_source
from qa.pipeline import Pipeline
from qa.settings import Settings
from web import metrics

log = logging.getLogger(__name__)

_POLL_SECONDS = 2.0
_WATCH_LOCK = "watch.lock"


def start(app: Flask, settings: Settings, pipeline: Pipeline) -> None:
    """Start the threads; they end with the process."""
    store, embedder = pipeline.store, pipeline.retriever.embedder
    originals, removed = OriginalStore(settings.data), app.extensions["removed"]

    def sweep() -> None:
        with suppress(LibraryError, OSError):  # what is left over is swept another time
            originals.sweep(store, app.extensions["jobs"], removed)

    def ended(job: Job) -> None:
        metrics.count_job(job)
        sweep()

    removed.forgotten = sweep
    removed.start()
    runner = JobRunner(
        app.extensions["jobs"],
        lambda: make_indexer(settings, store, embedder),
        fetch=lambda url: url_source(settings, url).load(),
        poll_seconds=_POLL_SECONDS,
        on_ended=ended,
        **({"keep": originals.keep} if settings.keep_originals else {}),
    )
    runner.start()
    app.extensions["runner"] = runner
    if settings.watch:
        folder = Path(settings.watch)
        threading.Thread(
            target=_watch, args=(settings, pipeline, folder), name="watch", daemon=True
        ).start()


def stop(app: Flask, seconds: float) -> None:
    """Let the file that a job is at be finished, if that takes no longer; the job goes on later.

    Longer ones are begun anew: what was committed is found unchanged then.
    """
    runner: JobRunner | None = app.extensions.get("runner")
    if runner is not None:
        runner.stop(seconds)


def _watch(settings: Settings, pipeline: Pipeline, folder: Path) -> None:
    """Watch as long as the process lives; of several server processes one does at a time."""
    while True:
        with suppress(LibraryBusy), pipeline.store.alone(_WATCH_LOCK, "watching a folder"):
            _keep_equal(settings, pipeline, folder)
        time.sleep(_POLL_SECONDS)


def _keep_equal(settings: Settings, pipeline: Pipeline, folder: Path) -> None:
    from index.watching import Watcher

    syncer = make_syncer(settings, pipeline.store, pipeline.retriever.embedder, folder)
    watcher = Watcher(
        syncer,
        settle_seconds=settings.settle_seconds,
        on_indexed=_log_outcome,
        on_trouble=lambda trouble: log.warning("%s", trouble),
    )
    watcher.run(threading.Event())


def _log_outcome(indexed: Indexed) -> None:
    level = logging.WARNING if indexed.outcome is Outcome.FAILED else logging.INFO
    log.log(level, "%s: %s", indexed.outcome, indexed.reason or indexed.name)
