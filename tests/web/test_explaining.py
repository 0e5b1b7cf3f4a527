"""Why not, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.test_errors import problem

WHO = "Who opened the harbour bridge?"


def explain(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    response = client.post("/api/v1/explain", json={"question": WHO} | fields)
    assert response.status_code == 200, response.text
    value: dict[str, Any] = response.get_json()
    return value


@pytest.mark.usefixtures("filled")
def test_an_answered_question_lists_what_was_considered(client: FlaskClient) -> None:
    value = explain(client)
    assert (value["verdict"], value["places"]) == ("answered", [])
    assert value["message"]
    best = value["candidates"][0]
    assert (best["text"], best["document_id"], best["shown"]) == ("Marta", 1, True)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"expect": "Marta"}, "shown"),
        ({"expect": "Marta", "document_ids": [2]}, "filtered_out"),
        ({"expect": "newsletter"}, "marked"),
        ({"expect": "a word that nobody wrote"}, "not_in_library"),
        ({"question": "Where is the moon?"}, "below_threshold"),
    ],
    ids=str,
)
def test_the_verdict_is_the_stage(
    client: FlaskClient, fields: dict[str, Any], verdict: str
) -> None:
    value = explain(client, **fields)
    assert value["verdict"] == verdict
    assert value["message"]


@pytest.mark.parametrize(
    "fields",
    [{"question": ""}, {"expect": 1}, {"expect": "x" * 1001}, {"expected": "Marta"}, {"top_k": 0}],
    ids=str,
)
def test_bad_input_is_said(client: FlaskClient, fields: dict[str, Any]) -> None:
    problem(client.post("/api/v1/explain", json={"question": WHO} | fields), 422)
