"""What is mended is as it was before; what cannot be mended answers nothing, and says so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from index.database import FILE_NAME
from index.documents import Document
from index.errors import CorruptIndex
from index.highwater import HighWater
from index.jobs import JobStore
from index.store import Store
from index.verify import Part
from tests.index.damage import LAKES, RHINE, Opened, copy_of, make_library, opened
from tests.index.libraries import damage
from tests.index.test_verify import DOCUMENTS, ONE, PASSAGES

QUERIES = ("how deep is lake garda", "the longest river", "the elbe")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_library(tmp_path_factory.mktemp("library"))


@pytest.fixture
def data(sound: Path, tmp_path: Path) -> Path:
    return copy_of(sound, tmp_path / "data")


@pytest.fixture
def texts(sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that the documents came from, for a test to change."""
    texts = sound.parent / "texts"
    before = {path: path.read_text() for path in texts.iterdir()}
    yield texts
    for path, text in before.items():
        path.write_text(text)


def contents(library: Opened) -> list[object]:
    """The documents, whichever voice of its own each has, and what answers."""
    stored = [library.store.document(d.id) for d in library.store.documents()]
    assert len({document.voice for document in stored}) == len(stored)
    documents = [replace(document, voice=0) for document in stored]
    answers = [library.answers(query) for query in QUERIES]
    return [documents, answers]


@pytest.fixture(scope="module")
def expected(sound: Path) -> list[object]:
    with opened(sound) as library:
        return contents(library)


@pytest.mark.parametrize("change", [*DOCUMENTS, *PASSAGES])
def test_a_document_is_mended_from_its_file_or_its_text(data, expected, change):
    damage(data, change.format(one=ONE))
    with opened(data) as library:
        done = library.repair()
        assert done
        assert library.findings() == []
        assert contents(library) == expected
    with opened(data) as library:
        assert library.findings() == []
        assert contents(library) == expected


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM passages_fts_docsize WHERE id = 1",
        "DELETE FROM passages_fts_data WHERE id > 100",
        "INSERT INTO passages_fts (passages_fts, rowid, text) VALUES ('delete', 1, 'rhine')",
        "INSERT INTO passages_fts (rowid, text) VALUES (1, 'stray words')",
    ],
)
def test_full_text_search_is_built_anew(data, expected, change):
    damage(data, change)
    with opened(data) as library:
        assert "Full-text search was built anew from the passages." in library.repair()
        assert library.findings() == []
        assert contents(library) == expected


def test_an_index_that_contradicts_its_table_is_built_anew(data, expected):
    with closing(sqlite3.connect(data / FILE_NAME)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, '(date)', '(title)')"
            " WHERE name = 'documents_date'"
        )
    with opened(data) as library:
        assert "The database's indexes were built anew." in library.repair()
        assert library.findings() == []
        assert contents(library) == expected


def test_a_mended_document_keeps_its_voice_and_its_bands(data):
    with opened(data) as library:
        before = library.store.rows("SELECT id, voice, bands FROM documents WHERE id = 1")
        bands = library.store.rows("SELECT * FROM copy_bands ORDER BY 1, 2")
    assert bands
    damage(data, "UPDATE documents SET title = 'x' WHERE id = 1")
    with opened(data) as library:
        library.indexer.add_document(Document("text:copy", "Copy", RHINE, "text/plain"))
        library.repair()
        (row,) = library.store.rows("SELECT id, voice, bands FROM documents WHERE id = 1")
        assert row[2] == before[0][2]
        voices = {d.source: d.voice for d in library.store.documents()}
    assert len(voices) == 4
    assert next(iter(voices.values())) == voices["text:copy"]


def test_a_document_whose_file_has_changed_answers_nothing(data, texts):
    (texts / "rhine.txt").write_text(f"{RHINE} It was straightened.")
    damage(data, "UPDATE documents SET title = 'x' WHERE id = 1")
    with opened(data) as library:
        done = library.repair()
        assert any("Document 1" in line and "Add it again" in line for line in done)
        assert {f.document_id for f in library.findings()} == {1}
        assert library.answers("the longest river") != []
        assert all("Lake" in t or "Elbe" in t for t in library.answers("the longest river"))
        with pytest.raises(CorruptIndex):
            library.store.document(1)
        (done,) = library.indexer.add([texts / "rhine.txt"])
        assert (done.outcome, done.ids) == ("updated", (1,))
        library.store.settle()
        assert library.findings() == []


@pytest.mark.parametrize("restored", ["the same file", "the same text"])
def test_a_document_that_cannot_be_mended_is_whole_when_it_is_added_again(data, texts, restored):
    """It is what it was before the damage, and is not to be taken for unchanged."""
    number, source = (1, "rhine.txt") if restored == "the same file" else (3, "text:Elbe")
    if number == 1:
        (texts / "rhine.txt").unlink()
    damage(data, f"UPDATE documents SET title = 'x' WHERE id = {number}")
    with opened(data) as library:
        library.repair()
        assert library.store.rows("SELECT * FROM passages WHERE document_id = ?", (number,)) == []
        if number == 1:
            (texts / source).write_text(RHINE)
            (done,) = library.indexer.add([texts / source])
        else:
            done = library.indexer.add_document(
                Document(source, "Elbe", "The Elbe is short.", "text/plain")
            )
        assert (done.outcome, done.ids) == ("updated", (number,))
        library.store.settle()
        assert library.findings() == []


def test_a_document_of_damaged_place_is_not_read_from_another(data):
    damage(data, "UPDATE documents SET origin = '/etc/passwd', title = 'x' WHERE id = 1")
    with opened(data) as library:
        library.repair()
        assert library.store.rows("SELECT * FROM passages WHERE document_id = 1") == []
        assert "root:" not in str(library.store.rows("SELECT text FROM documents"))


def test_the_library_goes_on_from_the_generation_it_has(data, caplog):
    HighWater(data).record(99)
    with opened(data) as library:
        assert Part.HISTORY in library.parts()
        assert "The library goes on from the generation that it has." in library.repair()
        assert library.findings() == []
        library.indexer.add_document(Document("text:Po", "Po", "The Po.", "text/plain"))
        assert library.findings() == []


def test_a_damaged_seal_of_a_damaged_library_is_renewed_once_it_is_mended(data, expected):
    damage(data, "UPDATE documents SET title = 'x' WHERE id = 2")
    (data / "library.seal").write_bytes(b"")
    with opened(data) as library:
        assert "The library's file was sealed as it is now." in library.repair()
        assert library.findings() == []
        assert contents(library) == expected


def test_a_damaged_job_is_removed(data):
    (job,) = (data / "jobs").iterdir()
    (job / "job.json").write_bytes(b"x")
    with opened(data) as library:
        assert f"The damaged record of job {job.name} was removed." in library.repair()
        assert library.findings() == []
    assert JobStore(data).all() == []


def test_nothing_is_mended_where_nothing_is_wrong(data):
    with opened(data) as library:
        generation = library.store.generation()
        assert library.repair() == []
        assert library.store.generation() == generation


def test_what_is_past_mending_does_not_keep_the_rest_from_it(data, monkeypatch):
    def malformed(_store: Store) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(Store, "reindex", malformed)
    damage(data, "DELETE FROM history")
    damage(data, "UPDATE documents SET title = 'x' WHERE id = 1")
    damage(data, "INSERT INTO blocks VALUES ('x', x'00', 99)")
    with opened(data) as library:
        told = "The database's indexes cannot be mended: database disk image is malformed"
        assert told in library.repair()
        assert {f.document_id for f in library.findings()} == {None}
        assert library.store.document(1).title != "x"


def test_many_damaged_parts_are_mended_at_once(data, expected):
    for change in (
        "UPDATE documents SET text = CAST(x'ff' AS TEXT) WHERE id = 1",
        "UPDATE passages SET text = 'x' WHERE document_id = 2",
        "UPDATE passages SET vector = zeroblob(128) WHERE document_id = 3",
        "DELETE FROM passages_fts_data WHERE id > 100",
    ):
        damage(data, change)
    (job,) = (data / "jobs").iterdir()
    (job / "job.json").unlink()
    with opened(data) as library:
        library.repair()
        assert library.findings() == []
        assert contents(library) == expected
        assert LAKES.startswith(library.answers("how deep is lake garda")[0])
