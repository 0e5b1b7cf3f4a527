"""Files of the data folder that somebody else wrote run no code and show nothing that is not there.

Who can write there can change the library as its owner can; what is defended is that this stays
all. The checksums tell damage; they are no signatures.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import shutil
import sqlite3
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import approximate_build
from index.approximate import FILE_NAME as LISTS
from index.database import FILE_NAME, connect
from index.errors import LibraryError
from qa.assembly import make_calibrator
from qa.confidence import FILE_NAME as CONFIDENCE
from qa.settings import Settings
from tests.doubles import CapitalReader
from tests.index.damage import LAKES, RHINE, make_library, opened
from tests.index.libraries import EMBEDDER

QUERY = "the Rhine is long"
ran: list[str] = []


class Runs:
    """What unpickling would call."""

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return ran.append, ("unpickled",)


def _npy(array: Any, *, allow_pickle: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=allow_pickle)
    return file.getvalue()


def _sealed(header: dict[str, object], rest: bytes = b"") -> bytes:
    """With a checksum that fits: whoever forges a file can compute it, too."""
    content = json.dumps(header).encode() + b"\n" + rest
    return content + hashlib.sha256(content).digest()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = make_library(tmp_path_factory.mktemp("whole"))
    with opened(data) as library:
        approximate_build.build(
            library.store, data / LISTS, EMBEDDER.dimension, EMBEDDER.embed, recall=1.0
        )
    return data


@pytest.fixture
def data(whole: Path, tmp_path: Path) -> Path:
    ran.clear()
    shutil.copytree(whole, tmp_path / "copy")
    return tmp_path / "copy"


def answers(data: Path, **how: int) -> list[str]:
    with opened(data, **how) as library:
        return library.answers(QUERY)


def header_of(data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((data / LISTS).read_bytes().split(b"\n", 1)[0])
    return found


FORGED_LISTS: dict[str, Callable[[dict[str, Any], bytes], bytes]] = {
    "a pickle": lambda header, rest: pickle.dumps(Runs()),
    "a pickle behind a header": lambda header, rest: _sealed(header, pickle.dumps(Runs())),
    "a numpy file of objects": lambda header, rest: _npy(np.array([Runs()]), allow_pickle=True),
    "a faiss index": lambda header, rest: b"IxF2" + bytes(1_000),
    "a header without end": lambda header, rest: b"{" * 1_000_000,
    "a header of depth": lambda header, rest: b'{"a":' * 100_000 + b"\n",
    "a header that is a list": lambda header, rest: _sealed([1, 2]),  # type: ignore[arg-type]
    "an empty header": lambda header, rest: _sealed({}),
    "more lists than there is memory": lambda header, rest: _sealed(
        {**header, "lists": 2**60}, rest
    ),
    "more lists than there is file": lambda header, rest: _sealed({**header, "lists": 2**22}, rest),
    "the numbers of another": lambda header, rest: _sealed(header, rest[::-1]),
    "no numbers at all": lambda header, rest: _sealed(header, b"\xff" * len(rest)),
    "fewer than no lists": lambda header, rest: _sealed({**header, "lists": -1}, rest),
    "a dimension without end": lambda header, rest: _sealed({**header, "dimension": 2**62}, rest),
    "a dimension of zero": lambda header, rest: _sealed({**header, "dimension": 0}, rest),
    "passages without end": lambda header, rest: _sealed({**header, "passages": 2**62}, rest),
    "a generation to come": lambda header, rest: _sealed({**header, "generation": 2**40}, rest),
    "another library": lambda header, rest: _sealed({**header, "library": "0" * 32}, rest),
    "words for numbers": lambda header, rest: _sealed(dict.fromkeys(header, "x")),
    "a scale of no number": lambda header, rest: _sealed({**header, "scale": float("nan")}, rest),
    "zeros": lambda header, rest: bytes(100_000),
    "nothing": lambda header, rest: b"",
}


@pytest.mark.parametrize("how", list(FORGED_LISTS))
def test_a_forged_file_of_vectors(data: Path, how: str) -> None:
    """It is not used, or finds no other passages than the library has; it costs no memory."""
    header = header_of(data)
    rest = (data / LISTS).read_bytes().split(b"\n", 1)[1][:-32]
    (data / LISTS).write_bytes(FORGED_LISTS[how](header, rest))
    tracemalloc.start()
    try:
        found = answers(data, exact_passages=1)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()
    assert all(line in RHINE or line in LAKES or "Elbe" in line for line in found)
    assert ran == []


FORGED_ROWS = {
    "a pickle for a vector": ("UPDATE passages SET vector = ?", pickle.dumps(Runs())),
    "a short vector": ("UPDATE passages SET vector = ?", b"\x00\x01"),
    "a long vector": ("UPDATE passages SET vector = ?", bytes(1_000_000)),
    "vectors of no numbers": (
        "UPDATE passages SET vector = ?",
        np.full(64, np.nan, np.float32).tobytes(),
    ),
    "another text": ("UPDATE documents SET text = ?", "A text that nobody added."),
    "another passage": ("UPDATE passages SET text = ?", "The Rhine is one that nobody added."),
    "places beyond the text": ("UPDATE passages SET end_at = ?", 10**9),
    "places before the text": ("UPDATE passages SET start_at = ?", -5),
    "places out of all range": ("UPDATE passages SET end_at = ?", 2**63 - 1),
}


@pytest.mark.parametrize("how", list(FORGED_ROWS))
def test_a_row_that_somebody_changed(data: Path, how: str) -> None:
    """It is told as damage, or the answer is still a slice of what is stored."""
    statement, value = FORGED_ROWS[how]
    with sqlite3.connect(data / FILE_NAME) as connection:
        try:
            connection.execute(statement, (value,))
        except sqlite3.IntegrityError:
            return  # the schema itself refuses it
    try:
        found = answers(data)
    except LibraryError:
        return
    finally:
        assert ran == []
    assert "nobody added" not in " ".join(found)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"SQLite format 3\x00" + bytes(8_000),
        pickle.dumps(Runs()),
        b"#!/bin/sh\nid\n",
        b"\x1f\x8b" + bytes(4_000),
        b"PK\x03\x04" + bytes(4_000),
    ],
    ids=["nothing", "zeros", "a pickle", "a script", "gzip", "zip"],
)
def test_a_library_that_is_none(data: Path, content: bytes) -> None:
    for name in (FILE_NAME, f"{FILE_NAME}-wal", "library.seal", "library.highwater"):
        copy = data.parent / f"with-{name}"
        shutil.copytree(data, copy)
        (copy / name).write_bytes(content)
        try:
            found = answers(copy)
        except (LibraryError, sqlite3.DatabaseError):
            continue
        assert all(line in RHINE or "Lake" in line or "Elbe" in line for line in found) or not found
    assert ran == []


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TRIGGER t AFTER INSERT ON documents BEGIN DELETE FROM documents; END",
        "CREATE TRIGGER t AFTER INSERT ON documents BEGIN "
        "SELECT load_extension('/tmp/forged.so'); END",
        "CREATE VIEW v AS SELECT readfile('/etc/passwd')",
    ],
    ids=["a trigger that deletes", "a trigger that loads code", "a view that reads a file"],
)
def test_sql_that_somebody_put_into_the_library_reaches_nothing_outside(
    data: Path, sql: str
) -> None:
    """No function of SQLite's that opens files or loads code is there to be called."""
    with sqlite3.connect(data / FILE_NAME) as connection:
        connection.execute(sql)
    with opened(data) as library:
        library.answers(QUERY)
    connection = connect(data / FILE_NAME)
    for call in ("load_extension('/tmp/x.so')", "readfile('/etc/passwd')", "writefile('x', 'y')"):
        with pytest.raises(sqlite3.OperationalError):
            connection.execute(f"SELECT {call}")
    connection.close()


FORGED_CALIBRATIONS = {
    "a pickle": pickle.dumps(Runs()),
    "nothing": b"",
    "no object": b"[]",
    "depth": b"[" * 100_000,
    "words": b'{"mean": "x", "scale": "y", "weights": "z"}',
    "a call": b'{"__class__": "os.system", "args": ["id"]}',
    "no text": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("how", list(FORGED_CALIBRATIONS))
def test_a_forged_calibration(settings: Settings, how: str) -> None:
    settings.data.mkdir(parents=True, exist_ok=True)
    (settings.data / CONFIDENCE).write_bytes(FORGED_CALIBRATIONS[how])
    with pytest.raises(LibraryError):
        make_calibrator(settings, CapitalReader())
    assert ran == []
