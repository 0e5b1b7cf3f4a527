"""Request ids, and what the log says of a request: enough to find it, nothing that users wrote."""

from __future__ import annotations

import dataclasses
import json
import logging
import sys
import threading
from contextvars import Context
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from index.indexing import Indexer
from qa.access import Scope
from qa.keys import KeyStore
from qa.settings import Settings
from tests.qa.parts import BRIDGE, document
from web.logs import JsonLines, configure, request_id

QUESTION = "Who opened the harbour bridge?"


class Colour(StrEnum):
    RED = "red"


def line(record: logging.LogRecord, *, text: bool = False) -> dict[str, Any]:
    written = JsonLines(text=text).format(record)
    assert written.isascii()
    assert "\n" not in written
    value: dict[str, Any] = json.loads(written)
    return value


def said(message: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("part", logging.WARNING, "file.py", 1, message, args, None)


def requests_of(caplog: pytest.LogCaptureFixture, *, text: bool = False) -> list[dict[str, Any]]:
    return [line(r, text=text) for r in caplog.records if r.name == "web.observing"]


def ask(client: FlaskClient, **headers: str) -> Any:
    return client.post("/api/v1/ask", json={"question": QUESTION}, headers=headers, buffered=True)


@pytest.mark.parametrize("given", ["a", "7f3a-1.x:Y_z", "x" * 64])
def test_a_safe_request_id_is_taken(client: FlaskClient, given: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", [None, "", "x" * 65, "a b", "a/b", "ü", "a;b", '"', "<b>"])
def test_another_one_is_made_where_there_is_none_that_is_safe(
    client: FlaskClient, given: str | None
) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    made = {client.get("/healthz", headers=headers).headers["X-Request-ID"] for _ in range(2)}
    assert given not in made
    assert len(made) == 2
    assert all(len(one) == 32 and one.isalnum() for one in made)


@pytest.mark.parametrize(
    ("path", "status"), [("/nothing", 404), ("/api/v1/ask", 405), ("/api/v1/documents/99", 404)]
)
def test_a_problem_has_the_id_in_its_header_and_body(
    client: FlaskClient, path: str, status: int
) -> None:
    response = client.get(path, headers={"X-Request-ID": "mine"})
    assert (response.status_code, response.headers["X-Request-ID"]) == (status, "mine")
    assert response.get_json()["request_id"] == "mine"


def test_what_is_refused_before_any_view_has_an_id_too(client: FlaskClient) -> None:
    response = client.get("/", headers={"Host": "elsewhere.example", "X-Request-ID": "mine"})
    assert response.status_code >= 400
    assert response.headers["X-Request-ID"] == "mine"


@pytest.mark.usefixtures("filled")
def test_a_question_is_one_line_without_a_word_of_it(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        ask(client, **{"X-Request-ID": "mine"})
    (told,) = requests_of(caplog)
    assert told["time"].endswith("+00:00")
    assert told["stages_ms"].keys() == {"searching", "reading"}
    assert told["duration_ms"] >= max(told["stages_ms"].values())
    known = ("level", "event", "method", "route", "status", "questions", "answered", "generation")
    assert [told[name] for name in known] == [
        *("info", "request", "POST", "/api/v1/ask", 200),
        *(1, 1, 2),
    ]
    assert "bridge" not in json.dumps(told)


def test_the_key_that_was_used_is_named_but_never_told(
    client: FlaskClient, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    _, token = KeyStore(settings.data).create("newsroom", Scope.READ)
    with caplog.at_level(logging.INFO):
        for given in (token, f"{token[:-1]}x"):
            authorization = {"Authorization": f"Bearer {given}"}
            client.get("/api/v1/status", headers=authorization, buffered=True)
    first, second = requests_of(caplog)
    assert (first["key"], "key" in second, second["status"]) == ("newsroom", False, 401)
    assert token[4:20] not in json.dumps([line(record) for record in caplog.records])
    assert any(record.getMessage().startswith("A key was refused") for record in caplog.records)


def test_a_stream_that_fails_is_logged_with_its_problem(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise KeyError("x")

    monkeypatch.setattr(app.extensions["pipeline"], "answer", fail)
    with caplog.at_level(logging.INFO):
        ask(app.test_client(), Accept="text/event-stream")
    (told,) = requests_of(caplog)
    assert (told["status"], told["problem"]) == (200, "server-fault")


@pytest.mark.usefixtures("filled")
def test_a_stream_is_logged_once_with_the_stages_of_its_answer(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        asked, headers = {"question": QUESTION}, {"Accept": "text/event-stream"}
        response = client.post("/api/v1/ask", json=asked, headers=headers)
        assert not requests_of(caplog)  # it has only begun
        assert "event: done" in response.get_data(as_text=True)
        response.close()
    (told,) = requests_of(caplog)
    assert (told["status"], told["questions"]) == (200, 1)


def test_a_document_of_a_strange_name_is_a_route_in_the_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.get("/secret%0a{}name", buffered=True)
        client.open("/secret", method="SECRET", buffered=True)
    first, second = requests_of(caplog)
    assert (first["route"], second["method"]) == ("(none)", "OTHER")
    assert "secret" not in json.dumps([first, second]).lower()


@pytest.mark.usefixtures("filled")
def test_text_is_logged_where_a_setting_says_so(
    app: Flask, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    app.extensions["settings"] = dataclasses.replace(settings, log_text=True)
    with caplog.at_level(logging.INFO):
        ask(app.test_client())
    (told,) = requests_of(caplog, text=True)
    assert (told["asked"], told["path"]) == ([QUESTION], "/api/v1/ask")


def test_health_and_static_files_are_only_logged_in_detail(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for path in ("/healthz", "/static/js/main.js", "/api/v1/status"):
            client.get(path, buffered=True)
    assert [told["level"] for told in requests_of(caplog)] == ["debug", "debug", "info"]


def test_a_failure_is_logged_with_the_id_but_not_its_words(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ValueError("a secret word")

    monkeypatch.setattr("web.api.pipeline", broken)
    told: list[dict[str, Any]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:  # while the request is under way
            told.append(line(record))

    handler = Kept()
    logging.getLogger("web").addHandler(handler)
    try:
        response = client.get("/api/v1/status", headers={"X-Request-ID": "mine"})
    finally:
        logging.getLogger("web").removeHandler(handler)
    assert response.status_code == 500
    assert "secret" not in response.get_data(as_text=True) + json.dumps(told)
    assert {one["request_id"] for one in told} == {"mine"}
    (error,) = [one["error"] for one in told if "error" in one]
    assert error["type"] == "ValueError"
    assert any("test_logs.py" in frame and "broken" in frame for frame in error["trace"])


def test_outside_a_request_there_is_no_id() -> None:
    assert Context().run(request_id) == ""
    assert "request_id" not in Context().run(line, said("hello"))


def test_of_an_event_only_what_no_user_wrote_is_told() -> None:
    args = (7, 2.5, True, None, Colour.RED, Path("/data"), "secret", ["secret"])
    record = said("%s %s %s %s %s %s %s %s", *args)
    assert line(record)["event"] == "7 2.5 True None red /data … …"
    assert "secret" in line(record, text=True)["event"]


@pytest.mark.parametrize(
    ("message", "args"),
    [
        ("%d items", ("secret",)),
        ("%(name)s", ({"name": "secret"},)),
        ("%s", (ValueError("secret"),)),
    ],
)
def test_whatever_shape_an_event_has_its_text_is_withheld(
    message: str, args: tuple[object, ...]
) -> None:
    assert "secret" not in json.dumps(line(said(message, *args)))


def test_what_the_system_says_of_an_error_is_told_without_the_files_name() -> None:
    record = said("not sealed: %s", FileNotFoundError(2, "No such file or directory", "/secret"))
    assert line(record)["event"] == "not sealed: No such file or directory"


def test_an_exceptions_own_words_are_told_where_a_setting_says_so() -> None:
    try:
        raise ValueError("a word\nof a user")
    except ValueError:
        record = said("failed")
        record.exc_info = sys.exc_info()
    assert "message" not in line(record)["error"]
    assert line(record, text=True)["error"]["message"] == "a word\nof a user"


def test_a_thread_that_fails_is_told_of_in_the_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("handlers", "level"):
        monkeypatch.setattr(logging.getLogger(), name, getattr(logging.getLogger(), name))
    for name in ("index", "qa", "web"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    configure("info", text=False)

    def fail() -> None:
        raise ValueError("secret")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    (written,) = capsys.readouterr().err.splitlines()
    told = json.loads(written)
    assert (told["event"], told["error"]["type"]) == ("A thread failed.", "ValueError")
    assert "secret" not in written


@pytest.mark.parametrize("name", ['x\n{"level": "error"}', "\r\x1b[31m", "\u202egnp.exe", "\x00"])
def test_no_name_forges_a_line_or_turns_it_round(name: str) -> None:
    assert name in line(said("%s", name), text=True)["event"]  # and `line` saw one, in ASCII


def test_a_file_that_cannot_be_read_leaves_no_name_in_the_log(
    indexer: Indexer, caplog: pytest.LogCaptureFixture
) -> None:
    indexer.add_document(document(BRIDGE, "/secret/path.txt"))
    logging.getLogger("web.background").warning("%s: %s", Colour.RED, "/secret/path.txt")
    assert [line(record)["event"] for record in caplog.records] == ["red: …"]
