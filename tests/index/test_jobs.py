"""A job that was acknowledged is on the disk, whole, or it is not there at all."""

from __future__ import annotations

import errno
import io
import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest

from index.errors import DiskFull, UnknownJob
from index.jobs import Job, JobStore, Kind, State, Upload

TEXTS = {"rhine.txt": b"The Rhine is long.", "elbe.txt": b"The Elbe is short."}


@pytest.fixture
def jobs(tmp_path: Path) -> JobStore:
    return JobStore(tmp_path)


def uploads(texts: dict[str, bytes] = TEXTS) -> list[tuple[Upload, IO[bytes]]]:
    return [(Upload(name, f"upload:{name}"), io.BytesIO(data)) for name, data in texts.items()]


def file_of(jobs: JobStore, job: Job) -> Path:
    return jobs.folder / job.id / "job.json"


@pytest.mark.parametrize("state", State)
def test_what_has_ended_waits_no_more_and_has_no_uploads(jobs, state):
    job = jobs.create(Kind.ADD, uploads())
    jobs.cancel(job.id)
    job = replace(job, state=state, counts={"added": 2})
    jobs.save(job)
    assert jobs.get(job.id) == job
    ended = state in {State.DONE, State.FAILED, State.CANCELLED}
    assert job.ended is ended
    assert jobs.waiting() == ([] if ended else [job])
    left = {path.name for path in (jobs.folder / job.id).iterdir()}
    assert left == ({"job.json"} if ended else {"job.json", "cancel", "0.bin", "1.bin"})


def test_jobs_that_have_ended_are_not_read_again_and_again(jobs, monkeypatch):
    for _ in range(3):
        jobs.save(replace(jobs.create(Kind.REBUILD), state=State.DONE))
    assert jobs.waiting() == []
    waiting = jobs.create(Kind.REBUILD)
    read = list[str]()
    get = JobStore.get
    monkeypatch.setattr(JobStore, "get", lambda *a: read.append(a[1]) or get(*a))
    assert jobs.waiting() == [waiting]
    assert read == [waiting.id]


def test_a_flipped_bit_of_a_jobs_file_is_found(jobs):
    job = jobs.create(Kind.ADD, uploads({"a.txt": b"x"}))
    sound = file_of(jobs, job).read_bytes()
    for place in range(0, 8 * len(sound), 9):  # every byte, and every bit of some byte
        flipped = bytearray(sound)
        flipped[place // 8] ^= 1 << place % 8
        file_of(jobs, job).write_bytes(flipped)
        with pytest.raises(UnknownJob):
            jobs.get(job.id)
    assert (jobs.all(), jobs.waiting(), jobs.damaged()) == ([], [], [job.id])
    file_of(jobs, job).write_bytes(sound)
    assert jobs.waiting() == [job]


@pytest.mark.parametrize("content", [b"", b"\n", b"\n\n", b"x", b"00000000\n\n", b"00000000\n{}\n"])
def test_what_is_no_jobs_file_is_damaged(jobs, content):
    job = jobs.create(Kind.REBUILD)
    file_of(jobs, job).write_bytes(content)
    assert jobs.damaged() == [job.id]


def test_a_damaged_job_can_be_forgotten(jobs):
    job, other = jobs.create(Kind.ADD, uploads()), jobs.create(Kind.REBUILD)
    file_of(jobs, job).unlink()
    jobs.forget(job.id)
    assert jobs.damaged() == []
    assert jobs.all() == [other]
    assert not (jobs.folder / job.id).exists()


class Broken(io.BytesIO):
    """An upload whose sender goes away."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(b"The Rhine")
        self.error = error

    def read(self, size: int | None = -1) -> bytes:
        if data := super().read(size):
            return data
        raise self.error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConnectionResetError("gone"), ConnectionResetError),
        (OSError(errno.ENOSPC, "No space left on device"), DiskFull),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_a_job_that_was_not_acknowledged_leaves_no_trace(jobs, error, told):
    with pytest.raises(told):
        jobs.create(Kind.ADD, [*uploads(), (Upload("b", "upload:b"), Broken(error))])
    assert list(jobs.folder.iterdir()) == []
    assert jobs.waiting() == []


def test_what_a_killed_process_has_left_is_removed_after_a_day(jobs):
    kept = jobs.create(Kind.ADD, uploads())
    old, young = jobs.folder / ".old", jobs.folder / ".young"
    for folder in (old, young):
        folder.mkdir()
        (folder / "0.bin").write_bytes(b"x")
    yesterday = time.time() - 90_000
    os.utime(old, (yesterday, yesterday))
    os.utime(jobs.folder / kept.id, (yesterday, yesterday))
    assert jobs.all() == [kept]
    jobs.sweep()
    assert sorted(path.name for path in jobs.folder.iterdir()) == [".young", kept.id]


def test_everything_of_a_job_is_flushed_before_it_has_its_name(jobs, monkeypatch):
    flushed, renamed = set[int](), list[Path]()
    fsync, rename = os.fsync, Path.rename

    def noting_fsync(descriptor: int) -> None:
        fsync(descriptor)
        flushed.add(os.fstat(descriptor).st_ino)

    def noting_rename(path: Path, target: Path) -> Path:
        inner = [path, *path.iterdir()]
        assert {p.stat().st_ino for p in inner} <= flushed
        renamed.append(target)
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", noting_fsync)
    monkeypatch.setattr(Path, "rename", noting_rename)
    job = jobs.create(Kind.ADD, uploads())
    assert renamed == [jobs.folder / job.id]
    assert jobs.folder.stat().st_ino in flushed


def test_hostile_names_stay_in_the_record(jobs):
    names = ["../../etc/passwd", "a\nb", "\u202egpj.exe", "x" * 5_000, "\ud800", '"}']
    job = jobs.create(Kind.ADD, [(Upload(name, name), io.BytesIO(b"x")) for name in names])
    assert [upload.name for upload in jobs.get(job.id).uploads] == names
    stored = {path.name for path in (jobs.folder / job.id).iterdir()}
    assert stored == {"job.json", *(f"{number}.bin" for number in range(len(names)))}
    assert len(file_of(jobs, job).read_bytes().split(b"\n")) == 3
    json.loads(file_of(jobs, job).read_bytes().split(b"\n")[1])
