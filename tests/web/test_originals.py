"""The original of a document is given as it was read, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from index.indexing import Indexer
from tests.qa.parts import BRIDGE, document
from tests.web.test_errors import assert_secured, problem


@pytest.fixture
def saved(tmp_path: Path, indexer: Indexer) -> Path:
    path = tmp_path / 'a "page" ünd.html'
    path.write_text(f"<html><body><script>alert(1)</script><p>{BRIDGE}</p></body></html>", "utf-8")
    assert [indexed.outcome for indexed in indexer.add([path])] == ["added"]
    return path


def test_a_file_is_a_download_of_the_very_bytes(client: FlaskClient, saved: Path) -> None:
    assert client.get("/api/v1/documents/1").get_json()["original"] == "file"
    response = client.get("/api/v1/documents/1/original")
    assert response.data == saved.read_bytes()
    assert response.mimetype == "application/octet-stream"
    disposition = response.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="a page nd.html"')
    assert "%22page%22%20%C3%BCnd.html" in disposition
    assert_secured(response)


def test_a_file_that_is_another_by_now_is_not_given(client: FlaskClient, saved: Path) -> None:
    saved.write_text("something secret", "utf-8")
    assert "not at hand" in problem(client.get("/api/v1/documents/1/original"), 404)
    saved.unlink()
    problem(client.get("/api/v1/documents/1/original"), 404)
    assert client.get("/api/v1/documents/1").get_json()["original"] is None


def test_a_link_that_leads_elsewhere_gives_nothing(
    client: FlaskClient, saved: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret", "utf-8")
    saved.unlink()
    saved.symlink_to(secret)
    problem(client.get("/api/v1/documents/1/original"), 404)


def test_what_was_no_file_has_no_original(client: FlaskClient, indexer: Indexer) -> None:
    indexer.add_document(document(BRIDGE, "text:Bridges"))
    indexer.add_document(document(BRIDGE, "https://news.example/bridge"))
    originals = [client.get(f"/api/v1/documents/{i}").get_json()["original"] for i in (1, 2)]
    assert originals == [None, "https://news.example/bridge"]
    for number in (1, 2, 3):
        problem(client.get(f"/api/v1/documents/{number}/original"), 404)
