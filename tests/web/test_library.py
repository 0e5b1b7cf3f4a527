"""Documents are brought in and taken out over REST."""

from __future__ import annotations

import dataclasses
import errno
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from index.documents import Document, Origin
from index.errors import DiskFull, LibraryBusy, LibraryError, UnreadableDocument
from index.indexing import Indexer
from index.job_runner import JobRunner
from index.jobs import JobStore, Upload
from index.loaders import LoadedFile
from index.store import Store
from qa.assembly import make_indexer
from qa.settings import Settings
from tests.doubles import HashingEmbedder
from tests.qa.parts import BRIDGE, MILL, double_pipeline
from tests.web.test_errors import problem
from web.app import create_app
from web.uploads import label

WHO = {"question": "Who opened the harbour bridge?"}


def fetched(url: str) -> LoadedFile:
    if "missing" in url:
        raise UnreadableDocument(f"{url}: the server answers with 404 Not Found")
    document = Document(url, "Fetched", BRIDGE, "text/html")
    return LoadedFile(Origin(url, "0" * 64), (document,), ())


@pytest.fixture
def small(settings: Settings) -> Settings:
    """Limits that a test can reach."""
    return dataclasses.replace(
        settings,
        max_body_bytes=15_000,
        max_file_bytes=20_000,
        max_upload_bytes=50_000,
        max_upload_files=20,
    )


@pytest.fixture
def app(small: Settings, store: Store) -> Flask:
    return create_app(small, double_pipeline(small, store))


@pytest.fixture
def runner(app: Flask, small: Settings, store: Store) -> Iterator[JobRunner]:
    """Runs the application's jobs in a thread, as the server does."""
    runner = JobRunner(
        JobStore(small.data),
        lambda: make_indexer(small, store, HashingEmbedder()),
        fetch=fetched,
        poll_seconds=0.02,
    )
    app.extensions["runner"] = runner
    runner.start()
    yield runner
    runner.stop()


def upload(client: FlaskClient, *files: tuple[str, bytes | str], wait: object = 30) -> Any:
    data = {
        "file": [
            (io.BytesIO(text if isinstance(text, bytes) else text.encode()), name)
            for name, text in files
        ]
    }
    return client.post(f"/api/v1/documents?wait={wait}", data=data)


def post_json(client: FlaskClient, path: str, value: Any) -> TestResponse:
    """In ASCII, so that it may spell half a character."""
    return client.post(path, data=json.dumps(value), content_type="application/json")


def sources(store: Store) -> list[str]:
    return [summary.source for summary in store.documents()]


def answers(client: FlaskClient) -> list[str]:
    return [answer["text"] for answer in client.post("/api/v1/ask", json=WHO).get_json()["answers"]]


@pytest.mark.usefixtures("runner")
def test_an_upload_answers_as_soon_as_its_job_has_ended(client: FlaskClient, store: Store) -> None:
    response = upload(client, ("bridge.txt", BRIDGE), ("mill.md", f"# Mill\n\n{MILL}"))
    assert response.status_code == 200, response.text
    job = response.get_json()
    assert list(job) == [
        *("id", "kind", "state", "created_at", "total", "done", "passages", "counts", "items"),
        *("seconds_left", "started_at", "ended_at", "error", "files"),
    ]
    assert (job["kind"], job["state"], job["counts"]) == ("add", "done", {"added": 2})
    assert job["items"] == [
        {"name": "bridge.txt", "outcome": "added", "reason": "", "document_ids": [1]},
        {"name": "mill.md", "outcome": "added", "reason": "", "document_ids": [2]},
    ]
    assert job["files"] == ["bridge.txt", "mill.md"]
    assert response.headers["Location"] == f"/api/v1/jobs/{job['id']}"
    assert sources(store) == ["upload:bridge.txt", "upload:mill.md"]
    assert answers(client) == ["Marta"]


def test_without_waiting_the_job_is_told_as_it_is(client: FlaskClient, store: Store) -> None:
    response = upload(client, ("bridge.txt", BRIDGE), wait=0)
    assert response.status_code == 202
    job = response.get_json()
    assert (job["state"], job["done"], job["total"]) == ("queued", 0, 1)
    assert client.get(response.headers["Location"]).get_json() == job
    assert store.count() == (0, 0)


@pytest.mark.parametrize("wait", ["0", "0.05"])
def test_a_wait_that_is_short_returns(client: FlaskClient, wait: str) -> None:
    assert upload(client, ("bridge.txt", BRIDGE), wait=wait).status_code == 202


@pytest.mark.parametrize("wait", ["-5", "60.5", "1e9", "nan", "inf", "x", ""])
def test_a_wait_that_makes_no_sense_is_422_and_nothing_is_taken(
    client: FlaskClient, wait: str
) -> None:
    assert problem(upload(client, ("bridge.txt", BRIDGE), wait=wait), 422).startswith("wait: ")
    assert client.get("/api/v1/jobs").get_json() == {"jobs": []}


@pytest.mark.usefixtures("runner")
def test_a_job_can_be_waited_for(client: FlaskClient) -> None:
    path = upload(client, ("bridge.txt", BRIDGE), wait=0).headers["Location"]
    assert client.get(f"{path}?wait=30").get_json()["state"] == "done"
    assert client.get(f"{path}?wait=60").get_json()["state"] == "done"


def test_no_request_waits_for_longer_than_a_minute(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("web.jobs.time.monotonic", lambda: clock[0])
    monkeypatch.setattr(
        "web.jobs.time.sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds)
    )
    assert upload(client, ("bridge.txt", BRIDGE), wait="60").status_code == 202
    assert 60 <= clock[0] < 61


@pytest.mark.usefixtures("runner")
def test_a_file_that_cannot_be_read_is_told_with_its_reason(
    client: FlaskClient, store: Store
) -> None:
    job = upload(client, ("empty.txt", ""), ("bridge.txt", BRIDGE)).get_json()
    assert (job["state"], job["counts"]) == ("done", {"failed": 1, "added": 1})
    assert (job["items"][0]["name"], job["items"][0]["outcome"]) == ("empty.txt", "failed")
    assert job["items"][0]["reason"] == "it is empty"
    assert sources(store) == ["upload:bridge.txt"]


@pytest.mark.parametrize("fields", [{"title": "Bells"}, {"source": "text:Bells"}, {}])
@pytest.mark.usefixtures("runner")
def test_a_text_that_is_none_is_told_without_what_it_is_listed_under(
    client: FlaskClient, fields: dict[str, str]
) -> None:
    job = post_json(client, "/api/v1/documents?wait=30", {"text": "\a\a\a Bells"} | fields)
    reason = job.get_json()["items"][0]["reason"]
    assert reason == "it is not text: 3 of its 9 characters are control characters"


@pytest.mark.usefixtures("runner")
def test_a_file_of_a_known_name_is_an_update(client: FlaskClient, store: Store) -> None:
    upload(client, ("bridge.txt", BRIDGE))
    job = upload(client, ("bridge.txt", BRIDGE.replace("Marta", "Anna"))).get_json()
    assert job["items"][0]["outcome"] == "updated"
    assert job["items"][0]["document_ids"] == [1]
    assert answers(client) == ["Anna"]
    assert upload(client, ("bridge.txt", BRIDGE)).get_json()["counts"] == {"updated": 1}
    assert upload(client, ("bridge.txt", BRIDGE)).get_json()["counts"] == {"unchanged": 1}


@pytest.mark.usefixtures("runner")
def test_two_files_of_one_name_in_one_upload_are_two_documents(
    client: FlaskClient, store: Store
) -> None:
    job = upload(
        client,
        ("a/notes.md", f"# One\n\n{BRIDGE}"),
        ("b/notes.md", f"# Two\n\n{MILL}"),
        ("c/notes (2).md", "# Three\n\nOtto slept."),
    ).get_json()
    assert job["counts"] == {"added": 3}
    assert [d.title for d in store.documents()] == ["One", "Two", "Three"]
    assert len(set(sources(store))) == 3
    assert {d.media_type for d in store.documents()} == {"text/markdown"}


HOSTILE = {
    "../../etc/passwd": "passwd",
    "..\\..\\windows\\system.ini": "system.ini",
    "/etc/shadow.txt": "shadow.txt",
    "a\0b.txt": "ab.txt",
    "a\nb\tc.txt": "a b c.txt",
    "\u202egpj.txt": "gpj.txt",
    "\u2066x\u2069\u200f.txt": "x.txt",
    "\x1b[31mred.txt": "[31mred.txt",
    "x" * 5_000 + ".txt": "x" * 196 + ".txt",
    "x" * 300 + "." + "y" * 30: "x" * 200,
    "..": "..",
    "folder/": "unnamed",
    "\u200b\u200b": "unnamed",
    " spaced  out .txt ": "spaced out .txt",
    "<img src=x>.txt": "<img src=x>.txt",
    "Bogotá 東京 😀.txt": "Bogotá 東京 😀.txt",
    '"; filename="b.txt': '"; filename="b.txt',
}


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_name_becomes_a_label(name: str) -> None:
    assert label(name) == HOSTILE[name]


@pytest.mark.usefixtures("runner")
def test_no_name_leads_out_of_the_data_folder(
    client: FlaskClient, store: Store, tmp_path: Path
) -> None:
    before = {path for path in tmp_path.rglob("*") if store.folder not in path.parents}
    names = [name for name in HOSTILE if "\n" not in name and "\0" not in name]
    job = upload(client, *((name, f"{BRIDGE} {n}") for n, name in enumerate(names))).get_json()
    assert job["counts"] == {"added": len(names)}
    assert {p for p in tmp_path.rglob("*") if store.folder not in p.parents} == before
    assert {path.name for path in (store.folder / "jobs").iterdir()} == {job["id"]}
    assert not any(set(name) & set("/\\\u202e\u2066\x1b") for name in job["files"])
    assert all(source.startswith("upload:") for source in sources(store))


def test_a_form_without_a_file_is_400(client: FlaskClient) -> None:
    form = "multipart/form-data"
    assert "no file" in problem(client.post("/api/v1/documents", data={}, content_type=form), 400)
    named = {"other": (io.BytesIO(b"x"), "a.txt")}
    assert '"file"' in problem(client.post("/api/v1/documents", data=named), 400)
    nameless = {"file": (io.BytesIO(b"x"), "")}
    assert "no file" in problem(client.post("/api/v1/documents", data=nameless), 400)


@pytest.mark.parametrize("field", ["files", "upload é"])
def test_a_form_with_another_field_is_told_which_one(client: FlaskClient, field: str) -> None:
    form = {field: (io.BytesIO(b"x"), "a.txt")}
    detail = problem(client.post("/api/v1/documents", data=form), 400)
    assert detail == f'The form holds no file; it has "{field}". Send each as a field named "file".'


def test_a_path_that_is_sent_for_a_file_is_told_so(client: FlaskClient) -> None:
    sent = {"data": {"file": "report.txt"}, "content_type": "multipart/form-data"}
    detail = problem(client.post("/api/v1/documents", **sent), 400)
    assert detail.startswith('The field "file" is a text, no file')


def test_a_form_whose_header_was_set_by_hand_is_told_so(client: FlaskClient) -> None:
    """A program that sets the header itself sends a boundary that nobody is told of."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"'
    body = head + b"\r\n\r\nx\r\n--x--\r\n"
    sent = {"data": body, "content_type": "multipart/form-data"}
    assert "names no boundary" in problem(client.post("/api/v1/documents", **sent), 400)


@pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\n\r\n", b"\xff" * 100, b"--x--"])
def test_a_form_that_is_none_is_400(client: FlaskClient, body: bytes) -> None:
    response = client.post(
        "/api/v1/documents", data=body, content_type="multipart/form-data; boundary=x"
    )
    problem(response, 400)


def test_an_upload_that_is_too_large_is_413(client: FlaskClient, small: Settings) -> None:
    too_large = b"x" * small.max_upload_bytes
    problem(upload(client, ("large.txt", too_large)), 413)
    assert client.get("/api/v1/jobs").get_json() == {"jobs": []}
    assert not list(small.data.glob("jobs/*"))


@pytest.mark.usefixtures("runner")
def test_an_upload_is_not_held_to_the_limit_of_other_bodies(
    client: FlaskClient, small: Settings, store: Store
) -> None:
    text = BRIDGE + " " * small.max_body_bytes
    assert upload(client, ("long.txt", text)).get_json()["counts"] == {"added": 1}
    long = client.post("/api/v1/documents?wait=30", json={"text": text, "title": "Long"})
    assert long.get_json()["counts"] == {"added": 1}
    assert store.count()[0] == 2


def test_a_text_that_is_too_large_is_413(client: FlaskClient, small: Settings) -> None:
    body = {"text": "x" * small.max_file_bytes, "title": "Long"}
    problem(client.post("/api/v1/documents", json=body), 413)


@pytest.mark.parametrize("path", ["/api/v1/ask", "/api/v1/citations/resolve"])
def test_another_body_that_is_too_large_is_413(
    client: FlaskClient, small: Settings, path: str
) -> None:
    problem(client.post(path, json={"question": "x" * small.max_body_bytes}), 413)


@pytest.mark.usefixtures("runner")
def test_a_file_in_an_upload_that_is_too_large_is_told(
    client: FlaskClient, small: Settings, store: Store
) -> None:
    large = b"x" * (small.max_file_bytes + 1)
    job = upload(client, ("large.txt", large), ("bridge.txt", BRIDGE)).get_json()
    assert job["counts"] == {"failed": 1, "added": 1}
    assert "QA_MAX_FILE_BYTES" in job["items"][0]["reason"]


def test_too_many_files_are_413(client: FlaskClient, small: Settings) -> None:
    files = [(f"{number}.txt", "x") for number in range(small.max_upload_files + 1)]
    detail = problem(upload(client, *files), 413)
    assert "21 files" in detail and "at most 20" in detail


def test_too_many_parts_are_413(client: FlaskClient, small: Settings) -> None:
    fields = {f"field{number}": "x" for number in range(small.max_upload_files + 50)}
    response = client.post("/api/v1/documents", data=fields, content_type="multipart/form-data")
    problem(response, 413)


@pytest.mark.usefixtures("runner")
def test_a_text_becomes_a_document(client: FlaskClient, store: Store) -> None:
    body = {"text": BRIDGE, "title": " The\n harbour\u202e ", "date": "2022-08-31"}
    job = client.post("/api/v1/documents?wait=30", json=body).get_json()
    assert (job["state"], job["files"]) == ("done", ["The harbour"])
    (summary,) = store.documents()
    assert (summary.title, summary.date, summary.source) == (
        "The harbour",
        "2022-08-31",
        "text:The harbour",
    )
    assert store.document(1).text == BRIDGE
    again = body | {"text": MILL}
    client.post("/api/v1/documents?wait=30", json=again)
    assert [store.document(d.id).text for d in store.documents()] == [MILL]


@pytest.mark.usefixtures("runner")
def test_texts_without_a_title_that_begin_alike_are_different_documents(
    client: FlaskClient, store: Store
) -> None:
    for name in ("Otto", "Anna", "Otto"):
        text = f"{'Dear Sir or Madam, we write to you again. ' * 3} It is {name}."
        client.post("/api/v1/documents?wait=30", json={"text": text})
    assert store.count()[0] == 2


@pytest.mark.usefixtures("runner")
def test_a_text_is_listed_under_the_source_that_is_given(client: FlaskClient, store: Store) -> None:
    for text in (BRIDGE, MILL):
        body = {"text": text, "source": "notes\u202e/1", "title": text[:5]}
        client.post("/api/v1/documents?wait=30", json=body)
    assert sources(store) == ["notes/1"]


@pytest.mark.usefixtures("runner")
@pytest.mark.parametrize("source", ["http://[", "x://[::1", "../../etc/passwd", "a" * 1_000])
def test_a_source_of_any_kind_is_a_name(client: FlaskClient, store: Store, source: str) -> None:
    body = {"text": BRIDGE, "source": source}
    job = client.post("/api/v1/documents?wait=30", json=body).get_json()
    assert (job["state"], job["counts"]) == ("done", {"added": 1})
    assert sources(store) == [source]


@pytest.mark.usefixtures("runner")
def test_a_url_becomes_a_document(client: FlaskClient, store: Store) -> None:
    url = "https://example.org/bridge"
    job = client.post("/api/v1/documents?wait=30", json={"url": url}).get_json()
    assert (job["kind"], job["state"], job["counts"]) == ("add_url", "done", {"added": 1})
    assert sources(store) == [url]
    body = {"url": url, "title": "Told", "date": "2022-01-01"}
    client.post("/api/v1/documents?wait=30", json=body)
    assert [(d.title, d.date) for d in store.documents()] == [("Told", "2022-01-01")]


@pytest.mark.usefixtures("runner")
def test_a_url_that_cannot_be_loaded_is_told(client: FlaskClient, store: Store) -> None:
    body = {"url": "https://example.org/missing"}
    job = client.post("/api/v1/documents?wait=30", json=body).get_json()
    assert (job["state"], job["counts"]) == ("done", {"failed": 1})
    assert "404" in job["items"][0]["reason"]
    assert store.count() == (0, 0)


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ({}, "either a text or a url"),
        ({"text": None, "url": None}, "either a text or a url"),
        ({"text": "x", "url": "https://a.org"}, "either a text or a url"),
        ({"text": " \n"}, "The text is empty"),
        ({"text": 5}, "text: "),
        ({"text": "x", "title": ["x"]}, "title: "),
        ({"text": "x", "title": "x" * 1_001}, "title: "),
        ({"text": "x", "source": "x" * 1_001}, "source: "),
        ({"text": "x", "date": "31.8.2022"}, "date: Must be a day, such as 2022-08-31"),
        ({"text": "x", "date": "2022-02-30"}, "date: Must be a day"),
        ({"text": "x", "nonsense": 1}, "nonsense: "),
        ({"text": "\ud83d"}, "surrogate"),
        ({"url": "ftp://a.org"}, "http:// or https://"),
        ({"url": "file:///etc/passwd"}, "http:// or https://"),
        ({"url": "/etc/passwd"}, "http:// or https://"),
        ({"url": ""}, "http:// or https://"),
        ({"url": "https://a.org", "source": "x"}, "A url is its own source"),
        ([], "the request"),
        ("x", "the request"),
    ],
)
def test_what_cannot_be_added_is_422(client: FlaskClient, value: Any, detail: str) -> None:
    assert detail in problem(post_json(client, "/api/v1/documents", value), 422)
    assert client.get("/api/v1/jobs").get_json() == {"jobs": []}


@pytest.mark.parametrize("body", ["", "{", "not JSON", "[" * 200_000])
def test_a_body_that_is_no_json_is_400(app: Flask, body: str) -> None:
    app.extensions["settings"] = dataclasses.replace(
        app.extensions["settings"], max_file_bytes=1_000_000
    )
    response = app.test_client().post(
        "/api/v1/documents", data=body, content_type="application/json"
    )
    assert "not valid JSON" in problem(response, 400)


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type_is_415(client: FlaskClient, content_type: str | None) -> None:
    response = client.post("/api/v1/documents", data=b"x", content_type=content_type)
    problem(response, 415)


@pytest.mark.usefixtures("filled")
def test_a_document_is_removed_and_answers_no_more(client: FlaskClient, store: Store) -> None:
    assert answers(client) == ["Marta"]
    response = client.delete("/api/v1/documents/1")
    assert response.get_json() == {"removed": 1, "generation": 3}
    assert answers(client) == []
    problem(client.delete("/api/v1/documents/1"), 404)
    problem(client.delete(f"/api/v1/documents/{2**63 - 1}"), 404)
    assert [d.id for d in store.documents()] == [2]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("error", [LibraryBusy("Somebody writes."), DiskFull("No room.")])
def test_a_document_is_removed_though_the_file_cannot_be_sealed(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch, error: LibraryError
) -> None:
    def fail(_store: Store) -> None:
        raise error

    monkeypatch.setattr(Store, "settle", fail)
    assert client.delete("/api/v1/documents/1").get_json() == {"removed": 1, "generation": 3}
    assert [d.id for d in store.documents()] == [2]


@pytest.mark.usefixtures("filled", "runner")
def test_the_library_is_rebuilt(client: FlaskClient, store: Store) -> None:
    job = client.post("/api/v1/rebuild?wait=30").get_json()
    assert (job["kind"], job["state"], job["done"], job["total"]) == ("rebuild", "done", 2, 2)
    assert store.generation() == 3
    assert answers(client) == ["Marta"]


def test_jobs_are_listed_newest_first_without_their_outcomes(client: FlaskClient) -> None:
    first = upload(client, ("a.txt", "x"), wait=0).get_json()
    second = client.post("/api/v1/rebuild").get_json()
    listed = client.get("/api/v1/jobs").get_json()["jobs"]
    assert [job["id"] for job in listed] == [second["id"], first["id"]]
    assert all("items" not in job for job in listed)


@pytest.mark.parametrize("job_id", ["x", "20260101000000000000-00000000", "..", "%00", "x" * 300])
@pytest.mark.parametrize(
    ("method", "after"), [("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "?wait=5")]
)
def test_an_unknown_job_is_404(client: FlaskClient, job_id: str, method: str, after: str) -> None:
    problem(client.open(f"/api/v1/jobs/{job_id}{after}", method=method), 404)


def test_a_job_is_cancelled_and_then_forgotten(app: Flask, client: FlaskClient) -> None:
    job = upload(client, ("a.txt", "x"), wait=0).get_json()
    path = f"/api/v1/jobs/{job['id']}"
    assert "has not ended" in problem(client.delete(path), 409)
    assert client.post(f"{path}/cancel").get_json()["state"] == "queued"
    with running(app):
        assert client.post(f"{path}/cancel?wait=30").get_json()["state"] == "cancelled"
    assert client.delete(path).get_json() == {"forgotten": job["id"]}
    problem(client.get(path), 404)
    assert client.get("/api/v1/jobs").get_json() == {"jobs": []}


@contextmanager
def running(app: Flask) -> Iterator[None]:
    """A runner that belongs to another process: it finds the jobs by itself."""
    settings, pipeline = app.extensions["settings"], app.extensions["pipeline"]
    runner = JobRunner(
        JobStore(settings.data),
        lambda: make_indexer(settings, pipeline.store, HashingEmbedder()),
        fetch=fetched,
        poll_seconds=0.02,
    )
    runner.start()
    try:
        yield
    finally:
        runner.stop()


def test_a_full_disk_is_507_and_leaves_nothing(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    detail = problem(upload(client, ("bridge.txt", BRIDGE)), 507)
    assert "no room" in detail
    monkeypatch.undo()
    assert list((store.folder / "jobs").iterdir()) == []


@pytest.mark.usefixtures("filled")
def test_a_citation_is_followed_through_changes(
    client: FlaskClient, indexer: Indexer, store: Store
) -> None:
    asked = client.post("/api/v1/ask", json=WHO).get_json()
    citation = asked["answers"][0]["citations"][0]

    def resolved() -> dict[str, Any]:
        response = client.post("/api/v1/citations/resolve", json=citation)
        assert response.status_code == 200, response.text
        value: dict[str, Any] = response.get_json()
        assert value["generation"] == store.generation()
        return value

    assert list(resolved()) == ["generation", "state", "document_id", "version", "start", "end"]
    assert (resolved()["state"], resolved()["start"]) == ("same", citation["start"])
    source = citation["source"]
    indexer.add_document(Document(source, "Bridges", f"Corrected: {BRIDGE}", "text/plain"))
    assert (resolved()["state"], resolved()["start"]) == ("moved", citation["start"] + 11)
    indexer.add_document(Document(source, "Bridges", BRIDGE.replace("Marta", "Anna"), "text/plain"))
    assert (resolved()["state"], resolved()["start"]) == ("changed", None)
    indexer.remove(source)
    assert (resolved()["state"], resolved()["document_id"]) == ("gone", None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("document_id", -1),
        ("document_id", 2**63),
        ("document_id", "1"),
        ("version", None),
        ("start", -1),
        ("end", 1.5),
        ("quote", ""),
        ("quote", "x" * 10_001),
        ("before", "x" * 10_001),
        ("after", 5),
        ("source", "\ud800"),
    ],
)
def test_a_citation_that_is_none_is_422(client: FlaskClient, field: str, value: Any) -> None:
    sound = {"document_id": 1, "version": "x", "start": 0, "end": 1, "quote": "x"}
    assert client.post("/api/v1/citations/resolve", json=sound).status_code == 200
    detail = problem(post_json(client, "/api/v1/citations/resolve", sound | {field: value}), 422)
    assert detail.startswith(field)


def test_an_upload_survives_the_server(app: Flask, client: FlaskClient, store: Store) -> None:
    """It was acknowledged; the server that took it never ran it; the next one does."""
    job = upload(client, ("bridge.txt", BRIDGE), wait=0).get_json()
    settings = app.extensions["settings"]
    later = create_app(settings, double_pipeline(settings, store))
    with running(later):
        done = later.test_client().get(f"/api/v1/jobs/{job['id']}?wait=30").get_json()
    assert (done["state"], done["counts"]) == ("done", {"added": 1})
    assert store.document(1).text == BRIDGE


def test_the_declared_type_of_an_upload_is_kept(client: FlaskClient, app: Flask) -> None:
    part = (io.BytesIO(b"x"), "a.txt", "text/markdown")
    client.post("/api/v1/documents", data={"file": part})
    (job,) = app.extensions["jobs"].all()
    assert job.uploads == (
        Upload(
            "a.txt",
            "upload:a.txt",
            "text/markdown",
            sha256="2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
        ),
    )
