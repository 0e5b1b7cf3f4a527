"""What several machines share beside the library when it is in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.opening import open_beside
from index.postgres.store import PostgresStore
from index.removed import NotRestorable, RemovedDocuments
from qa.access import Scope
from qa.errors import InvalidSetting
from qa.keys import InvalidKeyRequest, Key, Refusal, check_start, open_keys
from qa.settings import Settings
from tests.index.libraries import indexer_of, put

RIVERS = "The Rhine is long. The Danube is longer."


@pytest.fixture
def machines(tmp_path: Path, postgres_url: str) -> Iterator[list[PostgresStore]]:
    """One library, opened on two machines: each has a data folder of its own."""
    stores = [
        PostgresStore(tmp_path / name, postgres_url, statement_seconds=30, create=True)
        for name in ("here", "there")
    ]
    yield stores
    for store in stores:
        store.close()


def settings_of(store: PostgresStore, url: str) -> Settings:
    milvus = {"store": "milvus", "milvus_uri": "http://localhost:19530"}
    return Settings(data=store.folder, database_url=url, **milvus)  # type: ignore[arg-type]


def test_a_key_made_here_opens_there_until_it_is_revoked(machines, postgres_url):
    here, there = (open_keys(settings_of(store, postgres_url), store) for store in machines)
    key, token = here.create("newsroom", Scope.WRITE)
    assert there.check(token) == key
    assert there.all() == here.all() == [key]
    with pytest.raises(InvalidKeyRequest, match="a key named 'newsroom'"):
        there.create("newsroom", Scope.READ)
    assert isinstance(there.revoke("newsroom"), Key)
    assert here.check(token) is Refusal.REVOKED
    here.create("newsroom", Scope.READ)
    assert not list(machines[0].folder.iterdir())


def test_a_server_starts_with_the_keys_of_the_database(machines, postgres_url):
    settings = settings_of(machines[0], postgres_url)
    exposed = Settings(
        data=settings.data,
        database_url=postgres_url,
        store="milvus",
        milvus_uri=settings.milvus_uri,
        host="0.0.0.0",
    )
    with pytest.raises(InvalidSetting, match="there is no API key"):
        check_start(exposed)
    open_keys(exposed, machines[1]).create("newsroom", Scope.READ)
    check_start(exposed)


def test_what_was_deleted_here_is_restored_there(machines):
    here, there = machines
    rivers = put(here, RIVERS)
    document = here.document(rivers)
    RemovedDocuments(here.folder, beside=open_beside(here, "deletions")).hold(document)
    here.remove(rivers)
    undo = RemovedDocuments(there.folder, beside=open_beside(there, "deletions"))
    assert undo.origin_hashes() == {document.origin_hash}
    restored = undo.restore(rivers, indexer_of(there))
    assert here.document(restored).text == RIVERS
    with pytest.raises(NotRestorable):
        undo.restore(rivers, indexer_of(there))
    assert undo.let_go() is None
