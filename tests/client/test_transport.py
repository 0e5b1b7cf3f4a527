"""When a call is sent again, and when it is not, against a real server that misbehaves."""

from __future__ import annotations

import http.server
import json
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from qa.client import (
    Client,
    ClientError,
    NotAllowed,
    NotFound,
    ProblemError,
    TooManyRequests,
    Unavailable,
    UnexpectedAnswer,
    Unreachable,
)
from qa.client.transport import Call, JsonBody, Transport
from tests.client.conftest import Misbehaving, Script
from tests.index.test_fetch_tls import CERTIFICATE, KEY

STATUS = Call("GET", "/api/v1/status")
OK = {"well": True}


def tells(status: int, value: Any, **headers: str) -> Script:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, text in headers.items():
            handler.send_header(name.replace("_", "-"), text)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def problem(status: int, kind: str, **headers: str) -> Script:
    told = {
        "type": f"/problems/{kind}",
        "title": kind,
        "status": status,
        "detail": f"It is {kind}.",
    }
    return tells(status, told, **headers)


def breaks(handler: http.server.BaseHTTPRequestHandler) -> None:
    """The connection ends without an answer."""
    handler.connection.shutdown(socket.SHUT_RDWR)


def breaks_within(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b'{"wel')


def sleeps(handler: http.server.BaseHTTPRequestHandler) -> None:
    time.sleep(1)
    with suppress(OSError):  # nobody waits any more
        tells(200, OK)(handler)


class Pauses:
    """Instead of sleeping, notes how long it would have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def transport(misbehaving: Misbehaving, pauses: Pauses) -> Transport:
    return Transport(misbehaving.address, None, timeout=10, retries=3, pause=pauses)


@pytest.mark.parametrize(
    "script",
    [
        problem(429, "too-many-requests"),
        problem(503, "overloaded"),
        problem(503, "library-busy"),
        tells(503, b"<html>a proxy's page</html>"),
    ],
)
@pytest.mark.parametrize("repeatable", [True, False])
def test_what_will_pass_is_asked_again(
    misbehaving: Misbehaving, transport: Transport, pauses: Pauses, script: Script, repeatable: bool
) -> None:
    misbehaving.scripts = [script, script, tells(200, OK)]
    call = Call("POST", "/x", body=JsonBody({"a": 1}), repeatable=repeatable)
    assert transport.json(call) == OK
    assert [body for *_, body in misbehaving.requests] == [b'{"a": 1}'] * 3
    first, second = pauses.seconds
    assert 0.125 <= first <= 0.25 <= second <= 0.5


def test_the_server_says_how_long_to_wait(
    misbehaving: Misbehaving, transport: Transport, pauses: Pauses
) -> None:
    misbehaving.scripts = [problem(503, "overloaded", Retry_After="7"), tells(200, OK)]
    assert transport.json(STATUS) == OK
    assert pauses.seconds == [7]


def test_a_server_that_asks_for_too_much_patience_is_given_up(
    misbehaving: Misbehaving, transport: Transport, pauses: Pauses
) -> None:
    misbehaving.scripts = [problem(429, "too-many-requests", Retry_After="3600")]
    with pytest.raises(TooManyRequests):
        transport.json(STATUS)
    assert (len(misbehaving.requests), pauses.seconds) == (1, [])


def test_after_so_many_times_it_is_given_up(
    misbehaving: Misbehaving, transport: Transport, pauses: Pauses
) -> None:
    misbehaving.scripts = [problem(503, "overloaded")]
    with pytest.raises(Unavailable, match="It is overloaded") as failed:
        transport.json(STATUS)
    assert failed.value.problem.kind == "overloaded"
    assert (len(misbehaving.requests), len(pauses.seconds)) == (4, 3)


@pytest.mark.parametrize("script", [breaks, tells(502, b"bad gateway"), tells(504, b"")])
def test_what_may_have_been_done_is_sent_again_only_where_that_does_no_harm(
    misbehaving: Misbehaving, transport: Transport, script: Script
) -> None:
    misbehaving.scripts = [script, tells(200, OK)]
    assert transport.json(STATUS) == OK
    assert len(misbehaving.requests) == 2
    misbehaving.requests.clear()
    with pytest.raises((Unreachable, Unavailable)):
        transport.json(Call("POST", "/x", repeatable=False))
    assert len(misbehaving.requests) == 1


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (401, "key-needed", NotAllowed),
        (403, "not-allowed", NotAllowed),
        (404, "unknown-document", NotFound),
        (409, "conflict", ProblemError),
        (500, "server-fault", ProblemError),
        (503, "library-damaged", Unavailable),
    ],
)
def test_what_will_not_pass_is_told_at_once(
    misbehaving: Misbehaving,
    transport: Transport,
    status: int,
    kind: str,
    error: type[ProblemError],
) -> None:
    misbehaving.scripts = [problem(status, kind)]
    with pytest.raises(error) as failed:
        transport.json(STATUS)
    assert failed.value.problem.kind == kind
    assert len(misbehaving.requests) == 1


def test_a_timeout_is_not_waited_for_twice(misbehaving: Misbehaving, pauses: Pauses) -> None:
    transport = Transport(misbehaving.address, None, timeout=0.1, retries=3, pause=pauses)
    misbehaving.scripts = [sleeps]
    with pytest.raises(Unreachable, match=r"no answer within 0\.1 s"):
        transport.json(STATUS)
    assert (len(misbehaving.requests), pauses.seconds) == (1, [])


def test_where_nobody_listens_it_is_tried_again(pauses: Pauses) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # and does not listen
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
        transport = Transport(address, None, timeout=1, retries=2, pause=pauses)
        with pytest.raises(Unreachable, match=address):
            transport.json(Call("POST", "/x", repeatable=False))
    assert len(pauses.seconds) == 2


def test_a_deletion_whose_answer_was_lost_was_done(misbehaving: Misbehaving) -> None:
    client = Client(misbehaving.address, timeout=10)
    misbehaving.scripts = [breaks, problem(404, "unknown-document")]
    client.delete(3)
    assert [request[:2] for request in misbehaving.requests] == [
        ("DELETE", "/api/v1/documents/3")
    ] * 2
    misbehaving.scripts = [problem(503, "library-busy"), problem(404, "unknown-document")]
    misbehaving.requests.clear()
    with pytest.raises(NotFound):
        client.delete(3)


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.begin_conversation(),
        lambda client: client.ask("Who?", conversation="c"),
        lambda client: next(client.ask_streamed("Who?", conversation="c")),
    ],
)
def test_what_would_be_kept_twice_is_sent_once(
    misbehaving: Misbehaving, call: Callable[[Client], Any]
) -> None:
    misbehaving.scripts = [breaks]
    with pytest.raises(Unreachable):
        call(Client(misbehaving.address, timeout=10))
    assert len(misbehaving.requests) == 1


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (tells(200, b"<html>another server</html>"), "not JSON"),
        (tells(200, b"[" * 100_000), "not JSON"),
        (tells(200, {"version": 3}), "answer's version"),
        (
            tells(302, b"", Location="http://127.0.0.1/other"),
            "sends on to 'http://127.0.0.1/other'",
        ),
        (breaks_within, "broke within the answer"),
    ],
)
def test_what_is_no_answer_of_ours_is_said(
    misbehaving: Misbehaving, script: Script, said: str
) -> None:
    misbehaving.scripts = [script]
    with pytest.raises((UnexpectedAnswer, Unreachable), match=said):
        Client(misbehaving.address, timeout=10).status()
    assert len(misbehaving.requests) == 1  # nothing is followed


def streamed(text: str) -> Script:
    return tells(200, text.encode(), Content_Type="text/event-stream")


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ("", "ended before it was whole"),
        ('event: searching\ndata: {"question": "Who?"}\n\n', "ended before it was whole"),
        ("event: answer\ndata: {\n\n", "not JSON"),
        ("event: answer\ndata: {}\n\n", "answer's "),
        ('event: error\ndata: {"status": "x"}\n\n', "answer's "),
        ('event: error\ndata: {"status": 503, "detail": "Damaged."}\n\n', "Damaged"),
    ],
)
def test_a_stream_that_is_not_whole_is_no_answer(
    misbehaving: Misbehaving, events: str, said: str
) -> None:
    misbehaving.scripts = [streamed(events)]
    with pytest.raises(ClientError, match=said):
        list(Client(misbehaving.address, timeout=10).ask_streamed("Who?"))


def test_events_that_are_not_known_are_passed_over(misbehaving: Misbehaving) -> None:
    news = ': a comment\r\n\r\nevent: news\r\ndata: {"a":\r\ndata: 1}\r\n\r\n'
    misbehaving.scripts = [streamed(f"{news}event: done\r\ndata: {{}}\r\n\r\n")]
    assert list(Client(misbehaving.address, timeout=10).ask_streamed("Who?")) == []


def test_the_key_and_the_path_of_the_address_are_sent(misbehaving: Misbehaving) -> None:
    misbehaving.scripts = [tells(200, OK)]
    transport = Transport(f"{misbehaving.address}/below/", "vb_key", timeout=10, retries=0)
    transport.json(Call("GET", "/api/v1/x", query={"search": "a b&c"}))
    [(method, path, headers, body)] = misbehaving.requests
    assert (method, path, body) == ("GET", "/below/api/v1/x?search=a+b%26c", b"")
    assert headers["authorization"] == "Bearer vb_key"
    assert headers["user-agent"].startswith("verbatim-client/")
    Transport(misbehaving.address, None, timeout=10, retries=0).json(STATUS)
    assert "authorization" not in misbehaving.requests[1][2]


def test_a_server_that_cannot_prove_its_name_is_told_nothing(
    misbehaving: Misbehaving, pauses: Pauses, tmp_path: Path
) -> None:
    both = tmp_path / "both.pem"
    both.write_text(KEY + CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    misbehaving.http.handle_error = lambda request, address: None  # clients that hang up
    misbehaving.http.socket = context.wrap_socket(misbehaving.http.socket, server_side=True)
    misbehaving.scripts = [tells(200, OK)]
    address = misbehaving.address.replace("http:", "https:")
    transport = Transport(address, "vb_key", timeout=10, retries=3, pause=pauses)
    with pytest.raises(Unreachable, match="certificate"):
        transport.json(STATUS)
    assert (misbehaving.requests, pauses.seconds) == ([], [])


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:8000", "ftp://x", "http://", "http://x:port", "http://u:p@x", "http://x/?a=1", ""],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"address|user"):
        Client(address)


@pytest.mark.parametrize("key", ["two words", "a\nb", "schlüssel", "vb_\x00"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        Client("http://127.0.0.1", key)
