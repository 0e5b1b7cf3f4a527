"""gunicorn's settings: processes with threads, which share the models and the FAISS index."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from qa.settings import Settings
from web import limits, logs

# What the master imports, every worker has: neither models' libraries nor, before its folder is
# there, prometheus_client.

_settings = Settings.from_environment()
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host
_METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client looks there
_STOP_SECONDS = 5.0  # for the job under way to come to a place where it can be broken off

bind = f"{_host}:{_settings.port}"
worker_class = "web.worker.Worker"
workers = _settings.workers
threads = limits.threads(_settings)
timeout = 120
keepalive = 75  # seconds; a client that was told to come back in a moment finds its connection
graceful_timeout = math.ceil(_settings.graceful_seconds)
logconfig_dict = logs.for_gunicorn(_settings.log_level, text=_settings.log_text)
proc_name = "qa"
control_socket_disable = True  # it would leave a socket in the home folder


def on_starting(server: Any) -> None:
    """Before any worker, and so before `web.metrics` counts: a folder for all to count in."""
    os.environ[_METRICS_FOLDER] = tempfile.mkdtemp(prefix="qa-metrics-")


def post_worker_init(worker: Any) -> None:
    """The application is loaded by now: the first question is as fast as any."""
    if worker.age == 1:  # the first of several, or the only one
        print(f"Ready. Open http://{bind}/ (Ctrl+C stops the server)", flush=True)


def worker_exit(server: Any, worker: Any) -> None:
    """Answers under way have been given by now; a job goes on when the server starts again."""
    from web import background

    app = getattr(worker, "wsgi", None)
    if app is not None:  # it had come that far
        background.stop(app, _STOP_SECONDS)


def child_exit(server: Any, worker: Any) -> None:
    """However it ended: what it had under way is not under way any more."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    folder = os.environ.get(_METRICS_FOLDER)
    if folder and Path(folder).name.startswith("qa-metrics-"):
        shutil.rmtree(folder, ignore_errors=True)
