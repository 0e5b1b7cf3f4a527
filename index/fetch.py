"""Fetches a URL that a user gave, from the open internet and nowhere else.

A server that fetches what it is told can be told to fetch what only it can reach: the router, the
cloud's metadata, a database next door. Hence: the name is resolved once, all its addresses must be
public, and the connection goes to the address that was checked, so that a second answer of the
name's server changes nothing. Each redirect is a new URL and checked as one. Proxies that the
environment names are not used: they would resolve the name again.
"""

from __future__ import annotations

import http.client
import io
import queue
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from index.addresses import Resolver, is_public, system_resolver
from index.errors import FetchRefused

PORTS = (80, 443, 8080, 8443)

_USER_AGENT = "Verbatim-QA"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_REDIRECTS = {301, 302, 303, 307, 308}
_URL_AT_MOST = 8_000  # characters
_HOST_AT_MOST = 253  # as in DNS
_CONNECT_SECONDS = 10.0  # for one of several addresses
_BLOCK_BYTES = 65_536
_HEADER_AT_MOST = 500
_SAFE_IN_PATH = "/%:@!$&'()*+,;=~-._?"
_AUTOMATIC = 32  # zlib tells gzip from its own header


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response.

    Attributes:
        url: where it came from in the end, without a fragment.
        data: its body, decoded from gzip if it was sent so.
        content_type: the header of that name, with its charset, if there was one.
    """

    url: str
    data: bytes
    content_type: str | None


class _Refused(Exception):
    """The reason alone; the URL is put before it where the user's request began."""


def fetch(
    url: str,
    *,
    max_bytes: int,
    max_seconds: float,
    max_redirects: int,
    allow_private: bool = False,
    ports: Collection[int] = PORTS,
    resolve: Resolver | None = None,
    tls: ssl.SSLContext | None = None,
) -> Fetched:
    """GET a URL over HTTP or HTTPS.

    Args:
        max_bytes: of the body, as sent and as decoded.
        max_seconds: for everything together, from resolving the name to the last byte.
        allow_private: whether the addresses of private networks are allowed.
        ports: those that a URL may name.
        resolve: gives the addresses of a name; the system's resolver if None.
        tls: what certificates are checked with; the system's authorities if None.

    Raises:
        FetchRefused: the URL is not fetched, or its server gives no document; the message begins
            with the URL.
    """
    fetcher = _Fetcher(
        max_bytes=max_bytes,
        deadline=time.monotonic() + max_seconds,
        allow_private=allow_private,
        ports=ports,
        resolve=resolve or system_resolver,
        tls=tls or ssl.create_default_context(),
    )
    try:
        return fetcher.follow(url, max_redirects)
    except TimeoutError as error:
        raise FetchRefused(
            f"{_shown(url)}: it took more than {max_seconds:g} seconds (QA_MAX_FETCH_SECONDS)"
        ) from error
    except _Refused as error:
        raise FetchRefused(f"{_shown(url)}: {error}") from error.__cause__


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fetcher:
    max_bytes: int
    deadline: float
    allow_private: bool
    ports: Collection[int]
    resolve: Resolver
    tls: ssl.SSLContext

    def follow(self, url: str, max_redirects: int) -> Fetched:
        for _ in range(max_redirects + 1):
            target = self._checked(url)
            answer = self._get(target)
            if isinstance(answer, Fetched):
                return answer
            location = _joined(target.geturl(), answer)
            if target.scheme == "https" and not location.lower().startswith("https:"):
                raise _Refused(f"it redirects to {_shown(location)}, which is not encrypted")
            url = location
        raise _Refused(f"it redirects more than {max_redirects} times (QA_MAX_REDIRECTS)")

    def _checked(self, url: str) -> SplitResult:
        """The parts of the URL, without fragment, its name in ASCII, its path percent-encoded."""
        try:
            if len(url) > _URL_AT_MOST:
                raise _Refused(f"a URL has at most {_URL_AT_MOST:,} characters")
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise _Refused(f"{_shown(url)} is not a URL") from error
        if parts.scheme not in _DEFAULT_PORTS:
            raise _Refused(f"{_shown(url)} does not begin with http:// or https://")
        if parts.username is not None or parts.password is not None:
            raise _Refused(f"{_shown(url)} holds a user name; only public pages are read")
        host = _ascii_host(parts.hostname or "")
        if port is not None and port not in self.ports:
            allowed = ", ".join(map(str, sorted(self.ports)))
            raise _Refused(f"{_shown(url)} names the port {port}; allowed are {allowed}")
        netloc = f"[{host}]" if ":" in host else host
        return parts._replace(
            netloc=netloc if port is None else f"{netloc}:{port}",
            path=quote(parts.path or "/", safe=_SAFE_IN_PATH),
            query=quote(parts.query, safe=_SAFE_IN_PATH),
            fragment="",
        )

    def _get(self, target: SplitResult) -> Fetched | str:
        """The response, or where it redirects to."""
        try:
            with self._connected(target) as connection:
                connection.settimeout(self._left())
                connection.sendall(_request(target))
                response = http.client.HTTPResponse(_Timed(connection, self), method="GET")  # type: ignore[arg-type]
                with response:
                    response.begin()
                    return self._answer(response, target)
        except TimeoutError:
            raise
        except ssl.SSLCertVerificationError as error:
            raise _Refused(f"its certificate is not valid: {error.verify_message}") from error
        except (OSError, http.client.HTTPException, zlib.error) as error:
            raise _Refused(f"its server cannot be read from ({type(error).__name__})") from error

    def _answer(self, response: http.client.HTTPResponse, target: SplitResult) -> Fetched | str:
        if response.status in _REDIRECTS:
            location = response.getheader("Location")
            if not location:
                raise _Refused("it redirects to nowhere")
            return location
        if response.status != http.client.OK:
            raise _Refused(f"its server answers {response.status} {_tidy(response.reason)}".strip())
        content_type = response.getheader("Content-Type")
        return Fetched(
            target.geturl(),
            self._body(response),
            _tidy(content_type) if content_type else None,
        )

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        if (response.length or 0) > self.max_bytes:
            raise self._too_large()
        decoder = _decoder(response.getheader("Content-Encoding", "identity"))
        received, body = 0, bytearray()
        while block := response.read(_BLOCK_BYTES):
            received += len(block)
            body += decoder.decompress(block, self.max_bytes + 1 - len(body)) if decoder else block
            if max(received, len(body)) > self.max_bytes:
                raise self._too_large()
        if response.length or (decoder and (not decoder.eof or decoder.unused_data)):
            raise _Refused("its server stopped in the middle of it; try again")
        return bytes(body)

    def _too_large(self) -> _Refused:
        return _Refused(f"it has more than {self.max_bytes:,} bytes (QA_MAX_FILE_BYTES)")

    def _connected(self, target: SplitResult) -> socket.socket:
        """A connection to an address of the name that has been found to be public."""
        host = target.hostname or ""
        port = target.port or _DEFAULT_PORTS[target.scheme]
        connection = self._connect(self._addresses(host, port), port)
        if target.scheme == "http":
            return connection
        try:
            connection.settimeout(self._left())
            return self.tls.wrap_socket(connection, server_hostname=host)
        except BaseException:
            connection.close()
            raise

    def _connect(self, addresses: Sequence[str], port: int) -> socket.socket:
        failure: OSError = OSError("no address")
        for address in addresses:
            try:
                timeout = min(self._left(), _CONNECT_SECONDS)
                return socket.create_connection((address, port), timeout)
            except OSError as error:
                failure = error
        self._left()
        raise _Refused("its server cannot be reached") from failure

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        """All addresses of the name; one that is not public condemns the others."""
        addresses = self._resolved(host, port)
        if not addresses:
            raise _Refused(f"the name {host} is not known")
        if not self.allow_private:
            for address in addresses:
                if not is_public(address):
                    raise _Refused(f"{host} is not a public address ({address})")
        return addresses

    def _resolved(self, host: str, port: int) -> Sequence[str]:
        """The system's resolver takes the time it likes, so it is not waited for in its thread."""
        answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self.resolve(host, port))
            except Exception as error:  # to be raised where it is waited for
                answers.put(error)

        threading.Thread(target=ask, daemon=True).start()
        try:
            answer = answers.get(timeout=self._left())
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(answer, OSError | UnicodeError):
            raise _Refused(f"the name {host} is not known") from answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Timed(io.RawIOBase):
    """A socket as a file whose every read is given what is left of the whole time.

    A timeout of the socket alone starts anew with every byte that a server drips.
    """

    def __init__(self, connection: socket.socket, fetcher: _Fetcher) -> None:
        self._connection = connection
        self._fetcher = fetcher

    def makefile(self, mode: str) -> BinaryIO:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(self._fetcher._left())
        return self._connection.recv_into(buffer)


def _ascii_host(host: str) -> str:
    """The name as DNS knows it; raises `_Refused` for what cannot be one."""
    if len(host) > _HOST_AT_MOST:
        raise _Refused(f"a name has at most {_HOST_AT_MOST} characters")
    try:
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise _Refused(f"{host!r} is not the name of a server") from error
    if not re.fullmatch(r"[A-Za-z0-9._:-]+", name):
        raise _Refused(f"{name!r} is not the name of a server")
    return name


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise _Refused(f"it redirects to {_shown(location)}, which is not a URL") from error


def _request(target: SplitResult) -> bytes:
    """The URL's parts hold no blanks and no line ends: they were checked and quoted."""
    path = f"{target.path}?{target.query}" if target.query else target.path
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {target.netloc}",
        f"User-Agent: {_USER_AGENT}",
        "Accept: text/html,application/pdf,text/plain,*/*;q=0.5",
        "Accept-Encoding: identity",
        "Connection: close",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _decoder(encoding: str) -> Any:
    """What undoes a content encoding that was not asked for; None for none."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return None
    if name in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(_AUTOMATIC + zlib.MAX_WBITS)
    raise _Refused(f"its content encoding is {_tidy(name)!r}, which was not asked for")


def _tidy(words: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in words[:_HEADER_AT_MOST])
    return " ".join(printable.split())


def _shown(url: str) -> str:
    """A URL for a message: without a password, on one line."""
    return _tidy(re.sub(r"(?<=//)[^/?#\s]*@", "", url, count=1))
