"""The engines that the contract is checked on: this is the place to add one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.document_store import DocumentStore
from index.retrieval import Retriever
from tests.index.contract.places import Place
from tests.index.contract.searched import Searched

STORES = ("sqlite", "postgres")
SEARCHES = ("sqlite+faiss", "sqlite+milvus", "postgres+milvus")


@pytest.fixture(params=STORES)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def _place(request: pytest.FixtureRequest, engine: str, folder: Path) -> Place:
    if engine == "sqlite":
        return Place(folder)
    return Place(folder, request.getfixturevalue("new_database")())


@pytest.fixture
def place(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> Iterator[Place]:
    """Where there is no library yet."""
    place = _place(request, engine, tmp_path / "data")
    yield place
    place.close()


@pytest.fixture
def another_place(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> Iterator[Place]:
    place = _place(request, engine, tmp_path / "other")
    yield place
    place.close()


@pytest.fixture
def store(place: Place) -> DocumentStore:
    """An empty library."""
    return place.open(create=True)


@pytest.fixture(params=SEARCHES)
def searched(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Searched]:
    """An empty library with what searches it."""
    store, _, search = request.param.partition("+")
    uri = request.getfixturevalue("milvus_uri") if search == "milvus" else ""
    searched = Searched(_place(request, store, tmp_path / "data"), uri)
    yield searched
    searched.close()


@pytest.fixture
def retriever(searched: Searched) -> Retriever:
    return searched.retriever()
