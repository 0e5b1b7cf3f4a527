"""A real server before another one, which can break answers off and be gone altogether."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

_PIECE = 65_536  # bytes
_SECONDS = 60


class CuttingServer(ThreadingHTTPServer):
    """Passes everything on.

    Attributes:
        cut_after: break the next answer to a question off after so many events; None: do not.
        held: while it is cleared, answers to questions wait.
    """

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = urlsplit(behind).netloc
        self.cut_after: int | None = None
        self.held = threading.Event()
        self.held.set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def handle_error(self, *_: Any) -> None:
        """A browser that goes away is nothing to tell of."""


class _Handler(BaseHTTPRequestHandler):
    server: CuttingServer

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        asks = self.command == "POST" and self.path == "/api/v1/ask"
        if asks:
            self.server.held.wait(_SECONDS)
        behind = http.client.HTTPConnection(self.server.behind, timeout=_SECONDS)
        try:
            behind.request(self.command, self.path, self.rfile.read(length), dict(self.headers))
            answer = behind.getresponse()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"connection", "transfer-encoding", "server", "date"}:
                    self.send_header(name, value)
            self.end_headers()
            cut, self.server.cut_after = (
                (self.server.cut_after, None) if asks else (None, self.server.cut_after)
            )
            self._pass_on(answer, cut)
        finally:
            behind.close()

    do_POST = do_DELETE = do_PATCH = do_HEAD = do_GET  # noqa: N815

    def _pass_on(self, answer: http.client.HTTPResponse, cut_after: int | None) -> None:
        events = 0
        while piece := answer.readline() if cut_after is not None else answer.read(_PIECE):
            with suppress(OSError):
                self.wfile.write(piece)
                self.wfile.flush()
            events += piece == b"\n"
            if cut_after is not None and events >= cut_after:
                return


@contextmanager
def cutting(behind: str) -> Iterator[CuttingServer]:
    with CuttingServer(behind) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.held.set()
            server.shutdown()
            thread.join()
