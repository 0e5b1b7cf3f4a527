"""One holder at a time, whoever it is and however it ends."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import LibraryBusy
from index.locking import locked

HOLD = """
import sys
from pathlib import Path
from index.locking import locked
with locked(Path(sys.argv[1]), "holding on", wait_seconds=0):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    """A process that has the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_lock_is_free_again_afterwards(tmp_path):
    path = tmp_path / "a.lock"
    for _ in range(2):
        with locked(path, "testing", wait_seconds=0):
            assert path.read_text() == f"process {os.getpid()} (testing)"
        assert path.read_text() == ""


def test_a_second_holder_of_the_same_process_is_refused_and_told_by_whom(tmp_path):
    path = tmp_path / "a.lock"
    with locked(path, "syncing", wait_seconds=0):
        with pytest.raises(LibraryBusy) as caught, locked(path, "other", wait_seconds=0):
            pass
        assert path.read_text().endswith("(syncing)")
    message = str(caught.value)
    assert str(tmp_path) in message and "a.lock" in message
    assert f"process {os.getpid()} (syncing)" in message


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    path = tmp_path / "a.lock"
    process = holder(path)
    with (
        pytest.raises(LibraryBusy, match=rf"process {process.pid} \(holding on\)"),
        locked(path, "testing", wait_seconds=0),
    ):
        pass
    process.kill()
    process.communicate()
    with locked(path, "testing", wait_seconds=0):
        assert path.read_text() == f"process {os.getpid()} (testing)"


def test_who_waits_gets_the_lock_when_it_is_given_back(tmp_path):
    path = tmp_path / "a.lock"
    process = holder(path)
    assert process.stdin is not None
    process.stdin.close()
    with locked(path, "testing", wait_seconds=20):
        pass
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def test_who_waits_in_vain_is_told_how_long(tmp_path):
    path = tmp_path / "a.lock"
    with (
        locked(path, "syncing", wait_seconds=0),
        pytest.raises(LibraryBusy, match="had not finished after 0 seconds"),
        locked(path, "other", wait_seconds=0.05),
    ):
        pass


def test_the_lock_is_given_back_when_its_holder_fails(tmp_path):
    path = tmp_path / "a.lock"
    with pytest.raises(ZeroDivisionError), locked(path, "failing", wait_seconds=0):
        raise ZeroDivisionError
    with locked(path, "testing", wait_seconds=0):
        pass


def test_on_a_full_disk_the_lock_holds_without_its_note(tmp_path, monkeypatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "a.lock"
    monkeypatch.setattr(os, "pwrite", full)
    with locked(path, "deleting", wait_seconds=0):
        with (
            pytest.raises(LibraryBusy, match=r"another process holds a\.lock"),
            locked(path, "other", wait_seconds=0),
        ):
            pass
        assert path.read_text() == ""
