"""Requests that are too large, or come too slowly, or say wrongly how large they are."""

from __future__ import annotations

import io
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import create_environ, run_wsgi_app

from index.indexing import Indexer
from qa.settings import Settings
from tests.qa.parts import BRIDGE, document
from tests.security.conftest import ASK, WHO, MakeClient
from tests.web.servers import Server, serving
from web import arriving
from web.arriving import TimedUnreader

BODY = 20_000


@pytest.fixture
def small(make_client: MakeClient) -> FlaskClient:
    return make_client(
        max_body_bytes=BODY, max_file_bytes=30_000, max_upload_bytes=60_000, max_upload_files=5
    )


@pytest.mark.parametrize(
    "path",
    [
        ASK,
        "/api/v1/ask/batch",
        "/api/v1/search",
        "/api/v1/explain",
        "/api/v1/citations/resolve",
        "/api/v1/conversations",
        "/api/v1/feedback",
        "/v1/chat/completions",
    ],
)
def test_a_body_beyond_the_limit_is_refused_unread(small: FlaskClient, path: str) -> None:
    """By what it says of its length; nothing of it is taken into memory."""
    tracemalloc.start()
    try:
        body = io.BytesIO(b"{" + b" " * 20)
        response = small.post(
            path,
            input_stream=body,
            content_type="application/json",
            environ_overrides={"CONTENT_LENGTH": "10000000000"},
        )
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert response.status_code == 413, response.text
    assert body.tell() == 0


class Endless(io.RawIOBase):
    """A body that never ends, and says nothing of its length."""

    def __init__(self) -> None:
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.given += len(buffer)
        buffer[:] = b" " * len(buffer)
        return len(buffer)


@pytest.mark.parametrize("path", [ASK, "/api/v1/conversations", "/api/v1/documents"])
def test_a_body_without_end_is_cut_off_at_the_limit(small: FlaskClient, path: str) -> None:
    body = Endless()
    environ = create_environ(path, method="POST", content_type="application/json")
    environ |= {
        "wsgi.input": body,
        "wsgi.input_terminated": True,  # as gunicorn says of chunks
        "HTTP_TRANSFER_ENCODING": "chunked",
    }
    environ.pop("CONTENT_LENGTH", None)
    _, status, _ = run_wsgi_app(small.application, environ)
    assert status.startswith("413")
    assert body.given < 500_000


@pytest.mark.parametrize(
    ("files", "size"),
    [(6, 10), (3, 25_000), (1, 61_000)],
    ids=["too many files", "together too large", "one too large"],
)
def test_an_upload_beyond_the_limits(small: FlaskClient, files: int, size: int) -> None:
    form = {"file": [(io.BytesIO(b"a" * size), f"{i}.txt") for i in range(files)]}
    assert small.post("/api/v1/documents", data=form).status_code == 413
    assert small.get("/api/v1/jobs").get_json()["jobs"] == []


def test_a_form_of_a_thousand_fields(small: FlaskClient) -> None:
    form = {f"field{i}": "x" for i in range(1_000)}
    sent = small.post("/api/v1/documents", data=form, content_type="multipart/form-data")
    assert sent.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        {"question": "w" * 1_001},
        {"question": "word " * 200 + "w"},
        {"question": "who?", "history": ["x"] * 201},
        {"question": "who?", "top_k": 10**9},
        {"question": "who?", "top_k": -1},
        {"question": "who?", "document_ids": [2**70]},
        {"question": ["who?"]},
        {"question": {"$ne": ""}},
    ],
    ids=lambda body: str(body)[:40],
)
def test_a_question_beyond_the_limits(client: FlaskClient, body: dict[str, object]) -> None:
    assert client.post(ASK, json=body).status_code == 422


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"question":' * 50_000, b"9" * 100_000, b'{"question": "\\ud800"}', b"\xff"],
    ids=["arrays", "objects", "a number", "half a character", "no text"],
)
def test_json_that_would_bring_the_parser_down(client: FlaskClient, body: bytes) -> None:
    response = client.post(ASK, data=body, content_type="application/json")
    assert response.status_code in {400, 422}


# The connections of the worker, over pairs of sockets.


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, TimedUnreader]]:
    """A client's end of a connection, and what reads the other."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    yield theirs, TimedUnreader(ours)
    ours.close()
    theirs.close()


HEAD = b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    ("sent", "missing"),
    [
        (b"", 1),
        (b"G", 1),
        (HEAD, 1),
        (HEAD + b"X: " + b"a" * 10_000, 1),
        (HEAD + b"Content-Length: 5\r\n\r\n{", 4),
        (HEAD + b"cOnTeNt-LeNgTh:5\r\n\r\n{", 4),
        (HEAD + b"X-Content-Length: 5\r\n\r\n", 0),
        (HEAD + b"Content-Length: 5\r\n\r\n12345", 0),
        (HEAD + b"\r\n", 0),
        (HEAD + b"X: " + b"a" * 70_000, 0),  # the parser refuses it, in words
        (HEAD + b"Content-Length: 9999999\r\n\r\n", None),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", None),
        (HEAD + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", None),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_what_is_missing_of_a_request(
    pair: tuple[socket.socket, TimedUnreader], sent: bytes, missing: int | None
) -> None:
    """A request gets its thread when nothing is missing; a large body (None) is read in it."""
    client, unreader = pair
    client.sendall(sent)
    assert unreader.take()
    assert unreader.missing() == missing


def test_a_large_body_that_drips_is_given_up(
    pair: tuple[socket.socket, TimedUnreader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "_PATIENCE_SECONDS", 0.3)
    client, unreader = pair
    unreader.sock.setblocking(True)
    stop = threading.Event()

    def drip() -> None:
        for _ in range(500):
            if stop.wait(0.02):
                return
            client.sendall(b"x")
        client.shutdown(socket.SHUT_WR)  # it was read to the end

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        with pytest.raises(OSError, match="No more data"):
            unreader.read(1_000_000)
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def data(settings: Settings, indexer: Indexer) -> Path:
    indexer.add_document(document(BRIDGE, "/texts/again.txt"))
    indexer.store.settle()
    return settings.data


@pytest.mark.usefixtures("socket_enabled")
def test_hundreds_of_slow_connections_hold_up_nobody(data: Path, tmp_path: Path) -> None:
    """Heads and bodies that do not end (Slowloris): more of them than there are threads."""
    begun = [
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: ",
        HEAD + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
        HEAD + b"Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n{",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"",
    ]
    with serving(data, tmp_path) as server:
        slow = [_connected(server, begun[i % len(begun)]) for i in range(200)]
        assert server.call("GET", "/healthz")[0] == 200
        assert server.ask(WHO["question"])[0] == 200
        for connection in slow:
            connection.close()


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize(
    "request_",
    [
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456",
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Content-Length: -5\r\n\r\n",
        HEAD + b"Content-Length: 5 \x0b\r\n\r\n12345",
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        HEAD + b"X-A: b\r\n folded: c\r\n\r\n",
        HEAD + b"X-A: " + b"a" * 70_000 + b"\r\n\r\n",
        HEAD + b"".join(b"X-%d: a\r\n" % i for i in range(500)) + b"\r\n",
        b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
    ids=lambda value: str(value)[-50:],
)
def test_a_request_that_two_servers_read_differently_is_refused(
    shared: Server, request_: bytes
) -> None:
    """A proxy in front and ours would not agree where the next request begins (smuggling)."""
    with _connected(shared, request_) as connection:
        connection.settimeout(30)
        answer = connection.recv(65_536)
    assert not answer.startswith(b"HTTP/1.1 2")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for requests that leave nothing behind."""
    from pytest_socket import enable_socket

    from index.store import Store

    folder = tmp_path_factory.mktemp("shared")
    Store(folder / "data", create=True).close()
    enable_socket()
    with serving(folder / "data", folder) as server:
        yield server


def _connected(server: Server, sent: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), 30)
    connection.sendall(sent)
    return connection
