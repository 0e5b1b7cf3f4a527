"""Whatever is sent, the answer is a completion, or an error of their shape that is not ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from web.openai_requests import ChatRequest

PATH = "/v1/chat/completions"
QUIET = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

texts = st.text(max_size=20) | st.sampled_from(["user", "assistant", "text", "verbatim", "none"])
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
values: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts | st.sampled_from(["role", "content", "type"]), inner, max_size=3)
    ),
    max_leaves=6,
)
messages = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "system", "tool"]), "content": texts | values},
    optional={"verbatim": values},
)
questions = st.fixed_dictionaries(
    {"role": st.just("user"), "content": st.sampled_from(["Who opened the bridge?", "When?", " "])}
)
names = sorted(set(ChatRequest.model_fields) - {"model", "messages"})
bodies = st.builds(
    lambda earlier, last, stream, beside: (
        {"model": "verbatim", "messages": [*earlier, last], "stream": stream} | beside
    ),
    st.lists(messages, max_size=2),
    questions,
    st.booleans(),
    st.dictionaries(st.sampled_from(names), values, max_size=1),
)


def check(client: FlaskClient, sent: bytes) -> None:
    response = client.post(PATH, data=sent, content_type="application/json")
    if response.status_code == 200 and response.mimetype == "text/event-stream":
        assert response.text.endswith("data: [DONE]\n\n"), response.text
        return
    value = response.get_json()
    if response.status_code == 200:
        assert value["choices"][0]["message"]["role"] == "assistant"
        return
    assert response.status_code in {400, 404}, (response.status_code, value)
    assert set(value) == {"error"}
    assert set(value["error"]) == {"message", "type", "param", "code"}
    assert value["error"]["message"]


@pytest.mark.usefixtures("filled")
@QUIET
@given(body=bodies)
def test_any_request_that_looks_right(client: FlaskClient, body: dict[str, Any]) -> None:
    check(client, json.dumps(body).encode())


@pytest.mark.usefixtures("filled")
@QUIET
@given(body=values)
def test_any_json(client: FlaskClient, body: Any) -> None:
    check(client, json.dumps(body).encode())


@pytest.mark.usefixtures("filled")
@QUIET
@given(body=st.binary(max_size=50))
def test_any_bytes(client: FlaskClient, body: bytes) -> None:
    check(client, body)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("opening", [b"[", b'{"messages":', b'{"model":"verbatim","messages":['])
def test_what_is_nested_too_deep(client: FlaskClient, opening: bytes) -> None:
    check(client, opening * 20_000)
