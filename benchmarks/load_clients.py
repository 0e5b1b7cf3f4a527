"""Clients of `benchmarks.load`: they ask, add and delete, and note what they are told."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import random
import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.live import Fact

FACTS = 200
_KILL_SECONDS = 10.0  # for how long after the kill a cut connection is laid to it
_TIMEOUT = 60.0
_NUMBERS = itertools.count(1)  # no question twice: an answer that is remembered takes no time


@dataclass
class Seen:
    """What the clients of one phase saw; times in milliseconds."""

    answered: list[float] = field(default_factory=list)
    refused: int = 0  # told 503
    refusal_ms: list[float] = field(default_factory=list)  # but while a worker is replaced
    failures: list[str] = field(default_factory=list)
    cut_off: int = 0  # by the kill
    seconds: float = 0.0


@dataclass
class Writes:
    """What was acknowledged; titles."""

    there: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    adds: int = 0
    deletes: int = 0


class Client:
    """One connection, opened anew when it was cut."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection: http.client.HTTPConnection | None = None

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any, float]:
        """Status, JSON, and the seconds of ``Retry-After``; raises `OSError` if cut off."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT)
        data = None if body is None else json.dumps(body)
        try:
            self._connection.request(method, path, data, {"Content-Type": "application/json"})
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise OSError(repr(error)) from error
        retry = float(response.headers.get("Retry-After") or 0)
        return response.status, json.loads(text) if text else None, retry

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


@dataclass
class Server:
    """A server under load."""

    data: Path
    port: int
    process: subprocess.Popen[str]
    killed_at: float = float("inf")

    def workers(self) -> list[int]:
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in children.split()]

    def kill_one(self) -> None:
        self.killed_at = time.monotonic()
        os.kill(self.workers()[0], signal.SIGKILL)

    def was_just_killed(self) -> bool:
        return 0 <= time.monotonic() - self.killed_at < _KILL_SECONDS

    def megabytes(self) -> float:
        """Memory of all its processes (proportional where it is shared)."""
        kilobytes = 0
        for pid in [self.process.pid, *self.workers()]:
            with suppress(OSError):
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                kilobytes += sum(
                    int(line.split()[1]) for line in rollup.splitlines() if line[:4] == "Pss:"
                )
        return kilobytes / 1024


def ask_until(stop: threading.Event, server: Server, seed: int, seen: Seen) -> None:
    client, chance = Client(server.port), random.Random(seed)
    while not stop.is_set():
        asked = Fact.of(chance.randrange(FACTS)).question
        question = f"Please tell me, for the {next(_NUMBERS)}th time: {asked}"
        began = time.perf_counter()
        try:
            status, body, retry = client.call("POST", "/api/v1/ask", {"question": question})
        except OSError as error:
            if server.was_just_killed():
                seen.cut_off += 1
            else:
                seen.failures.append(str(error))
            continue
        took = 1000 * (time.perf_counter() - began)
        if status == 200:
            seen.answered.append(took)
        elif status == 503 and retry:
            seen.refused += 1
            if not server.was_just_killed():
                seen.refusal_ms.append(took)
            stop.wait(retry)
        else:
            seen.failures.append(f"{status}: {(body or {}).get('detail')}")
    client.close()


def write_until(stop: threading.Event, server: Server, seen: Seen, writes: Writes) -> None:
    """Add and delete documents; a write that was cut off counts as not acknowledged."""
    client, alive, number = Client(server.port), [], 1_000
    while not stop.is_set():
        try:
            if len(alive) < 20:
                number += 1
                fact = Fact.of(number)
                title = f"Load {number}"
                _add(client, fact, title, writes, alive, seen)
            else:
                _delete(client, alive.pop(0), writes, seen)
        except OSError as error:
            if not server.was_just_killed():
                seen.failures.append(f"write: {error}")
            time.sleep(0.2)
    client.close()


def _add(
    client: Client,
    fact: Fact,
    title: str,
    writes: Writes,
    alive: list[tuple[str, int]],
    seen: Seen,
) -> None:
    body = {"text": fact.text, "title": title}
    status, job, retry = client.call("POST", "/api/v1/documents", body)
    if status not in (200, 201, 202):
        _note_refusal(status, job, retry, seen)
        return
    writes.there.add(title)  # acknowledged: from now on it must not be lost
    writes.adds += 1
    deadline = time.monotonic() + _TIMEOUT
    while time.monotonic() < deadline:
        with suppress(OSError):
            status, job, _ = client.call("GET", f"/api/v1/jobs/{job['id']}")
            if status == 200 and job["state"] in ("done", "failed", "cancelled"):
                alive.append((title, job["items"][0]["document_ids"][0]))
                return
        time.sleep(0.05)
    seen.failures.append(f"job of {title} did not end")


def _delete(client: Client, document: tuple[str, int], writes: Writes, seen: Seen) -> None:
    title, document_id = document
    writes.there.discard(title)  # if this is cut off, it may be there or not
    status, body, retry = client.call("DELETE", f"/api/v1/documents/{document_id}")
    if status in (200, 204):
        writes.gone.add(title)
        writes.deletes += 1
    else:
        _note_refusal(status, body, retry, seen)


def _note_refusal(status: int, body: Any, retry: float, seen: Seen) -> None:
    if status == 503 and retry:
        seen.refused += 1
        time.sleep(retry)
    else:
        seen.failures.append(f"write {status}: {body}")
