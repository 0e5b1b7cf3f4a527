"""A deletion can be undone for a while, and is a deletion meanwhile."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from index import removed
from index.indexing import Indexer
from index.removed import RemovedDocuments
from index.store import Store
from qa.settings import Settings
from tests.index.libraries import eventually
from tests.qa.parts import double_pipeline
from tests.web.test_errors import problem
from web.app import create_app

WHO = {"question": "Who opened the harbour bridge?"}


def answered(client: FlaskClient) -> bool:
    return bool(client.post("/api/v1/ask", json=WHO).get_json()["answered"])


@pytest.mark.usefixtures("filled")
def test_a_restored_document_is_the_one_that_was_deleted(client: FlaskClient, store: Store) -> None:
    before = client.get("/api/v1/documents/1").get_json()
    citation = client.post("/api/v1/ask", json=WHO).get_json()["answers"][0]["citations"][0]
    client.delete("/api/v1/documents/1")
    assert not answered(client)
    problem(client.get("/api/v1/documents/1"), 404)
    value = client.post("/api/v1/documents/1/restore").get_json()
    assert value["document_id"] not in {1, 2}
    after = client.get(f"/api/v1/documents/{value['document_id']}").get_json()
    assert {**after, "id": 1} == before
    assert answered(client)
    stands = client.post("/api/v1/citations/resolve", json=citation).get_json()
    assert (stands["state"], stands["document_id"]) == ("moved", value["document_id"])
    assert store.count()[0] == 2


@pytest.mark.usefixtures("filled")
def test_it_is_restored_once(client: FlaskClient) -> None:
    client.delete("/api/v1/documents/1")
    client.post("/api/v1/documents/1/restore")
    assert "10 minutes" in problem(client.post("/api/v1/documents/1/restore"), 404)
    problem(client.post("/api/v1/documents/77/restore"), 404)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("name", "value"),
    [("UNDO_SECONDS", -1), ("_CHARACTERS_AT_MOST", 10), ("_DOCUMENTS_AT_MOST", 0)],
)
def test_what_is_too_old_or_too_much_is_let_go(
    client: FlaskClient,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: Any,
) -> None:
    monkeypatch.setattr(removed, name, value)
    words = b"opened by Marta"
    client.delete("/api/v1/documents/1")
    problem(client.post("/api/v1/documents/1/restore"), 404)
    file = settings.data / removed.FILE_NAME
    assert words not in file.read_bytes()


@pytest.mark.usefixtures("filled")
def test_another_process_can_undo_it(client: FlaskClient, settings: Settings) -> None:
    before = client.get("/api/v1/documents/1").get_json()
    client.delete("/api/v1/documents/1")
    other_store = Store(settings.data)
    other = create_app(settings, double_pipeline(settings, other_store)).test_client()
    value = other.post("/api/v1/documents/1/restore").get_json()
    after = client.get(f"/api/v1/documents/{value['document_id']}").get_json()
    assert {**after, "id": 1} == before
    problem(client.post("/api/v1/documents/1/restore"), 404)
    other_store.close()


@pytest.mark.usefixtures("filled")
def test_only_the_owner_can_read_what_is_held_and_it_is_wiped_in_time(
    client: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = client.get("/api/v1/documents/1").get_json()["text"][:30].encode()
    client.delete("/api/v1/documents/1")
    file = settings.data / removed.FILE_NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert words in file.read_bytes()
    forgotten: list[bool] = []
    monkeypatch.setattr(removed, "UNDO_SECONDS", -1)
    RemovedDocuments(settings.data, lambda: forgotten.append(True)).let_go()
    assert words not in file.read_bytes()
    assert forgotten == [True]


@pytest.mark.usefixtures("filled")
def test_it_is_wiped_though_nothing_else_happens(
    client: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = client.get("/api/v1/documents/1").get_json()["text"][:30].encode()
    monkeypatch.setattr(removed, "UNDO_SECONDS", 0.2)
    client.delete("/api/v1/documents/1")
    file = settings.data / removed.FILE_NAME
    eventually(lambda: words not in file.read_bytes(), "the deleted words were wiped")


@pytest.mark.usefixtures("filled")
def test_a_deletion_that_cannot_be_held_is_a_deletion(
    client: FlaskClient, settings: Settings
) -> None:
    (settings.data / removed.FILE_NAME).mkdir()
    assert client.delete("/api/v1/documents/1").status_code == 200
    problem(client.get("/api/v1/documents/1"), 404)
    problem(client.post("/api/v1/documents/1/restore"), 404)


@pytest.mark.usefixtures("filled")
def test_a_damaged_file_of_deletions_is_begun_anew(client: FlaskClient, settings: Settings) -> None:
    (settings.data / removed.FILE_NAME).write_bytes(b"not a database" * 100)
    problem(client.post("/api/v1/documents/1/restore"), 404)
    client.delete("/api/v1/documents/1")
    assert client.post("/api/v1/documents/1/restore").status_code == 200


@pytest.mark.usefixtures("filled")
def test_a_document_that_was_added_again_meanwhile_is_not_doubled(
    client: FlaskClient, store: Store, indexer: Indexer
) -> None:
    document = store.document(1).as_document(())
    client.delete("/api/v1/documents/1")
    indexer.add_document(document)
    value = client.post("/api/v1/documents/1/restore").get_json()
    assert value["document_id"] == store.find(document.source)[0]  # type: ignore[index]
    assert store.count()[0] == 2


def test_one_of_several_documents_of_a_file_comes_back_beside_the_others(
    client: FlaskClient, store: Store, indexer: Indexer, tmp_path: Path
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(
        '{"title": "One", "text": "the harbour bridge was opened by Marta."}\n'
        '{"title": "Two", "text": "the old mill burned down."}\n',
        "utf-8",
    )
    assert [indexed.outcome for indexed in indexer.add([rows])] == ["added"]
    titles = sorted(document.title for document in store.documents())
    assert len(titles) == 2
    client.delete("/api/v1/documents/1")
    client.post("/api/v1/documents/1/restore")
    assert sorted(document.title for document in store.documents()) == titles
    assert [indexed.outcome for indexed in indexer.add([rows])] == ["unchanged"]
