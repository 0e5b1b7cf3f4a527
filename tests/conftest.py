"""Fixtures that every test can use; no test reaches past this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_socket import disable_socket, enable_socket

from index.indexing import Indexer
from index.store import Store
from qa.assembly import make_indexer
from qa.settings import Settings
from tests.doubles import HashingEmbedder
from tests.postgres import Cluster
from tests.postgres import find as find_postgres

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


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server, for all tests that need one."""
    programs = find_postgres()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL's server is missing; see tests/postgres.py")
        pytest.skip("PostgreSQL's server is missing; see tests/postgres.py")
    cluster = Cluster(programs)
    yield cluster
    cluster.remove()


@pytest.fixture
def new_database(postgres: Cluster) -> Callable[[], str]:
    """Makes places for a library, each empty, and tells its URL: a schema is made faster than a
    database."""

    def make() -> str:
        return postgres.new_schema()

    return make


@pytest.fixture
def postgres_url(new_database: Callable[[], str]) -> str:
    """A place for a library, empty."""
    return new_database()


@pytest.fixture(scope="session")
def milvus_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of Milvus Lite, for all tests that need one: each library has its own collection."""
    from tests.milvus import lite_server

    with lite_server(tmp_path_factory.mktemp("milvus")) as uri:
        yield uri


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
