"""Several documents at once, the same ones again, and whether all of it is sound."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from index.documents import Span
from index.indexing import Indexer
from index.job_runner import JobRunner
from index.jobs import JobStore
from index.store import Store
from qa.assembly import make_indexer
from qa.settings import Settings
from tests.doubles import HashingEmbedder
from tests.qa.parts import BRIDGE, MILL, document
from tests.web.test_errors import problem
from tests.web.test_library import fetched, upload
from web import checking

BULK, DELETE = "/api/v1/documents/bulk", "/api/v1/documents/bulk-delete"


@pytest.fixture
def runner(app: Flask, settings: Settings, store: Store) -> Iterator[None]:
    runner = JobRunner(
        JobStore(settings.data),
        lambda: make_indexer(settings, store, HashingEmbedder()),
        fetch=fetched,
        poll_seconds=0.02,
    )
    app.extensions["runner"] = runner
    runner.start()
    yield
    runner.stop()


def add(client: FlaskClient, *documents: Any, wait: int = 30) -> dict[str, Any]:
    response = client.post(f"{BULK}?wait={wait}", json={"documents": list(documents)})
    assert response.status_code == (200 if wait else 202), response.text
    value: dict[str, Any] = response.get_json()
    return value


@pytest.mark.usefixtures("runner")
def test_several_texts_are_one_job(client: FlaskClient, store: Store) -> None:
    job = add(client, {"text": BRIDGE, "title": "Bridge"}, {"text": MILL, "date": "2022-08-31"})
    assert (job["state"], job["total"], job["counts"]) == ("done", 2, {"added": 2})
    assert store.documents()[0].title == "Bridge"
    assert [d.date for d in store.documents()] == [None, "2022-08-31"]


@pytest.mark.usefixtures("runner")
def test_two_texts_of_one_title_are_two_documents_but_of_one_source_one(
    client: FlaskClient, store: Store
) -> None:
    report = [{"text": f"{BRIDGE} {n}", "title": "Report"} for n in range(3)]
    assert add(client, *report)["counts"] == {"added": 3}
    assert add(client, *report)["counts"] == {"unchanged": 3}
    assert [d.title for d in store.documents()] == ["Report"] * 3
    own = [{"text": text, "source": "notes/1"} for text in (BRIDGE, MILL)]
    assert add(client, *own)["counts"] == {"added": 1, "updated": 1}


@pytest.mark.usefixtures("runner")
def test_several_urls_are_one_job(client: FlaskClient, store: Store) -> None:
    job = add(client, {"url": "https://a.example/"}, {"url": "https://a.example/missing"})
    assert (job["kind"], job["counts"]) == ("add_url", {"added": 1, "failed": 1})
    assert [d.source for d in store.documents()] == ["https://a.example/"]


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        ([], "documents: "),
        ([{}], "documents.0: Give either a text or a url"),
        ([{"text": "x"}, {"url": "https://a.example/"}], "Send texts and URLs in requests"),
        ([{"text": "x"}, {"text": " "}], "documents.1: The text is empty"),
        ("x", "documents: "),
    ],
)
def test_what_cannot_be_added_is_422_and_nothing_of_it_is(
    client: FlaskClient, documents: Any, said: str
) -> None:
    assert said in problem(client.post(BULK, json={"documents": documents}), 422)
    assert client.get("/api/v1/jobs").get_json() == {"jobs": []}


def test_too_many_documents_are_413(client: FlaskClient, app: Flask) -> None:
    most = app.extensions["settings"].max_upload_files
    documents = [{"text": "x"}] * (most + 1)
    assert "1,001 documents" in problem(client.post(BULK, json={"documents": documents}), 413)


@pytest.mark.usefixtures("runner")
def test_the_same_again_changes_nothing_and_says_so(client: FlaskClient, store: Store) -> None:
    """A request whose answer was lost can be sent again."""
    text = {"text": BRIDGE, "title": "Bridge"}
    sent = [
        lambda: client.post("/api/v1/documents?wait=30", json=text),
        lambda: client.post("/api/v1/documents?wait=30", json={"text": MILL}),
        lambda: client.post("/api/v1/documents?wait=30", json={"url": "https://a.example/"}),
        lambda: upload(client, ("mill.txt", MILL), ("bridge.md", BRIDGE)),
        lambda: client.post(f"{BULK}?wait=30", json={"documents": [text, {"text": MILL}]}),
    ]
    for send in sent:
        send()
        generation, tag = store.generation(), client.get("/api/v1/documents").headers["ETag"]
        again = send().get_json()
        assert again["state"] == "done"
        assert set(again["counts"]) == {"unchanged"}
        assert all(item["document_ids"] for item in again["items"])
        assert store.generation() == generation
        assert client.get("/api/v1/documents").headers["ETag"] == tag


@pytest.fixture
def five(indexer: Indexer) -> None:
    for number in range(1, 6):
        indexer.add_document(document(f"{BRIDGE} It is {number}.", f"/texts/{number}.txt"))


@pytest.mark.usefixtures("five")
def test_several_documents_are_deleted_in_one_step(client: FlaskClient, store: Store) -> None:
    response = client.post(DELETE, json={"ids": [4, 9, 2, 4]})
    assert response.get_json() == {"removed": [4, 2], "unknown": [9], "generation": 6}
    assert store.document_ids() == [1, 3, 5]
    again = client.post(DELETE, json={"ids": [4, 9, 2]}).get_json()
    assert again == {"removed": [], "unknown": [4, 9, 2], "generation": 6}


@pytest.mark.usefixtures("five")
def test_each_of_them_can_be_brought_back(client: FlaskClient, store: Store) -> None:
    client.post(DELETE, json={"ids": [2, 3]})
    assert client.post("/api/v1/documents/2/restore").status_code == 200
    assert sorted(d.source for d in store.documents()) == [
        f"/texts/{number}.txt" for number in (1, 2, 4, 5)
    ]


@pytest.mark.usefixtures("five")
def test_a_damaged_document_is_deleted_with_the_others(client: FlaskClient, store: Store) -> None:
    with store.writing("a test"):
        store.rows("UPDATE documents SET text = text || 'x' WHERE id = 3")
    assert client.post(DELETE, json={"ids": [2, 3]}).get_json()["removed"] == [2, 3]
    assert store.document_ids() == [1, 4, 5]


@pytest.mark.parametrize(
    "ids", [[], None, 1, ["1"], [1.5], [-1], [2**63], [True], list(range(1_001))]
)
def test_what_is_no_list_of_ids_is_422(client: FlaskClient, ids: Any) -> None:
    assert problem(client.post(DELETE, json={"ids": ids}), 422).startswith("ids")


@pytest.mark.usefixtures("five")
def test_a_sound_library_is_said_to_be_sound(client: FlaskClient) -> None:
    assert client.post("/api/v1/verify").get_json() == {
        "sound": True,
        "generation": 5,
        "documents": 5,
        "passages": 5,
        "findings": [],
        "found": 0,
        "rebuild_due": False,
    }


@pytest.mark.usefixtures("five")
def test_a_library_that_was_cut_otherwise_is_told(client: FlaskClient, store: Store) -> None:
    with store.writing("a test"):
        document = store.document(3)
        shorter = [Span(0, len(document.text) - 1)]
        store.exchange_passages(
            3, document.content_hash, (), shorter, np.zeros((1, 64), np.float32), 5
        )
    value = client.post("/api/v1/verify").get_json()
    assert (value["sound"], value["rebuild_due"]) == (True, True)


@pytest.mark.usefixtures("five")
def test_damage_is_told(client: FlaskClient, store: Store) -> None:
    with store.writing("a test"):
        store.rows("UPDATE documents SET text = text || 'x' WHERE id = 3")
    value = client.post("/api/v1/verify").get_json()
    assert (value["sound"], value["found"]) == (False, len(value["findings"]))
    assert ("document", 3) in [(one["part"], one["document_id"]) for one in value["findings"]]


def test_one_check_runs_at_a_time(client: FlaskClient) -> None:
    with checking.running:
        assert "already" in problem(client.post("/api/v1/verify"), 409)
    assert client.post("/api/v1/verify").status_code == 200


def test_a_check_that_fails_does_not_keep_others_out(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("secret")

    monkeypatch.setattr(checking, "findings", fail)
    assert "secret" not in problem(client.post("/api/v1/verify"), 500)
    monkeypatch.undo()
    assert client.post("/api/v1/verify").status_code == 200
