"""The real thing, without a network: `conftest` makes opening a socket an error."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from pytest_socket import SocketBlockedError

from qa.answers import Question
from qa.assembly import make_pipeline
from qa.settings import Settings
from tests.qa.parts import assert_verbatim, index_seeds
from web.app import create_app


@pytest.mark.models
def test_seeds_are_indexed_and_asked_without_a_network(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match=r"socket\.socket"), pytest.raises(SocketBlockedError):
        socket.socket()
    index_seeds(tmp_path / "data")
    pipeline = make_pipeline(Settings(data=tmp_path / "data"))
    pipeline.warm_up()
    result = pipeline.answer(Question("What did Korotchenko call North Korean builders?"))
    assert result.answered
    assert_verbatim(result, pipeline.store)
    client = create_app(pipeline.settings, pipeline).test_client()
    response = client.post("/api/v1/ask", json={"question": result.question})
    assert [a["text"] for a in response.get_json()["answers"]] == [a.text for a in result.answers]
    assert client.get("/").status_code == 200
