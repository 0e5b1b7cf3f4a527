"""What the load generator counts: answers, refusals, failures, and what was lost."""

from __future__ import annotations

import http.server
import json
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks import load
from benchmarks.load_clients import Client, Seen, Server, Writes, ask_until
from index.indexing import Indexer
from qa.settings import Settings
from tests.qa.parts import document

pytestmark = pytest.mark.usefixtures("socket_enabled")


class Scripted(http.server.BaseHTTPRequestHandler):
    """Answers with what is next in ``script``: a status, or None to cut the connection."""

    protocol_version = "HTTP/1.1"
    script: list[int | None]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status = self.script.pop(0) if self.script else 200
        if status is None:
            self.close_connection = True
            return
        body = json.dumps({"answers": []}).encode()
        self.send_response(status)
        if status == 503:
            self.send_header("Retry-After", "0.01")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def answering(script: list[int | None]) -> Iterator[Server]:
    handler = type("Handler", (Scripted,), {"script": script})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Server(Path(), server.server_port, None)  # type: ignore[arg-type]
        server.shutdown()


def seen_of(script: list[int | None], *, killed: bool = False) -> Seen:
    """What a client sees until the script is at its end."""
    with answering(script) as server:
        if killed:
            server.killed_at = time.monotonic()
        seen, stop = Seen(), threading.Event()
        client = threading.Thread(target=ask_until, args=(stop, server, 1, seen))
        client.start()
        while script or not seen.answered:
            time.sleep(0.01)
        stop.set()
        client.join()
    return seen


def test_answers_are_told_from_the_refusals_that_were_announced() -> None:
    seen = seen_of([200, 503, 503])
    assert (seen.refused, seen.failures, seen.cut_off) == (2, [], 0)
    assert len(seen.answered) >= 1
    assert len(seen.refusal_ms) == 2


def test_any_other_status_is_a_failure() -> None:
    seen = seen_of([500, 404])
    assert [failure[:3] for failure in seen.failures] == ["500", "404"]


def test_a_cut_connection_is_a_failure_unless_a_worker_was_just_killed() -> None:
    assert len(seen_of([None]).failures) == 1
    seen = seen_of([None], killed=True)
    assert (seen.failures, seen.cut_off) == ([], 1)


def test_no_question_is_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def call(self: Client, method: str, path: str, body: Any) -> tuple[int, Any, float]:
        asked.append(body["question"])
        return 200, {}, 0.0

    monkeypatch.setattr(Client, "call", call)
    stop = threading.Event()
    server = Server(Path(), 1, None)  # type: ignore[arg-type]
    clients = [
        threading.Thread(target=ask_until, args=(stop, server, seed, Seen())) for seed in (1, 2)
    ]
    for client in clients:
        client.start()
    while len(asked) < 500:
        time.sleep(0.001)
    stop.set()
    for client in clients:
        client.join()
    assert len(set(asked)) == len(asked)


def test_a_percentile_is_a_time_that_was_seen() -> None:
    times = [float(number) for number in range(100, 0, -1)]
    assert load.percentile(times, 0.5) == 51
    assert load.percentile(times, 0.99) == 100
    assert math.isnan(load.percentile([], 0.5))


def test_what_was_lost_and_what_has_risen_is_found(indexer: Indexer, settings: Settings) -> None:
    indexer.add_document(document("one text.", "/1.txt", title="Load 1"))
    indexer.add_document(document("another text.", "/2.txt", title="Load 2"))
    indexer.store.settle()
    writes = Writes(there={"Load 1", "Load 3"}, gone={"Load 2", "Load 4"})
    assert load.lost(settings.data, writes) == ({"Load 3"}, {"Load 2"})
