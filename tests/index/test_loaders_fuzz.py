"""Damaged files of every format are read or refused, and never anything else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import UnreadableDocument
from index.loaders import LoadedFile, load_bytes
from index.loaders.pool import POOL
from tests.index.formats import LIMITS, all_files

FILES = [file for file in all_files() if file.documents and len(file.data) < 100_000]


@pytest.fixture(scope="module", autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    POOL.close()


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file with some bytes changed, cut out, repeated or cut off."""
    file = draw(st.sampled_from(FILES))
    data = bytearray(file.data)
    for _ in range(draw(st.integers(1, 5))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        kind = draw(st.sampled_from(["change", "cut", "repeat", "truncate"]))
        if kind == "change":
            data[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
        elif kind == "cut":
            del data[place : place + draw(st.integers(1, 40))]
        elif kind == "repeat":
            data[place:place] = data[place : place + draw(st.integers(1, 60))]
        else:
            del data[place:]
    return file.name, bytes(data)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(damaged())
def test_a_damaged_file_is_read_or_refused(file):
    name, data = file
    loaded, reason = read(data, name)
    if loaded is None:
        assert reason.startswith("origin: ")
        assert "\n" not in reason
        return
    assert loaded.documents
    for document in loaded.documents:
        document.text.encode()
        document.title.encode()
        assert document.text.strip()
        assert document.title.strip()
        assert "\x00" not in document.text + document.title
        assert list(document.pages) == sorted(document.pages)
        assert all(page <= len(document.text) for page in document.pages)


def read(data: bytes, name: str) -> tuple[LoadedFile | None, str]:
    try:
        return load_bytes(data, name, "origin", LIMITS), ""
    except UnreadableDocument as error:
        return None, str(error)
