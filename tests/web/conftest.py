"""An application over a library of two texts, with the doubles in place of the models."""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from index.documents import Span
from index.errors import CorruptIndex
from index.indexing import Indexer
from index.store import Store
from qa.settings import Settings
from tests.qa.parts import BRIDGE, MILL, document, double_pipeline
from tests.web import contract
from web.app import create_app

FURNITURE = "Subscribe to our newsletter!"


@pytest.fixture
def filled(indexer: Indexer) -> None:
    """Document 1 holds the bridge and a line of furniture, document 2 the mill."""
    marks = (Span(len(BRIDGE) + 2, len(BRIDGE) + 2 + len(FURNITURE)),)
    indexer.add_document(
        document(f"{BRIDGE}\n\n{FURNITURE}", title="Bridges", date="2022-08-31", furniture=marks)
    )
    indexer.add_document(document(MILL, "/texts/mill.txt", title="Mills"))


@pytest.fixture
def app(settings: Settings, store: Store) -> Flask:
    return create_app(settings, double_pipeline(settings, store))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


class Failure(NamedTuple):
    """What the pipeline raises, and what a client is told of it."""

    error: Exception
    status: int
    said: str


@pytest.fixture(
    params=[
        Failure(CorruptIndex("The index contradicts itself."), 503, "contradicts"),
        Failure(KeyError("x"), 500, ""),
    ],
    ids=lambda failure: type(failure.error).__name__,
)
def failing(request: pytest.FixtureRequest, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Failure:
    """No question gets an answer."""
    failure: Failure = request.param

    def fail(*_: Any, **__: Any) -> None:
        raise failure.error

    monkeypatch.setattr(app.extensions["pipeline"], "answer", fail)
    return failure


@pytest.fixture(autouse=True)
def _contract(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every response that a test gets is one that the OpenAPI document allows."""
    asked_for = inspect.signature(request.function).parameters
    provoked = "monkeypatch" in asked_for or "failing" in asked_for
    unchecked = FlaskClient.open

    def checked(self: FlaskClient, *args: Any, **options: Any) -> TestResponse:
        response = unchecked(self, *args, **options)
        contract.check(self.application, response, provoked=provoked)
        return response

    monkeypatch.setattr(FlaskClient, "open", checked)
