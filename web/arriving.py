"""How slowly a request may come in.

gunicorn's threaded worker gives a connection a thread as soon as its first byte is there, and
waits in it for the rest for ever: as many connections that say no more as there are threads, and
nobody is served. Here a request gets its thread when it is there, waited for by the poller with
all the others. Only a large body is read in its thread: few at a time, and none that drips.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections import deque
from functools import partial
from typing import Any

from gunicorn import http
from gunicorn.http.errors import NoMoreData
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import ThreadWorker

_PATIENCE_SECONDS = 10.0  # that a request may keep us waiting
_PER_SECOND = 5_000  # bytes; a large body that comes at this rate at least may take longer
_SEND_SECONDS = 120.0  # for one block of a response to be taken
_HEAD_AT_MOST = 65_536  # bytes; the parser has limits of its own, and refuses in words
_BODY_AT_MOST = 65_536  # bytes; a larger one is not kept by the poller
_LARGE_AT_A_TIME = 4
_BLOCK_BYTES = 8_192
_KEPT_AT_MOST = _HEAD_AT_MOST + _BODY_AT_MOST + _BLOCK_BYTES
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
# The length is not said, or the client waits for a word before it goes on.
_OPEN = re.compile(rb"\r\n(?:transfer-encoding|expect):", re.IGNORECASE)


class TimedUnreader(SocketUnreader):  # type: ignore[misc]
    """Reads a connection's requests; only the time that is spent waiting for bytes counts."""

    sock: socket.socket

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self.begin()

    def begin(self) -> None:
        """A new request is expected."""
        self._waited = 0.0
        self._received = 0

    def take(self) -> bool:
        """Keep what has come in, without waiting; False if nothing will come any more."""
        while self.buf.tell() < _KEPT_AT_MOST:
            try:
                data = self.sock.recv(_BLOCK_BYTES)
            except (BlockingIOError, InterruptedError):
                return True
            if not data:
                return False
            self.buf.seek(0, 2)
            self.buf.write(data)
        return True

    def missing(self) -> int | None:
        """How much of the request is not here yet; None where the poller does not wait for it."""
        kept = self.buf.getvalue()
        head, end, _ = kept.partition(_END_OF_HEAD)
        if not end:
            return 1 if len(kept) < _HEAD_AT_MOST else 0
        fields = head + b"\r\n"
        length = _LENGTH.search(fields)
        size = int(length[1]) if length else 0
        if _OPEN.search(fields) or size > _BODY_AT_MOST:
            return None
        return max(0, len(head) + len(end) + size - len(kept))

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Raises `NoMoreData`, as for a client that has gone."""
        left = _PATIENCE_SECONDS + self._received / _PER_SECOND - self._waited
        begun = time.monotonic()
        previous = self.sock.gettimeout()
        try:
            self.sock.settimeout(max(0.001, left if previous is None else min(left, previous)))
            data: bytes = super().chunk(size_hint)
        except TimeoutError as error:
            raise NoMoreData(b"") from error
        finally:
            self._waited += time.monotonic() - begun
            self.sock.settimeout(_SEND_SECONDS if previous is None else previous)
        self._received += len(data)
        return data


class ArrivingWorker(ThreadWorker):  # type: ignore[misc]
    """For HTTP/1.1 without TLS, which is a proxy's business."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._large = 0
        self._large_waiting: deque[Any] = deque()

    def enqueue_req(self, conn: Any) -> None:
        """Give the connection a thread, once its request is here. Runs in the main thread."""
        if conn.parser is None:
            conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
            conn.parser.unreader = TimedUnreader(conn.sock)
            conn.data_ready = True
        conn.sock.setblocking(False)
        try:
            more = conn.parser.unreader.take()
        except OSError:
            more = False
        missing = conn.parser.unreader.missing()
        if missing and more:
            self._wait_for(conn)
        elif missing is None:
            self._large_waiting.append(conn)
            self._next_large()
        else:
            super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        conn.parser.unreader.begin()
        return super().handle(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        conn.late = None
        if getattr(conn, "is_large", False):
            conn.is_large = False
            self._large -= 1
            self._next_large()
        super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Close what has kept us waiting, and when we stop also what has not begun to speak."""
        now = time.monotonic()
        for conn in list(self.pending_conns):
            begun = self.alive or conn.parser.unreader.buf.getvalue()
            if conn.late > now and begun:
                continue
            self.pending_conns.remove(conn)
            self.poller.unregister(conn.sock)
            self.nr_conns -= 1
            conn.close()

    def _wait_for(self, conn: Any) -> None:
        if getattr(conn, "late", None) is None:
            conn.late = time.monotonic() + _PATIENCE_SECONDS
        self.pending_conns.append(conn)
        readable = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, readable)

    def _next_large(self) -> None:
        while self._large_waiting and self._large < _LARGE_AT_A_TIME:
            conn = self._large_waiting.popleft()
            conn.is_large = True
            self._large += 1
            super().enqueue_req(conn)
