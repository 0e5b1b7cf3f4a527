"""Uploaded files are kept as they came, as long as anything in the library came from them."""

from __future__ import annotations

import io
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from index import removed
from index.originals import FOLDER_NAME, OriginalStore
from qa.settings import Settings
from tests.index.formats.pdf import flowing, pdf
from tests.index.libraries import eventually
from tests.qa.parts import BRIDGE, MILL
from tests.web.test_errors import problem
from web import background

HOSTILE = "../../<b>ünd\u202e.html"


@pytest.fixture(autouse=True)
def _running(app: Flask, settings: Settings) -> Iterator[None]:
    background.start(app, settings, app.extensions["pipeline"])
    yield
    background.stop(app, 30)


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.data / FOLDER_NAME


def upload(client: FlaskClient, name: str, content: bytes) -> int:
    data = {"file": (io.BytesIO(content), name)}
    job: Any = client.post("/api/v1/documents?wait=30", data=data).get_json()
    [document_id] = job["items"][0]["document_ids"]
    return int(document_id)


def original(client: FlaskClient, document_id: int) -> str | None:
    value: str | None = client.get(f"/api/v1/documents/{document_id}").get_json()["original"]
    return value


def sweep(app: Flask) -> None:
    app.extensions["removed"].let_go()


def test_an_upload_is_given_back_byte_for_byte_under_its_name(
    client: FlaskClient, folder: Path
) -> None:
    page = f"<html><body><script>alert(1)</script><p>{BRIDGE * 3}</p></body></html>".encode()
    document_id = upload(client, HOSTILE, page)
    assert original(client, document_id) == "file"
    for query in ("", "?view"):  # a page is never shown as one of ours
        response = client.get(f"/api/v1/documents/{document_id}/original{query}")
        assert response.data == page
        assert response.mimetype == "application/octet-stream"
        disposition = response.headers["Content-Disposition"]
        assert disposition.startswith('attachment; filename="<b>nd.html"')
        assert "%C3%BCnd.html" in disposition and "%E2%80%AE" not in disposition
    [kept] = folder.iterdir()
    assert kept.name.isalnum() and len(kept.name) == 64
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_text_and_pdf_can_be_looked_at(client: FlaskClient) -> None:
    report = pdf([flowing([["The harbour bridge was opened by Marta."]])], {"Title": "Report"})
    for name, content, kind in (
        ("bridge.txt", BRIDGE.encode(), "text/plain; charset=utf-8"),
        ("report.pdf", report, "application/pdf"),
    ):
        path = f"/api/v1/documents/{upload(client, name, content)}/original"
        shown = client.get(f"{path}?view")
        assert (shown.data, shown.content_type) == (content, kind)
        assert shown.headers["Content-Disposition"].startswith("inline;")
        assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert client.get(path).headers["Content-Disposition"].startswith("attachment;")


def test_text_that_a_browser_would_guess_at_is_saved(client: FlaskClient) -> None:
    document_id = upload(client, "latin.txt", f"{BRIDGE} Über die Brücke.".encode("latin-1"))
    shown = client.get(f"/api/v1/documents/{document_id}/original?view")
    assert shown.mimetype == "application/octet-stream"


def test_a_new_version_replaces_the_old_file(client: FlaskClient, folder: Path) -> None:
    first = upload(client, "bridge.txt", BRIDGE.encode())
    second = upload(client, "bridge.txt", MILL.encode())
    assert first == second
    assert client.get(f"/api/v1/documents/{first}/original").data == MILL.encode()

    def is_alone() -> bool:
        return [path.read_bytes() for path in folder.iterdir()] == [MILL.encode()]

    eventually(is_alone, "the former file went")


def test_it_goes_with_its_document_and_comes_back_with_it(
    app: Flask, client: FlaskClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = upload(client, "bridge.txt", BRIDGE.encode())
    client.delete(f"/api/v1/documents/{document_id}")
    problem(client.get(f"/api/v1/documents/{document_id}/original"), 404)
    sweep(app)
    assert len(list(folder.iterdir())) == 1
    back = client.post(f"/api/v1/documents/{document_id}/restore").get_json()["document_id"]
    assert client.get(f"/api/v1/documents/{back}/original").data == BRIDGE.encode()
    client.delete(f"/api/v1/documents/{back}")
    monkeypatch.setattr(removed, "UNDO_SECONDS", -1)
    sweep(app)
    assert list(folder.iterdir()) == []


def test_what_came_from_its_source_since_is_not_taken_for_it(client: FlaskClient) -> None:
    first = upload(client, "bridge.txt", BRIDGE.encode())
    client.delete(f"/api/v1/documents/{first}")
    second = upload(client, "bridge.txt", MILL.encode())
    told = problem(client.post(f"/api/v1/documents/{first}/restore"), 409)
    assert f"document {second} has come from the same source" in told
    client.delete(f"/api/v1/documents/{second}")
    back = client.post(f"/api/v1/documents/{first}/restore").get_json()["document_id"]
    assert client.get(f"/api/v1/documents/{back}/original").data == BRIDGE.encode()


def test_what_is_not_what_was_kept_is_not_given(client: FlaskClient, folder: Path) -> None:
    document_id = upload(client, "bridge.txt", BRIDGE.encode())
    [kept] = folder.iterdir()
    kept.unlink()
    kept.write_bytes(b"something else")
    problem(client.get(f"/api/v1/documents/{document_id}/original"), 404)


def test_pasted_text_is_its_own_original(client: FlaskClient, folder: Path) -> None:
    value = client.post("/api/v1/documents?wait=30", json={"text": BRIDGE}).get_json()
    assert original(client, value["items"][0]["document_ids"][0]) is None
    assert not folder.exists()


@pytest.mark.parametrize("name", ["", "../library.sqlite3", "A" * 64, "0" * 63])
def test_only_hashes_are_names(settings: Settings, name: str) -> None:
    assert not OriginalStore(settings.data).holds(name)
    with pytest.raises(ValueError, match="no SHA-256"):
        OriginalStore(settings.data).keep(settings.data / "x", name)
