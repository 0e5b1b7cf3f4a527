"""Fixtures that every test can use; no test reaches past this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_socket import disable_socket, enable_socket

from index.indexing import Indexer
from index.store import Store
from qa.assembly import make_indexer
from qa.pipeline import Pipeline
from qa.settings import Settings
from tests.doubles import HashingEmbedder
from tests.postgres import Cluster
from tests.postgres import find as find_postgres

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"

_MEMORY = Path("/dev/shm")  # a file system in memory, where the system has one
_ROOM_BYTES = 2 * 1024**3  # several times what the tests leave lying about at any moment

os.environ["HF_HUB_OFFLINE"] = "1"


def pytest_configure() -> None:
    """Files of tests stay in memory if there is room: else tests mostly wait for the disk.

    Every commit is waited for until it is on the disk, and tests commit some ten thousand times.
    Processes are killed here, not machines, so that no test can tell the difference.
    """
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and _has_room(_MEMORY):
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)


def _has_room(folder: Path) -> bool:
    writable = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
    return writable and shutil.disk_usage(folder).free >= _ROOM_BYTES


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


@pytest.fixture(scope="session")
def _empty_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each test's library is a copy of: to make one takes longer than most tests."""
    folder = tmp_path_factory.mktemp("empty")
    Store(folder, create=True).close()
    return folder


@pytest.fixture
def store(settings: Settings, _empty_library: Path) -> Iterator[Store]:
    """An empty library's. Its id is that of every other test's."""
    shutil.copytree(_empty_library, settings.data, dirs_exist_ok=True)
    store = Store(settings.data)
    yield store
    store.close()


@pytest.fixture
def embedder() -> HashingEmbedder:
    return HashingEmbedder()


@pytest.fixture
def indexer(settings: Settings, store: Store, embedder: HashingEmbedder) -> Indexer:
    return make_indexer(settings, store, embedder)


@pytest.fixture(scope="session")
def seed_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the five texts of seeds/, as the real models index them; to be copied."""
    from tests.qa.parts import index_seeds  # which knows this module

    folder = tmp_path_factory.mktemp("seeds")
    index_seeds(folder)
    return folder


@pytest.fixture(scope="session")
def seeds_pipeline(seed_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The five texts, read with the real models. No test changes the library."""
    from tests.qa.parts import copied_pipeline

    return copied_pipeline(seed_library, tmp_path_factory.mktemp("read") / "data")
