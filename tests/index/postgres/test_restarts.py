"""A server that goes away: readers do not see it; a change is made, or told to be lost."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from index.errors import DatabaseLost, DatabaseUnavailable, LibraryBusy
from index.postgres.server import Link, Server
from index.postgres.store import PostgresStore
from index.verify import content_findings
from tests.index.libraries import MODEL, prepared, put
from tests.postgres import Cluster

RIVERS = "The Rhine is long. The Danube is longer."
LAKES = "Lake Garda is deep. Lake Como is deeper. Lake Constance is wide."


@pytest.fixture
def store(postgres_url: str, tmp_path: Path) -> Iterator[PostgresStore]:
    store = PostgresStore(tmp_path / "data", postgres_url, statement_seconds=30, create=True)
    yield store
    store.close()


def restart(postgres: Cluster, how: signal.Signals = signal.SIGINT) -> None:
    postgres.stop(how)
    postgres.start()


def test_readers_do_not_see_a_restart(store, postgres):
    rivers = put(store, RIVERS)
    with store.snapshot():
        before = store.history()
        restart(postgres, signal.SIGQUIT)
        assert store.document(rivers).text == RIVERS
        assert store.history() == before
    restart(postgres)
    assert store.count() == (1, 2)
    put(store, LAKES)
    with store.snapshot():
        assert store.generation() == 2


def test_a_snapshot_that_cannot_be_had_again_says_so(store, postgres):
    put(store, RIVERS)
    with ThreadPoolExecutor(1) as pool, store.snapshot():
        pool.submit(put, store, LAKES).result()
        restart(postgres)
        with pytest.raises(DatabaseLost, match=r"was away.*has changed since.*Ask again"):
            store.document(1)
    assert store.document(1).text == LAKES


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_a_restart_in_the_middle_of_a_change_leaves_nothing_half(store, postgres, how):
    put(store, RIVERS)

    def halfway(_store: object, document_id: int) -> None:
        if document_id > 2:
            restart(postgres, how)

    several = [prepared(f"Document {n} is new.", f"/{n}.txt") for n in range(4)]
    with pytest.raises(DatabaseLost, match=r"Nothing of the change was made\. Try again\."):
        store.apply(several, [1], MODEL, halfway)
    assert [summary.source for summary in store.documents()] == ["/a.txt"]
    assert (store.generation(), list(content_findings(store))) == (1, [])
    assert len(store.apply(several, [1], MODEL)) == 4
    assert store.count() == (4, 4)


class _LosesAnswers:
    """A connection that is lost with the answer to COMMIT, before or after it was carried out."""

    def __init__(self, link: Link, *, committed: bool) -> None:
        self._link = link
        self._committed = committed

    def execute(self, query: bytes | str, *rest: object) -> object:
        if query != "COMMIT":
            return self._link.execute(query, *rest)
        if self._committed:
            self._link.execute("COMMIT")
        self._link.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    def __getattr__(self, name: str) -> object:
        return getattr(self._link, name)


@pytest.mark.parametrize("committed", [True, False])
def test_a_commit_whose_answer_is_lost_is_looked_up(store, monkeypatch, caplog, committed):
    take = Server.take

    def losing(server: Server, *, tried: bool = False) -> Link:
        link = take(server, tried=tried)
        return _LosesAnswers(link, committed=committed) if tried else link  # type: ignore

    monkeypatch.setattr(Server, "take", losing)
    if committed:
        assert put(store, RIVERS) == 1
        assert "it is there" in caplog.text
    else:
        with pytest.raises(DatabaseLost, match="Nothing of the change was made"):
            put(store, RIVERS)
    monkeypatch.undo()
    assert (store.generation(), store.count()) == ((1, (1, 2)) if committed else (0, (0, 0)))


def test_a_server_that_stays_away_is_told_at_once_in_the_end(store, postgres):
    put(store, RIVERS)
    store.server._patience = 0.3
    postgres.stop()
    try:
        for _ in range(2):
            with pytest.raises(DatabaseUnavailable, match="PostgreSQL cannot be reached at"):
                store.count()
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable):
            put(store, LAKES)
        assert time.monotonic() - began < 5
    finally:
        postgres.start()
    assert store.count() == (1, 2)


def test_a_lock_is_free_again_when_its_holder_lost_the_server(store, postgres, postgres_url):
    other = PostgresStore(store.folder, postgres_url, statement_seconds=30)
    with store.alone("jobs.lock", "running jobs"):
        with pytest.raises(LibraryBusy), other.alone("jobs.lock", "running jobs"):
            pass
        restart(postgres)
        with other.alone("jobs.lock", "running jobs"):
            pass
    other.close()


def test_a_statement_that_takes_too_long_is_given_up(store, postgres_url):
    slow = PostgresStore(store.folder, postgres_url, statement_seconds=1.5)
    with pytest.raises(DatabaseUnavailable, match=r"longer than 1\.5 seconds.*DATABASE_SECONDS"):
        slow.rows("SELECT pg_sleep(60)")
    assert slow.count() == (0, 0)
    slow.close()
