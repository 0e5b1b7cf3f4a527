"""gunicorn's settings: one process with threads, which share the models and the FAISS index."""

from __future__ import annotations

from typing import Any

from qa.settings import Settings

_settings = Settings.from_environment()
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host

bind = f"{_host}:{_settings.port}"
worker_class = "gthread"
workers = 1
threads = 8
timeout = 120
graceful_timeout = 30
loglevel = "warning"
proc_name = "qa"
control_socket_disable = True  # it would leave a socket in the home folder


def post_worker_init(worker: Any) -> None:
    """The application is loaded by now: the first question is as fast as any."""
    print(f"Ready. Open http://{bind}/ (Ctrl+C stops the server)", flush=True)
