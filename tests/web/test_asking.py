"""Asking over HTTP: kept in a conversation, leaning on it, and told as it goes on."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from qa.answers import AnswerSet, Question
from qa.conversations import ConversationStore
from tests.web.conftest import Failure
from tests.web.test_errors import problem

WHO = "Who opened the harbour bridge?"


def begun(client: FlaskClient, **fields: Any) -> str:
    response = client.post("/api/v1/conversations", json=fields)
    assert response.status_code == 201, response.text
    return str(response.get_json()["id"])


def ask(client: FlaskClient, conversation: str | None, **fields: Any) -> dict[str, Any]:
    body = {"question": WHO, "conversation": conversation} | fields
    response = client.post("/api/v1/ask", json=body)
    assert response.status_code == 200, response.text
    value: dict[str, Any] = response.get_json()
    return value


def events(client: FlaskClient, **fields: Any) -> list[tuple[str, dict[str, Any]]]:
    """Name and value of each server-sent event."""
    headers = {"Accept": "text/event-stream"}
    response = client.post("/api/v1/ask", json={"question": WHO} | fields, headers=headers)
    assert (response.status_code, response.mimetype) == (200, "text/event-stream")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    told = []
    for event in response.text.rstrip("\n").split("\n\n"):
        name, data = event.split("\n")
        told.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return told


@pytest.mark.usefixtures("filled")
def test_what_is_asked_in_a_conversation_is_kept_as_it_was_answered(client: FlaskClient) -> None:
    conversation = begun(client)
    value = ask(client, conversation)
    assert (value.pop("conversation"), value.pop("turn")) == (conversation, 1)
    kept = client.get(f"/api/v1/conversations/{conversation}").get_json()
    (turn,) = kept["turns"]
    assert turn["question"] == WHO
    (citation,) = turn["answer_set"]["answers"][0]["citations"]
    assert citation.pop("gone") is False
    assert turn["answer_set"] == value
    assert (kept["title"], kept["questions"], kept["earlier"]) == (WHO, 1, False)


@pytest.mark.usefixtures("filled")
def test_a_follow_up_leans_on_the_kept_turns_or_on_those_it_brings(client: FlaskClient) -> None:
    conversation = begun(client)
    ask(client, conversation)
    follow_up = ask(client, conversation, question="When did she?")
    assert "Marta" in follow_up["searched"]
    alone = ask(client, conversation, question="When did she?", history=[])
    assert alone["searched"] == "When did she?"
    history = [{"question": "Who slept?", "answer": "Otto Lind"}]
    other = ask(client, conversation, question="When did he?", history=history)
    assert "Otto Lind" in other["searched"] and "Marta" not in other["searched"]


@pytest.mark.usefixtures("filled")
def test_without_a_conversation_nothing_is_kept(client: FlaskClient) -> None:
    value = ask(client, None)
    assert "conversation" not in value and "turn" not in value
    assert client.get("/api/v1/conversations").get_json()["conversations"] == []


@pytest.mark.usefixtures("filled")
def test_a_conversation_of_more_turns_than_a_history_holds_goes_on(
    app: Flask, client: FlaskClient
) -> None:
    conversation = begun(client)
    kept: ConversationStore = app.extensions["conversations"]
    for number in range(app.extensions["settings"].max_history + 5):
        kept.append(conversation, f"Question {number}?", {"answers": []})
    assert ask(client, conversation)["answered"] is True


def test_an_unknown_conversation_is_said_before_anything_is_searched(client: FlaskClient) -> None:
    body = {"question": WHO, "conversation": "nobody", "history": []}
    assert "'nobody'" in problem(client.post("/api/v1/ask", json=body), 404)
    headers = {"Accept": "text/event-stream"}
    problem(client.post("/api/v1/ask", json=body, headers=headers), 404)


@pytest.mark.usefixtures("filled")
def test_an_answer_whose_conversation_is_deleted_meanwhile_is_still_given(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = begun(client)
    pipeline = app.extensions["pipeline"]
    answer = pipeline.answer

    def slow(question: Question, *more: Any, **named: Any) -> AnswerSet:
        app.extensions["conversations"].delete(conversation)
        result: AnswerSet = answer(question, *more, **named)
        return result

    monkeypatch.setattr(pipeline, "answer", slow)
    value = ask(client, conversation)
    assert value["answered"] is True
    assert (value["conversation"], value["turn"]) == (None, None)


@pytest.mark.usefixtures("filled")
def test_questions_at_once_are_all_kept(app: Flask, client: FlaskClient) -> None:
    conversation = begun(client)
    threads = [
        threading.Thread(target=ask, args=(app.test_client(), conversation)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    turns = client.get(f"/api/v1/conversations/{conversation}").get_json()["turns"]
    assert [turn["number"] for turn in turns] == [1, 2, 3, 4, 5, 6]


@pytest.mark.usefixtures("filled")
def test_the_stages_are_told_and_the_answer_is_the_same(client: FlaskClient) -> None:
    told = events(client)
    assert [name for name, _ in told] == ["searching", "passages", "answer", "done"]
    values = dict(told)
    plain = ask(client, None)
    for value in (values["answer"], plain):
        assert value.pop("took_ms")
    assert values["answer"] == plain
    assert values["passages"] == {"searched": WHO, "passages": 2}
    assert values["searching"] == {"question": WHO}


@pytest.mark.usefixtures("filled")
def test_a_streamed_answer_is_kept_too(client: FlaskClient) -> None:
    conversation = begun(client)
    assert dict(events(client, conversation=conversation))["answer"]["turn"] == 1


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/html", None])
@pytest.mark.usefixtures("filled")
def test_who_does_not_ask_for_events_gets_json(client: FlaskClient, accept: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}
    response = client.post("/api/v1/ask", json={"question": WHO}, headers=headers)
    assert response.mimetype == "application/json"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"question": " "}, 422),
        ({"question": "x" * 1001}, 422),
        ({"question": 1}, 422),
        ({"question": WHO, "top_k": 0}, 422),
        ({"question": WHO, "date_from": "soon"}, 422),
    ],
)
def test_what_cannot_be_asked_is_no_stream(
    client: FlaskClient, body: dict[str, Any], status: int
) -> None:
    headers = {"Accept": "text/event-stream"}
    problem(client.post("/api/v1/ask", json=body, headers=headers), status)


def test_a_failure_under_way_is_an_event(client: FlaskClient, failing: Failure) -> None:
    told = events(client)
    assert [name for name, _ in told] == ["searching", "error"]
    assert told[1][1]["status"] == failing.status
    assert failing.said in told[1][1]["detail"]
    assert "KeyError" not in told[1][1]["detail"]
