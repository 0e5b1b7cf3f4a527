"""HTTP to one server: a call is sent, and sent again where that is safe and may help.

- Not reached at all (refused, no such host): always sent again.
- 429, and 503 that will pass (a full queue, a library that is being written): always; the service
  has done nothing. ``Retry-After`` is waited for, else twice as long each time.
- A connection that broke, 502 and 504: only a call that does no harm when it is done twice.
- Never after a timeout: the caller has said how long it may take.
"""

from __future__ import annotations

import http.client
import json
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import SplitResult, urlencode, urlsplit

from qa.client.errors import ProblemError, UnexpectedAnswer, Unreachable, error_of, problem_of
from qa.version import VERSION

_JSON = "application/json"
_FIRST_PAUSE = 0.25  # seconds
_LONGEST_PAUSE = 8.0
_LONGEST_WAIT = 60.0  # a server that asks for more is not waited for
_PASSING = frozenset({"overloaded", "library-busy", "about:blank"})
_BEHIND_A_PROXY = frozenset({502, 504})
_Exchange = tuple[http.client.HTTPConnection, http.client.HTTPResponse]


class Body(Protocol):
    """What is sent; it can be read any number of times."""

    @property
    def content_type(self) -> str: ...

    @property
    def length(self) -> int: ...

    def pieces(self) -> Iterator[bytes]: ...


class JsonBody:
    content_type = _JSON

    def __init__(self, value: Any) -> None:
        self._bytes = json.dumps(value).encode()
        self.length = len(self._bytes)

    def pieces(self) -> Iterator[bytes]:
        yield self._bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Attributes:
        path: below the server's address, quoted.
        repeatable: whether doing it twice comes to the same as once.
        waits: seconds that the server was asked to wait; they come on top of the timeout.
    """

    method: str
    path: str
    query: Mapping[str, str | int | float] = field(default_factory=dict)
    body: Body | None = None
    repeatable: bool = True
    waits: float = 0.0
    accept: str = _JSON


class Transport:
    """Calls of one server; any number of threads may use it.

    Args:
        address: such as ``http://127.0.0.1:8000``; a path in it goes before those of the calls.
        timeout: seconds to wait for the server, each time that nothing comes.
        retries: how often a call is sent again.
    """

    def __init__(
        self,
        address: str,
        key: str | None,
        *,
        timeout: float,
        retries: int,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._address = _checked(address)
        self._key = _checked_key(key)
        self._timeout = timeout
        self._retries = retries
        self._pause = pause

    def json(self, call: Call) -> Any:
        """The answer's value; raises `ClientError`."""
        with self.open(call) as response:
            return _value(_read(response))

    @contextmanager
    def open(self, call: Call) -> Iterator[http.client.HTTPResponse]:
        """The answer, its body unread; raises `ClientError`."""
        connection, response = self._sent(call)
        with closing(connection), closing(response):
            yield response

    def _sent(self, call: Call) -> _Exchange:
        """The first answer that is none to wait and ask again."""
        left, pause, broken = self._retries, _FIRST_PAUSE, False
        while True:
            try:
                return self._once(call)
            except ProblemError as error:
                error.after_broken = broken
                raise
            except _Again as again:
                broken |= again.sent
                wait = pause * random.uniform(0.5, 1) if again.wait is None else again.wait  # noqa: S311
                if not left or wait > _LONGEST_WAIT:
                    raise again.error from again.error.__cause__
                self._pause(wait)
            left -= 1
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _once(self, call: Call) -> _Exchange:
        """Each call has a connection of its own: one that was kept may be gone by then."""
        with ExitStack() as opened:
            connection = opened.enter_context(closing(self._connected()))
            connection.sock.settimeout(self._timeout + call.waits)
            response = opened.enter_context(closing(self._exchanged(connection, call)))
            if response.status >= 300:
                raise _judged(response, call)
            opened.pop_all()
        return connection, response

    def _connected(self) -> http.client.HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        if self._address.scheme == "https":
            context = ssl.create_default_context()
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=self._timeout, context=context
            )
        else:
            connection = http.client.HTTPConnection(host, port, timeout=self._timeout)
        try:
            connection.connect()
        except TimeoutError as error:
            raise self._unreachable(error) from error
        except ssl.SSLError as error:
            raise self._unreachable(error) from error
        except OSError as error:
            raise _Again(self._unreachable(error)) from error
        return connection

    def _exchanged(
        self, connection: http.client.HTTPConnection, call: Call
    ) -> http.client.HTTPResponse:
        path = self._address.path.rstrip("/") + call.path
        query = f"?{urlencode(call.query)}" if call.query else ""
        try:
            connection.putrequest(call.method, path + query, skip_accept_encoding=True)
            for name, value in self._headers(call).items():
                connection.putheader(name, value)
            connection.endheaders()
            _send(connection, call.body)
            return connection.getresponse()
        except TimeoutError as error:
            raise self._unreachable(error) from error
        except (OSError, http.client.HTTPException) as error:
            failed = self._unreachable(error)
            raise (_Again(failed, sent=True) if call.repeatable else failed) from error

    def _headers(self, call: Call) -> dict[str, str]:
        headers = {
            "Accept": call.accept,
            "Connection": "close",
            "User-Agent": f"verbatim-client/{VERSION}",
        }
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key}"
        if call.body is not None:
            headers["Content-Type"] = call.body.content_type
            headers["Content-Length"] = str(call.body.length)
        elif call.method == "POST":
            headers["Content-Length"] = "0"
        return headers

    def _unreachable(self, error: Exception) -> Unreachable:
        why = f"no answer within {self._timeout:g} s" if isinstance(error, TimeoutError) else error
        return Unreachable(f"{self._address.geturl()}: {why or type(error).__name__}")


class _Again(Exception):
    """The call may be sent again.

    Attributes:
        wait: seconds, where the server said so.
        sent: whether it may have been carried out already.
    """

    def __init__(
        self,
        error: ProblemError | Unreachable,
        wait: float | None = None,
        *,
        sent: bool = False,
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait
        self.sent = sent


def _checked(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{address!r} is not an address: {error}.") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise ValueError(f"{address!r} is not an address; it looks like http://127.0.0.1:8000.")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("An address has no user, query or fragment; a key is given as key=.")
    return parts


def _checked_key(key: str | None) -> str | None:
    if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
        raise ValueError("The key is no key: it looks like vb_…, in one word.")
    return key


def _send(connection: http.client.HTTPConnection, body: Body | None) -> None:
    try:
        for piece in body.pieces() if body else ():
            connection.send(piece)
    except (BrokenPipeError, ConnectionResetError):
        # A server that refuses a body may answer before it has read all of it.
        return


def _judged(response: http.client.HTTPResponse, call: Call) -> Exception:
    if response.status < 400:
        where = response.getheader("Location", "")
        return UnexpectedAnswer(f"The server sends on to {where!r}; give that address, if it is.")
    try:
        told = _value(_read(response))
    except (UnexpectedAnswer, Unreachable):
        told = None
    problem = problem_of(response.status, told)
    error = error_of(problem)
    if problem.status == 429 or (problem.status == 503 and problem.kind in _PASSING):
        return _Again(error, _seconds(response.getheader("Retry-After")))
    if problem.status in _BEHIND_A_PROXY and call.repeatable:
        return _Again(error, sent=True)
    return error


def _seconds(retry_after: str | None) -> float | None:
    """A date, which the header may also hold, is not sent by this service."""
    text = (retry_after or "").strip()
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read()
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"The connection broke within the answer: {error}") from error


def _value(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnexpectedAnswer("The answer is not JSON; is this address the service's?") from error
