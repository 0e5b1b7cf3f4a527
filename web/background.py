"""What a server does beside answering: it runs jobs and, if told so, watches a folder."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from flask import Flask

from index.job_runner import JobRunner
from index.outcomes import Indexed, Outcome
from qa.assembly import make_indexer, make_syncer, url_source
from qa.pipeline import Pipeline
from qa.settings import Settings

log = logging.getLogger(__name__)

_POLL_SECONDS = 2.0


def start(app: Flask, settings: Settings, pipeline: Pipeline) -> None:
    """Start the threads; they end with the process."""
    store, embedder = pipeline.store, pipeline.retriever.embedder
    runner = JobRunner(
        settings.data,
        lambda: make_indexer(settings, store, embedder),
        fetch=lambda url: url_source(settings, url).load(),
        poll_seconds=_POLL_SECONDS,
    )
    runner.start()
    app.extensions["runner"] = runner
    if settings.watch:
        folder = Path(settings.watch)
        threading.Thread(
            target=_watch, args=(settings, pipeline, folder), name="watch", daemon=True
        ).start()


def _watch(settings: Settings, pipeline: Pipeline, folder: Path) -> None:
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
