"""Real servers of the tests: gunicorn with our settings, over stand-ins for the models."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A server, its address, and the file that its standard error goes to."""

    process: subprocess.Popen[str]
    port: int
    log: Path

    def call(
        self, method: str, path: str, body: Any = None, accept: str = "application/json"
    ) -> tuple[int, Any]:
        """The status and what was answered: JSON, or else text."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data,
            {"Content-Type": "application/json", "Accept": accept},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as response:
                status, text = response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode()
        return status, json.loads(text) if text.startswith("{") else text

    def ask(self, question: str, accept: str = "application/json") -> tuple[int, Any]:
        return self.call("POST", "/api/v1/ask", {"question": question}, accept)

    def workers(self) -> list[int]:
        """Ids of the processes that the server has started."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in children.split()]

    def lines(self) -> list[dict[str, Any]]:
        """What it has logged; a line that is being written is left for later."""
        whole, _, _ = self.log.read_text("utf-8").rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(data: Path, folder: Path, **variables: str) -> Iterator[Server]:
    """A server over the library in ``data``; ``folder`` is for what a slow question waits for.

    Args:
        variables: of its environment.
    """
    port, log = free_port(), folder / "server.log"
    own = {"QA_DATA": str(data), "QA_PORT": str(port), "SLOW_FOLDER": str(folder)}
    own |= {"TMPDIR": str(folder), "QA_PASSAGE_TOKENS": "40", "QA_OVERLAP_TOKENS": "10"}
    environment = os.environ | own
    command = [sys.executable, "-m", "gunicorn", "-c", "python:web.gunicorn_conf"]
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [*command, "tests.web.slow_wsgi:app"],
            cwd=ROOT,
            env=environment | variables,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert ready.startswith("Ready."), log.read_text()
            yield Server(process, port, log)
        finally:
            with suppress(ProcessLookupError):  # with its workers, one of which may wait for ever
                os.killpg(process.pid, signal.SIGKILL)
