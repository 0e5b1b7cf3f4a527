"""Every kind of damage is found and told apart, and a library that is whole is called so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from index.database import FILE_NAME
from index.documents import Document
from index.highwater import HighWater
from index.store import Store
from index.verify import Part, content_findings
from tests.doubles import HashingEmbedder
from tests.index.damage import RHINE, copy_of, make_library, opened
from tests.index.libraries import damage, put


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_library(tmp_path_factory.mktemp("library"))


@pytest.fixture
def data(sound: Path, tmp_path: Path) -> Path:
    return copy_of(sound, tmp_path / "data")


def test_a_whole_library_is_whole(data):
    with opened(data) as library:
        assert library.findings() == []


def test_each_document_is_told(data):
    from index.verify import findings

    told: list[int] = []
    with opened(data) as library:
        list(findings(library.store, library.retriever.check, lambda: told.append(1)))
    assert len(told) == 3


def test_verifying_changes_nothing(data):
    def state() -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in data.rglob("*") if p.is_file() and p.suffix}

    with opened(data) as library:
        library.findings()
        before = state()
        assert library.findings() == []
        assert state() == before


def test_a_library_in_use_is_whole(store, embedder):
    """Nothing was sealed yet, and another process writes."""
    put(store, "The Rhine is long. The Danube is longer.", embedder=embedder)
    with opened(store.folder, embedder) as library:
        assert library.findings() == []
        put(store, "The Elbe is short.", "/b.txt", embedder=embedder)
        assert library.findings() == []
        store.remove(1)
        assert library.findings() == []


@pytest.mark.parametrize("empty", [True, False])
def test_a_library_without_documents_is_whole(tmp_path, empty):
    store = Store(tmp_path / "data", create=True)
    if not empty:
        store.remove(put(store, "The Rhine is long."))
    store.close()
    with opened(tmp_path / "data") as library:
        assert library.findings() == []


ONE = "id = (SELECT min(id) FROM passages WHERE document_id = 2)"
DOCUMENTS = [
    "UPDATE documents SET text = replace(text, 'Garda', 'Gardo') WHERE id = 2",
    "UPDATE documents SET text = CAST(x'ff' || text AS TEXT) WHERE id = 2",
    "UPDATE documents SET title = 'x' WHERE id = 2",
    "UPDATE documents SET title = CAST(x'ff' AS TEXT) WHERE id = 2",
    "UPDATE documents SET date = '2022-01-01' WHERE id = 2",
    "UPDATE documents SET author = 'x' WHERE id = 2",
    "UPDATE documents SET pages = '[0, 5]' WHERE id = 2",
    "UPDATE documents SET pages = '5' WHERE id = 2",
    "UPDATE documents SET media_type = 'x' WHERE id = 2",
    "UPDATE documents SET furniture = '[]' WHERE id = 2",
    "UPDATE documents SET furniture = '[[9, 3]]' WHERE id = 2",
    "UPDATE documents SET furniture = 'x' WHERE id = 2",
    "UPDATE documents SET content_hash = 'x' WHERE id = 2",
]
PASSAGES = [
    "UPDATE passages SET text = replace(text, 'Garda', 'Gardo') WHERE document_id = 2",
    "UPDATE passages SET text = CAST(x'ff' AS TEXT) WHERE {one}",
    "UPDATE passages SET start_at = start_at + 1, text = substr(text, 2) WHERE {one}",
    "UPDATE passages SET end_at = end_at - 3 WHERE {one}",
    "UPDATE passages SET end_at = 9999 WHERE {one}",
    "UPDATE passages SET vector = zeroblob(128) WHERE {one}",
    "UPDATE passages SET vector = x'00' WHERE {one}",
    "UPDATE passages SET text_key = x'00' WHERE {one}",
    "UPDATE passages SET checksum = 0 WHERE {one}",
    "UPDATE passages SET generation = 99 WHERE {one}",
]


@pytest.mark.parametrize("change", DOCUMENTS)
def test_a_damaged_document_is_found(data, change):
    damage(data, change)
    with opened(data) as library:
        # Full-text search, which holds the titles, contradicts a title that is damaged.
        elsewhere = (Part.FILE, Part.FULL_TEXT)
        found = [f for f in library.findings() if f.part not in elsewhere]
    assert (Part.DOCUMENT, 2) in {(f.part, f.document_id) for f in found}
    assert {f.document_id for f in found} == {2}
    assert all("ocument 2" in f.message for f in found)


@pytest.mark.parametrize("change", PASSAGES)
def test_a_damaged_passage_is_found(data, change):
    damage(data, change.format(one=ONE))
    with opened(data) as library:
        found = library.findings()
    assert (Part.PASSAGES, 2) in {(f.part, f.document_id) for f in found}
    assert {f.document_id for f in found if f.part in {Part.DOCUMENT, Part.PASSAGES}} == {2}


def test_a_passage_in_furniture_is_found(data):
    """It is its slice, and its checksum fits: only the marks say that it ought not to be."""
    with opened(data) as library:
        text = library.store.document(2).text
        start = text.index("Leave")
        damage(
            data,
            "INSERT INTO passages (document_id, start_at, end_at, text, vector, generation,"
            " text_key, checksum) SELECT 2, ?1, ?2, ?3, vector, generation, passage_key(?3),"
            " passage_checksum(2, ?1, ?2, ?3, vector) FROM passages WHERE id = 1",
            (start, len(text), text[start:]),
        )
        messages = [f.message for f in library.findings() if f.part is Part.PASSAGES]
    assert len(messages) == 1
    assert messages[0].endswith("of document 2 reaches into page furniture.")


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM documents WHERE id = 2",
        "UPDATE passages SET document_id = 77 WHERE id = 1",
        "INSERT INTO blocks VALUES ('x', x'00', 99)",
    ],
)
def test_rows_that_belong_to_nothing_are_found(data, change):
    damage(data, change)
    with opened(data) as library:
        assert Part.DATABASE in library.parts()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM passages_fts_docsize WHERE id = 1",
        "INSERT INTO passages_fts_docsize VALUES (99, x'00')",
        "DELETE FROM passages_fts_data WHERE id > 100",
        "UPDATE passages_fts_data SET block = zeroblob(length(block)) WHERE id > 100",
        "INSERT INTO passages_fts (passages_fts, rowid, text) VALUES ('delete', 4, 'garda')",
        "INSERT INTO passages_fts (rowid, text) VALUES (4, 'stray words')",
    ],
)
def test_full_text_search_that_contradicts_the_passages_is_found(data, change):
    damage(data, change)
    with opened(data) as library:
        assert Part.FULL_TEXT in library.parts()


def test_an_index_that_contradicts_its_table_is_found(data):
    with closing(sqlite3.connect(data / FILE_NAME)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, '(date)', '(title)')"
            " WHERE name = 'documents_date'"
        )
    with opened(data) as library:
        assert Part.DATABASE in library.parts()


def test_changes_that_were_acknowledged_and_are_gone_are_found(data):
    HighWater(data).record(99)
    with opened(data) as library:
        (finding,) = library.findings()
    assert finding.part is Part.HISTORY
    assert "generation 99 was acknowledged" in finding.message


def test_a_generation_without_its_token_is_found(data):
    damage(data, "DELETE FROM history")
    with opened(data) as library:
        assert Part.HISTORY in library.parts()


def test_a_generation_that_is_none_is_found(data):
    damage(data, "UPDATE settings SET value = '-1' WHERE name = 'generation'")
    with opened(data) as library:
        assert Part.DATABASE in library.parts()


def test_a_damaged_job_is_found(data):
    (job,) = (data / "jobs").iterdir()
    (job / "job.json").write_bytes(b"")
    with opened(data) as library:
        (finding,) = library.findings()
    assert (finding.part, job.name in finding.message) == (Part.JOBS, True)


def test_vectors_that_contradict_sqlite_are_found(data):
    """The cache is whole, but what it was made from has changed behind its back."""
    with opened(data) as library:
        library.retriever.warm_up()
        damage(data, "UPDATE passages SET vector = (SELECT vector FROM passages WHERE id = 1)"
                     " WHERE id = 2")  # fmt: skip
        assert Part.VECTORS in library.parts()


def test_a_damaged_cache_of_vectors_is_found(data):
    with opened(data, exact_passages=2) as library:
        library.retriever.settle()
        assert library.findings() == []
    caches = [path for path in data.glob("vectors*") if path.stat().st_size]
    assert caches
    for cache in caches:
        flip(cache, cache.stat().st_size // 2)
        with opened(data, exact_passages=2) as library:
            assert library.parts() == {Part.VECTORS}


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 4
    path.write_bytes(content)


def test_a_flipped_bit_is_set_right_when_the_library_is_opened(data, caplog):
    sound = (data / FILE_NAME).read_bytes()
    flip(data / FILE_NAME, len(sound) // 2)
    with opened(data) as library:
        assert library.findings() == []
        assert library.answers("garda")[0] == "Lake Garda is deep."
    assert "flipped bits of library.sqlite3 were set right" in caplog.text


@pytest.mark.parametrize("content", ["nothing", "zeros", "noise", "missing"])
def test_a_seal_that_is_damaged_is_renewed_when_the_library_is_opened(data, content, caplog):
    path = data / "library.seal"
    size = path.stat().st_size
    if content == "missing":
        path.unlink()
    else:
        path.write_bytes({"nothing": b"", "zeros": bytes(size), "noise": b"\xa5" * size}[content])
    with opened(data) as library:
        assert library.findings() == []
    assert ("seal" in caplog.text) == (content != "missing")
    flip(data / FILE_NAME, 60_000)
    with opened(data) as library:
        assert library.findings() == []
    assert "flipped bits of library.sqlite3 were set right" in caplog.text


def test_a_damaged_seal_of_a_damaged_library_is_not_renewed(data):
    damage(data, "UPDATE documents SET title = 'x' WHERE id = 2")
    (data / "library.seal").write_bytes(b"")
    with opened(data) as library:
        assert {Part.FILE, Part.DOCUMENT} <= library.parts()


def test_a_page_that_is_overwritten_is_found(data):
    content = bytearray((data / FILE_NAME).read_bytes())
    place = content.index(b"Lake Como is deeper")
    content[place : place + 4] = b"Loch"
    (data / FILE_NAME).write_bytes(content)
    with opened(data) as library:
        assert Part.FILE in library.parts()


def test_a_library_that_cannot_be_read_to_its_end_is_told_so(data):
    content = bytearray((data / FILE_NAME).read_bytes())
    place = content.index(RHINE.encode()) // 4096 * 4096
    content[place : place + 100] = b"\xff" * 100
    (data / FILE_NAME).write_bytes(content)
    with opened(data) as library:
        assert {Part.FILE, Part.DATABASE} <= library.parts()


def test_all_damage_is_told_at_once(data):
    damage(data, "UPDATE documents SET title = 'x' WHERE id = 1")
    damage(data, "UPDATE documents SET furniture = 'x' WHERE id = 2")
    damage(data, "UPDATE passages SET checksum = 0 WHERE document_id = 3")
    with opened(data) as library:
        found = {(f.part, f.document_id) for f in library.findings() if f.document_id}
    assert found == {(Part.DOCUMENT, 1), (Part.DOCUMENT, 2), (Part.PASSAGES, 3)}


def test_what_is_damaged_never_answers(data):
    damage(data, f"UPDATE passages SET text = replace(text, 'Garda', 'Gardo') WHERE {ONE}")
    with opened(data) as library, pytest.raises(Exception, match="damaged"):
        library.answers("gardo lake")


def test_a_rebuilt_and_changed_library_is_whole(data):
    from index.rebuilding import rebuild

    other = HashingEmbedder("other", 32)
    with opened(data, other) as library:
        list(rebuild(library.indexer))
        library.indexer.remove("text:Elbe")
        library.indexer.add_document(
            Document("text:Po", "Po", "The Po is warm.", "text/plain", "2022-01-01")
        )
        assert library.findings() == []
        assert list(content_findings(library.store)) == []
