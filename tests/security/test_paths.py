"""No name, id or address leads to a file that is not a document's own."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from index.errors import UnreadableDocument
from index.indexing import Indexer
from index.loaders import load_bytes
from index.store import Store
from qa.settings import Settings
from tests.index.formats import LIMITS
from tests.index.formats.zips import zipped
from tests.qa.parts import document
from tests.security.conftest import upload

SECRET = "the secret of the vault is 4711"
CLIMBS = [
    "../secret.txt",
    "../../../../../../etc/passwd",
    "..\\..\\..\\secret.txt",
    "....//....//secret.txt",
    "..;/secret.txt",
    "%2e%2e%2fsecret.txt",
    "..%2f..%2fsecret.txt",
    "..%5c..%5csecret.txt",
    "%252e%252e%252fsecret.txt",
    "..%c0%af..%c0%afsecret.txt",
    "..%ef%bc%8fsecret.txt",
    "/etc/passwd",
    "//etc/passwd",
    "/./etc/./passwd",
    "C:\\Windows\\win.ini",
    "\\\\server\\share\\secret.txt",
    "file:///etc/passwd",
    "/proc/self/environ",
    "/dev/stdin",
    "~/.ssh/id_rsa",
    "secret.txt%00.txt",
    "con",
    "..",
    ".",
    "‥/‥/secret.txt",
    "．．／secret.txt",
]


@pytest.fixture
def secret(settings: Settings) -> Path:
    """A file beside the library's folder, which climbing out of it would find."""
    path = settings.data.parent / "secret.txt"
    path.write_text(SECRET)
    return path


def files_of(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("climb", CLIMBS)
def test_from_the_page_s_own_files(client: FlaskClient, climb: str) -> None:
    for under in ("/static/", "/static/js/", "/docs/", "/problems/"):
        response = client.get(under + climb.lstrip("/"))
        assert response.status_code in {200, 301, 308, 400, 404}
        assert SECRET not in response.text and "root:" not in response.text
        if response.status_code == 200:  # the client takes "." and ".." out of the address
            assert response.mimetype == "text/html"


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("climb", CLIMBS)
def test_by_an_upload_s_name(loading: FlaskClient, settings: Settings, climb: str) -> None:
    before = files_of(settings.data.parent)
    job = upload(loading, climb, b"Otto opened the old mill.")
    written = files_of(settings.data.parent) - before
    assert all(path.is_relative_to(settings.data) for path in written)
    assert (settings.data.parent / "secret.txt").read_text() == SECRET
    for item in job["items"]:
        assert not set(item["name"]) & set("/\\\x00")
    for listed in loading.get("/api/v1/documents").get_json()["documents"][2:]:
        assert listed["source"].startswith("upload:")
        original = loading.get(f"/api/v1/documents/{listed['id']}/original")
        assert original.data == b"Otto opened the old mill." or original.status_code == 404


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("climb", CLIMBS)
def test_by_the_source_that_a_text_is_given(loading: FlaskClient, climb: str) -> None:
    """A source is a label: the file of that name is not read for it."""
    body = {"text": "Otto opened the old mill.", "source": climb, "title": "Mill"}
    response = loading.post("/api/v1/documents?wait=30", json=body)
    assert response.status_code == 200
    stored = loading.get("/api/v1/documents/3").get_json()
    assert stored["text"] == "Otto opened the old mill."
    original = loading.get("/api/v1/documents/3/original")
    assert original.status_code == 404
    assert SECRET not in original.text


@pytest.mark.parametrize("climb", CLIMBS)
def test_by_a_name_in_an_archive(settings: Settings, secret: Path, climb: str) -> None:
    """Nothing is unpacked to the disk, and no name of a member is opened."""
    before = files_of(secret.parent)
    name = climb if climb.endswith(".txt") else climb + ".txt"
    data = zipped([(name, b"Otto."), ("mill.txt", b"Mill.")])
    loaded = load_bytes(data, "a.zip", "a.zip", LIMITS)
    assert {one.text for one in loaded.documents} <= {"Otto.", "Mill."}  # hidden ones are left out
    for one in loaded.documents:
        assert not {"..", "", "~"} & set(one.source.removeprefix("a.zip!/").split("/"))
    assert files_of(secret.parent) == before


def _link(name: str, target: str) -> bytes:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return zipped([(info, target.encode())])


@pytest.mark.parametrize("target", ["/etc/passwd", "../secret.txt", "."])
def test_by_a_link_in_an_archive(secret: Path, target: str) -> None:
    with pytest.raises(UnreadableDocument, match="it is a link, not a file"):
        load_bytes(_link("a.txt", target), "a.zip", "a.zip", LIMITS)


@pytest.mark.parametrize(
    "document_id",
    [
        "0",
        "-1",
        "1.0",
        "1e3",
        "01/../../1",
        "9" * 30,
        "1%20OR%201=1",
        "1'--",
        "NaN",
        "%00",
        "1%00",
        "x",
        "..",
        "1/original/../../2",
    ],
)
def test_by_a_document_s_id(client: FlaskClient, document_id: str) -> None:
    for path in ("", "/original", "/text"):
        response = client.get(f"/api/v1/documents/{document_id}{path}")
        assert response.status_code in {308, 404, 422}, response.text


def test_an_original_is_given_only_as_it_was_read(
    client: FlaskClient, indexer: Indexer, secret: Path
) -> None:
    """What has taken the file's place since, a link to somewhere else for example, is not."""
    path = secret.with_name("report.txt")
    path.write_text("Otto opened the old mill.")
    list(indexer.add([path]))
    listed = client.get("/api/v1/documents").get_json()["documents"][-1]
    url = f"/api/v1/documents/{listed['id']}/original"
    assert client.get(url).data == path.read_bytes()
    path.unlink()
    path.symlink_to(secret)
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    "origin", ["/etc/passwd", "/proc/self/environ", "../secret.txt", "/dev/zero", "upload:../x"]
)
def test_an_origin_that_somebody_wrote_into_the_library_is_not_opened(
    client: FlaskClient, indexer: Indexer, store: Store, origin: str
) -> None:
    indexer.add_document(document("Otto opened it.", origin, title="Forged"))
    assert store.count()[0] == 3
    response = client.get("/api/v1/documents/3/original")
    assert response.status_code == 404
