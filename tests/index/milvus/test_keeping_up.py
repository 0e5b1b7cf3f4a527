"""The collection follows the library, whoever is killed, down or put back meanwhile."""

from __future__ import annotations

import logging

import pytest

from index.errors import SearchUnavailable
from index.full_text import FullTextSearch
from index.milvus import connection, filling
from index.milvus.connection import Server
from index.milvus.filling import Filling
from index.milvus.search import MilvusSearch
from index.retrieval import Retriever
from index.store import Store
from tests.index.contract.searched import SECONDS, texts
from tests.index.libraries import EMBEDDER, put
from tests.milvus import lite_server

RIVERS = "The Rhine flows north. The Danube flows east. The Elbe flows on. The Po is long."
LAKES = "Lake Garda is deep. Lake Como is deeper. Lake Iseo is small. Lake Ohrid is old."


def retriever_of(store: Store, uri: str, *, fallback: bool = False, seconds: float = SECONDS):
    return Retriever(
        store,
        EMBEDDER,
        MilvusSearch(store, EMBEDDER, Server(uri, seconds=seconds)),
        candidates=20,
        dense_weight=0.45,
        fallback=FullTextSearch(store, lexical_rows=1_000) if fallback else None,
    )


class Killed(BaseException):
    pass


def test_what_a_killed_process_began_the_next_one_finishes(store, milvus_uri, monkeypatch):
    monkeypatch.setattr(filling, "_ROWS_AT_ONCE", 2)
    put(store, RIVERS)
    put(store, LAKES, "/lakes.txt")
    original, written = Filling._put, []

    def put_some(self, copy, ids):
        made = original(self, copy, ids)
        written.append(ids.tolist())
        if len(written) == 2:
            raise Killed  # what was written is not noted yet
        return made

    monkeypatch.setattr(Filling, "_put", put_some)
    with pytest.raises(Killed):
        texts(retriever_of(store, milvus_uri), "rhine")
    # An import keeps ids: what comes later may have a lower one.
    last = put(store, "The Inn is green.", "/inn.txt")
    store.change("UPDATE passages SET id = 0 WHERE document_id = ?", [(last,)])
    retriever = retriever_of(store, milvus_uri)
    assert texts(retriever, "lake ohrid old")[0] == "Lake Ohrid is old."
    assert written == [[1, 2], [3, 4], [0, 3], [4, 5], [6, 7], [8]]
    assert retriever.check() == []
    copy = retriever.passage_search._copy
    assert copy.passages == 9, "none is counted twice"


def test_a_library_that_was_put_back_says_so_until_it_is_mended(store, milvus_uri):
    put(store, RIVERS)
    retriever = retriever_of(store, milvus_uri, fallback=True)
    assert texts(retriever, "rhine")
    store.change("UPDATE history SET token = 'another past'", [()])
    again = retriever_of(store, milvus_uri, fallback=True)
    found = again.search("rhine", 5)
    assert "never had" in (found.degraded or "")
    assert found.passages[0].passage.text == "The Rhine flows north."
    assert "verify --repair" in again.check()[0]
    again.build_anew()
    assert again.check() == []
    assert texts(again, "rhine")[0] == "The Rhine flows north."


def test_nothing_is_lost_while_milvus_is_down(store, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(connection, "_DOWN_SECONDS", 0.1)
    caplog.set_level(logging.WARNING)
    with lite_server(tmp_path / "milvus") as uri:
        retriever = retriever_of(store, uri, fallback=True, seconds=1.0)
        put(store, RIVERS)
        assert texts(retriever, "rhine")[0] == "The Rhine flows north."
        assert retriever.trouble() is None
    lakes = put(store, LAKES, "/lakes.txt")
    store.discard([1])
    found = retriever.search("lake garda", 5)
    assert "full-text search only: Milvus did not answer" in (found.degraded or "")
    assert [item.passage.document_id for item in found.passages] == [lakes] * 4
    retriever.settle()
    assert "brought up to date by the next search" in caplog.text
    assert "did not answer" in retriever.check()[0]
    without = retriever_of(store, uri, seconds=0.3)
    with pytest.raises(SearchUnavailable, match="did not answer"):
        without.search("lake", 5)
    with lite_server(tmp_path / "milvus") as uri:
        again = retriever_of(store, uri, fallback=True)
        assert sorted(texts(again, "rhine"))[0] == "Lake Como is deeper."
        assert again.check() == []


def test_a_lite_file_is_opened_again(store, tmp_path):
    from milvus_lite.server_manager import server_manager_instance

    put(store, RIVERS)
    path = str(tmp_path / "milvus.db")
    for _ in range(2):
        retriever = retriever_of(store, path)
        assert texts(retriever, "rhine")[0] == "The Rhine flows north."
        retriever.passage_search.close()
        server_manager_instance.release_server(path)
        put(store, LAKES, "/lakes.txt")


def test_a_dropped_collection_is_made_again(store, milvus_uri):
    put(store, RIVERS)
    retriever = retriever_of(store, milvus_uri)
    assert texts(retriever, "rhine")
    search = retriever.passage_search
    name = search._copy.collection
    search._connection.call(lambda client, _: client.drop_collection(name))
    with pytest.raises(SearchUnavailable, match="builds it anew"):
        retriever.search("rhine", 5)
    assert texts(retriever, "rhine")[0] == "The Rhine flows north."
