"""What the API and the page return when all is well."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from index.indexing import Indexer
from index.store import Store
from qa.settings import Settings
from qa.version import VERSION
from tests.conftest import ROOT
from tests.qa.parts import BRIDGE, MILL, document, double_pipeline
from tests.web.conftest import FURNITURE
from web.app import create_app

WHO = "Who opened the harbour bridge?"
STATIC = ROOT / "web" / "static"


def asked(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    response = client.post("/api/v1/ask", json={"question": WHO} | fields)
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/json"
    value: dict[str, Any] = response.get_json()
    return value


@pytest.mark.usefixtures("filled")
def test_an_answer_has_the_contracts_keys_and_a_verbatim_citation(
    client: FlaskClient, store: Store
) -> None:
    value = asked(client)
    assert set(value) >= {
        "question",
        "searched",
        "answered",
        "reason",
        "generation",
        "took_ms",
        "answers",
        "passages",
    }
    assert (value["question"], value["answered"], value["reason"]) == (WHO, True, None)
    assert value["generation"] == store.generation()
    assert value["answers"][0]["text"] == "Marta"
    (citation,) = value["answers"][0]["citations"]
    assert (citation["document_id"], citation["title"], citation["date"]) == (
        1,
        "Bridges",
        "2022-08-31",
    )
    text = store.document(1).text
    sentence = citation["sentence"]
    assert text[citation["start"] : citation["end"]] == citation["quote"] == "Marta"
    assert text[sentence["start"] : sentence["end"]] == sentence["text"] == BRIDGE


@pytest.mark.usefixtures("filled")
def test_a_declined_question_is_no_error(client: FlaskClient) -> None:
    response = client.post("/api/v1/ask", json={"question": "Where is the moon?"})
    value = response.get_json()
    assert response.status_code == 200
    assert (value["answered"], value["answers"]) == (False, [])
    assert value["reason"] == "below_threshold"
    assert value["passages"]


def test_an_empty_library_declines(client: FlaskClient) -> None:
    assert asked(client)["reason"] == "library_empty"


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("fields", "answered"),
    [
        ({"document_ids": [1]}, True),
        ({"document_ids": [2]}, False),
        ({"document_ids": [2**63 - 1]}, False),
        ({"sources": ["/texts/bridge.txt"]}, True),
        ({"sources": ["/texts/mill.txt"]}, False),
        ({"date_from": "2022-08-31", "date_to": "2022-08-31"}, True),
        ({"date_from": "2022-09-01"}, False),
        ({"document_ids": None, "sources": None, "date_from": None}, True),
        ({"top_k": 1}, True),
    ],
)
def test_filters_limit_the_search(
    client: FlaskClient, fields: dict[str, Any], answered: bool
) -> None:
    assert asked(client, **fields)["answered"] is answered


@pytest.mark.usefixtures("filled")
def test_history_resolves_a_follow_up(client: FlaskClient) -> None:
    value = asked(client, question="When did she?", history=[{"question": WHO, "answer": "Marta"}])
    assert "Marta" in value["searched"]


@pytest.mark.usefixtures("filled")
def test_documents_are_listed(client: FlaskClient) -> None:
    value = client.get("/api/v1/documents").get_json()
    assert list(value) == ["generation", "documents", "next"]
    assert value["next"] is None
    assert value["generation"] == 2
    assert value["documents"][0] == {
        "id": 1,
        "source": "/texts/bridge.txt",
        "title": "Bridges",
        "media_type": "text/plain",
        "date": "2022-08-31",
        "characters": len(BRIDGE) + 2 + len(FURNITURE),
        "passages": 1,
        "author": None,
        "voice": 1,
    }
    assert [row["id"] for row in value["documents"]] == [1, 2]


@pytest.mark.usefixtures("filled")
def test_a_document_comes_with_its_text_and_furniture(client: FlaskClient) -> None:
    value = client.get("/api/v1/documents/1").get_json()
    assert list(value) == [
        "id",
        "title",
        "source",
        "date",
        "author",
        "version",
        "pages",
        "media_type",
        "original",
        "characters",
        "passages",
        "text",
        "furniture",
    ]
    assert value["characters"] == len(value["text"])
    (mark,) = value["furniture"]
    assert value["text"][mark["start"] : mark["end"]] == FURNITURE


@pytest.mark.usefixtures("filled")
def test_a_removed_document_is_gone(client: FlaskClient, indexer: Indexer) -> None:
    assert client.get("/api/v1/documents/2").get_json()["text"] == MILL
    indexer.remove("/texts/mill.txt")
    assert client.get("/api/v1/documents/2").status_code == 404
    assert [d["id"] for d in client.get("/api/v1/documents").get_json()["documents"]] == [1]


@pytest.mark.usefixtures("filled")
def test_status_tells_what_is_served(client: FlaskClient) -> None:
    value = client.get("/api/v1/status").get_json()
    assert value.pop("disk_bytes") > 1_000
    assert value == {
        "version": VERSION,
        "generation": 2,
        "documents": 2,
        "passages": 2,
        "embedder": {"name": "hashing", "dimension": 64},
        "reader": {"name": "capital"},
        "search": "FAISS and FTS5",
    }


def test_text_that_is_not_ascii_arrives_as_it_is(client: FlaskClient, indexer: Indexer) -> None:
    text = "the harbour bridge 😀 was opened by Zoë\u2028in 東京."
    indexer.add_document(document(text))
    response = client.get("/api/v1/documents/1")
    assert response.get_json()["text"] == text
    assert asked(client)["answers"][0]["text"] == "Zoë"


def test_the_page_renders_with_all_it_refers_to(client: FlaskClient) -> None:
    response = client.get("/")
    assert (response.status_code, response.mimetype) == (200, "text/html")
    referred = set(re.findall(r'(?:src|href)="(/[^"]+)"', response.text))
    assert len(referred) > 5
    for path in referred:
        with client.get(path) as static:
            assert static.status_code == 200, path


def test_the_page_refers_to_nothing_elsewhere_and_holds_no_script(client: FlaskClient) -> None:
    page = client.get("/").text
    assert not re.search(r'(?:src|href)="(?!/|#)', page)
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", page)


@pytest.mark.parametrize("most", [200, 1_000, 5_000])
def test_the_question_box_takes_as_much_as_the_server(
    settings: Settings, store: Store, most: int
) -> None:
    own = dataclasses.replace(settings, max_question_characters=most)
    page = create_app(own, double_pipeline(own, store)).test_client().get("/").text
    (box,) = re.findall(r'<textarea[^>]* id="question"[^>]*>', page)
    assert f' maxlength="{most}"' in box


def test_questions_are_suggested_while_their_documents_are_there(
    client: FlaskClient, indexer: Indexer
) -> None:
    assert 'data-testid="suggestion"' not in client.get("/").text
    source = "/seeds/000_24598830d6a6aed1.txt"
    indexer.add_document(document(BRIDGE, source))
    assert "who denied the volunteer reports?" in client.get("/").text
    indexer.remove(source)
    assert "who denied the volunteer reports?" not in client.get("/").text


def test_nothing_of_a_document_becomes_markup(client: FlaskClient, indexer: Indexer) -> None:
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}'
    source = f"/texts/{hostile}/000_24598830d6a6aed1.txt"
    indexer.add_document(document(f"{BRIDGE} {hostile}", source, title=hostile))
    page = client.get("/")
    assert "<script>" not in page.text and "onerror" not in page.text and "49" not in page.text
    for response in (
        client.get("/api/v1/documents"),
        client.get("/api/v1/documents/1"),
        client.post("/api/v1/ask", json={"question": f"{WHO} {hostile}"}),
        client.post("/api/v1/ask", json={"question": WHO, hostile: hostile}),
        client.get(f"/{hostile}"),
    ):
        assert response.mimetype in {"application/json", "application/problem+json"}
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("script", sorted(STATIC.rglob("*.js")), ids=lambda path: path.name)
def test_no_script_makes_markup_of_text(script: Path) -> None:
    code = re.sub(r"^\s*//.*$", "", script.read_text("utf-8"), flags=re.MULTILINE)
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|srcdoc"
    assert not re.search(forbidden, code)
    assert not re.search(r"https?://(?!www\.w3\.org/)\w", code)
