"""The page of the API's reference says all that the OpenAPI document does, and runs nothing."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from qa.settings import Settings
from tests.web.test_errors import assert_secured, problem
from web import openapi, samples
from web.app import create_app

ONLY_SENT = {"AddRequest", "BulkAdd"}  # text or URL, of which a sample shows both


@pytest.fixture
def shown(client: FlaskClient) -> str:
    response = client.get("/docs")
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert_secured(response)
    return response.text


def test_every_operation_and_every_value_has_its_place(app: Flask, shown: str) -> None:
    document = openapi.document(app)
    for path, item in document["paths"].items():
        for method, described in item.items():
            assert f'id="{described["operationId"]}"' in shown
            assert f"<b>{method.upper()}</b> {path}" in shown
            for parameter in described.get("parameters", []):
                assert f"<code>{parameter['name']}</code>" in shown
    for name, schema in document["components"]["schemas"].items():
        assert f'id="schema-{name}"' in shown
        assert all(f"<code>{field}</code>" in shown for field in schema.get("properties", {}))


def test_every_link_leads_somewhere(client: FlaskClient, shown: str) -> None:
    ids = set(re.findall(r' id="([^"]+)"', shown))
    links = set(re.findall(r'href="([^"]+)"', shown))
    assert {link[1:] for link in links if link.startswith("#")} <= ids
    for link in (link for link in links if not link.startswith("#")):
        with client.get(link) as response:
            assert response.status_code == 200, link


@pytest.mark.parametrize("path", ["/docs", "/problems/", "/problems/disk-full"])
def test_a_page_holds_no_script_and_no_style_and_refers_to_nothing_elsewhere(
    client: FlaskClient, path: str
) -> None:
    text = client.get(path).text
    assert not re.search(r"<script|<style| style=| on\w+=", text)
    assert not re.search(r'(?:src|href)="(?!/|#)', text)


def test_the_examples_are_commands_for_a_shell(shown: str) -> None:
    calls = [
        html.unescape(call) for call in re.findall(r'"Example"><code>(.*?)</code>', shown, re.S)
    ]
    assert len(calls) > 30
    assert all(call.startswith("curl -s ") and "http://localhost" in call for call in calls)
    (asked,) = [call for call in calls if call.startswith("curl -s http://localhost/api/v1/ask ")]
    assert asked.splitlines()[1:] == [
        "  -H 'Content-Type: application/json' \\",
        """  -d '{"question": "who denied the volunteer reports?"}'""",
    ]
    assert any("-F file=@" in call for call in calls)
    assert 'curl -s "http://localhost/api/v1/jobs/$JOB?wait=60"' in calls
    assert not any(re.search(r"'[^']*\$[A-Z]+[^']*'", call) for call in calls)


def test_what_a_response_looks_like_is_something_that_its_schema_allows(
    app: Flask, shown: str
) -> None:
    document = openapi.document(app)
    told = [html.unescape(one) for one in re.findall(r'"Response"><code>(.*?)</code>', shown, re.S)]
    assert len(told) > 20
    for name, schema in document["components"]["schemas"].items():
        if name in ONLY_SENT:
            continue
        value = samples.sample(schema, document["components"]["schemas"])
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        Draft202012Validator(schema).validate(value)
    assert any('"speaker"' in one and '"relation": "one"' in one for one in told)


def test_a_schema_that_goes_round_in_a_circle_has_an_end() -> None:
    circle = {"type": "object", "properties": {"more": {"$ref": "#/x/Circle"}}}
    assert samples.sample(circle, {"Circle": circle})["more"]["more"]


def test_limits_are_those_of_the_settings(settings: Settings, store: object) -> None:
    limited = Settings(data=settings.data, max_question_characters=777, max_top_k=55)
    app = create_app(limited)
    assert "at most 777 characters" in app.test_client().get("/docs").text
    ask = openapi.document(app)["components"]["schemas"]["Ask"]["properties"]
    assert ask["question"]["maxLength"] == 777
    assert ask["top_k"]["maximum"] == 55


@pytest.mark.parametrize("name", ["x", "<script>alert(1)<", "%0d%0aX: y", "unknown-document%2f"])
def test_there_is_no_page_of_a_problem_that_is_none(client: FlaskClient, name: str) -> None:
    problem_text = client.get(f"/problems/{name}")
    assert problem_text.status_code == 404
    assert problem_text.mimetype == "application/problem+json"


def test_what_is_no_problem_is_told_as_one(client: FlaskClient) -> None:
    assert "'x'" in problem(client.get("/problems/x"), 404)
