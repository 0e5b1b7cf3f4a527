"""Real servers on the loopback: ours over the doubles, and one that misbehaves as it is told."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from pytest_socket import _remove_restrictions, enable_socket, socket_allow_hosts
from werkzeug.serving import make_server

from index.job_runner import JobRunner
from index.store import Store
from qa.client import Client
from qa.settings import Settings
from tests.qa.parts import double_pipeline
from web import background
from web.app import create_app

Script = Callable[[http.server.BaseHTTPRequestHandler], None]


@pytest.fixture(autouse=True)
def _loopback(_no_network: None) -> Iterator[None]:
    """Sockets, and connections to this machine only."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1"])
    yield
    _remove_restrictions()


@pytest.fixture
def app(settings: Settings, store: Store) -> Flask:
    return create_app(settings, double_pipeline(settings, store))


@pytest.fixture
def address(app: Flask, settings: Settings) -> Iterator[str]:
    """Of a server that answers, and runs jobs."""
    background.start(app, settings, app.extensions["pipeline"])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    runner: JobRunner = app.extensions["runner"]
    runner.stop()


@pytest.fixture
def client(address: str) -> Client:
    return Client(address, timeout=30, retries=0)


class Misbehaving:
    """Answers its requests with the next of ``scripts``, then with the last of them.

    Attributes:
        requests: method, path, headers in lower case, and body of each, in order.
    """

    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                server.requests.append((self.command, self.path, headers, body))
                number = min(len(server.requests), len(server.scripts)) - 1
                self.close_connection = True
                server.scripts[number](self)

            do_GET = do_POST = do_DELETE = _answer  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def misbehaving() -> Iterator[Misbehaving]:
    server = Misbehaving()
    yield server
    server.close()
