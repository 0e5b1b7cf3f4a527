"""Real files of every format, sound and hostile, and what is read of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.documents import Document
from index.errors import UnreadableDocument
from index.loaders import SUFFIXES, load_bytes, load_file
from index.loaders.formats import suffix_of
from index.loaders.pool import POOL
from tests.index.formats import LIMITS, Expected, Wanted, all_files, make_folder

FILES = {file.name: file for file in all_files()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("formats")
    make_folder(folder)
    yield folder
    POOL.close()


def test_the_files_are_many_and_of_every_format() -> None:
    assert len(FILES) >= 35
    read = {suffix_of(file.name) for file in FILES.values() if file.documents}
    assert {".txt", ".md", ".html", ".pdf", ".docx", ".eml", ".epub", ".zip"} <= read
    assert {".csv", ".tsv", ".json", ".jsonl"} <= read <= {*SUFFIXES, ""}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_it_should_be(folder: Path, name: str) -> None:
    expected, path = FILES[name], folder / name
    if expected.reason:
        with pytest.raises(UnreadableDocument) as refused:
            load_file(path, LIMITS)
        assert str(refused.value) == f"{path}: {expected.reason}"
        return
    loaded = load_file(path, LIMITS)
    assert [wanted_of(d, str(path)) for d in loaded.documents] == list(expected.documents)
    failures = [(f"{path}{member}", reason) for member, reason in expected.failures]
    assert list(loaded.failures) == failures


@pytest.mark.parametrize("name", FILES)
def test_bytes_are_read_as_the_file_is(name: str) -> None:
    expected: Expected = FILES[name]
    origin = f"https://example.org/{name}"
    if expected.reason:
        with pytest.raises(UnreadableDocument) as refused:
            load_bytes(expected.data, name, origin, LIMITS)
        assert str(refused.value) == f"{origin}: {expected.reason}"
        return
    loaded = load_bytes(expected.data, name, origin, LIMITS)
    assert [wanted_of(d, origin) for d in loaded.documents] == list(expected.documents)


def wanted_of(document: Document, origin: str) -> Wanted:
    assert document.source.startswith(origin)
    for begin in document.pages[1:]:
        assert document.text[begin - 2 : begin] == "\n\n"
    return Wanted(
        document.text,
        document.title,
        document.date,
        document.author,
        document.source.removeprefix(origin),
        document.media_type,
        document.pages,
    )
