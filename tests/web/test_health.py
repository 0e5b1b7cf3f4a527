"""Whether the server says truly that it lives, that it is ready, and what it has counted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from index.errors import LibraryBusy
from index.jobs import JobStore, Kind
from index.store import Store
from qa.access import Scope
from qa.keys import KeyStore
from qa.settings import Settings
from tests.index.libraries import eventually, thread
from web import health


def numbers(client: FlaskClient) -> dict[str, float]:
    """All samples, by name and labels."""
    response = client.get("/metrics", buffered=True)
    assert response.status_code == 200
    assert response.mimetype == "text/plain"
    lines = response.get_data(as_text=True).splitlines()
    return {
        sample.rpartition(" ")[0]: float(sample.rpartition(" ")[2])
        for sample in lines
        if sample and not sample.startswith("#")
    }


def grown(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """What was counted meanwhile."""
    return {
        name: value - before.get(name, 0)
        for name, value in after.items()
        if value != before.get(name, 0) and name.startswith("verbatim_")
    }


def ask(client: FlaskClient, question: str) -> Any:
    return client.post("/api/v1/ask", json={"question": question}, buffered=True).get_json()


def test_a_process_that_lives_says_so_without_the_library(
    client: FlaskClient, settings: Settings
) -> None:
    for file in settings.data.glob("library*"):
        file.unlink()
    assert client.get("/healthz").get_json() == {"status": "ok"}


def test_before_the_models_are_loaded_it_is_not_ready(app: Flask) -> None:
    client = app.test_client()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "The models are not loaded yet." in response.get_json()["detail"]
    health.models_are_loaded(app)
    assert client.get("/readyz").get_json() == {"status": "ready", "generation": 0}


def test_a_library_that_cannot_be_read_is_not_ready(
    app: Flask, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    health.models_are_loaded(app)
    store._connection.execute("DELETE FROM settings WHERE name = 'generation'")
    response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert response.get_json()["detail"] == "The library cannot be read."


def test_a_disk_that_cannot_be_written_to_is_not_ready(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device", "/secret")

    health.models_are_loaded(app)
    monkeypatch.setattr("web.health.tempfile.TemporaryFile", full)
    response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert "The data folder cannot be written to: No space left" in response.get_json()["detail"]
    assert "/secret" not in response.get_data(as_text=True)


def test_being_asked_leaves_nothing_in_the_data_folder(app: Flask, settings: Settings) -> None:
    health.models_are_loaded(app)
    before = sorted(path.name for path in settings.data.iterdir())
    assert app.test_client().get("/readyz").status_code == 200
    assert sorted(path.name for path in settings.data.iterdir()) == before


@pytest.mark.usefixtures("filled")
def test_answers_abstentions_and_stages_are_counted(client: FlaskClient) -> None:
    before = numbers(client)
    assert ask(client, "who opened the harbour bridge?")["answers"]
    assert ask(client, "what is the colour of quarks?")["answers"] == []
    counted = grown(before, numbers(client))
    assert counted['verbatim_answers_total{relation="one"}'] == 1
    abstained = {name for name in counted if name.startswith("verbatim_abstentions_total")}
    assert len(abstained) == 1
    for stage in ("searching", "reading", "total"):
        assert counted[f'verbatim_question_seconds_count{{stage="{stage}"}}'] == 2
    asked = 'verbatim_requests_total{method="POST",route="/api/v1/ask",status="200"}'
    assert counted[asked] == 2


def test_problems_are_counted_by_kind_and_requests_by_route(client: FlaskClient) -> None:
    before = numbers(client)
    client.get("/api/v1/documents/123", buffered=True)
    client.get("/api/v1/documents/124", buffered=True)
    counted = grown(before, numbers(client))
    assert counted['verbatim_errors_total{type="unknown-document"}'] == 2
    routes = {found[1] for name in counted if (found := re.search(r'route="([^"]*)"', name))}
    assert len(routes) == 2  # this one of all documents, and /metrics
    assert not any("123" in route or "124" in route for route in routes)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("path", ["/api/v1/ask", "/v1/chat/completions"])
@pytest.mark.parametrize(
    ("error", "kind"), [(KeyError("x"), "server-fault"), (LibraryBusy("busy"), "library-busy")]
)
def test_a_question_that_fails_is_counted_however_it_was_asked(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    kind: str,
    path: str,
    stream: bool,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(app.extensions["pipeline"], "answer", fail)
    client = app.test_client()
    body: dict[str, Any] = {"question": "who?"}
    if path.startswith("/v1/"):
        body = {"model": "verbatim", "messages": [{"role": "user", "content": "who?"}]}
        body["stream"] = stream
    headers = {"Accept": "text/event-stream"} if stream else {}
    before = numbers(client)
    client.post(path, json=body, headers=headers, buffered=True)
    counted = grown(before, numbers(client))
    errors = {name: n for name, n in counted.items() if name.startswith("verbatim_errors_total")}
    assert errors == {f'verbatim_errors_total{{type="{kind}"}}': 1}


def test_a_method_that_a_client_made_up_is_no_new_label(client: FlaskClient) -> None:
    before = numbers(client)
    for number in range(3):
        client.open("/api/v1/status", method=f"MADEUP{number}", buffered=True)
    assert not [name for name in grown(before, numbers(client)) if "MADEUP" in name]


@pytest.mark.usefixtures("filled")
def test_the_library_and_its_jobs_are_told(client: FlaskClient, settings: Settings) -> None:
    JobStore(settings.data).create(Kind.REBUILD)
    told = numbers(client)
    assert told["verbatim_index_generation"] == 2
    assert (told["verbatim_documents"], told["verbatim_passages"]) == (2, 2)
    assert told['verbatim_jobs_waiting{state="queued"}'] == 1
    assert told["verbatim_library_bytes"] > 10_000


def test_requests_under_way_are_none_but_this_one_after_all(client: FlaskClient) -> None:
    before = numbers(client)["verbatim_requests_in_flight"]
    client.get("/nothing", buffered=True)
    client.get("/static/js/main.js", buffered=True)
    assert numbers(client)["verbatim_requests_in_flight"] == before


def test_questions_under_way_are_told(client: FlaskClient, app: Flask) -> None:
    gate = app.extensions["gate"]
    for _ in range(gate.at_a_time):
        assert gate.enter()
    with thread(gate.enter):
        eventually(lambda: gate.waiting == 1, "one waits")
        told = numbers(client)
        assert told['verbatim_questions{state="answering"}'] == gate.at_a_time
        assert told['verbatim_questions{state="waiting"}'] == 1
        gate.leave()
    for _ in range(gate.at_a_time):
        gate.leave()
    told = numbers(client)
    assert told['verbatim_questions{state="answering"}'] == 0
    assert told['verbatim_questions{state="waiting"}'] == 0


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::1"])
def test_metrics_are_not_for_those_from_afar(client: FlaskClient, address: str) -> None:
    response = client.get("/metrics", environ_overrides={"REMOTE_ADDR": address})
    assert response.status_code in (401, 403)
    assert b"verbatim_" not in response.data


def test_metrics_are_not_for_those_whom_a_proxy_lets_in(client: FlaskClient) -> None:
    response = client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"})
    assert response.status_code in (401, 403)


@pytest.mark.parametrize(("scope", "status"), [(Scope.ADMIN, 200), (Scope.WRITE, 403)])
def test_an_admins_key_opens_them_from_afar(
    client: FlaskClient, settings: Settings, scope: Scope, status: int
) -> None:
    _, token = KeyStore(settings.data).create("prometheus", scope)
    response = client.get(
        "/metrics",
        headers={"Authorization": f"Bearer {token}", "X-Forwarded-For": "192.0.2.7"},
        environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
    )
    assert response.status_code == status


def test_the_format_is_what_prometheus_reads(client: FlaskClient, tmp_path: Path) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    text = client.get("/metrics").get_data(as_text=True)
    names = [family.name for family in text_string_to_metric_families(text)]
    assert len(names) == len(set(names))
    assert {"verbatim_question_seconds", "verbatim_documents", "verbatim_jobs"} <= set(names)
