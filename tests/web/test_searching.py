"""Searching over HTTP, and asking several questions at once."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from index.errors import CorruptIndex
from index.store import Store
from qa.pipeline import Pipeline
from tests.qa.parts import BRIDGE
from tests.web.test_errors import problem

SEARCH, BATCH = "/api/v1/search", "/api/v1/ask/batch"
WHO = "Who opened the harbour bridge?"


def searched(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    response = client.post(SEARCH, json={"query": "the harbour bridge"} | fields)
    assert response.status_code == 200, response.text
    value: dict[str, Any] = response.get_json()
    return value


@pytest.mark.usefixtures("filled")
def test_passages_are_slices_of_their_documents_best_first(
    client: FlaskClient, store: Store
) -> None:
    value = searched(client)
    assert (value["generation"], value["indexed"], value["searchable"]) == (2, 2, 2)
    assert value["passages"][0]["text"] == BRIDGE
    scores = [passage["score"] for passage in value["passages"]]
    assert scores == sorted(scores, reverse=True)
    for passage in value["passages"]:
        text = store.document(passage["document_id"]).text
        assert text[passage["start"] : passage["end"]] == passage["text"]


@pytest.mark.usefixtures("filled")
def test_a_search_reads_nothing(app: Flask, client: FlaskClient) -> None:
    reader = app.extensions["pipeline"].reader
    searched(client)
    assert reader.reads == 0


@pytest.mark.usefixtures("filled")
def test_a_search_is_narrowed(client: FlaskClient) -> None:
    assert len(searched(client, top_k=1)["passages"]) == 1
    only = searched(client, document_ids=[2])
    assert [passage["document_id"] for passage in only["passages"]] == [2]
    assert (only["indexed"], only["searchable"]) == (2, 1)
    assert searched(client, date_from="2022-09-01")["passages"] == []


@pytest.mark.usefixtures("filled")
def test_a_search_leans_on_what_was_asked_before(client: FlaskClient) -> None:
    history = [{"question": WHO, "answer": "Marta"}]
    value = searched(client, query="When did she?", history=history)
    assert value["query"] == "When did she?"
    assert "Marta" in value["searched"]


def test_an_empty_library_holds_no_passage(client: FlaskClient) -> None:
    assert searched(client)["passages"] == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "query: Field required"),
        ({"query": " "}, "empty"),
        ({"query": 1}, "query: "),
        ({"question": "x"}, "query: Field required"),
        ({"query": "x", "top_k": 0}, "top_k is 0"),
        ({"query": "x" * 1_001}, "1,001 characters"),
        ({"query": "x", "date_from": "soon"}, '(got "soon")'),
    ],
)
def test_what_cannot_be_searched_for_is_422(
    client: FlaskClient, body: dict[str, Any], said: str
) -> None:
    assert said in problem(client.post(SEARCH, json=body), 422)


def batch(client: FlaskClient, *questions: Any, **shared: Any) -> list[dict[str, Any]]:
    response = client.post(BATCH, json={"questions": list(questions)} | shared)
    assert response.status_code == 200, response.text
    results: list[dict[str, Any]] = response.get_json()["results"]
    return results


@pytest.mark.usefixtures("filled")
def test_a_batch_answers_as_one_question_after_the_other_would(client: FlaskClient) -> None:
    questions = [{"id": "a", "question": WHO}, {"id": 7, "question": "Where is the moon?"}]
    results = batch(client, *questions)
    assert [result["id"] for result in results] == ["a", 7]
    for result, asked in zip(results, questions, strict=True):
        alone = client.post("/api/v1/ask", json={"question": asked["question"]}).get_json()
        for value in (result["answer_set"], alone):
            del value["took_ms"]
        assert result["answer_set"] == alone
        assert result["problem"] is None


@pytest.mark.usefixtures("filled")
def test_a_question_that_cannot_be_asked_gets_a_problem_and_the_others_their_answers(
    client: FlaskClient,
) -> None:
    wrong = [
        {"question": " "},
        {"question": "x" * 1_001},
        {"question": "x", "top_k": 0},
        {"question": "x", "date_from": "2022-02-01", "date_to": "2022-01-01"},
    ]
    results = batch(client, {"question": WHO}, *wrong, {"question": WHO})
    told = [result["problem"] and result["problem"]["type"] for result in results]
    assert told == [
        None,
        "/problems/invalid-request",
        "/problems/question-too-long",
        "/problems/invalid-request",
        "/problems/invalid-filter",
        None,
    ]
    assert results[-1]["answer_set"]["answers"][0]["text"] == "Marta"
    assert results[1]["answer_set"] is None


@pytest.mark.usefixtures("filled")
def test_what_is_said_beside_the_questions_holds_for_those_that_do_not_say_it(
    client: FlaskClient,
) -> None:
    own = {"question": WHO, "document_ids": [1]}
    first, second = batch(client, {"question": WHO}, own, document_ids=[2])
    assert (first["answer_set"]["answered"], second["answer_set"]["answered"]) == (False, True)
    assert first["answer_set"]["filters"] == {"document_ids": [2]}
    history = [{"question": WHO, "answer": "Marta"}]
    (follow_up,) = batch(client, {"question": "When did she?"}, history=history)
    assert "Marta" in follow_up["answer_set"]["searched"]


@pytest.mark.parametrize("name", ["document_ids", "sources"])
def test_an_empty_list_does_not_lift_what_is_said_beside_the_questions(
    client: FlaskClient, name: str
) -> None:
    body = {"questions": [{"question": WHO, name: []}], "document_ids": [2]}
    assert f"questions.0.{name}: Is empty" in problem(client.post(BATCH, json=body), 422)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "questions: Field required"),
        ({"questions": []}, "questions: "),
        ({"questions": [{}]}, "questions.0.question: Field required"),
        ({"questions": [WHO]}, "questions.0: "),
        ({"questions": [{"question": WHO, "conversation": "x"}]}, "questions.0.conversation: "),
        (
            {"questions": [{"question": WHO, "id": 1.5}]},
            "questions.0.id: Must be a text or a whole number (got 1.5)",
        ),
        ({"questions": [{"question": WHO}], "question": WHO}, "question: "),
    ],
)
def test_a_batch_that_is_none_is_422(client: FlaskClient, body: dict[str, Any], said: str) -> None:
    assert said in problem(client.post(BATCH, json=body), 422)


def test_a_batch_of_too_many_questions_is_422(app: Flask) -> None:
    settings = app.extensions["settings"]
    app.extensions["settings"] = dataclasses.replace(settings, max_batch=2)
    client = app.test_client()
    assert len(batch(client, *[{"question": WHO}] * 2)) == 2
    three = client.post(BATCH, json={"questions": [{"question": WHO}] * 3})
    assert "3 questions; at most 2" in problem(three, 422)


@pytest.mark.usefixtures("filled")
def test_a_library_that_fails_fails_the_batch(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise CorruptIndex("Document 1 is damaged.")

    monkeypatch.setattr(Pipeline, "answer", fail)
    problem(client.post(BATCH, json={"questions": [{"question": WHO}]}), 503)
