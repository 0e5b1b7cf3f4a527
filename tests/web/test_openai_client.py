"""OpenAI's own client asks the five texts, whole and streamed, and gets cited answers."""

from __future__ import annotations

import httpx2
import openai
import pytest
from flask import Flask
from openai import OpenAI
from openai.types.chat import ChatCompletionMessage, ChatCompletionMessageParam

from index.store import Store
from qa.pipeline import Pipeline
from web.app import create_app

pytestmark = pytest.mark.models

DENIED = "Who called the reports about the volunteers fake?"


@pytest.fixture(scope="module")
def served(seeds_pipeline: Pipeline) -> Flask:
    return create_app(seeds_pipeline.settings, seeds_pipeline)


@pytest.fixture
def client(served: Flask) -> OpenAI:
    transport = httpx2.WSGITransport(app=served)
    return OpenAI(
        base_url="http://127.0.0.1/v1",
        api_key="any",
        max_retries=0,
        http_client=httpx2.Client(transport=transport),
    )


def asked(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


def assert_cited(message: ChatCompletionMessage, store: Store) -> None:
    """Each marker leads to a place, and each place holds the words that are quoted from it."""
    content = message.content or ""
    assert message.model_extra is not None
    told = message.model_extra["verbatim"]
    annotations = message.annotations or []
    assert len(annotations) == len(told["citations"]) > 0
    for number, (annotation, citation) in enumerate(
        zip(annotations, told["citations"], strict=True), start=1
    ):
        place = annotation.url_citation
        assert content[place.start_index : place.end_index] == f"[{number}]"
        text = store.document(citation["document_id"]).text
        start, end = citation["start"], citation["end"]
        assert text[start:end] == citation["quote"]
        where = f"document={citation['document_id']}&start={start}&end={end}"
        assert place.url == f"http://127.0.0.1/#{where}"
    for answer in told["answers"]:
        assert content[answer["content_start"] : answer["content_end"]] == answer["text"]
        first = told["citations"][answer["citations"][0] - 1]
        assert first["quote"] == answer["text"]


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        (DENIED, "Nechaev"),
        ("How many volunteers?", "100,000"),
        ("Is it true that North Korea will send 100,000 volunteers?", "denies it: “"),
    ],
)
def test_an_answer_is_cited(client: OpenAI, served: Flask, question: str, holds: str) -> None:
    completion = client.chat.completions.create(model="verbatim", messages=asked(question))
    message = completion.choices[0].message
    assert holds in (message.content or "")
    assert_cited(message, served.extensions["pipeline"].store)
    assert completion.usage is not None
    assert completion.usage.completion_tokens > 0


def test_a_streamed_answer_is_the_same(client: OpenAI, served: Flask) -> None:
    whole = client.chat.completions.create(model="verbatim", messages=asked(DENIED))
    told = list(
        client.chat.completions.create(
            model="verbatim",
            messages=asked(DENIED),
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    deltas = [chunk.choices[0].delta for chunk in told if chunk.choices]
    extra = deltas[-1].model_extra
    assert extra is not None
    streamed = ChatCompletionMessage.model_validate(
        {"role": "assistant", "content": "".join(delta.content or "" for delta in deltas)} | extra
    )
    assert streamed.content == whole.choices[0].message.content
    assert_cited(streamed, served.extensions["pipeline"].store)
    assert told[-1].usage == whole.usage


def test_what_the_texts_do_not_say_is_declined(client: OpenAI) -> None:
    question = "Who is the king of Spain?"
    completion = client.chat.completions.create(model="verbatim", messages=asked(question))
    message = completion.choices[0].message
    assert (message.content or "").startswith("These documents do not say.")
    assert message.annotations == []


def test_a_conversation_goes_on(client: OpenAI) -> None:
    first = client.chat.completions.create(model="verbatim", messages=asked(DENIED))
    message: ChatCompletionMessageParam = {
        "role": "assistant",
        "content": first.choices[0].message.content,
    }
    messages = [*asked(DENIED), message, *asked("What did he deny?")]
    second = client.chat.completions.create(model="verbatim", messages=messages)
    extra = second.choices[0].message.model_extra
    assert extra is not None
    assert "Nechaev" in extra["verbatim"]["searched"]


def test_its_errors_are_those_that_the_client_knows(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="gpt-4o", messages=asked("Who?"))
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="verbatim", messages=asked("Who?"), n=2)
    assert (refused.value.param, refused.value.code) == ("n", "unsupported_parameter")
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="verbatim", messages=asked(" "))


def test_the_model_is_listed(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["verbatim"]
    assert client.models.retrieve("verbatim").owned_by == "verbatim"
