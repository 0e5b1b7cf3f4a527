"""Calls to Milvus: one client per process, time-outs, retries, and errors that say what helps."""

from __future__ import annotations

import logging
import math
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from index.errors import SearchUnavailable

if TYPE_CHECKING:
    from pymilvus import MilvusClient

T = TypeVar("T")

log = logging.getLogger(__name__)

_FIRST_PAUSE_SECONDS = 0.05  # before the first retry; each further one waits twice as long
_LONGEST_PAUSE_SECONDS = 2.0
_DOWN_SECONDS = 5.0  # a server that did not answer is not asked again for so long
_KEEPALIVE_MILLISECONDS = 300_000  # servers take offence at more frequent pings
_PROBE_SECONDS = 2.0
_OLDEST = (2, 5)  # the first version that computes BM25
_LITE = "milvus_lite"
_RATE_LIMITED = 8
_TRANSIENT_WORDS = ("timeout", "timed out", "unavailable", "not ready", "connection refused")


@dataclass(frozen=True, slots=True)
class Server:
    """Where Milvus is.

    Attributes:
        uri: ``http(s)://host:port``, ``unix:/socket``, or a file of Milvus Lite, ``….db``.
        token: a key or ``name:password``; never told to anybody.
        database: empty for the server's default.
        certificate: PEM file that the server's certificate is checked by; empty: the system's.
        seconds: a call takes no longer, retries included.
    """

    uri: str
    token: str = ""
    database: str = ""
    certificate: str = ""
    seconds: float = 10.0

    def __repr__(self) -> str:
        return f"Server({self.name!r})"

    @property
    def name(self) -> str:
        """For messages: the URI without what may be secret in it."""
        if self.is_lite_file or self.uri.startswith("unix:"):
            return self.uri
        parts = urlsplit(self.uri)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def is_lite_file(self) -> bool:
        return self.uri.endswith(".db")


class Connection:
    """One process's client of a server; connects when it is first asked for something.

    Calls are made again, after a pause that doubles and varies, while the server cannot be
    reached: all that is written is written by id, and comes out the same when it is written twice.
    Once a call's time was up, further calls fail at once for some seconds, so that a server that
    is down costs one query its time and not each.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.is_lite = False  # until it is connected
        self._client: MilvusClient | None = None
        self._lock = threading.Lock()
        self._down_until = 0.0
        self._down = ""

    def call(
        self,
        what: Callable[[MilvusClient, float], T],
        *,
        seconds: float = 0.0,
        at_most: float = math.inf,
    ) -> T:
        """What ``what`` returns, given the client and the seconds that it may take.

        Args:
            seconds: more than the server's, for what takes longer.
            at_most: less, for what is not worth the wait.

        Raises:
            SearchUnavailable: the server is down, slow, too old, or refuses.
        """
        self._fail_if_down()
        whole = min(max(seconds, self.server.seconds), at_most)
        end = time.monotonic() + whole
        pause = _FIRST_PAUSE_SECONDS
        while True:
            left = end - time.monotonic()
            try:
                return what(self._connected(left), max(left, 0.001))
            except SearchUnavailable:
                raise
            except Exception as error:
                if not _is_transient(error):
                    raise SearchUnavailable(self._refusal(error)) from _without_values(error)
                wait = random.uniform(pause / 2, pause)  # noqa: S311 (no secret)
                if time.monotonic() + wait >= end:
                    raise self._gone(whole) from _without_values(error)
                time.sleep(wait)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def trouble(self) -> str | None:
        """Why the server cannot be used; None if it answers. It takes two seconds at most."""
        try:
            self.call(
                lambda client, seconds: client.get_server_version(timeout=seconds),
                at_most=_PROBE_SECONDS,
            )
        except SearchUnavailable as error:
            return str(error)
        return None

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _connected(self, seconds: float) -> MilvusClient:
        with self._lock:
            self._fail_if_down()  # found out while this thread waited
            if self._client is None:
                client = self._open(seconds)
                try:
                    version = str(client.get_server_version(timeout=seconds))
                    check_version(version)
                except BaseException:
                    client.close()
                    raise
                self.is_lite = version.startswith(_LITE)
                self._client = client
            return self._client

    def _fail_if_down(self) -> None:
        if time.monotonic() < self._down_until:
            raise SearchUnavailable(self._down)

    def _open(self, seconds: float) -> MilvusClient:
        try:
            from pymilvus import MilvusClient
        except ModuleNotFoundError as error:
            raise SearchUnavailable(
                "store is milvus, and pymilvus is not installed: "
                "pip install -r requirements-scale.txt"
            ) from error
        # It tells whole requests, and with them what users wrote.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        more: dict[str, Any] = {}
        if self.server.certificate:
            if not Path(self.server.certificate).is_file():
                raise SearchUnavailable(
                    f"milvus_certificate is {self.server.certificate!r}; there is no such file."
                )
            more = {"server_pem_path": self.server.certificate, "secure": True}
        if self.server.is_lite_file:
            Path(self.server.uri).parent.mkdir(parents=True, exist_ok=True)
            _quiet_lite()
        return MilvusClient(
            self.server.uri,
            token=self.server.token,
            db_name=self.server.database,
            timeout=seconds,
            dedicated=True,
            grpc_options={"grpc.keepalive_time_ms": _KEEPALIVE_MILLISECONDS},
            **more,
        )

    def _gone(self, seconds: float) -> SearchUnavailable:
        self._down = (
            f"Milvus did not answer in {seconds:g} seconds. "
            "Is it running, and are milvus_uri and milvus_token right?"
        )
        log.warning("Nothing was heard from %s.", self.server.name)  # answers tell no addresses
        self._down_until = time.monotonic() + _DOWN_SECONDS
        return SearchUnavailable(self._down)

    def _refusal(self, error: BaseException) -> str:
        if self.server.is_lite_file and "local milvus" in str(error):
            return (
                "The Milvus Lite file cannot be opened: one process only may have it open, and "
                "another may. For several, run `milvus-lite server` and name its address in "
                "milvus_uri."
            )
        code = getattr(error, "code", None)
        return (
            f"Milvus refused a call ({type(error).__name__}, code {getattr(code, 'name', code)})."
        )


def check_version(version: str) -> None:
    """Raise `SearchUnavailable` on a server that cannot do what is asked of it."""
    if version.startswith(_LITE):
        return
    numbers = version.lstrip("v").split("-")[0].split(".")
    try:
        found = (int(numbers[0]), int(numbers[1]))
    except (ValueError, IndexError):
        return  # a build of one's own: it will say what it cannot do
    if found < _OLDEST:
        raise SearchUnavailable(
            f"The Milvus server is of version {version}; 2.5 is the first that searches by words."
        )


def _is_transient(error: BaseException) -> bool:
    """Whether the same call may succeed a moment later."""
    name = type(error).__name__
    if name in ("MilvusUnavailableException", "ConnectError", "ConnectionNotExistException"):
        return True
    code = getattr(error, "code", None)
    if name == "_InactiveRpcError" or callable(code):
        status = code() if callable(code) else None
        return getattr(status, "name", "") in ("UNAVAILABLE", "DEADLINE_EXCEEDED", "UNKNOWN")
    if code == _RATE_LIMITED:
        return True
    message = str(getattr(error, "message", error)).lower()
    return name == "MilvusException" and any(word in message for word in _TRANSIENT_WORDS)


def is_missing(error: BaseException) -> bool:
    """Whether a call failed since there is no such collection, alias or database."""
    words = str(getattr(error, "message", error)).lower()
    return "not exist" in words or "not found" in words or "can't find" in words


def _without_values(error: BaseException) -> RuntimeError:
    """A cause that may be logged: `pymilvus` repeats in its messages what it was sent."""
    return RuntimeError(type(error).__name__)


def _quiet_lite() -> None:
    for name in ("milvus_lite", "grpc._server"):  # of the server in this process
        logging.getLogger(name).setLevel(logging.CRITICAL)
