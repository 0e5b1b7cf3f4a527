"""Real servers: stopped while they answer, killed while they are asked, several on one library."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.indexing import Indexer
from index.jobs import JobStore, State
from index.store import Store
from qa.settings import Settings
from tests.index.libraries import eventually
from tests.qa.parts import BRIDGE, MILL, document
from tests.web.servers import Server, serving

pytestmark = pytest.mark.usefixtures("socket_enabled")

QUESTION = "who opened the harbour bridge?"
SOLD = "the old mill was sold by Otto."
SLOW = "who opened the harbour bridge slowly?"


@pytest.fixture
def data(settings: Settings, indexer: Indexer) -> Path:
    indexer.add_document(document(BRIDGE))
    indexer.store.settle()
    return settings.data


def asked(
    server: Server, question: str, accept: str = "application/json"
) -> tuple[threading.Thread, list[tuple[int, Any]]]:
    """A question under way, and where its answer will be."""
    answers: list[tuple[int, Any]] = []
    thread = threading.Thread(target=lambda: answers.append(server.ask(question, accept)))
    thread.start()
    return thread, answers


def in_flight(server: Server) -> float:
    (told,) = re.findall(
        r"^verbatim_requests_in_flight (\S+)$", server.call("GET", "/metrics")[1], re.MULTILINE
    )
    return float(told)


def refuses(server: Server) -> Callable[[], bool]:
    def check() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", server.port)) != 0

    return check


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_server_that_is_told_to_stop_gives_the_answer_under_way(
    data: Path, tmp_path: Path, accept: str
) -> None:
    with serving(data, tmp_path) as server:
        thread, answers = asked(server, SLOW, accept)
        eventually((tmp_path / "reading").exists, "the question is read")
        server.process.send_signal(signal.SIGTERM)
        eventually(refuses(server), "nobody new is let in")
        assert not answers
        (tmp_path / "release").touch()
        thread.join(30)
        assert server.process.wait(30) == 0
    ((status, answer),) = answers
    if accept == "text/event-stream":
        assert "event: done" in answer
        (answer,) = [
            json.loads(event.partition("data: ")[2])
            for event in answer.split("\n\n")
            if event.startswith("event: answer")
        ]
    assert (status, answer["answers"][0]["text"]) == (200, "Marta")


def test_a_server_waits_for_an_answer_no_longer_than_it_is_told(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path, QA_GRACEFUL_SECONDS="1") as server:
        failed = threading.Event()

        def ask() -> None:
            try:
                server.ask(SLOW)
            except OSError:
                failed.set()

        thread = threading.Thread(target=ask)
        thread.start()
        eventually((tmp_path / "reading").exists, "the question is read")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) is not None
        thread.join(30)
    assert failed.is_set()


def test_a_job_that_a_stop_broke_off_goes_on_with_the_next_start(
    data: Path, tmp_path: Path
) -> None:
    texts = [f"the {number}. bridge was opened by Anna{number}." for number in range(30)]
    with serving(data, tmp_path) as server:
        ids = [
            server.call("POST", "/api/v1/documents", {"text": text, "title": f"Text {number}"})[1]
            for number, text in enumerate(texts)
        ]
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0
    jobs = JobStore(data)
    assert {jobs.get(job["id"]).state for job in ids} <= {State.DONE, State.QUEUED, State.RUNNING}
    with serving(data, tmp_path):
        eventually(
            lambda: all(jobs.get(job["id"]).state is State.DONE for job in ids), "the jobs are done"
        )
    assert Store(data).count()[0] == 1 + len(texts)


def test_what_one_worker_deletes_no_worker_answers_from(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path, QA_WORKERS="2", QA_LOG_LEVEL="debug") as server:
        eventually(lambda: _processes(server, "/healthz") == set(server.workers()), "both answer")
        for number in range(5):
            _, job = server.call("POST", "/api/v1/documents?wait=30", {"text": SOLD})
            (document_id,) = job["items"][0]["document_ids"]
            _ask_both(server, "who sold the old mill?", "Otto", number)
            assert server.call("DELETE", f"/api/v1/documents/{document_id}")[0] in (200, 204)
            _ask_both(server, "who sold the old mill?", None, number)


def _ask_both(server: Server, question: str, expected: str | None, number: int) -> int:
    """Ask until both workers have answered; each answer must be the expected one.

    Returns how often it has asked.
    """
    before = len(server.lines())
    for asked_so_far in range(1, 200):
        _, answer = server.ask(question)
        texts = [found["text"] for found in answer["answers"]]
        assert texts[:1] == ([expected] if expected else []), number
        told = server.lines()[before:]
        if len({line["process"] for line in told if line.get("route") == "/api/v1/ask"}) == 2:
            return asked_so_far
    pytest.fail("one worker answered all")


def _processes(server: Server, path: str) -> set[int]:
    """The processes that have answered on a path."""
    server.call("GET", path)
    return {line["process"] for line in server.lines() if line.get("route") == path}


def test_the_metrics_of_all_workers_are_added_up(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path, QA_WORKERS="2", QA_LOG_LEVEL="debug") as server:
        eventually(lambda: _processes(server, "/healthz") == set(server.workers()), "both answer")
        times = _ask_both(server, QUESTION, "Marta", 0)
        text = server.call("GET", "/metrics")[1]
        assert f'verbatim_answers_total{{relation="one"}} {times}.0' in text
        eventually(lambda: in_flight(server) == 1, "only the one that asks is under way")


def test_what_jobs_loaded_is_counted(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path) as server:
        server.call("POST", "/api/v1/documents?wait=30", {"text": MILL})
        told = 'verbatim_jobs_total{kind="add",state="done"} 1.0'
        eventually(lambda: told in server.call("GET", "/metrics")[1], "the job is counted")
        assert 'verbatim_loaded_total{outcome="added"} 1.0' in server.call("GET", "/metrics")[1]


def test_a_worker_that_is_killed_is_replaced_and_loses_no_acknowledged_write(
    data: Path, tmp_path: Path
) -> None:
    with serving(data, tmp_path) as server:
        texts = [f"the {number}. bridge was opened by Anna{number}." for number in range(20)]
        jobs = [server.call("POST", "/api/v1/documents", {"text": text})[1] for text in texts]
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        eventually(lambda: server.workers() not in ([], [worker]), "another worker starts")
        store = JobStore(data)
        eventually(
            lambda: all(store.get(job["id"]).state is State.DONE for job in jobs),
            "the jobs are done",
        )
        assert server.call("GET", "/healthz")[0] == 200
        thread, answers = asked(server, QUESTION)
        thread.join(30)
        assert answers[0][0] == 200
        eventually(lambda: in_flight(server) == 1, "only the one that asks is under way")
    stored = Store(data)
    kept = {stored.document(document_id).text for document_id in stored.document_ids()}
    assert set(texts) <= kept


def test_what_a_killed_worker_had_under_way_is_not_under_way_any_more(
    data: Path, tmp_path: Path
) -> None:
    with serving(data, tmp_path) as server:
        (worker,) = server.workers()
        cut_off = threading.Event()

        def ask() -> None:
            try:
                server.ask(SLOW)
            except OSError:
                cut_off.set()

        thread = threading.Thread(target=ask)
        thread.start()
        eventually((tmp_path / "reading").exists, "the question is read")
        os.kill(worker, signal.SIGKILL)
        thread.join(30)
        assert cut_off.is_set()
        eventually(lambda: server.workers() not in ([], [worker]), "another worker starts")
        told = server.call("GET", "/metrics")[1]
        eventually(lambda: in_flight(server) == 1, "only the one that asks is under way")
        assert 'verbatim_questions{state="answering"} 1.0' not in told


def test_all_that_a_server_logs_is_json(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path) as server:

        def logs(words: str) -> bool:
            return any(line["event"].startswith(words) for line in server.lines())

        server.ask(QUESTION)
        eventually(lambda: logs("request"), "the request is logged")
        with socket.create_connection(("127.0.0.1", server.port)) as stream:
            stream.sendall(b"NO HTTP\x1b[31m\r\n\r\n")
            stream.recv(1_000)
        eventually(lambda: logs("Invalid request"), "what is no request is logged")
        os.kill(server.workers()[0], signal.SIGKILL)
        eventually(lambda: logs("Worker"), "the worker's death is logged")
    assert all(line["time"] and line["level"] for line in server.lines())
    assert "NO HTTP" not in server.log.read_text()


def test_a_server_leaves_no_folder_of_metrics_behind(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path) as server:
        assert len(list(tmp_path.glob("qa-metrics-*"))) == 1
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(30)
    assert list(tmp_path.glob("qa-metrics-*")) == []


def test_of_several_workers_one_watches_the_folder(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "mill.txt").write_text(MILL)
    with serving(data, tmp_path, QA_WORKERS="2", QA_WATCH=str(folder)) as server:
        store = Store(data)
        eventually(lambda: store.count()[0] == 2, "the file is in")
        first = _watcher(data)
        assert first in server.workers()
        os.kill(first, signal.SIGKILL)
        eventually(lambda: _watcher(data) not in (0, first), "the other watches")
        (folder / "mill.txt").unlink()
        (folder / "bridge.txt").write_text("the mill was sold by Anna.")
        eventually(
            lambda: [d.title for d in store.documents()].count("mill") == 0, "the change is seen"
        )


def _watcher(data: Path) -> int:
    """The process that holds the lock; 0 for none."""
    note = (data / "watch.lock").read_text().split() if (data / "watch.lock").exists() else []
    return int(note[1]) if note else 0


def test_a_port_is_free_again_after_the_server_has_stopped(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path) as server:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(30)
        began = time.monotonic()
        assert refuses(server)()
        assert time.monotonic() - began < 10
