"""HTTPS: the certificate must be the name's, and the way back to plain HTTP is closed."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.errors import FetchRefused
from index.fetch import Fetched, fetch
from tests.index.test_fetch import PAGE, Server, body, loopback, redirect

__all__ = ["loopback"]  # the fixture

# Made for these tests, for news.example, by
# openssl with -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes, valid until 2120.
KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtDdriO6x8vUzq6Sc
I9mr5HeR0fjaUazifzaejMv+5rKhRANCAAQh+SUhSklo68lm+8WUaeRugcxiP3qm
t1hTF+DOrvQp51eDsOZLD3eJ4JO/FchmmYY4IyDUMLMKEWZ8yOIzm89S
-----END PRIVATE KEY-----
"""
CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBezCCASCgAwIBAgIBATAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxuZXdzLmV4
YW1wbGUwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBcxFTATBgNV
BAMMDG5ld3MuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCH5JSFK
SWjryWb7xZRp5G6BzGI/eqa3WFMX4M6u9CnnV4Ow5ksPd4ngk78VyGaZhjgjINQw
swoRZnzI4jObz1KjWzBZMBcGA1UdEQQQMA6CDG5ld3MuZXhhbXBsZTAPBgNVHRMB
Af8EBTADAQH/MA4GA1UdDwEB/wQEAwIChDAdBgNVHQ4EFgQUEcnLSBkpvX8F8s+g
bKuV5b2XhA0wCgYIKoZIzj0EAwIDSQAwRgIhAJ4J6/TgT2c6thV1bOutS9PV+l9X
WBF7c9cgCgdj8TUxAiEAj7bHWIPGGBSqo7REcKYQO0IoKGIOHdBDyhCI/7AD5Ek=
-----END CERTIFICATE-----
"""


@pytest.fixture
def server(loopback: None, tmp_path: Path) -> Iterator[Server]:
    both = tmp_path / "both.pem"
    both.write_text(KEY + CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    server = Server()
    server.http.handle_error = lambda request, address: None  # clients that hang up
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    yield server
    server.close()


def get(server: Server, host: str, trusted: bool = True) -> Fetched:
    tls: dict[str, Any] = {"tls": ssl.create_default_context(cadata=CERTIFICATE)} if trusted else {}
    return fetch(
        f"https://{host}:{server.port}/",
        max_bytes=10_000,
        max_seconds=20.0,
        max_redirects=3,
        allow_private=True,
        ports=(server.port,),
        resolve=lambda name, port: ["127.0.0.1"],
        **tls,
    )


def test_a_page_is_fetched_if_the_certificate_is_that_of_the_name(server):
    server.answers["/"] = body(PAGE)
    assert get(server, "news.example").data == PAGE
    assert server.requests[0][1]["host"] == f"news.example:{server.port}"


@pytest.mark.parametrize(
    ("host", "trusted"), [("other.example", True), ("news.example", False), ("127.0.0.1", True)]
)
def test_another_certificate_is_refused(server, host, trusted):
    server.answers["/"] = body(PAGE)
    with pytest.raises(FetchRefused, match="its certificate is not valid: "):
        get(server, host, trusted)
    assert server.requests == []


def test_a_redirect_to_plain_http_is_refused(server):
    server.answers["/"] = redirect("HTTP://news.example/")
    with pytest.raises(FetchRefused, match=r"it redirects to .*, which is not encrypted"):
        get(server, "news.example")
