"""A library of two texts, and applications over it as different owners would set them up."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from index.indexing import Indexer
from index.store import Store
from qa.access import Scope
from qa.keys import KeyStore
from qa.settings import Settings
from tests.qa.parts import BRIDGE, MILL, document, double_pipeline
from web import background
from web.app import create_app

MakeClient = Callable[..., FlaskClient]
ELSEWHERE = "https://elsewhere.example"
LISTED = "https://listed.example"
ASK = "/api/v1/ask"
WHO = {"question": "who opened the harbour bridge?"}


@pytest.fixture
def _two_documents(indexer: Indexer) -> None:
    indexer.add_document(document(BRIDGE, title="Bridges", date="2022-08-31"))
    indexer.add_document(document(MILL, "/texts/mill.txt", title="Mills"))


@pytest.fixture
def make_client(settings: Settings, store: Store, _two_documents: None) -> MakeClient:
    """``make_client(host="0.0.0.0")``: of a server with these settings."""

    def make(**changed: object) -> FlaskClient:
        own = dataclasses.replace(settings, **changed)  # type: ignore[arg-type]
        return create_app(own, double_pipeline(own, store)).test_client()

    return make


@pytest.fixture
def client(make_client: MakeClient) -> FlaskClient:
    """Of a server on this machine, as it is without any setting."""
    return make_client()


@pytest.fixture
def remote(make_client: MakeClient) -> FlaskClient:
    """Of a server that is reached from afar, by those who have a key."""
    return make_client(host="0.0.0.0")


@pytest.fixture
def tokens(settings: Settings) -> dict[str, str]:
    """A key of each scope."""
    store = KeyStore(settings.data)
    return {scope.name.lower(): store.create(scope.name, scope)[1] for scope in Scope if scope}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def loading(client: FlaskClient, settings: Settings) -> Iterator[FlaskClient]:
    """The client of a server that runs jobs, as `qa serve` does."""
    app = client.application
    background.start(app, settings, app.extensions["pipeline"])
    yield client
    background.stop(app, 30.0)


def upload(client: FlaskClient, name: str, content: bytes) -> dict[str, Any]:
    """The job that took a file in, once it has ended."""
    form = {"file": (io.BytesIO(content), name)}
    response = client.post("/api/v1/documents?wait=30", data=form)
    assert response.status_code == 200, response.text
    job: dict[str, Any] = response.get_json()
    return job
