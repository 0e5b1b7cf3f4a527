"""URLs are fetched from public addresses, within limits; everything else is refused."""

from __future__ import annotations

import gzip
import http.server
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from pytest_socket import _remove_restrictions, enable_socket, socket_allow_hosts

from index.addresses import is_public
from index.errors import FetchRefused
from index.fetch import Fetched, fetch

PAGE = "<html><body>The “bridge” opened.</body></html>".encode()
Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


class Server:
    """A real server on the loopback; paths are answered by functions."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                self.close_connection = True
                server.answers[self.path.partition("?")[0]](self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.port = self.http.server_address[1]
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


def body(
    data: bytes, content_type: str | None = "text/html", status: int = 200, **headers: str
) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        if content_type:
            handler.send_header("Content-Type", content_type)
        for name, value in {"Content_Length": str(len(data)), **headers}.items():
            if value:
                handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def redirect(location: str, status: int = 302) -> Answer:
    return body(b"", None, status, Location=location)


@pytest.fixture
def loopback(_no_network: None) -> Iterator[None]:
    """Sockets, and names, but connections to this machine only."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1", "127.0.0.2"])
    yield
    _remove_restrictions()


@pytest.fixture
def server(loopback: None) -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def get(url: str, **limits: Any) -> Fetched:
    """As the product fetches, but from this machine."""
    port = int(url.rpartition(":")[2].partition("/")[0]) if url.count(":") > 1 else 80
    wanted: dict[str, Any] = {
        "max_bytes": 1_000_000,
        "max_seconds": 20.0,
        "max_redirects": 3,
        "allow_private": True,
        "ports": (port,),
    }
    return fetch(url, **{**wanted, **limits})


def reason(url: str, **limits: Any) -> str:
    with pytest.raises(FetchRefused) as refused:
        get(url, **limits)
    message = str(refused.value)
    assert message.startswith(f"{url}: ")
    return message.removeprefix(f"{url}: ")


def guarded(url: str, addresses: Sequence[str] = ("93.184.215.14",)) -> str:
    """Why the product refuses a URL whose name has these addresses."""
    with pytest.raises(FetchRefused) as refused:
        fetch(
            url,
            max_bytes=1_000,
            max_seconds=5.0,
            max_redirects=3,
            resolve=lambda host, port: addresses,
        )
    return str(refused.value)


def test_a_page_is_fetched_with_its_type(server):
    server.answers["/news"] = body(PAGE, "text/html; charset=utf-8")
    fetched = get(server.url("/news?a=1#part"))
    assert fetched == Fetched(server.url("/news?a=1"), PAGE, "text/html; charset=utf-8")
    ((path, headers),) = server.requests
    assert path == "/news?a=1"
    assert headers == {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": "Verbatim-QA",
        "accept": "text/html,application/pdf,text/plain,*/*;q=0.5",
        "accept-encoding": "identity",
        "connection": "close",
    }


def test_a_page_without_a_type_or_a_length_is_fetched(server):
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + PAGE)

    server.answers["/"] = answer
    assert get(server.url("")) == Fetched(server.url("/"), PAGE, None)


def test_a_body_in_chunks_is_put_together(server):
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"3\r\nThe\r\n8\r\n bridge.\r\n0\r\n\r\n")

    server.answers["/"] = answer
    assert get(server.url("/")).data == b"The bridge."


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_body_that_is_packed_unasked_is_unpacked(server, pack):
    encoding = "gzip" if pack is gzip.compress else "deflate"
    server.answers["/"] = body(pack(PAGE * 9), Content_Encoding=encoding)
    assert get(server.url("/")).data == PAGE * 9


def test_the_path_is_quoted_and_keeps_what_is_quoted(server):
    server.answers["/caf%C3%A9%20%2F|".replace("|", "%7C")] = body(PAGE)
    assert get(server.url("/café %2F|")).data == PAGE
    assert server.requests[0][0] == "/caf%C3%A9%20%2F%7C"


def test_redirects_are_followed(server):
    server.answers |= {
        "/a": redirect("b/c?d=é", 301),
        "/b/c": redirect(server.url("/e#part"), 308),
        "/e": body(PAGE),
    }
    assert get(server.url("/a")).url == server.url("/e")
    assert [path for path, _ in server.requests] == ["/a", "/b/c?d=%C3%A9", "/e"]


def test_redirects_are_counted(server):
    server.answers["/a"] = redirect("/a")
    assert reason(server.url("/a"), max_redirects=2) == (
        "it redirects more than 2 times (QA_MAX_REDIRECTS)"
    )
    assert len(server.requests) == 3
    assert reason(server.url("/a"), max_redirects=0).startswith("it redirects more than 0 times")


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("file:///etc/passwd", "file:///etc/passwd does not begin with http:// or https://"),
        ("ftp://example.org/", "ftp://example.org/ does not begin with http:// or https://"),
        ("http://example.org:22/", "http://example.org:22/ names the port 22; allowed are"),
        ("http://me:secret@example.org/", "http://example.org/ holds a user name"),
        ("http://[", "it redirects to http://[, which is not a URL"),
    ],
)
def test_a_redirect_is_checked_as_any_url(server, location, why):
    server.answers["/"] = redirect(location)
    assert reason(server.url("/")).startswith(why)


def test_a_redirect_to_a_private_address_is_refused(server):
    server.answers["/"] = redirect("http://intranet.example/")
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with pytest.raises(FetchRefused, match=r"news\.example is not a public address"):
        fetch(
            f"http://news.example:{server.port}/",
            max_bytes=1_000,
            max_seconds=5.0,
            max_redirects=3,
            ports=(server.port,),
            resolve=resolve,
        )
    assert asked == ["news.example"]
    assert server.requests == []


def test_the_connection_goes_to_the_address_that_was_checked(server):
    """A name's server that answers otherwise the second time is not asked a second time."""
    server.answers["/"] = body(PAGE)
    answers = [["127.0.0.1"], ["127.0.0.2"]]
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    url = f"http://news.example:{server.port}/"
    assert get(url, resolve=resolve).data == PAGE
    assert asked == ["news.example"]
    assert server.requests[0][1]["host"] == f"news.example:{server.port}"


def test_the_next_address_is_tried_where_one_does_not_answer(server):
    server.answers["/"] = body(PAGE)
    assert get(server.url("/"), resolve=lambda h, p: ["127.0.0.2", "127.0.0.1"]).data == PAGE


def test_a_large_body_is_refused(server):
    server.answers["/declared"] = body(b"", Content_Length="1001")
    server.answers["/sent"] = body(b"x" * 1_001, Content_Length="")
    server.answers["/packed"] = body(gzip.compress(b"x" * 1_001), Content_Encoding="gzip")
    for path in ("/declared", "/sent", "/packed"):
        assert reason(server.url(path), max_bytes=1_000) == (
            "it has more than 1,000 bytes (QA_MAX_FILE_BYTES)"
        )
    server.answers["/just"] = body(gzip.compress(b"x" * 1_000), Content_Encoding="gzip")
    assert len(get(server.url("/just"), max_bytes=1_000).data) == 1_000


def test_a_body_that_inflates_a_thousandfold_is_given_up_at_the_limit(server):
    server.answers["/bomb"] = body(gzip.compress(b"0" * 50_000_000), Content_Encoding="gzip")
    tracemalloc.start()
    try:
        assert reason(server.url("/bomb"), max_bytes=100_000).startswith("it has more than 100,000")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("dripped", ["head", "body"])
def test_a_server_that_drips_is_given_up(server, dripped):
    stop = threading.Event()

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if dripped == "body" else b"X-A: "))
        while not stop.wait(0.05):
            handler.wfile.write(b"x")

    server.answers["/"] = answer
    begun = time.monotonic()
    try:
        assert reason(server.url("/"), max_seconds=0.5) == (
            "it took more than 0.5 seconds (QA_MAX_FETCH_SECONDS)"
        )
    finally:
        stop.set()
    assert time.monotonic() - begun < 10


def test_a_resolver_that_does_not_answer_is_not_waited_for():
    stop = threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        stop.wait(30)
        return []

    assert reason("http://news.example/", resolve=resolve, max_seconds=0.2) == (
        "it took more than 0.2 seconds (QA_MAX_FETCH_SECONDS)"
    )
    stop.set()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (body(b"gone", status=404), "its server answers 404 Not Found"),
        (body(b"", status=500), "its server answers 500 Internal Server Error"),
        (body(b"", status=204), "its server answers 204 No Content"),
        (body(b"", status=302), "it redirects to nowhere"),
        (body(PAGE, Content_Encoding="br"), "its content encoding is 'br', which was not asked"),
        (body(PAGE, Content_Encoding="gzip"), "its server cannot be read from (error)"),
        (
            body(gzip.compress(PAGE)[:-9], Content_Encoding="gzip"),
            "its server stopped in the middle of it; try again",
        ),
        (
            body(gzip.compress(PAGE) * 2, Content_Encoding="gzip"),
            "its server stopped in the middle of it; try again",
        ),
        (
            body(PAGE, Content_Length=str(len(PAGE) + 1)),
            "its server stopped in the middle of it; try again",
        ),
        (lambda handler: None, "its server cannot be read from (RemoteDisconnected)"),
        (
            lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9\r\n") and None,
            "its server cannot be read from (BadStatusLine)",
        ),
        (
            lambda handler: (
                handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 70_000 + b"\r\n\r\n")
                and None
            ),
            "its server cannot be read from (LineTooLong)",
        ),
    ],
)
def test_a_server_that_gives_no_document_is_told(server, answer, why):
    server.answers["/"] = answer
    assert reason(server.url("/")).startswith(why)


def test_a_server_that_is_not_there(loopback):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and does not listen
        port = bound.getsockname()[1]
        assert reason(f"http://127.0.0.1:{port}/") == "its server cannot be reached"


def test_no_proxy_of_the_environment_is_used(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.2:9")
    server.answers["/"] = body(PAGE)
    assert get(server.url("/")).data == PAGE


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://example.org/a", "gopher://x/", "javascript:alert(1)", ""),
        *("example.org", "/etc/passwd", "//example.org/", "http:/example.org"),
    ],
)
def test_other_schemes_are_refused(url):
    why = guarded(url)
    assert why.startswith(f"{url}: ")
    assert "does not begin with http://" in why or "is not the name of a server" in why


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://me:secret@example.org/", "http://example.org/ holds a user name"),
        ("http://me@example.org/", "http://example.org/ holds a user name"),
        ("https://example.org:22/", "names the port 22; allowed are 80, 443, 8080, 8443"),
        ("http://example.org:99999/", "is not a URL"),
        ("http://[::1/", "is not a URL"),
        ("http:///path", "'' is not the name of a server"),
        ("http://exa mple.org/", "'exa mple.org' is not the name of a server"),
        ("http://a%00b/", "'a%00b' is not the name of a server"),
        ("http://" + "a" * 300, "a name has at most 253 characters"),
        ("http://" + "ü" * 100, "is not the name of a server"),
        ("http://example.org/" + "a" * 9_000, "a URL has at most 8,000 characters"),
    ],
)
def test_what_is_no_public_url_is_refused(url, why):
    message = guarded(url)
    assert why in message
    assert "secret" not in message


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "100.127.255.255", "198.18.0.1", "192.0.2.1"),
        *("203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *("192.88.99.1", "192.0.0.8", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00::1"),
        *("ff02::1", "fec0::1", "2001:db8::1", "3fff::1", "100::1", "2001::1", "2001:10::1"),
        *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8", "2002:7f00:1::"),
        *("2002:a00:1::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::8.8.8.8"),
        *("5f00::1", "4000::1", "localhost", "", "2130706433", "0x7f.1"),
    ],
)
def test_addresses_that_are_not_public(address):
    assert not is_public(address)
    why = guarded("https://news.example/", ["93.184.215.14", address])
    assert why.startswith("https://news.example/: news.example is not a public address")


@pytest.mark.parametrize(
    "address",
    [
        *("93.184.215.14", "8.8.8.8", "100.63.255.255", "172.32.0.1", "2606:4700:4700::1111"),
        *("2a00:1450:4001:82f::200e", "64:ff9b::808:808", "2002:808:808::1"),
    ],
)
def test_addresses_that_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "[::1]",
            "0",
            "localhost",
        ),
        *(
            "[::ffff:127.0.0.1]",
            "169.254.169.254",
            "[64:ff9b::127.0.0.1]",
            "127.0.0.1.",
            "①②⑦.⓪.⓪.①",
        ),
    ],
)
def test_however_an_address_is_written_it_is_found_not_to_be_public(loopback, host):
    """By the system's own resolver, which knows octal and decimal hosts; no network is needed."""
    with pytest.raises(FetchRefused, match=r"is not a public address|is not known|not the name"):
        fetch(f"http://{host}/", max_bytes=1_000, max_seconds=5.0, max_redirects=0)


def test_a_name_that_is_not_known():
    def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    assert reason("http://news.example/", resolve=resolve) == "the name news.example is not known"
    assert reason("http://news.example/", resolve=lambda h, p: []).endswith("is not known")


def test_a_name_in_another_script_is_asked_for_as_dns_knows_it():
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(f"{host}:{port}")
        return ["127.0.0.1"]

    with pytest.raises(FetchRefused):
        fetch(
            "https://Bücher.example/",
            max_bytes=1,
            max_seconds=5.0,
            max_redirects=0,
            resolve=resolve,
        )
    assert asked == ["xn--bcher-kva.example:443"]
