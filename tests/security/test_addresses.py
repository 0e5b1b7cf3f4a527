"""A URL that a user gives leads to the open internet and nowhere else (SSRF)."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence

import pytest
from flask.testing import FlaskClient
from pytest_socket import _remove_restrictions, enable_socket, socket_allow_hosts

from index import fetch as fetching
from index.errors import FetchRefused
from index.fetch import fetch
from tests.index.test_fetch import Server, body, redirect

PUBLIC = "93.184.215.14"
INNER = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.31.255.255",
    "192.168.0.1",
    "169.254.169.254",
    "100.100.100.200",
    "192.0.0.192",
    "198.19.255.255",
    "224.0.0.251",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::a9fe:a9fe",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::fb",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:a00:1",
    "::127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::10.0.0.1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:c0a8:1::1",
    "2001:0:7f00:1::1",
    "2001:db8::1",
    "fec0::1",
    "100::1",
]
SPELT = [
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http://0/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[fe80::1%25lo]/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://①②⑦.⓪.⓪.①/",
    "http://１２７.0.0.1/",
    "http://127。0。0。1/",
    "http://2852039166/",
    "http://0xA9FEA9FE/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://169.254.169.254/latest/meta-data/",
]
OTHER_KINDS = [
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "ftp://example.org/",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "dict://127.0.0.1:11211/stat",
    "ldap://127.0.0.1/",
    "jar:http://example.org/!/",
    "netdoc:///etc/passwd",
    "unix:/var/run/docker.sock",
    "data:text/plain,hello",
    "about:blank",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "//127.0.0.1/",
    "http:/127.0.0.1/",
    "http:127.0.0.1",
    "https:///127.0.0.1",
]
CONFUSING = [
    "http://example.org@127.0.0.1/",
    "http://127.0.0.1:80@example.org/",
    "http://example.org:80@127.0.0.1:80/",
    "http://127.0.0.1#@example.org/",
    "http://127.0.0.1\\@example.org/",
    "http://127.0.0.1%00.example.org/",
    "http://127.0.0.1%2f.example.org/",
    "http://127.0.0.1\t.example.org/",
    "http://127.0.0.1 example.org/",
    "http://exam\nple.org/",
    "http://example.org:22/",
    "http://example.org:6379/",
    "http://example.org:25/",
    "http://example.org:0/",
    "http://example.org:-1/",
    "http://example.org:65536/",
    "http://example.org:８０/",
    "http://[::1/",
    "http://]/",
    "http:///",
    "http://.../",
    "http://example.org\r\nHost: 127.0.0.1/",
]


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What would have been connected to; a test that leaves it empty has reached nobody."""
    made: list[object] = []

    def connect(address: object, *_: object, **__: object) -> socket.socket:
        made.append(address)
        raise OSError("no connection in this test")

    monkeypatch.setattr(fetching.socket, "create_connection", connect)
    return made


@pytest.fixture
def names(_no_network: None) -> Iterator[None]:
    """The system's resolver, which knows other spellings of addresses; no network is needed."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1"])
    yield
    _remove_restrictions()


def refused(url: str, addresses: Sequence[str] | None = None) -> str:
    def resolve(host: str, port: int) -> Sequence[str]:
        assert addresses is not None
        return addresses

    with pytest.raises(FetchRefused) as caught:
        fetch(
            url,
            max_bytes=1_000,
            max_seconds=5.0,
            max_redirects=3,
            resolve=None if addresses is None else resolve,
        )
    return str(caught.value)


@pytest.mark.parametrize("address", INNER)
def test_a_name_with_an_inner_address_is_not_fetched(
    connections: list[object], address: str
) -> None:
    for addresses in ([address], [PUBLIC, address], [address, PUBLIC]):
        assert "is not a public address" in refused("https://news.example/", addresses)
    assert connections == []


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("url", SPELT)
def test_an_inner_address_however_it_is_spelt(connections: list[object], url: str) -> None:
    why = refused(url)
    assert "is not a public address" in why or "is not known" in why or "not the name" in why
    assert connections == []


@pytest.mark.parametrize("url", OTHER_KINDS)
def test_other_protocols(connections: list[object], url: str) -> None:
    refused(url, [PUBLIC])
    assert connections == []


@pytest.mark.parametrize("url", CONFUSING)
def test_a_url_that_is_read_in_two_ways(connections: list[object], url: str) -> None:
    """Where it is fetched at all, then from the address that was checked."""
    refused(url, ["127.0.0.1"])
    assert connections == []


def test_the_name_is_resolved_once(connections: list[object]) -> None:
    """A name whose second answer is an inner address (DNS rebinding of ours)."""
    answers = [[PUBLIC], ["127.0.0.1"], ["169.254.169.254"]]
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    with pytest.raises(FetchRefused):
        fetch(
            "http://news.example/", max_bytes=9, max_seconds=5.0, max_redirects=3, resolve=resolve
        )
    assert asked == ["news.example"]
    assert connections == [(PUBLIC, 80)]


@pytest.fixture
def server(names: None) -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/",
        "http://localhost/admin",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://2130706433/",
        "//169.254.169.254/",
        "http://intranet.example/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_X",
        "javascript:alert(1)",
        "http://user:password@news.example/",
        "http://news.example:22/",
        "http://news.example\\@127.0.0.1/",
        "http://[",
    ],
)
def test_a_redirect_is_checked_like_any_url(
    server: Server, monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    """The first page is on a public address, here by an exception for its name alone."""
    server.answers["/"] = redirect(location)
    server.answers["/admin"] = body(b"inner")
    real = fetching.is_public
    first: list[str] = []

    def is_public(address: str) -> bool:
        first.append(address)
        return len(first) == 1 or real(address)

    def resolve(host: str, port: int) -> Sequence[str]:
        known = {"news.example": ["127.0.0.1"], "intranet.example": ["10.0.0.8"]}
        if host in known:
            return known[host]
        return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port)]

    monkeypatch.setattr(fetching, "is_public", is_public)
    with pytest.raises(FetchRefused):
        fetch(
            f"http://news.example:{server.port}/",
            max_bytes=1_000,
            max_seconds=5.0,
            max_redirects=3,
            ports=(80, server.port),
            resolve=resolve,
        )
    assert [path for path, _ in server.requests] == ["/"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://169.254.169.254/", "http://localhost:8000/", SPELT[1]]
)
@pytest.mark.usefixtures("names")
def test_over_the_api(loading: FlaskClient, connections: list[object], url: str) -> None:
    job = loading.post("/api/v1/documents?wait=30", json={"url": url}).get_json()
    assert job["state"] == "failed" or job["items"][0]["outcome"] == "failed"
    assert connections == []
    assert len(loading.get("/api/v1/documents").get_json()["documents"]) == 2


@pytest.mark.usefixtures("names")
def test_no_proxy_of_the_environment_is_asked(
    connections: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    refused("http://news.example/", [PUBLIC])
    assert connections == [(PUBLIC, 80)]
