"""Files that are whole or not believed."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from index import vector_files
from index.vector_files import DamagedFile, Reader, peek, replacing, unfinished, verify

HEADER = {"format": 1, "name": "ünï", "scale": 0.25}
ROWS = np.arange(12, dtype=np.float32).reshape(3, 4)
NUMBERS = np.array([1, -2, 2**40], dtype=np.int64)


def write(path, header=HEADER) -> None:
    with replacing(path) as file:
        file.line(header)
        file.array(ROWS)
        file.array(NUMBERS)


def read(path):
    with path.open("rb") as file:
        reader = Reader(file)
        found = reader.line(), reader.array(np.float32, 3, 4), reader.array(np.int64, 3)
        reader.finish()
    return found


@pytest.fixture
def path(tmp_path):
    write(tmp_path / "a.lists")
    return tmp_path / "a.lists"


def test_what_is_written_is_read(path):
    header, rows, numbers = read(path)
    assert header == HEADER == peek(path)
    assert rows.tolist() == ROWS.tolist()
    assert numbers.tolist() == NUMBERS.tolist()
    verify(path)


def test_arrays_are_little_endian_whatever_they_were(tmp_path):
    for kind in ("<i8", ">i8"):
        with replacing(tmp_path / kind[0]) as file:
            file.array(NUMBERS.astype(kind))
    assert (tmp_path / "<").read_bytes() == (tmp_path / ">").read_bytes()
    assert (tmp_path / "<").read_bytes()[:24] == NUMBERS.astype("<i8").tobytes()


def test_a_column_is_written_as_it_reads(tmp_path):
    with replacing(tmp_path / "a") as file:
        file.array(ROWS[:, 1])
    assert (tmp_path / "a").read_bytes()[:12] == np.array([1, 5, 9], "<f4").tobytes()


def test_a_flipped_bit_anywhere_is_noticed(path):
    whole = path.read_bytes()
    for place in range(0, 8 * len(whole), 3):
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        with pytest.raises(DamagedFile):
            verify(path)
        with pytest.raises(DamagedFile):
            read(path)


def test_a_file_that_is_cut_or_grown_is_noticed(path):
    whole = path.read_bytes()
    for changed in (*(whole[:kept] for kept in range(len(whole))), whole + b"?", b"\n" + whole):
        path.write_bytes(changed)
        with pytest.raises(DamagedFile):
            verify(path)
        with pytest.raises(DamagedFile):
            read(path)


def test_what_was_not_read_is_not_passed_over(path):
    with path.open("rb") as file:
        reader = Reader(file)
        reader.line()
        with pytest.raises(DamagedFile, match="longer than its header says"):
            reader.finish()


@pytest.mark.parametrize("length", [2**62, 2**31, 40, -1])
def test_no_memory_is_spent_on_a_size_that_the_file_has_not(path, length):
    with path.open("rb") as file:
        reader = Reader(file)
        reader.line()
        with pytest.raises(DamagedFile, match="too short"):
            reader.array(np.int64, length)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\n", b"[]\n", b"5\n", b"\xff\n", b"[" * 9_999 + b"\n", b"a" * 20_000]
)
def test_a_header_that_is_none(path, content):
    path.write_bytes(content + hashlib.sha256(content).digest())
    assert peek(path) is None
    with path.open("rb") as file, pytest.raises(DamagedFile, match="header"):
        Reader(file).line()


def test_a_file_that_is_not_there(tmp_path):
    assert peek(tmp_path / "none") is None
    assert peek(tmp_path) is None


def test_writing_replaces_the_file_and_leaves_no_other(path):
    write(path, {"second": 2})
    assert peek(path) == {"second": 2}
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("failing", ["sync_data", "sync_folder"])
def test_a_write_that_fails_leaves_a_whole_file_and_no_other(path, monkeypatch, failing):
    def fail(_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(vector_files, failing, fail)
    with pytest.raises(OSError, match="no room"):
        write(path, {"second": 2})
    assert list(path.parent.iterdir()) == [path]
    assert read(path)[0] == (HEADER if failing == "sync_data" else {"second": 2})


def test_a_file_is_on_the_disk_before_it_has_its_name(path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        vector_files, "sync_data", lambda _: seen.append(("data", peek(path) == HEADER))
    )
    monkeypatch.setattr(
        vector_files, "sync_folder", lambda _: seen.append(("name", peek(path) == HEADER))
    )
    write(path, {"second": 2})
    assert seen == [("data", True), ("name", False)]


def test_what_a_killed_process_leaves_can_be_told(path):
    context = replacing(path)
    file = context.__enter__()
    file.line(HEADER)
    (left,) = unfinished(path)
    assert left.parent == path.parent
    assert not context.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert unfinished(path) == []
    assert read(path)[0] == HEADER
