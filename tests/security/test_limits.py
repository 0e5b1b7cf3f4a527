"""Too many questions at a time, and too many requests of a key, are refused at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from qa.access import Scope
from qa.keys import KeyStore
from qa.settings import Settings
from tests.index.libraries import eventually
from tests.security.conftest import ASK, WHO, MakeClient, bearer
from web.limits import ASKING, Gate, at_a_time, threads
from web.rates import FILE_NAME, Rates


@contextmanager
def held(gate: Gate, count: int) -> Iterator[None]:
    """So many places are taken, as by answers under way."""
    for _ in range(count):
        assert gate.enter()
    yield
    for _ in range(count):
        gate.leave()


def test_a_place_goes_to_who_has_waited_and_not_to_who_comes_just_then() -> None:
    for _ in range(20):
        gate, order = Gate(1, 2), []
        assert gate.enter()

        def wait(gate: Gate = gate, order: list[str] = order) -> None:
            gate.enter()
            order.append("waited")
            gate.leave()

        waiter = threading.Thread(target=wait)
        waiter.start()
        eventually(lambda gate=gate: gate.waiting == 1, "one waits")
        gate.leave()
        assert gate.enter()
        order.append("came later")
        waiter.join()
        assert order == ["waited", "came later"]


def test_so_many_are_let_in_and_so_many_wait() -> None:
    gate = Gate(2, 3)
    assert gate.enter() and gate.enter()
    with ThreadPoolExecutor(3) as threads_:
        waiting = [threads_.submit(gate.enter) for _ in range(3)]
        eventually(lambda: gate.waiting == 3, "three wait")
        assert not gate.enter()  # although nobody has left: it does not wait
        assert gate.inside == 2
        gate.leave()
        eventually(lambda: sum(one.done() for one in waiting) == 1, "one of them is let in")
        assert (gate.inside, gate.waiting) == (2, 2)
        for left in (4, 3, 2, 1):
            inside = min(2, left)
            eventually(lambda inside=inside: gate.inside == inside, "the next is let in")
            gate.leave()
        assert all(one.result() for one in waiting)
    assert (gate.inside, gate.waiting) == (0, 0)


def test_nobody_waits_for_ever() -> None:
    gate = Gate(1, 1, wait_seconds=0.05)
    with held(gate, 1):
        assert not gate.enter()
        assert gate.waiting == 0
    assert gate.enter()


@pytest.mark.parametrize("path", sorted(ASKING))
def test_a_question_too_many_is_told_when_to_come_back(make_client: MakeClient, path: str) -> None:
    client = make_client(max_concurrent=1, max_waiting=0)
    with held(client.application.extensions["gate"], 1):
        response = client.post(path, json=WHO)
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        assert "Marta" not in response.text
        # What is no question goes on.
        assert client.get("/api/v1/documents").status_code == 200
        assert client.delete("/api/v1/documents/2").status_code == 200


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("body", [WHO, {"question": ""}, {"no": "question"}, None])
def test_each_question_gives_its_place_back(
    make_client: MakeClient, accept: str, body: dict[str, str] | None
) -> None:
    """However it ends: with an answer, a stream, a refusal."""
    client = make_client(max_concurrent=1, max_waiting=0)
    gate: Gate = client.application.extensions["gate"]
    for _ in range(3):
        response = client.post(ASK, json=body, headers={"Accept": accept})
        assert response.status_code in {200, 400, 415, 422}
        assert response.data
        response.close()
        assert (gate.inside, gate.waiting) == (0, 0)


def test_a_stream_that_is_given_up_gives_its_place_back(make_client: MakeClient) -> None:
    client = make_client(max_concurrent=1, max_waiting=0)
    gate: Gate = client.application.extensions["gate"]
    response = client.post(ASK, json=WHO, headers={"Accept": "text/event-stream"}, buffered=False)
    assert next(iter(response.response))
    assert gate.inside == 1  # while its events are sent
    response.close()
    del response
    eventually(lambda: gate.inside == 0, "the place is free")


def test_there_is_a_thread_for_a_refusal_whatever_is_under_way(settings: Settings) -> None:
    own = Settings(data=settings.data, max_concurrent=3, max_waiting=20)
    assert at_a_time(own) == 3
    assert threads(own) > 3 + 20
    assert at_a_time(settings) >= 1


def test_few_requests_wait_for_the_end_of_a_job(make_client: MakeClient) -> None:
    """Each holds a thread meanwhile; one too many is told the job as it is."""
    client = make_client()
    places: threading.BoundedSemaphore = client.application.extensions["waiting_for_jobs"]
    while places.acquire(blocking=False):
        pass
    response = client.post("/api/v1/documents?wait=60", json={"text": "Otto.", "title": "x"})
    assert response.status_code == 202


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_key_may_come_as_often_as_it_was_given(tmp_path: Path) -> None:
    clock = Clock()
    rates = Rates(tmp_path, clock)
    granted = sum(rates.take("a", 60) == 0 for _ in range(30))
    assert granted == 10  # ten seconds' worth at once
    wait = rates.take("a", 60)
    assert 0 < wait <= 1
    clock.now += wait
    assert rates.take("a", 60) == 0
    assert rates.take("a", 60) > 0
    assert rates.take("b", 60) == 0  # another key has a bucket of its own
    clock.now += 3_600
    assert sum(rates.take("a", 60) == 0 for _ in range(30)) == 10  # it is never more than full
    assert all(rates.take("c", 0) == 0 for _ in range(1_000))  # 0: as often as it likes


def test_processes_count_together(tmp_path: Path) -> None:
    clock = Clock()
    workers = [Rates(tmp_path, clock) for _ in range(3)]
    assert sum(workers[i % 3].take("a", 60) == 0 for i in range(30)) == 10


def test_threads_that_come_at_once_are_all_counted(tmp_path: Path) -> None:
    rates = Rates(tmp_path, Clock())
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: rates.take("a", 60), range(100)))
    assert sum(wait == 0 for wait in waits) == 10


def test_a_clock_that_was_set_back_locks_nobody_out(tmp_path: Path) -> None:
    clock = Clock()
    rates = Rates(tmp_path, clock)
    while rates.take("a", 60) == 0:
        pass
    clock.now -= 86_400
    assert rates.take("a", 60) <= 1


def test_without_its_file_nobody_is_kept_out(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database " * 100)
    assert Rates(tmp_path).take("a", 1) == 0


def test_a_key_that_comes_too_often_is_told_when_to_come_back(
    remote: FlaskClient, settings: Settings
) -> None:
    store = KeyStore(settings.data)
    token = store.create("busy", Scope.READ, per_minute=6)[1]
    other = store.create("other", Scope.READ)[1]
    assert remote.post(ASK, json=WHO, headers=bearer(token)).status_code == 200
    refused = remote.post(ASK, json=WHO, headers=bearer(token))
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    assert remote.post(ASK, json=WHO, headers=bearer(other)).status_code == 200
