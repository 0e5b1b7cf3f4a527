"""A Milvus that is down, slow, too old or not for us ends in a clear error, in time."""

from __future__ import annotations

import fcntl
import socket
import time

import pytest

from index.errors import SearchUnavailable
from index.milvus import connection as module
from index.milvus.connection import Connection, Server, check_version

NOWHERE = "http://127.0.0.1:1"


class MilvusUnavailableException(Exception):
    """Named as the client's own."""


def never_connecting(connection: Connection) -> Connection:
    connection._client = object()
    return connection


def test_a_call_is_made_again_until_it_succeeds():
    tried = []

    def fail_twice(_client, seconds):
        tried.append(seconds)
        if len(tried) < 3:
            raise MilvusUnavailableException("not now")
        return "done"

    assert never_connecting(Connection(Server(NOWHERE))).call(fail_twice) == "done"
    assert tried[0] > tried[1] > tried[2], "the time that is left"


def test_what_would_fail_again_is_not_tried_again():
    tried = []

    def refuse(_client, _seconds):
        tried.append(1)
        raise ValueError("the user's own words")

    with pytest.raises(SearchUnavailable, match="refused a call") as caught:
        never_connecting(Connection(Server(NOWHERE))).call(refuse)
    assert len(tried) == 1
    assert "own words" not in str(caught.value) + str(caught.value.__cause__)


def test_a_server_that_is_down_costs_its_time_once():
    connection = never_connecting(Connection(Server(NOWHERE, seconds=0.2)))
    tried = []

    def fail(_client, _seconds):
        tried.append(1)
        raise MilvusUnavailableException

    with pytest.raises(SearchUnavailable, match="did not answer"):
        connection.call(fail)
    before = len(tried)
    with pytest.raises(SearchUnavailable):
        connection.call(fail)
    assert len(tried) == before
    assert connection.trouble() is not None


def test_a_server_that_accepts_and_says_nothing_is_given_up(tmp_path):
    path = tmp_path / "silent"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        began = time.monotonic()
        with pytest.raises(SearchUnavailable, match="did not answer"):
            Connection(Server(f"unix:{path}", seconds=0.5)).call(lambda client, _: client)
        assert time.monotonic() - began < 20


def test_no_message_tells_a_secret():
    server = Server("https://me:hidden@milvus.example:19530/db", token="root:hidden", seconds=0.1)
    assert server.name == "https://milvus.example:19530"
    assert "hidden" not in repr(server)
    connection = never_connecting(Connection(server))

    def fail(_client, _seconds):
        raise MilvusUnavailableException("root:hidden")

    with pytest.raises(SearchUnavailable) as caught:
        connection.call(fail)
    assert "hidden" not in str(caught.value) + str(caught.value.__cause__)


def test_versions():
    for good in ("milvus_lite-3.2.2", "v2.5.4", "2.6.0-rc1", "3.0", "master-abc"):
        check_version(good)
    with pytest.raises(SearchUnavailable, match=r"2\.4\.9.*2\.5"):
        check_version("v2.4.9")


def test_a_certificate_that_is_not_there(tmp_path):
    server = Server("https://h:1", certificate=str(tmp_path / "no.pem"), seconds=0.1)
    with pytest.raises(SearchUnavailable, match=r"no\.pem.*no such file"):
        Connection(server).call(lambda client, _: client)


def test_a_lite_file_that_another_process_has_open(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_quiet_lite", lambda: None)
    (tmp_path / "m.db").mkdir()
    with (tmp_path / "m.db" / "LOCK").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(SearchUnavailable, match="one process only"):
            Connection(Server(str(tmp_path / "m.db"), seconds=2)).call(lambda client, _: client)
