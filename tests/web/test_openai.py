"""Chat completions as bytes: their shape, what is ignored, what is refused, and how."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx2
import openai
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from index.store import Store
from qa.access import Scope
from qa.answers import AnswerSet
from qa.keys import KeyStore
from qa.render import NO_ANSWER
from qa.settings import Settings
from tests.qa.parts import BRIDGE, double_pipeline
from tests.web.conftest import Failure
from web.app import create_app

WHO = "Who opened the harbour bridge?"
PATH = "/v1/chat/completions"


def body(*messages: str | dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A bare string is a message of the user's."""
    told = [{"role": "user", "content": m} if isinstance(m, str) else m for m in messages or (WHO,)]
    return {"model": "verbatim", "messages": told} | fields


def completion(client: FlaskClient, *messages: str | dict[str, Any], **fields: Any) -> Any:
    response = client.post(PATH, json=body(*messages, **fields))
    assert response.status_code == 200, response.text
    return response.get_json()


def refusal(response: TestResponse, status: int) -> dict[str, Any]:
    """The error of a response, which has OpenAI's four fields and no other."""
    assert (response.status_code, response.mimetype) == (status, "application/json")
    value = response.get_json()
    assert set(value) == {"error"}
    error: dict[str, Any] = value["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


def events(response: TestResponse) -> list[str]:
    assert (response.status_code, response.mimetype) == (200, "text/event-stream")
    return [event.removeprefix("data: ") for event in response.text.rstrip("\n").split("\n\n")]


@pytest.mark.usefixtures("filled")
def test_the_answer_is_the_documents_own_words_with_its_place(client: FlaskClient) -> None:
    value = completion(client)
    assert (value["object"], value["model"]) == ("chat.completion", "verbatim")
    assert value["id"].startswith("chatcmpl-")
    [choice] = value["choices"]
    assert choice["finish_reason"] == "stop"
    message = choice["message"]
    assert message["content"].startswith("Marta [1] (")
    [annotation] = message["annotations"]
    place = annotation["url_citation"]
    assert message["content"][place["start_index"] : place["end_index"]] == "[1]"
    start = BRIDGE.index("Marta")
    assert place["url"] == f"http://localhost/#document=1&start={start}&end={start + 5}"
    assert place["title"] == "Bridges"
    [citation] = message["verbatim"]["citations"]
    assert (citation["number"], citation["document_id"], citation["quote"]) == (1, 1, "Marta")
    assert BRIDGE[citation["start"] : citation["end"]] == "Marta"
    [answer] = message["verbatim"]["answers"]
    assert message["content"][answer["content_start"] : answer["content_end"]] == "Marta"
    assert answer["citations"] == [1]
    usage = value["usage"]
    assert usage["prompt_tokens"] == len(WHO.rstrip("?").split())
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


@pytest.mark.usefixtures("filled")
def test_the_chunks_put_together_are_the_whole(client: FlaskClient) -> None:
    *told, last = events(client.post(PATH, json=body(stream=True)))
    assert last == "[DONE]"
    chunks = [json.loads(event) for event in told]
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in chunks}) == 1
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert deltas[0] == {"role": "assistant", "content": ""}
    whole = completion(client)["choices"][0]["message"]
    assert "".join(delta.get("content", "") for delta in deltas) == whole["content"]
    assert deltas[-1]["annotations"] == whole["annotations"]
    for message in (deltas[-1], whole):
        del message["verbatim"]["took_ms"]
    assert deltas[-1]["verbatim"] == whole["verbatim"]
    ends = [chunk["choices"][0]["finish_reason"] for chunk in chunks]
    assert ends == [None] * (len(ends) - 1) + ["stop"]
    assert not any("usage" in chunk for chunk in chunks)


@pytest.mark.usefixtures("filled")
def test_the_tokens_of_a_stream_are_told_to_who_asks(client: FlaskClient) -> None:
    response = client.post(PATH, json=body(stream=True, stream_options={"include_usage": True}))
    *chunks, last, _ = events(response)
    assert all(json.loads(chunk)["usage"] is None for chunk in chunks)
    assert json.loads(last)["choices"] == []
    assert json.loads(last)["usage"] == completion(client)["usage"]


@pytest.mark.usefixtures("filled")
def test_declining_is_said_plainly_and_cites_nothing(client: FlaskClient) -> None:
    message = completion(client, "zebra?")["choices"][0]["message"]
    assert message["content"].startswith(NO_ANSWER)
    assert message["annotations"] == []
    assert message["verbatim"]["answered"] is False
    assert message["verbatim"]["citations"] == []


@pytest.mark.usefixtures("filled")
def test_earlier_messages_are_the_history(client: FlaskClient) -> None:
    first = completion(client)["choices"][0]["message"]
    for earlier in (
        {"role": "assistant", "content": first["content"]},  # as any client sends it back
        first,  # as a client sends it back that keeps fields that it does not know
    ):
        value = completion(client, WHO, earlier, "When did she?")
        assert "Marta" in value["choices"][0]["message"]["verbatim"]["searched"]
    alone = completion(client, "When did she?")["choices"][0]["message"]["verbatim"]
    assert alone["searched"] == "When did she?"


@pytest.mark.usefixtures("filled")
def test_a_conversation_of_more_turns_than_a_history_holds_goes_on(
    client: FlaskClient, settings: Settings
) -> None:
    earlier = [f"Question {number}?" for number in range(settings.max_history + 5)]
    assert completion(client, *earlier, WHO)["choices"][0]["message"]["verbatim"]["answered"]


@pytest.mark.usefixtures("filled")
def test_a_question_is_narrowed_in_a_field_of_our_own(client: FlaskClient) -> None:
    narrowed = {"document_ids": [2], "top_k": 3}
    message = completion(client, verbatim=narrowed)["choices"][0]["message"]
    assert {passage["document_id"] for passage in message["verbatim"]["passages"]} <= {2}
    assert "Marta" not in message["content"]
    error = refusal(client.post(PATH, json=body(verbatim={"document": 2})), 400)
    assert error["param"] == "verbatim.document"


@pytest.mark.parametrize(
    ("narrowed", "param"),
    [
        ({"document_ids": []}, "verbatim.document_ids"),
        ({"sources": []}, "verbatim.sources"),
        ({"date_to": "2022-02-30"}, "verbatim.date_to"),
    ],
)
def test_what_does_not_narrow_is_refused(
    client: FlaskClient, narrowed: dict[str, Any], param: str
) -> None:
    error = refusal(client.post(PATH, json=body(verbatim=narrowed)), 400)
    assert (error["param"], error["code"]) == (param, "invalid_request")


@pytest.mark.parametrize(
    "fields",
    [
        {"temperature": 0.7, "top_p": 1, "max_tokens": 5, "seed": 1, "user": "x", "stop": None},
        {"max_completion_tokens": 100, "frequency_penalty": 0.1, "presence_penalty": 0.1},
        {"n": 1, "tools": [], "tool_choice": "none", "response_format": {"type": "text"}},
        {"logprobs": False, "stop": [], "modalities": ["text"], "metadata": {}, "store": False},
        {"stream": False, "stream_options": None, "reasoning_effort": "low", "unheard_of": 1},
    ],
)
@pytest.mark.usefixtures("filled")
def test_what_shapes_a_generated_text_is_ignored(
    client: FlaskClient, fields: dict[str, Any]
) -> None:
    system = {"role": "system", "content": "Answer like a pirate."}
    message = completion(client, system, WHO, **fields)["choices"][0]["message"]
    assert message["content"].startswith("Marta [1]")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 2),
        ("tools", [{"type": "function", "function": {"name": "search"}}]),
        ("functions", [{"name": "search"}]),
        ("tool_choice", {"type": "function", "function": {"name": "search"}}),
        ("response_format", {"type": "json_object"}),
        ("logprobs", True),
        ("top_logprobs", 3),
        ("stop", ["\n"]),
        ("modalities", ["text", "audio"]),
    ],
)
def test_what_promises_another_kind_of_answer_is_refused(
    client: FlaskClient, name: str, value: Any
) -> None:
    error = refusal(client.post(PATH, json=body(**{name: value})), 400)
    assert (error["param"], error["code"]) == (name, "unsupported_parameter")
    assert error["type"] == "invalid_request_error"
    refusal(client.post(PATH, json=body(stream=True, **{name: value})), 400)


@pytest.mark.parametrize(
    ("messages", "at"),
    [
        ([], "messages"),
        (["  "], "messages.0.content"),
        ([{"role": "user"}], "messages.0.content"),
        ([WHO, {"role": "assistant", "content": "Marta"}], "messages.1.role"),
        ([{"role": "tool", "content": "x"}, WHO], "messages.0.role"),
        ([{"role": "user", "content": [{"type": "image_url"}]}], "messages.0.content"),
        ([{"role": "user", "content": 3}], "messages.0.content"),
        ([{"role": "user", "content": "\ud800"}], "messages.0.content"),
    ],
)
def test_messages_without_a_question_are_refused(
    client: FlaskClient, messages: list[Any], at: str
) -> None:
    value = body() | {"messages": body(*messages)["messages"] if messages else []}
    response = client.post(PATH, data=json.dumps(value), content_type="application/json")
    assert refusal(response, 400)["param"] == at


@pytest.mark.usefixtures("filled")
def test_a_question_may_come_in_parts_of_text(client: FlaskClient) -> None:
    parts = [{"type": "text", "text": "Who opened"}, {"type": "text", "text": "the bridge?"}]
    value = completion(client, {"role": "user", "content": parts})
    assert value["choices"][0]["message"]["verbatim"]["question"] == "Who opened the bridge?"


def test_there_is_one_model(client: FlaskClient) -> None:
    listed = client.get("/v1/models").get_json()
    assert [model["id"] for model in listed["data"]] == ["verbatim"]
    assert client.get("/v1/models/verbatim").get_json() == listed["data"][0]
    for response in (
        client.get("/v1/models/gpt-4o"),
        client.post(PATH, json=body(model="gpt-4o")),
    ):
        error = refusal(response, 404)
        assert (error["code"], error["param"]) == ("model_not_found", "model")
        assert "'gpt-4o'" in error["message"] and "'verbatim'" in error["message"]


def test_every_error_below_the_path_has_their_shape(client: FlaskClient) -> None:
    assert refusal(client.post("/v1/embeddings", json={}), 404)["code"] == "unknown_path"
    assert refusal(client.get(PATH), 405)["code"] == "wrong_method"
    assert refusal(client.post(PATH, data="{}"), 415)["code"] == "wrong_media_type"
    assert (
        "JSON"
        in refusal(client.post(PATH, data="{", content_type="application/json"), 400)["message"]
    )
    long = refusal(client.post(PATH, json=body("x" * 1001)), 400)
    assert long["code"] == "context_length_exceeded"
    huge = refusal(client.post(PATH, json=body("x" * 2_000_000)), 413)
    assert huge["code"] == "too_large"
    other = refusal(client.get("/v1/models", headers={"Host": "evil.example"}), 421)
    assert "evil.example" in other["message"]
    assert client.get("/api/v1/nothing").mimetype == "application/problem+json"


def test_a_failure_is_told_whole_or_within_the_stream(
    client: FlaskClient, failing: Failure
) -> None:
    whole = refusal(client.post(PATH, json=body()), failing.status)
    assert whole["type"] == "server_error"
    assert failing.said in whole["message"] and "KeyError" not in whole["message"]
    _role, last = events(client.post(PATH, json=body(stream=True)))
    assert json.loads(last) == {"error": whole}


def test_nothing_of_it_is_cached(client: FlaskClient) -> None:
    assert client.get("/v1/models").headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("filled")
def test_a_key_opens_it_where_one_is_needed(settings: Settings, store: Store) -> None:
    guarded = replace(settings, allow_anonymous="none")
    client = create_app(guarded, double_pipeline(guarded, store)).test_client()
    keys = KeyStore(settings.data)
    _, token = keys.create("reader", Scope.READ)
    for given in ({}, {"Authorization": "Bearer none"}, {"Authorization": "Bearer vb_x"}):
        refused = client.post(PATH, json=body(), headers=given)
        assert refusal(refused, 401)["type"] == "authentication_error"
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.post(PATH, json=body(), headers=bearer).status_code == 200
    assert client.get("/v1/models", headers=bearer).status_code == 200
    keys.revoke("reader")
    assert refusal(client.get("/v1/models", headers=bearer), 401)["code"] == "key_revoked"


@pytest.mark.usefixtures("filled")
def test_any_word_is_a_key_where_none_is_needed(client: FlaskClient) -> None:
    """OpenAI's clients do not start without one."""
    headers = {"Authorization": "Bearer none"}
    assert client.post(PATH, json=body(), headers=headers).status_code == 200


@pytest.mark.usefixtures("filled")
def test_a_full_queue_is_told_in_their_shape(settings: Settings, store: Store) -> None:
    busy = replace(settings, max_concurrent=1, max_waiting=0)
    app = create_app(busy, double_pipeline(busy, store))
    assert app.extensions["gate"].enter()
    response = app.test_client().post(PATH, json=body())
    assert refusal(response, 503)["code"] == "overloaded"
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.usefixtures("filled")
def test_a_listed_page_may_ask_with_their_client(settings: Settings, store: Store) -> None:
    origin = "http://localhost:9000"
    listed = replace(settings, allowed_origins=origin)
    client = create_app(listed, double_pipeline(listed, store)).test_client()
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    allowed = client.options(PATH, headers=asked).headers["Access-Control-Allow-Headers"].lower()
    sent = {name for name in _sent_headers() if name.startswith("x-stainless-")}
    assert {"authorization", "content-type"} <= set(allowed.split(", "))
    # Of the package for Python, which says of itself what that for pages does, and one thing more.
    assert sent - {"x-stainless-async", "x-stainless-read-timeout"} <= set(allowed.split(", "))
    response = client.post(PATH, json=body(), headers={"Origin": origin})
    assert response.headers["Access-Control-Allow-Origin"] == origin


def _sent_headers() -> set[str]:
    sent: set[str] = set()

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.update(request.headers)
        return httpx2.Response(200, json={"object": "list", "data": []})

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    openai.OpenAI(base_url="http://127.0.0.1/v1", api_key="any", http_client=http).models.list()
    assert sent
    return sent


@pytest.mark.usefixtures("filled")
def test_the_first_chunk_does_not_wait_for_the_answer(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = app.extensions["pipeline"]
    answer, asked = pipeline.answer, []

    def noted(*arguments: Any, **named: Any) -> AnswerSet:
        asked.append(arguments)
        result: AnswerSet = answer(*arguments, **named)
        return result

    monkeypatch.setattr(pipeline, "answer", noted)
    response = client.post(PATH, json=body(stream=True))
    chunks = iter(response.response)
    assert b'"role": "assistant"' in next(chunks)
    assert not asked
    assert b"Marta" in b"".join(chunks)
    assert len(asked) == 1
