"""A library that is exported and imported is the same, row by row."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from index import vector_loading, verify
from index.errors import CorruptIndex, EmbedderMismatch, LibraryError
from index.parquet import exporting, manifest
from index.parquet.exporting import export
from index.parquet.importing import import_into
from index.parquet.manifest import Manifest
from index.store import Store
from index.taking import Taken
from tests.conftest import ROOT
from tests.doubles import HashingEmbedder
from tests.index.libraries import damage, everything, put, query
from tests.index.parquet.killed import kill
from tests.index.parquet.libraries import CHUNKING, library, rows


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return library(tmp_path / "data")


@pytest.fixture(autouse=True)
def several_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_PASSAGES_PER_FILE", 5)


def exported(store: Store, folder: Path) -> Manifest:
    return export(store, folder, version="1", chunking=CHUNKING)


def imported(store: Store, folder: Path) -> Counter[Taken]:
    return import_into(store, folder, manifest.read(folder))[0]


def whole(store: Store) -> bool:
    return not list(verify.content_findings(store))


def test_an_empty_library_becomes_the_same_row_by_row(store: Store, tmp_path: Path) -> None:
    made = exported(store, tmp_path / "x")
    assert (made.documents, made.passages) == store.count()
    assert len(made.files) > 4, "several files"
    new = Store(tmp_path / "new", create=True)
    assert imported(new, tmp_path / "x") == {Taken.ADDED: made.documents}
    assert rows(new.folder) == rows(store.folder)
    assert len({row[0] for row in query(new.folder, "SELECT voice FROM documents")}) < 10, "copies"
    assert whole(new)
    assert new.library_id() != store.library_id()


def test_a_second_import_changes_nothing(store: Store, tmp_path: Path) -> None:
    exported(store, tmp_path / "x")
    new = Store(tmp_path / "new", create=True)
    imported(new, tmp_path / "x")
    before = everything(new.folder)
    assert imported(new, tmp_path / "x") == {Taken.UNCHANGED: store.count()[0]}
    assert everything(new.folder) == before


def test_a_library_with_documents_gives_new_ids_and_keeps_its_own(
    store: Store, tmp_path: Path
) -> None:
    exported(store, tmp_path / "x")
    new = Store(tmp_path / "new", create=True)
    put(new, "An own text. It stays.", "/own.txt")
    put(new, "Another version of it.", "/plain/0.txt")
    told = imported(new, tmp_path / "x")
    assert told == {Taken.ADDED: store.count()[0] - 1, Taken.KEPT: 1}
    assert new.document(1).text == "An own text. It stays."
    assert new.document(new.find("/plain/0.txt")[0]).text == "Another version of it."
    assert whole(new)
    ours, theirs = (_by_source(at.folder) for at in (store, new))
    assert {source: theirs[source] for source in ours if source != "/plain/0.txt"} == {
        source: row for source, row in ours.items() if source != "/plain/0.txt"
    }
    assert _groups(store.folder) - {("/plain/0.txt",)} < _groups(new.folder)
    before = everything(new.folder)
    imported(new, tmp_path / "x")
    assert everything(new.folder) == before


def _by_source(folder: Path) -> dict[str, tuple]:
    """What does not depend on ids."""
    passages = "SELECT d.source, p.start_at, p.end_at, p.text, p.vector FROM passages p"
    found: dict[str, list] = {}
    for source, *row in query(
        folder, f"{passages} JOIN documents d ON d.id = p.document_id ORDER BY p.id"
    ):
        found.setdefault(source, []).append(row)
    columns = "source, title, date, text, furniture, content_hash, author, pages, origin, bands"
    return {
        row[0]: (*row, found.get(row[0]))
        for row in query(folder, f"SELECT {columns} FROM documents")
    }


def _groups(folder: Path) -> set[tuple[str, ...]]:
    """The sources that speak with one voice."""
    found: dict[int, list[str]] = {}
    for voice, source in query(folder, "SELECT voice, source FROM documents ORDER BY source"):
        found.setdefault(voice, []).append(source)
    return {tuple(sources) for sources in found.values()}


def test_ids_of_deleted_documents_are_not_given_again(store: Store, tmp_path: Path) -> None:
    highest = store.ids_used()
    exported(store, tmp_path / "x")
    new = Store(tmp_path / "new", create=True)
    imported(new, tmp_path / "x")
    assert put(new, "A new text.", "/new.txt") == highest[0] + 1
    assert new.ids_used() == (highest[0] + 1, highest[1] + 1)


def test_what_changes_during_an_export_is_not_in_it(store: Store, tmp_path: Path) -> None:
    before = rows(store.folder)
    other = Store(store.folder)
    done = 0

    def change() -> None:
        nonlocal done
        done += 1
        if done == 2:
            put(other, "Added meanwhile. It is late.", "/late.txt")
            other.remove(other.document_ids()[-2])

    export(store, tmp_path / "x", version="1", chunking=CHUNKING, on_document=change)
    assert rows(store.folder) != before
    new = Store(tmp_path / "new", create=True)
    imported(new, tmp_path / "x")
    assert rows(new.folder) == before


def test_a_newer_export_takes_the_place_of_an_older_one(store: Store, tmp_path: Path) -> None:
    old = exported(store, tmp_path / "x")
    assert exported(store, tmp_path / "x") == old, "nothing to do"
    put(store, "One more text.", "/more.txt")
    new = exported(store, tmp_path / "x")
    assert new.documents == old.documents + 1
    names = {path.name for path in (tmp_path / "x").glob("*.parquet")}
    assert names == {file.name for file in new.files}


def test_the_vectors_are_little_endian_float16(store: Store, tmp_path: Path) -> None:
    made = exported(store, tmp_path / "x")
    table = pq.read_table(tmp_path / "x" / made.files[1].name)
    held = np.frombuffer(table["vector"][0].as_py(), "<f2").astype(np.float32)
    assert np.array_equal(held, store.vectors([table["id"][0].as_py()])[1][0])


def test_an_empty_library_can_be_moved(tmp_path: Path) -> None:
    made = exported(Store(tmp_path / "data", create=True), tmp_path / "x")
    assert (made.documents, made.files, made.embedder) == (0, (), "")
    new = Store(tmp_path / "new", create=True)
    assert not imported(new, tmp_path / "x")
    assert put(new, "A first text.") == 1


@pytest.mark.parametrize("at", [1, 9])
def test_an_export_that_is_killed_goes_on(store: Store, tmp_path: Path, at: int) -> None:
    kill("export", store.folder, tmp_path / "x", at)
    with pytest.raises(LibraryError, match="holds no whole export"):
        manifest.read(tmp_path / "x")
    done = {path.name for path in (tmp_path / "x").glob("*.parquet")}
    assert bool(done) == (at > 1)
    made = exported(store, tmp_path / "x")
    assert done <= {file.name for file in made.files}, "what was done is used"
    assert not list((tmp_path / "x").glob("*.part"))
    new = Store(tmp_path / "new", create=True)
    imported(new, tmp_path / "x")
    assert rows(new.folder) == rows(store.folder)


def test_an_export_of_a_library_that_changed_since_is_begun_anew(
    store: Store, tmp_path: Path
) -> None:
    kill("export", store.folder, tmp_path / "x", 9)
    store.remove(1)
    made = exported(store, tmp_path / "x")
    assert {path.name for path in (tmp_path / "x").glob("*.parquet")} == {
        file.name for file in made.files
    }
    new = Store(tmp_path / "new", create=True)
    imported(new, tmp_path / "x")
    assert rows(new.folder) == rows(store.folder)


def test_an_import_that_is_killed_goes_on(store: Store, tmp_path: Path) -> None:
    exported(store, tmp_path / "x")
    kill("import", tmp_path / "x", tmp_path / "new", 8)
    new = Store(tmp_path / "new")
    assert 0 < new.count()[0] < store.count()[0]
    assert whole(new)
    assert put(new, "Added between the two.", "/between.txt") > store.ids_used()[0]
    new.remove(new.find("/between.txt")[0])
    kill("import", tmp_path / "x", tmp_path / "new", 12)
    told = imported(new, tmp_path / "x")
    assert told[Taken.ADDED] > 0
    assert told[Taken.UNCHANGED] > 0
    same, expected = rows(new.folder), rows(store.folder)
    for found in (same, expected):
        del found["ids"], found["settings"]  # a document more was given ids and a voice
    assert same == expected


def test_a_server_follows_an_import_that_it_saw_half_of(store: Store, tmp_path: Path) -> None:
    """What comes later may have lower ids than what was there."""
    exported(store, tmp_path / "x")
    kill("import", tmp_path / "x", tmp_path / "new", 8)
    new = Store(tmp_path / "new")
    with new.snapshot():
        vectors = vector_loading.load(new, HashingEmbedder().dimension)
    put(new, "Added between the two.", "/between.txt")
    with new.snapshot():
        vector_loading.catch_up(new, vectors)
    imported(new, tmp_path / "x")
    with new.snapshot():
        vector_loading.catch_up(new, vectors)
        assert list(vector_loading.contradictions(new, vectors)) == []
    assert len(vectors) == store.count()[1] + 1


def test_what_is_deleted_between_two_imports_stays_deleted(store: Store, tmp_path: Path) -> None:
    exported(store, tmp_path / "x")
    kill("import", tmp_path / "x", tmp_path / "new", 8)
    new = Store(tmp_path / "new")
    new.remove(1)
    assert imported(new, tmp_path / "x")[Taken.DELETED] == 1
    assert new.count()[0] == store.count()[0] - 1
    new.remove(2)  # its passages are deleted for the first time


def test_two_unfinished_imports_are_not_mixed(store: Store, tmp_path: Path) -> None:
    exported(store, tmp_path / "x")
    kill("import", tmp_path / "x", tmp_path / "new", 8)
    put(store, "One more text.", "/more.txt")
    exported(store, tmp_path / "y")
    with pytest.raises(LibraryError, match="a part of another library"):
        imported(Store(tmp_path / "new"), tmp_path / "y")


def test_another_librarys_export_is_not_overwritten(store: Store, tmp_path: Path) -> None:
    exported(store, tmp_path / "x")
    other = Store(tmp_path / "other", create=True)
    with pytest.raises(LibraryError, match="the export of another library"):
        exported(other, tmp_path / "x")
    kill("export", store.folder, tmp_path / "y", 9)
    with pytest.raises(LibraryError, match="an unfinished export of another library"):
        exported(other, tmp_path / "y")
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "letter.txt").write_text("mine")
    with pytest.raises(LibraryError, match=r"something else: letter\.txt"):
        exported(other, tmp_path / "z")


def test_a_damaged_library_is_not_exported(store: Store, tmp_path: Path) -> None:
    damage(store.folder, "UPDATE passages SET vector = zeroblob(128) WHERE id = 3")
    with pytest.raises(CorruptIndex, match="Passage 3 of document"):
        exported(store, tmp_path / "x")
    assert not (tmp_path / "x" / manifest.NAME).exists()


def test_another_embedders_vectors_are_refused(store: Store, tmp_path: Path) -> None:
    exported(store, tmp_path / "x")
    for embedder in (HashingEmbedder("other"), HashingEmbedder("hashing", 32)):
        new = Store(tmp_path / f"{embedder.name}{embedder.dimension}", create=True)
        put(new, "An own text.", embedder=embedder)
        before = everything(new.folder)
        with pytest.raises(EmbedderMismatch):
            imported(new, tmp_path / "x")
        assert everything(new.folder) == before


def test_pyarrow_is_imported_by_those_only_who_move_a_library() -> None:
    script = (
        "import sys; import web.app, qa.cli.moving, index.parquet.importing,"
        " index.parquet.exporting, index.mirroring; print('pyarrow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_missing_pyarrow_is_named(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(LibraryError, match=r"pip install -r requirements-scale\.txt"):
        exported(store, tmp_path / "x")
