"""The OpenAPI document is valid, complete, and what the application does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from pydantic import ValidationError
from werkzeug.test import TestResponse

from index.job_runner import JobRunner
from index.jobs import JobStore
from qa.assembly import make_indexer
from qa.settings import Settings
from tests.qa.parts import copied_pipeline
from web import openapi, reference
from web.app import create_app
from web.guard import needed
from web.operations import Example, Operation, operation_of
from web.problems import KINDS

OPERATIONS_AT_LEAST = 30
BESIDE = {"/api/v1/openapi.json"}


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    response = client.get("/api/v1/openapi.json")
    assert response.status_code == 200
    value: dict[str, Any] = response.get_json()
    return value


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, described in item.items():
            yield path, method, described


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_everything_under_the_api_is_described(app: Flask, document: dict[str, Any]) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    assert len(rules) > OPERATIONS_AT_LEAST
    for rule in rules:
        if rule.rule in BESIDE:
            continue
        assert operation_of(app.view_functions[rule.endpoint]), rule.rule
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert method.lower() in document["paths"][openapi.path_of(rule)]


def test_every_operation_says_what_it_is(document: dict[str, Any]) -> None:
    told = list(operations(document))
    ids = [described["operationId"] for _, _, described in told]
    assert len(ids) == len(set(ids)) > OPERATIONS_AT_LEAST
    for path, method, described in told:
        assert described["summary"] and described["description"], path
        assert all(parameter["description"] for parameter in described.get("parameters", []))
        assert "500" in described["responses"] and "401" in described["responses"]
        assert described["x-scope"] == needed(method.upper(), path).name.lower()
        if method in {"post", "patch"} and "requestBody" in described:
            assert "415" in described["responses"]


def test_every_field_is_described_by_a_type(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert "__" not in name, "two models have the same name"
        assert schema.get("type") == "object" or "enum" in schema, name
        for field in schema.get("properties", {}).values():
            assert {"type", "$ref", "anyOf"} & set(field), name


def test_every_kind_of_problem_can_come_of_something(document: dict[str, Any]) -> None:
    told = json.dumps(document["paths"])
    elsewhere = {"unknown-path", "wrong-method"}  # of what is no operation
    assert {name for name in KINDS if f"{name}: " not in told} == elsewhere


def test_the_document_is_asked_for_again_only_if_it_has_changed(client: FlaskClient) -> None:
    tag = client.get("/api/v1/openapi.json").headers["ETag"]
    again = client.get("/api/v1/openapi.json", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_response_that_the_document_does_not_allow_is_caught(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests of this folder hold every response to its model; see conftest."""
    monkeypatch.setattr("web.api._bytes_under", lambda _: "many")
    with pytest.raises(ValidationError, match="disk_bytes"):
        client.get("/api/v1/status")


@pytest.fixture(scope="module")
def seeded(seed_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The real application over the texts of seeds/, with the real models."""
    data = tmp_path_factory.mktemp("seeded") / "data"
    pipeline = copied_pipeline(seed_library, data)
    settings = Settings(data=data)
    app = create_app(settings, pipeline)
    runner = JobRunner(
        JobStore(data),
        lambda: make_indexer(settings, pipeline.store, pipeline.retriever.embedder),
        fetch=_unreachable,
        poll_seconds=0.05,
    )
    app.extensions["runner"] = runner
    runner.start()
    yield app
    runner.stop()


def _unreachable(url: str) -> Any:
    raise AssertionError(f"no example fetches anything, but this one {url}")


@pytest.mark.models
def test_every_example_works_as_it_is_written(seeded: Flask) -> None:
    """In the order of the document; each response is held to its model by the fixture of all."""
    client, known, done = seeded.test_client(), {}, 0
    for method, rule, described, _ in openapi.operations(seeded):
        response = send(client, method, openapi.path_of(rule), described, known)
        assert response.status_code < 300, (method, rule.rule, response.text)
        value = response.get_json() if response.mimetype == "application/json" else {}
        if described.tag == "Library" and "state" in value:
            assert value["state"] == "done"
            known["$JOB"] = value["id"]
        if rule.endpoint == "conversations.create":
            known["$CONVERSATION"] = value["id"]
        done += 1
    assert done > OPERATIONS_AT_LEAST


def send(
    client: FlaskClient, method: str, path: str, described: Operation, known: dict[str, str]
) -> TestResponse:
    address = reference.filled(path, described.example)
    for name, value in known.items():
        address = address.replace(name, value)
    assert "$" not in address, "nothing before it made what the example is about"
    return client.open(address, method=method, json=described.example.body)


def test_an_example_is_filled_in_safely() -> None:
    example = Example(path={"id": "a b/ü"}, query={"search": "x & y"})
    assert reference.filled("/a/{id}", example) == "/a/a%20b%2F%C3%BC?search=x+%26+y"


def test_every_example_is_one_of_its_model(app: Flask) -> None:
    for method, rule, described, _ in openapi.operations(app):
        if described.body is not None:
            assert described.example.body is not None, (method, rule.rule)
            described.body.model_validate(described.example.body)
        query = {name: str(value) for name, value in described.example.query.items()}
        described.query.model_validate(query)
