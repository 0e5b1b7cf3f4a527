"""Nobody gets in without a key, by a guessed or altered one, or further than it opens."""

from __future__ import annotations

import dataclasses
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

import qa.keys
from index.store import Store
from qa.access import Scope
from qa.keys import KeyStore
from qa.settings import Settings
from tests.security.conftest import ASK, WHO, MakeClient, bearer
from web.guard import needed

OPEN = {"/", "/healthz", "/readyz", "/docs", "/api/v1/openapi.json"}
NO_SECRET = "0" * 64


def refused(client: FlaskClient, **headers: str) -> str:
    """Why, after making sure that nothing of the library is in the answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = client.post(ASK, json=WHO, headers=named)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    assert "Marta" not in response.text
    return str(response.get_json()["detail"])


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer null",
        "Bearer undefined",
        "Bearer *",
        "Bearer vb_",
        "Bearer admin",
        "Bearer ' OR '1'='1",
        'Bearer " OR 1=1 --',
        "Bearer %",
        "Bearer vb_%_%",
        "Bearer vb_" + "0" * 12 + "_" + NO_SECRET,
        "Bearer vb_" + "f" * 77,
        "Bearer " + "a" * 7_000,
        "Bearer vb_" + "０" * 12 + "_" + NO_SECRET,
        "Basic YWRtaW46YWRtaW4=",
        "Basic Og==",
        "Digest username=admin",
        "Negotiate AAAA",
        "Token vb_" + "0" * 12 + "_" + NO_SECRET,
    ],
)
def test_what_is_no_key_opens_nothing(
    remote: FlaskClient, tokens: dict[str, str], authorization: str
) -> None:
    assert tokens
    refused(remote, Authorization=authorization.encode().decode("latin-1"))


def _altered(token: str) -> dict[str, str]:
    head, key_id, secret = token.split("_")
    other = secret.translate(str.maketrans("0123456789abcdef", "fedcba9876543210"))
    return {
        "cut short": token[:-1],
        "longer": token + "0",
        "last character": token[:-1] + ("0" if token[-1] != "0" else "1"),
        "first character": f"{head}_{key_id}_{'0' if secret[0] != '0' else '1'}{secret[1:]}",
        "upper case": f"{head}_{key_id}_{secret.upper()}",
        "another secret": f"{head}_{key_id}_{other}",
        "no secret": f"{head}_{key_id}_",
        "zeros": f"{head}_{key_id}_{NO_SECRET}",
        "half": f"{head}_{key_id}_{secret[:32]}",
        "twice": f"{head}_{key_id}_{secret}{secret}",
        "another id": f"{head}_{key_id[::-1]}0_{secret}",
        "secret alone": secret,
        "fullwidth digits": token.translate({ord("0") + i: chr(0xFF10 + i) for i in range(10)}),
        "line end": token + "\x0b",
        "zero byte": token + "\x00",
        "quote": token + "'",
        "url encoded": token.replace("_", "%5f"),
        "two keys": f"{token}, {token}",
    }


@pytest.mark.parametrize("how", list(_altered("vb_0a_0a")))
def test_a_key_that_was_altered_opens_nothing(
    remote: FlaskClient, tokens: dict[str, str], how: str
) -> None:
    token = _altered(tokens["admin"])[how].encode().decode("latin-1")
    assert refused(remote, Authorization=f"Bearer {token}")
    good = remote.post(ASK, json=WHO, headers=bearer(tokens["admin"]))
    assert good.status_code == 200


@pytest.mark.parametrize("where", ["query", "cookie", "body", "other header", "basic password"])
def test_a_key_counts_in_the_one_header_only(
    remote: FlaskClient, tokens: dict[str, str], where: str
) -> None:
    """Elsewhere it would end up in logs, or be sent by browsers on their own."""
    token = tokens["admin"]
    headers, path, body = {}, ASK, dict(WHO)
    match where:
        case "query":
            path += f"?key={token}&access_token={token}&api_key={token}"
        case "cookie":
            remote.set_cookie("key", token)
            remote.set_cookie("Authorization", f"Bearer {token}")
        case "body":
            body["access_token"] = token
        case "other header":
            headers = {"X-API-Key": token, "Proxy-Authorization": f"Bearer {token}"}
        case _:
            headers = {"Authorization": f"Basic {token}"}
    assert remote.post(path, json=body, headers=headers).status_code == 401


def routes(client: FlaskClient) -> list[tuple[str, str]]:
    """Every method and path of the application."""
    found = []
    for rule in client.application.url_map.iter_rules():
        path = "/".join("1" if part.startswith("<") else part for part in rule.rule.split("/"))
        found += [(method, path) for method in rule.methods or () if method != "OPTIONS"]
    return sorted(found)


def test_no_path_but_a_few_is_open_to_all(remote: FlaskClient, store: Store) -> None:
    """Whatever is added later is closed until somebody opens it."""
    seen = set()
    for method, path in routes(remote):
        status = remote.open(path, method=method).status_code
        if path in OPEN or path.startswith(("/static/", "/docs/", "/problems/")):
            assert method in {"GET", "HEAD"}
            assert status in {200, 404, 503}, path
        else:
            seen.add(path)
            assert status == 401, f"{method} {path}"
    assert {"/api/v1/documents", "/api/v1/jobs", "/api/v1/conversations", "/metrics"} <= seen
    assert store.count()[0] == 2


@pytest.mark.parametrize("path", sorted(OPEN - {"/docs", "/api/v1/openapi.json"}))
def test_what_is_open_tells_nothing_of_the_library(remote: FlaskClient, path: str) -> None:
    page = remote.get(path).text
    for word in ("Marta", "Otto", "Bridges", "mill.txt"):
        assert word not in page


@pytest.mark.parametrize("scope", ["read", "write"])
def test_a_key_opens_what_its_scope_says_and_no_more(
    remote: FlaskClient, tokens: dict[str, str], store: Store, scope: str
) -> None:
    refused_paths = set()
    for method, path in routes(remote):
        if needed(method, path) > Scope[scope.upper()]:
            response = remote.open(path, method=method, headers=bearer(tokens[scope]))
            assert response.status_code == 403, f"{method} {path}"
            assert "insufficient_scope" in response.headers["WWW-Authenticate"]
            refused_paths.add((method, path))
    assert ("GET", "/metrics") in refused_paths
    if scope == "read":
        assert ("POST", "/api/v1/documents") in refused_paths
        assert ("GET", "/api/v1/conversations") in refused_paths
    assert store.count()[0] == 2


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/api/v1/documents", "write"),
        ("DELETE", "/api/v1/documents/1", "write"),
        ("POST", "/api/v1/documents/1/restore", "write"),
        ("POST", "/api/v1/jobs/x/cancel", "write"),
        ("DELETE", "/api/v1/jobs/x", "write"),
        ("GET", "/api/v1/conversations", "write"),
        ("GET", "/api/v1/conversations/x/export", "write"),
        ("GET", "/api/v1/feedback", "write"),
        ("DELETE", "/api/v1/feedback", "write"),
        ("POST", "/api/v1/rebuild", "admin"),
        ("POST", "/api/v1/verify", "admin"),
        ("GET", "/metrics", "admin"),
        ("GET", "/api/v1/documents", "read"),
        ("GET", "/api/v1/status", "read"),
        ("POST", "/api/v1/ask", "read"),
        ("POST", "/api/v1/explain", "read"),
    ],
)
def test_what_each_request_takes(method: str, path: str, scope: str) -> None:
    assert needed(method, path).name.lower() == scope


def test_a_reader_keeps_no_conversation_by_asking(
    remote: FlaskClient, tokens: dict[str, str]
) -> None:
    body = {**WHO, "conversation": "x"}
    assert remote.post(ASK, json=body, headers=bearer(tokens["read"])).status_code == 403


def test_a_key_that_was_revoked_opens_nothing_from_then_on(
    remote: FlaskClient, tokens: dict[str, str], settings: Settings
) -> None:
    assert remote.post(ASK, json=WHO, headers=bearer(tokens["read"])).status_code == 200
    KeyStore(settings.data).revoke("READ")
    assert "revoked" in refused(remote, **bearer(tokens["read"]))
    assert remote.post(ASK, json=WHO, headers=bearer(tokens["write"])).status_code == 200


def test_a_key_that_has_expired_opens_nothing(
    remote: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    token = KeyStore(settings.data).create("short", Scope.READ, expires_at=soon)[1]
    assert remote.post(ASK, json=WHO, headers=bearer(token)).status_code == 200

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return soon + timedelta(seconds=1)

    monkeypatch.setattr(qa.keys, "datetime", Later)
    response = remote.post(ASK, json=WHO, headers=bearer(token))
    assert response.status_code == 401
    assert response.get_json()["type"].endswith("/key-expired")


def test_of_a_revoked_key_a_wrong_secret_learns_nothing(
    remote: FlaskClient, tokens: dict[str, str], settings: Settings
) -> None:
    KeyStore(settings.data).revoke("READ")
    key_id = tokens["read"].split("_")[1]
    unknown = refused(remote, **bearer(f"vb_{'0' * 12}_{NO_SECRET}"))
    assert refused(remote, **bearer(f"vb_{key_id}_{NO_SECRET}")) == unknown


@pytest.mark.parametrize("known", [True, False])
def test_secrets_are_compared_in_constant_time_whether_or_not_the_id_is_known(
    settings: Settings, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    compared: list[tuple[int, int]] = []

    def compare(ours: bytes, theirs: bytes) -> bool:
        compared.append((len(ours), len(theirs)))
        return real(ours, theirs)

    real = hmac.compare_digest
    monkeypatch.setattr(qa.keys.hmac, "compare_digest", compare)
    key_id = tokens["read"].split("_")[1] if known else "0" * 12
    KeyStore(settings.data).check(f"vb_{key_id}_{NO_SECRET}")
    assert compared == [(32, 32)]


def test_the_file_of_keys_holds_no_secret_and_is_its_owners_alone(
    settings: Settings, tokens: dict[str, str]
) -> None:
    path = settings.data / qa.keys.FILE_NAME
    kept = path.read_bytes()
    for token in tokens.values():
        assert token.encode() not in kept
        assert token.split("_")[2].encode() not in kept
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content",
    [b"", b"no database " * 1_000, b"SQLite format 3\x00" + bytes(4_096)],
    ids=["empty", "words", "zeros"],
)
def test_where_the_file_of_keys_is_damaged_nobody_is_let_in(
    remote: FlaskClient, tokens: dict[str, str], settings: Settings, content: bytes
) -> None:
    (settings.data / qa.keys.FILE_NAME).write_bytes(content)
    response = remote.post(ASK, json=WHO, headers=bearer(tokens["admin"]))
    assert response.status_code in {401, 503}
    assert "Marta" not in response.text


def test_a_scope_that_somebody_wrote_into_the_file_opens_nothing(
    remote: FlaskClient, tokens: dict[str, str], settings: Settings
) -> None:
    with KeyStore(settings.data)._writing() as connection:
        connection.execute("UPDATE keys SET scope = 'root'")
    assert remote.post(ASK, json=WHO, headers=bearer(tokens["read"])).status_code == 503


def test_where_no_key_is_needed_a_wrong_one_is_told_all_the_same(
    client: FlaskClient, tokens: dict[str, str]
) -> None:
    assert "not known" in refused(client, **bearer(f"vb_{'0' * 12}_{NO_SECRET}"))
    read = bearer(tokens["read"])
    assert client.delete("/api/v1/documents/1", headers=read).status_code == 403


def test_keys_can_be_asked_for_on_this_machine_too(
    make_client: MakeClient, tokens: dict[str, str]
) -> None:
    closed = make_client(allow_anonymous="none")
    refused(closed)
    assert closed.post(ASK, json=WHO, headers=bearer(tokens["read"])).status_code == 200


@pytest.mark.parametrize(
    "settings_",
    [{"host": "0.0.0.0"}, {"host": "::"}, {"host": "192.168.1.5"}, {"hosts": "qa.example.org"}],
    ids=str,
)
def test_a_server_for_others_does_not_start_without_keys(
    settings: Settings, settings_: dict[str, str]
) -> None:
    own = dataclasses.replace(settings, **settings_)  # type: ignore[arg-type]
    with pytest.raises(qa.keys.InvalidSetting, match="no API key"):
        qa.keys.check_start(own)
    qa.keys.check_start(dataclasses.replace(own, allow_anonymous="read"))
    KeyStore(settings.data).create("first", Scope.READ)
    qa.keys.check_start(own)
