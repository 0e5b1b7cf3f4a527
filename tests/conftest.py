"""Fixtures that every test can use; no test reaches past this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_socket import disable_socket, enable_socket

from index.indexing import Indexer
from index.store import Store
from qa.assembly import make_indexer
from qa.settings import Settings
from tests.doubles import HashingEmbedder

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"

os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """Opening a socket is an error, but in browser tests, which talk to a server of ours."""
    if "browser" in request.keywords:
        yield
        return
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", passage_tokens=40, overlap_tokens=10)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = Store(settings.data, create=True)
    yield store
    store.close()


@pytest.fixture
def embedder() -> HashingEmbedder:
    return HashingEmbedder()


@pytest.fixture
def indexer(settings: Settings, store: Store, embedder: HashingEmbedder) -> Indexer:
    return make_indexer(settings, store, embedder)
