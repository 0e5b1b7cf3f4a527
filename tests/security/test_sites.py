"""Pages of other sites: by a name pointed here (DNS rebinding), or by requests across sites."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from index.store import Store
from qa.errors import InvalidSetting
from qa.settings import Settings
from tests.security.conftest import ASK, ELSEWHERE, LISTED, WHO, MakeClient, bearer

READING = [("GET", "/api/v1/documents/1"), ("POST", ASK), ("GET", "/")]
CHANGING = [
    ("DELETE", "/api/v1/documents/1"),
    ("POST", "/api/v1/documents"),
    ("POST", "/api/v1/rebuild"),
    ("POST", "/api/v1/conversations"),
    ("DELETE", "/api/v1/feedback"),
]
FOREIGN_HOSTS = [
    "elsewhere.example",
    "elsewhere.example:8000",
    "127.0.0.1.elsewhere.example",
    "localhost.elsewhere.example:8000",
    "elsewhere.example.",
    "7f000001.elsewhere.example",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "localhost@elsewhere.example",
    "127.0.0.1@elsewhere.example",
    "[::ffff:8.8.8.8]",
    "[::1]elsewhere.example",
    "[fe80::1%25lo]",
    "xn--bcher-kva.example",
    "ⓛocalhost.example",
    "localhost\\elsewhere.example",
    "localhost/elsewhere.example",
    "localhost#elsewhere.example",
    "localhost, elsewhere.example",
    "0.0.0.0",
    "192.168.1.5:8000",
    "",
]
FOREIGN_ORIGINS = [
    ELSEWHERE,
    "null",
    "http://localhost:9000",
    "http://localhost.elsewhere.example",
    "http://localhost@elsewhere.example",
    "http://elsewhere.example#localhost",
    "http://elsewhere.example/localhost",
    "http://elsewhere.example\\localhost",
    "http://[::1]:9000",
    "http://127.0.0.1",
    "file://",
    "chrome-extension://abcdefgh",
    "http://[",
    "localhost",
    "HTTP://ELSEWHERE.EXAMPLE",
    f"{LISTED}.elsewhere.example",
    "https://listed.example:8443",
    "http://listed.example",
    "https://sub.listed.example",
    "https://listed.example.",
    "https://LISTED.example",
    f"{LISTED}, {ELSEWHERE}",
]


def untouched(store: Store, client: FlaskClient) -> bool:
    return store.count()[0] == 2 and client.get("/api/v1/jobs").get_json()["jobs"] == []


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_name_that_was_pointed_at_this_machine_is_refused(
    client: FlaskClient, store: Store, host: str
) -> None:
    raw = {"HTTP_HOST": host.encode().decode("latin-1")}
    for method, path in READING + CHANGING:
        response = client.open(path, method=method, json=WHO, environ_overrides=raw)
        assert response.status_code in {400, 421}, response.text
        assert "Marta" not in response.text
    assert untouched(store, client)


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Original-Host", "Forwarded"])
def test_what_a_client_says_of_proxies_is_not_believed(client: FlaskClient, header: str) -> None:
    headers = {"Host": "elsewhere.example", header: "localhost", "X-Forwarded-For": "127.0.0.1"}
    assert client.get("/", headers=headers).status_code == 421


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP"])
def test_nobody_is_taken_for_a_user_of_this_machine_by_a_header(
    remote: FlaskClient, header: str
) -> None:
    assert remote.get("/api/v1/documents", headers={header: "127.0.0.1"}).status_code == 401


def test_where_no_key_is_needed_a_strange_name_is_refused_from_afar_too(
    make_client: MakeClient,
) -> None:
    """A page that was pointed at the server would read what its visitors may read."""
    client = make_client(host="0.0.0.0", allow_anonymous="read")
    for host, status in (("elsewhere.example", 421), ("192.168.1.5:8000", 200), ("[::1]", 200)):
        assert client.get("/api/v1/documents", headers={"Host": host}).status_code == status
    named = make_client(host="0.0.0.0", allow_anonymous="read", hosts="qa.example.org")
    assert named.get("/api/v1/documents", headers={"Host": "QA.example.org"}).status_code == 200
    assert named.get("/api/v1/documents", headers={"Host": "192.168.1.5"}).status_code == 421


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_page_of_a_site_that_is_not_listed_gets_and_changes_nothing(
    make_client: MakeClient, store: Store, origin: str
) -> None:
    client = make_client(allowed_origins=LISTED)
    for method, path in [*READING[:2], *CHANGING]:
        response = client.open(path, method=method, json=WHO, headers={"Origin": origin})
        assert response.status_code == 403, f"{method} {path}"
        assert "Access-Control-Allow-Origin" not in response.headers
        preflight = client.options(
            path, headers={"Origin": origin, "Access-Control-Request-Method": method}
        )
        assert preflight.status_code == 403
        assert "Access-Control-Allow-Origin" not in preflight.headers
    assert untouched(store, client)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything", ""])
@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_a_form_of_another_site_changes_nothing(
    client: FlaskClient, store: Store, method: str, path: str, site: str
) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
    assert client.open(path, method=method, json=WHO, headers=headers).status_code == 403
    assert untouched(store, client)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_what_a_form_can_send_is_no_question(client: FlaskClient, kind: str) -> None:
    """Such a request is sent without asking first, even by browsers that say nothing of sites."""
    response = client.post(ASK, data='{"question": "who opened the bridge?"}', content_type=kind)
    assert response.status_code == 415


@pytest.mark.parametrize(
    "trick",
    [
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-HTTP-Method": "DELETE"},
        {"X-Method-Override": "DELETE"},
    ],
    ids=str,
)
def test_a_reading_request_is_no_change_in_disguise(
    client: FlaskClient, store: Store, trick: dict[str, str]
) -> None:
    client.get("/api/v1/documents/1?_method=DELETE&method=delete", headers=trick)
    assert client.post("/api/v1/documents/1?_method=DELETE", headers=trick).status_code == 405
    assert store.count()[0] == 2


def test_a_listed_site_may_ask_and_is_told_so_by_name(make_client: MakeClient) -> None:
    client = make_client(allowed_origins=f"{LISTED}, http://localhost:9000")
    wanted = {"Origin": LISTED, "Access-Control-Request-Method": "POST"}
    preflight = client.options(ASK, headers=wanted)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == LISTED
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    response = client.post(ASK, json=WHO, headers={"Origin": LISTED})
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == LISTED
    assert "Origin" in response.headers["Vary"]
    for answered in (preflight, response):
        assert "Access-Control-Allow-Credentials" not in answered.headers
    for headers in ({"Origin": ELSEWHERE}, {}):
        told = client.post(ASK, json=WHO, headers=headers).headers
        assert "Access-Control-Allow-Origin" not in told


@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_a_listed_site_changes_nothing_without_a_key(
    make_client: MakeClient, tokens: dict[str, str], store: Store, method: str, path: str
) -> None:
    client = make_client(allowed_origins=LISTED)
    for headers in ({}, bearer(tokens["read"])):
        response = client.open(path, method=method, json=WHO, headers={"Origin": LISTED, **headers})
        assert response.status_code == 403
        # Told, so that the box can say why.
        assert response.headers["Access-Control-Allow-Origin"] == LISTED
    assert untouched(store, client)


def test_a_listed_site_asks_in_no_conversation(make_client: MakeClient) -> None:
    client = make_client(allowed_origins=LISTED)
    body = {**WHO, "conversation": "x"}
    assert client.post(ASK, json=body, headers={"Origin": LISTED}).status_code == 403


def test_a_site_that_is_not_listed_is_told_of_no_error_either(make_client: MakeClient) -> None:
    client = make_client(host="0.0.0.0", allowed_origins=LISTED)
    listed = client.post(ASK, json=WHO, headers={"Origin": LISTED})
    assert (listed.status_code, listed.headers["Access-Control-Allow-Origin"]) == (401, LISTED)
    other = client.post(ASK, json=WHO, headers={"Origin": ELSEWHERE})
    assert "Access-Control-Allow-Origin" not in other.headers


@pytest.mark.parametrize(
    "value",
    [
        "*",
        "null",
        "https://*.example.org",
        "https://example.org/",
        "https://example.org/path",
        "https://user@example.org",
        "https://Example.org",
        "example.org",
        "ftp://example.org",
        "https://example.org:port",
        "https://example.org https://other.example",
        "https://example.org\nhttps://other.example",
        "https://[::1",
    ],
)
def test_what_is_no_single_site_cannot_be_listed(settings: Settings, value: str) -> None:
    with pytest.raises(InvalidSetting, match="allowed_origins holds"):
        Settings(data=settings.data, allowed_origins=value)


@pytest.mark.parametrize("value", ["*", "https://example.org", "example.org:80", "a b", "Ex.org"])
def test_what_is_no_name_cannot_be_a_host(settings: Settings, value: str) -> None:
    with pytest.raises(InvalidSetting, match="hosts holds"):
        Settings(data=settings.data, hosts=value)


def test_other_sites_can_load_the_scripts_only_where_one_is_listed(
    make_client: MakeClient,
) -> None:
    for origins, policy in (("", "same-origin"), (LISTED, "cross-origin")):
        with make_client(allowed_origins=origins).get("/static/embed.js") as response:
            assert response.headers["Cross-Origin-Resource-Policy"] == policy
        page = make_client(allowed_origins=origins).get("/api/v1/documents")
        assert page.headers["Cross-Origin-Resource-Policy"] == "same-origin"
