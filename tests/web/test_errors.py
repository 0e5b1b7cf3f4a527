"""Every error has one shape, whatever went wrong, and gives nothing away."""

from __future__ import annotations

import gzip
import html
import io
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from index.errors import (
    CorruptIndex,
    DiskFull,
    EmbedderMismatch,
    InvalidFilter,
    LibraryBusy,
    LibraryError,
    UnknownDocument,
    UnknownJob,
)
from qa.pipeline import Pipeline
from qa.settings import Settings
from web.app import create_app
from web.problems import KINDS, PATH, Kind

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def assert_secured(response: TestResponse) -> None:
    for name, value in SECURITY_HEADERS.items():
        assert response.headers[name] == value
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy


def problem(response: TestResponse, status: int) -> str:
    """Check the problem's shape (RFC 9457); return its detail."""
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    value = json.loads(response.data)
    assert set(value) - {"errors", "request_id"} == {"type", "title", "status", "detail"}
    kind = KINDS[value["type"].removeprefix(PATH)]
    assert (value["type"], value["title"]) == (kind.type, kind.title)
    assert value["status"] == kind.status == status
    detail: str = value["detail"]
    assert detail.strip()
    assert "Traceback" not in detail and "<" not in detail
    assert_secured(response)
    return detail


JSON = {"Content-Type": "application/json"}


def ask(client: FlaskClient, body: str | bytes, **options: Any) -> TestResponse:
    return client.post("/api/v1/ask", data=body, **({"content_type": "application/json"} | options))


@pytest.mark.parametrize(
    "body",
    ["", "{", '{"question": "x"', "not JSON", '{"question": "x"}}', b'{"question": "\xff"}'],
)
def test_malformed_json_is_400(client: FlaskClient, body: str | bytes) -> None:
    assert "not valid JSON" in problem(ask(client, body), 400)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("[" * 200_000, "it is nested too deep."),
        ('{"top_k": ' + "9" * 5_000 + "}", "a number has too many digits."),
        ('{"top_k": NaN}', "NaN is no number of JSON."),
        ('{"top_k": -Infinity}', "-Infinity is no number of JSON."),
        (b'{"question": "\xff"}', "byte 14 is no utf-8."),
        ('{"question": "x"', "Expecting ',' delimiter: line 1 column 17 (char 16)."),
    ],
)
def test_what_the_parser_gives_up_on_is_400_and_tells_nothing_of_python(
    client: FlaskClient, body: str | bytes, said: str
) -> None:
    assert problem(ask(client, body), 400) == f"The body is not valid JSON: {said}"


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_another_content_type_is_415(client: FlaskClient, content_type: str | None) -> None:
    response = ask(client, '{"question": "x"}', content_type=content_type)
    assert "application/json" in problem(response, 415)


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ({"question": ""}, "The question is empty"),
        ({"question": " \n\t "}, "The question is empty"),
        ({"question": "x" * 1_001}, "1,001 characters"),
        ({}, "question: Field required"),
        ({"question": None}, "question: "),
        ({"question": 5}, "(got 5)"),
        ({"question": ["x"]}, "question: "),
        ({"question": "x", "top_k": "5"}, "top_k: "),
        ({"question": "x", "top_k": 0}, "top_k is 0"),
        ({"question": "x", "top_k": 101}, "top_k is 101"),
        ({"question": "x", "top_k": 2**70}, "top_k is "),
        ({"question": "x", "history": "x"}, "history: "),
        ({"question": "x", "history": [{}]}, "history.0.question: Field required"),
        ({"question": "x", "history": ["x"] * 201}, "201 turns"),
        ({"question": "x", "document_ids": [2**63]}, "document_ids.0: "),
        ({"question": "x", "date_from": "now"}, '(got "now")'),
        ({"question": "x", "date_from": "2022-02-01", "date_to": "2022-01-01"}, "after date_to"),
        ({"question": "x", "nonsense": 1}, "nonsense: "),
        ({"question": "\ud83d"}, "surrogate"),
        ({"question": "x", "sources": ["\ud83d"]}, "surrogate"),
        ({"question": "x", "\ud83d": 1}, "surrogate"),
        ([], "the request"),
        ("x", "the request"),
        (None, "the request"),
    ],
)
@pytest.mark.usefixtures("filled")
def test_what_cannot_be_asked_is_422(client: FlaskClient, value: Any, detail: str) -> None:
    assert detail in problem(ask(client, json.dumps(value)), 422)


@pytest.mark.parametrize(
    ("value", "kind", "at"),
    [
        ({"date_from": "2022-02-30"}, "invalid-request", "date_from"),
        ({"document_ids": [-1]}, "invalid-request", "document_ids.0"),
        ({"top_k": 0}, "invalid-request", None),
        ({"question": ""}, "invalid-request", None),
        ({"history": ["x"] * 201}, "invalid-request", None),
        ({"date_from": "2022-02-01", "date_to": "2022-01-01"}, "invalid-filter", None),
    ],
    ids=str,
)
def test_the_fields_that_are_at_fault_by_themselves_are_listed(
    client: FlaskClient, value: dict[str, Any], kind: str, at: str | None
) -> None:
    told = ask(client, json.dumps({"question": "x"} | value)).get_json()
    assert told["type"] == PATH + kind
    assert [fault["at"] for fault in told.get("errors", [])] == ([at] if at else [])


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, identity"])
@pytest.mark.parametrize("path", ["/api/v1/ask", "/api/v1/documents", "/v1/chat/completions"])
def test_a_body_that_was_compressed_is_415(client: FlaskClient, path: str, encoding: str) -> None:
    packed = gzip.compress(b'{"question": "x"}')
    response = client.post(path, data=packed, headers=JSON | {"Content-Encoding": encoding})
    assert response.status_code == 415
    assert f"compressed ({encoding})" in response.text


def test_a_form_that_was_compressed_is_415(client: FlaskClient) -> None:
    headers = {"Content-Encoding": "gzip"}
    form = {"file": (io.BytesIO(b"x"), "x.txt")}
    response = client.post("/api/v1/documents", data=form, headers=headers)
    assert "compressed (gzip)" in problem(response, 415)


@pytest.mark.parametrize("encoding", ["", "identity", "Identity"])
def test_a_body_that_is_said_not_to_be_compressed_is_read(
    client: FlaskClient, encoding: str
) -> None:
    response = ask(client, '{"question": "x"}', headers={"Content-Encoding": encoding})
    assert response.status_code == 200


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("number", ["3", "0", str(2**63 - 1), str(2**63), "9" * 100])
def test_an_unknown_document_is_404(client: FlaskClient, number: str) -> None:
    problem(client.get(f"/api/v1/documents/{number}"), 404)


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/api/v1/nothing", "/api/v2/ask", "/api/v1/documents/x", "/api/v1/documents/-1",
     "/static/nothing.js", "/static/../app.py", "/static/%2e%2e/app.py", "/%ff"],
)  # fmt: skip
def test_an_unknown_path_is_404(client: FlaskClient, path: str) -> None:
    problem(client.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/v1/ask", {"POST", "OPTIONS"}),
        ("PUT", "/api/v1/documents", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("POST", "/api/v1/documents/1", {"DELETE", "GET", "HEAD", "OPTIONS"}),
        ("GET", "/api/v1/rebuild", {"POST", "OPTIONS"}),
        ("POST", "/api/v1/jobs", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "/api/v1/status", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_wrong_method_is_405_with_those_allowed(
    client: FlaskClient, method: str, path: str, allowed: set[str]
) -> None:
    response = client.open(path, method=method)
    problem(response, 405)
    assert set(response.headers["Allow"].split(", ")) == allowed


def test_a_body_that_is_too_large_is_413(client: FlaskClient, settings: Settings) -> None:
    most = settings.max_body_bytes
    padded = '{"question": "x"}'.ljust(most)
    assert ask(client, padded).status_code == 200
    problem(ask(client, padded + " "), 413)


@pytest.mark.parametrize(
    ("method", "path", "options", "said"),
    [
        ("GET", "/api/v1/nothing", {}, ["'/api/v1/nothing'", "/docs"]),
        ("GET", "/" + "x" * 500, {}, ["/xxxx", "…"]),
        ("GET", "/\u202e<b>", {}, ["'/\\u202e<b>'"]),
        ("PUT", "/api/v1/documents", {}, ["PUT", "GET, HEAD, OPTIONS, POST"]),
        (
            "POST",
            "/api/v1/ask",
            {"data": "x" * 1_000_001, "content_type": "application/json"},
            ["1,000,001 bytes", "1,000,000 bytes", "QA_MAX_BODY_BYTES"],
        ),
        (
            "POST",
            "/api/v1/ask",
            {"data": "x", "content_type": "text/csv"},
            ["text/csv", "application/json"],
        ),
        ("GET", "/api/v1/documents/7", {}, ["id 7"]),
        ("GET", "/api/v1/jobs/x", {}, ["'x'"]),
    ],
)  # fmt: skip
def test_an_error_names_the_value_and_what_would_be_right(
    client: FlaskClient, method: str, path: str, options: dict[str, Any], said: list[str]
) -> None:
    response = client.open(path, method=method, **options)
    detail = response.get_json()["detail"]
    assert all(words in detail for words in said), detail
    assert len(detail) < 300
    assert "manually" not in detail and "URL" not in detail  # werkzeug's words


def test_each_field_at_fault_is_told_by_itself(client: FlaskClient) -> None:
    response = ask(client, '{"question": 5, "topk": 1, "history": [{}]}')
    assert [fault["at"] for fault in response.get_json()["errors"]] == [
        "history.0.question",
        "question",
        "topk",
    ]


def test_an_error_has_the_requests_id(client: FlaskClient) -> None:
    response = client.get("/api/v1/documents/9", headers={"X-Request-ID": "mine-1"})
    assert response.get_json()["request_id"] == response.headers["X-Request-ID"] == "mine-1"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_each_kind_of_problem_has_a_page(client: FlaskClient, kind: Kind) -> None:
    response = client.get(kind.type)
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert kind.title in html.unescape(response.text)
    assert kind.remedy in html.unescape(response.text)
    assert_secured(response)


def test_an_unexpected_error_is_500_and_tells_nothing(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret in /home/otto")

    monkeypatch.setattr(Pipeline, "answer", fail)
    response = ask(client, '{"question": "x"}')
    assert "log" in problem(response, 500)
    assert "secret" not in response.text
    assert "secret in /home/otto" in caplog.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (LibraryBusy("Try again when it is done."), 503),
        (CorruptIndex("Document 3 is damaged."), 503),
        (EmbedderMismatch("The settings say other."), 503),
        (DiskFull("There is no room left."), 507),
        (UnknownJob("There is no job 'x'."), 404),
        (UnknownDocument("There is no document 3."), 404),
        (InvalidFilter("date_from is 'x'."), 422),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_library_that_cannot_answer_says_why(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, error: LibraryError, status: int
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Pipeline, "answer", fail)
    assert problem(ask(client, '{"question": "x"}'), status) == str(error)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "path",
    ["/", "/healthz", "/api/v1/status", "/api/v1/documents", "/api/v1/documents/1",
     "/static/css/base.css", "/static/js/main.js"],
)  # fmt: skip
def test_every_response_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        with client.open(path, method=method) as response:
            assert response.status_code == 200
            assert_secured(response)


def test_answers_are_not_kept_by_caches(client: FlaskClient) -> None:
    for response in (client.get("/api/v1/documents"), ask(client, '{"question": "x"}')):
        assert response.headers["Cache-Control"] == "no-store"


def test_no_answer_is_for_another_site(client: FlaskClient) -> None:
    response = client.get("/api/v1/documents", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name, _ in response.headers if name.startswith("Access-Control")]


def test_an_application_without_a_pipeline_makes_one(settings: Settings, store: object) -> None:
    app: Flask = create_app(settings)
    assert app.extensions["pipeline"].store.folder == settings.data
