"""An export that was damaged, or that somebody forged: nothing of it is believed."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from index import moved, taking
from index.errors import CorruptExport, LibraryError, SchemaTooNew
from index.parquet import exporting, manifest, reading
from index.parquet.arrow import documents_schema, passages_schema
from index.parquet.exporting import export
from index.parquet.importing import import_into
from index.parquet.manifest import Manifest
from index.records import content_hash, passage_checksum
from index.store import Store
from tests.index.libraries import everything
from tests.index.parquet.libraries import CHUNKING, library

FILES = 8  # of the export, at least


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export that tests copy."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting, "_PASSAGES_PER_FILE", 5)
        export(library(folder / "data"), folder / "x", version="1", chunking=CHUNKING)
    return folder / "x"


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "x"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "new", create=True)


def refused(store: Store, folder: Path, why: str) -> None:
    """The import says why, and leaves no document behind."""
    with pytest.raises(LibraryError, match=why) as caught:
        import_into(store, folder, manifest.read(folder))
    assert isinstance(caught.value, CorruptExport | SchemaTooNew)
    assert store.count() == (0, 0)


def forge(folder: Path, **changed: Any) -> None:
    """Write a manifest with a sum that fits."""
    told = dataclasses.replace(manifest.read(folder), **changed)
    (folder / manifest.NAME).write_bytes(manifest.dumped(told))


def forge_file(folder: Path, place: int, write: Callable[[Path, pa.Table], object]) -> None:
    """Exchange a file of the export, and let the manifest fit it."""
    told = manifest.read(folder)
    file = told.files[place]
    path = folder / file.name
    write(path, pq.read_table(path))
    rows = pq.read_metadata(path).num_rows
    fitting = manifest.File(file.name, rows, path.stat().st_size, exporting._sha256(path))
    files = tuple(fitting if at == place else other for at, other in enumerate(told.files))
    counts = {
        kind: sum(f.rows for f in files if f.name.startswith(kind)) for kind in manifest.KINDS
    }
    forge(folder, files=files, **counts)


def forge_cell(folder: Path, place: int, column: str, change: Callable[[Any], Any]) -> None:
    """Change the last value of a column."""

    def write(path: Path, table: pa.Table) -> None:
        at = table.schema.get_field_index(column)
        values = table[column].to_pylist()
        field = table.schema.field(at)
        changed = pa.array([*values[:-1], change(values[-1])], field.type)
        pq.write_table(table.set_column(at, field, changed), path, compression="zstd")

    forge_file(folder, place, write)


def test_damage_of_each_file_is_found_and_named(whole: Path, store: Store, tmp_path: Path) -> None:
    files = manifest.read(whole).files
    assert len(files) >= FILES
    for number, file in enumerate(files):
        folder = Path(shutil.copytree(whole, tmp_path / str(number)))
        content = bytearray((folder / file.name).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / file.name).write_bytes(content)
        refused(store, folder, f"{file.name} in .* is damaged: it does not fit its checksum")
        (folder / file.name).write_bytes(content[:-1])
        refused(store, folder, f"{file.name} in .* is damaged: it has ")
        (folder / file.name).unlink()
        refused(store, folder, f"{file.name} is missing")


def test_every_damaged_byte_of_the_manifest_is_found(whole: Path, tmp_path: Path) -> None:
    text = (whole / manifest.NAME).read_bytes()
    for at in range(0, len(text), 29):
        damaged = bytearray(text)
        damaged[at] ^= 1
        (tmp_path / manifest.NAME).write_bytes(damaged)
        if json.loads(text) != _value(bytes(damaged)):
            with pytest.raises((CorruptExport, SchemaTooNew)):
                manifest.read(tmp_path)


def _value(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


@pytest.mark.parametrize(
    "name",
    [
        "../documents-0123456789abcdef-00000.parquet",
        "/etc/passwd",
        "documents-0123456789abcdef-00000.parquet/../../x",
        "documents-0123456789abcdef-00001.parquet",
        "manifest.json",
        "",
    ],
)
def test_no_path_leaves_the_folder(folder: Path, store: Store, name: str) -> None:
    first, *others = manifest.read(folder).files
    told = dataclasses.replace(manifest.read(folder), export_id="0123456789abcdef")
    named = dataclasses.replace(told, files=(dataclasses.replace(first, name=name), *others))
    (folder / manifest.NAME).write_bytes(manifest.dumped(named))
    refused(store, folder, "it names a file that no export has")


def test_nothing_behind_a_link_is_read(folder: Path, store: Store, tmp_path: Path) -> None:
    name = manifest.read(folder).files[0].name
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    refused(store, folder, f"{name} is missing in .*, or is a link")
    (folder / name).unlink()
    os.mkfifo(folder / name)
    refused(store, folder, f"{name} in .* is damaged")
    (folder / manifest.NAME).rename(tmp_path / "manifest")
    (folder / manifest.NAME).symlink_to(tmp_path / "manifest")
    refused(store, folder, "is a link")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"documents": 10**12}, "its files have .* documents, and it says"),
        ({"passages": 2**70}, "passages is .*, which is no count"),
        ({"voices": -1}, "voices is -1"),
        ({"last_document_id": True}, "last_document_id is True"),
        ({"library_id": 7}, "library_id is 7, which is no text"),
        ({"dimension": 10**9}, r"no embedder makes vectors of 1,000,000,000"),
        ({"embedder": ""}, "no embedder"),
        ({"schema": 99}, "schema 99, this program knows"),
        ({"export_id": "../../../../"}, "no export has the id"),
        ({"last_passage_id": 1}, "higher ids than were ever given"),
    ],
)
def test_a_manifest_that_says_what_none_says(
    folder: Path, store: Store, changed: dict[str, Any], why: str
) -> None:
    forge(folder, **changed)
    refused(store, folder, why)


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"format": 1, "files": 3, "sum": 1}'],
)
def test_what_is_no_manifest(tmp_path: Path, text: bytes) -> None:
    (tmp_path / manifest.NAME).write_bytes(text)
    with pytest.raises(CorruptExport, match="is damaged, or no manifest of ours"):
        manifest.read(tmp_path)


def test_a_format_to_come_is_named(folder: Path) -> None:
    value = json.loads((folder / manifest.NAME).read_bytes())
    (folder / manifest.NAME).write_text(json.dumps(value | {"format": 2}))
    with pytest.raises(SchemaTooNew, match="The export has format 2"):
        manifest.read(folder)


def test_a_row_count_that_is_not_the_files_is_found(folder: Path, store: Store) -> None:
    told = manifest.read(folder)
    first = dataclasses.replace(told.files[0], rows=told.files[0].rows + 5)
    forge(folder, files=(first, *told.files[1:]), documents=told.documents + 5)
    refused(store, folder, "rows; the manifest says")


def test_columns_of_another_type_are_refused(folder: Path, store: Store) -> None:
    forge_file(
        folder,
        0,
        lambda path, table: pq.write_table(
            table.set_column(0, "id", table["id"].cast(pa.float64())), path, compression="zstd"
        ),
    )
    refused(store, folder, "has not the columns of an export: 'id' is of type double")


def test_what_is_no_parquet_file_is_refused(folder: Path, store: Store) -> None:
    def write(path: Path, _: pa.Table) -> None:
        path.write_bytes(b"PAR1" + b"\x80\x02\x8c\x08builtins\x94" * 50 + b"PAR1")

    told = manifest.read(folder)
    write(folder / told.files[0].name, pa.table({}))
    path = folder / told.files[0].name
    fitting = manifest.File(
        told.files[0].name, told.files[0].rows, path.stat().st_size, exporting._sha256(path)
    )
    forge(folder, files=(fitting, *told.files[1:]))
    refused(store, folder, f"{fitting.name} cannot be read")


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_does(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_BYTES_PER_GROUP_AT_MOST", 10_000_000)

    def write(path: Path, table: pa.Table) -> None:
        [text] = table["text"].slice(0, 1).to_pylist()
        row = table.slice(0, 1).to_pylist()[0] | {"text": text + "a" * 20_000_000}
        pq.write_table(
            pa.Table.from_pylist([row], documents_schema()),
            path,
            compression="zstd",
            use_dictionary=False,
        )

    forge_file(folder, 0, write)
    assert (folder / manifest.read(folder).files[0].name).stat().st_size < 1_000_000
    refused(store, folder, "has a group of 1 rows and 20,.* bytes; we write none so large")


def test_a_file_that_hides_how_much_it_unpacks_to_is_given_up(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of many rows is the same long text, which the file holds once."""

    def write(path: Path, table: pa.Table) -> None:
        row = table.slice(0, 1).to_pylist()[0] | {"text": "a" * 1_000_000}
        rows = [row | {"id": number} for number in range(300)]
        pq.write_table(pa.Table.from_pylist(rows, documents_schema()), path, compression="zstd")

    forge_file(folder, 0, write)
    monkeypatch.setattr(reading, "_MEMORY_AT_MOST", 100_000_000)
    refused(store, folder, "needs more than 100,000,000 bytes of memory")


@pytest.mark.parametrize(
    ("place", "column", "change", "why"),
    [
        (0, "text", lambda text: text + ".", "does not fit its content hash"),
        (0, "title", lambda title: title + ".", "does not fit its content hash"),
        (0, "content_hash", lambda _: "", "does not fit its content hash"),
        (0, "furniture", lambda _: "[[0, 10000000]]", "marks or pages that lie outside"),
        (0, "furniture", lambda _: "[" * 100_000, "marks or pages of another form"),
        (0, "furniture", lambda _: '[["0", 1]]', "marks or pages of another form"),
        (0, "pages", lambda _: "{}", "marks or pages"),
        (0, "bands", lambda _: b"odd", "keys of a length"),
        (0, "id", lambda _: 1, "document 1 is out of order|passages of no document"),
        (0, "voice", lambda _: -1, "an id or a voice that no document has"),
        (1, "text", lambda text: text[:-1], "is not its slice"),
        (1, "start_at", lambda start: start + 1, "is not its slice"),
        (1, "start_at", lambda _: -5, "is not its slice"),
        (1, "end_at", lambda _: 2**62, "is not its slice"),
        (1, "document_id", lambda _: 999, "has passages of no document"),
        (1, "id", lambda _: 1, "is out of order|passages with one id"),
        (1, "checksum", lambda _: 0, "does not fit its checksum"),
        (1, "vector", lambda vector: vector[::-1], "does not fit its checksum"),
    ],
)
def test_each_row_is_proved(
    folder: Path,
    store: Store,
    place: int,
    column: str,
    change: Callable[[Any], Any],
    why: str,
) -> None:
    forge_cell(folder, place, column, change)
    refused(store, folder, why)


@pytest.mark.parametrize("at_once", [1, 4_096])
def test_no_source_and_no_id_comes_twice(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """In one transaction, or in two."""
    monkeypatch.setattr(taking, "_BATCH_PASSAGES", at_once)
    told = manifest.read(folder)
    other = shutil.copytree(folder, folder.parent / "y")
    [source, *_] = pq.read_table(folder / told.files[0].name)["source"].to_pylist()
    forge_cell(folder, 0, "source", lambda _: source)
    later = pq.read_table(folder / told.files[3].name)["id"].to_pylist()[-1]
    forge_cell(Path(other), 1, "id", lambda _: later)
    if at_once > 1:
        refused(store, folder, "two have one source")
        refused(store, Path(other), "passages with one id")
        return
    import_into(store, folder, manifest.read(folder))
    assert len({summary.source for summary in store.documents()}) == store.count()[0]
    new = Store(folder.parent / "newer", create=True)
    with pytest.raises(CorruptExport, match="passages with one id"):
        import_into(new, Path(other), manifest.read(Path(other)))


def test_a_vector_that_is_not_made_of_numbers_is_refused(folder: Path, store: Store) -> None:
    def write(path: Path, table: pa.Table) -> None:
        rows = table.to_pylist()
        vector = np.full(64, np.nan, "<f2").tobytes()
        row = rows[-1]
        place = row["document_id"], row["start_at"], row["end_at"]
        row |= {"vector": vector, "checksum": passage_checksum(*place, row["text"], vector)}
        pq.write_table(
            pa.Table.from_pylist(rows, passages_schema(len(vector))), path, compression="zstd"
        )

    forge_file(folder, 1, write)
    refused(store, folder, "a vector that is not made of numbers")


def test_a_passage_in_page_furniture_is_refused(folder: Path, store: Store) -> None:
    """It would be searched, though its document says that it is not."""

    def write(path: Path, table: pa.Table) -> None:
        rows = table.to_pylist()
        rows[0]["furniture"] = f"[[0, {len(rows[0]['text'])}]]"
        marked = moved.MovedDocument(**rows[0], passages=())
        rows[0]["content_hash"] = content_hash(marked.as_document())
        pq.write_table(pa.Table.from_pylist(rows, documents_schema()), path, compression="zstd")

    forge_file(folder, 0, write)
    refused(store, folder, "Passage 1 of document 1 reaches into page furniture")


def test_what_was_stored_before_a_forged_row_is_sound(folder: Path, store: Store) -> None:
    """Of an export whose last file is forged, nothing of the batch is stored; the rest may be."""
    before = everything(store.folder)
    told: Manifest = manifest.read(folder)
    forge_cell(folder, len(told.files) - 2, "text", lambda text: text + "!")
    refused(store, folder, "does not fit its content hash")
    assert everything(store.folder) == before
