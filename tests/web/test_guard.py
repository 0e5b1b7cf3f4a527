"""No page of another site, and nobody from afar, changes the library or reads it by a trick."""

from __future__ import annotations

import dataclasses

import pytest
from flask.testing import FlaskClient

from index.indexing import Indexer
from index.store import Store
from qa.access import is_loopback
from qa.settings import Settings
from tests.qa.parts import BRIDGE, document, double_pipeline
from tests.web.test_errors import problem
from web.app import create_app

READING = [("GET", "/"), ("GET", "/healthz"), ("GET", "/api/v1/documents"), ("POST", "/api/v1/ask")]
CHANGING = [
    ("POST", "/api/v1/documents"),
    ("DELETE", "/api/v1/documents/1"),
    ("POST", "/api/v1/rebuild"),
    ("POST", "/api/v1/jobs/x/cancel"),
    ("DELETE", "/api/v1/jobs/x"),
]
ELSEWHERE = "https://elsewhere.example"


def client_of(settings: Settings, store: Store, **changed: object) -> FlaskClient:
    settings = dataclasses.replace(settings, **changed)  # type: ignore[arg-type]
    return create_app(settings, double_pipeline(settings, store)).test_client()


def call(client: FlaskClient, method: str, path: str, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with client.open(path, method=method, headers=named, json={"question": "who?"}) as response:
        if response.status_code >= 400:
            assert response.mimetype == "application/problem+json"
        return int(response.status_code)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("example.org", False),
        ("localhost.example.org", False),
        ("127.0.0.1.example.org", False),
        ("", False),
    ],
)
def test_what_is_this_machine(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8000", "localhost", "localhost:8000", "LocalHost:8000", "[::1]:8000"],
)
def test_the_names_of_this_machine_are_answered(client: FlaskClient, host: str) -> None:
    for method, path in READING:
        assert call(client, method, path, Host=host) == 200
    assert call(client, "DELETE", "/api/v1/documents/1", Host=host) == 200


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "host",
    [
        "elsewhere.example",
        "elsewhere.example:8000",
        "192.168.1.5:8000",
        "127.0.0.1.elsewhere.example",
        "localhost.elsewhere.example:8000",
        "user@elsewhere.example",
        "127.0.0.1@elsewhere.example",
        "[::1",
        "[::1]elsewhere.example",
        "[v1.x]",
        "]",
        "a b",
        "127.0.0.1:99999999",
    ],
)
def test_another_name_that_was_pointed_at_this_machine_is_refused(
    client: FlaskClient, store: Store, host: str
) -> None:
    """DNS rebinding: the page's own name leads here, so that its browser thinks it is home."""
    for method, path in [*READING, *CHANGING]:
        assert call(client, method, path, Host=host) in {400, 421}
    assert store.count()[0] == 2


def test_a_refusal_names_the_host_and_what_to_open(client: FlaskClient) -> None:
    detail = problem(client.get("/", headers={"Host": "elsewhere.example"}), 421)
    assert "'elsewhere.example'" in detail and "Open http://127.0.0.1 instead" in detail


def test_a_refusal_names_the_port_that_is_listened_on(client: FlaskClient) -> None:
    response = client.get(
        "/",
        headers={"Host": "elsewhere.example:9000"},
        environ_overrides={"SERVER_PORT": "8080"},
    )
    assert "Open http://127.0.0.1:8080 instead" in problem(response, 421)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ELSEWHERE},
        {"Origin": "null"},
        {"Origin": "http://localhost:9000"},
        {"Origin": "http://localhost.elsewhere.example"},
        {"Origin": "http://localhost@elsewhere.example"},
        {"Origin": "http://["},
        {"Origin": "localhost"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "anything"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "http://localhost"},
    ],
    ids=str,
)
@pytest.mark.usefixtures("filled")
def test_a_page_of_another_site_changes_nothing(
    client: FlaskClient, store: Store, headers: dict[str, str]
) -> None:
    for method, path in CHANGING:
        assert call(client, method, path, **headers) == 403
    assert store.count()[0] == 2
    assert client.get("/api/v1/jobs").get_json() == {"jobs": []}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost"},
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "http://localhost"},
        {"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000"},
    ],
    ids=str,
)
@pytest.mark.usefixtures("filled")
def test_our_own_page_and_programs_may_change_the_library(
    client: FlaskClient, store: Store, headers: dict[str, str]
) -> None:
    assert call(client, "DELETE", "/api/v1/documents/1", **headers) == 200
    assert call(client, "POST", "/api/v1/rebuild", **headers) == 202
    assert store.count()[0] == 1


def test_from_afar_nothing_is_shown_without_a_key(
    settings: Settings, store: Store, indexer: Indexer
) -> None:
    indexer.add_document(document(BRIDGE, title="Bridges"))
    client = client_of(settings, store, host="0.0.0.0")
    for method, path in READING[2:] + CHANGING:
        assert call(client, method, path, Host="library.example:8000") == 401
    for method, path in READING[:2]:
        assert call(client, method, path, Host="library.example:8000") == 200
    assert "Bridge" not in client.get("/").get_data(as_text=True)
    assert store.count()[0] == 1


def test_from_afar_the_library_can_be_asked_if_the_setting_says_so(
    settings: Settings, store: Store, indexer: Indexer
) -> None:
    indexer.add_document(document(BRIDGE))
    client = client_of(settings, store, host="0.0.0.0", allow_anonymous="read")
    for method, path in READING:
        assert call(client, method, path, Host="192.168.1.5:8000") == 200
    for method, path in CHANGING:
        assert call(client, method, path, Host="192.168.1.5:8000") == 401
    detail = problem(client.delete("/api/v1/documents/1"), 401)
    assert "of the scope write" in detail
    assert store.count()[0] == 1


def test_from_afar_the_library_can_be_changed_if_the_setting_says_so(
    settings: Settings, store: Store, indexer: Indexer
) -> None:
    indexer.add_document(document(BRIDGE))
    client = client_of(
        settings, store, host="0.0.0.0", allow_anonymous="write", hosts="library.example"
    )
    host = "library.example:8000"
    assert call(client, "DELETE", "/api/v1/documents/1", Host=host, Origin=ELSEWHERE) == 403
    assert call(client, "DELETE", "/api/v1/documents/1", Host=host, Origin=f"http://{host}") == 200
    assert store.count()[0] == 0


def test_behind_a_proxy_a_server_on_the_loopback_is_not_open(
    settings: Settings, store: Store
) -> None:
    """That it has a name for others says that others reach it."""
    client = client_of(settings, store, hosts="library.example")
    assert call(client, "GET", "/api/v1/documents", Host="library.example") == 401
    assert call(client, "GET", "/api/v1/documents", Host="elsewhere.example") == 421
    assert call(client, "GET", "/api/v1/documents", Host="127.0.0.1:8000") == 401
