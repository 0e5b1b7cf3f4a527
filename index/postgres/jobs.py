"""Jobs in PostgreSQL, with the uploads that they have yet to read: any machine can run them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from index.errors import UnknownJob
from index.jobs import (
    ENDED_KEPT,
    FOLDER_NAME,
    ID,
    LOCK_NAME,
    Job,
    Kind,
    Upload,
    dump,
    parse,
    queued,
)
from index.postgres.store import PostgresStore

_PART_BYTES = 1 << 20


class PostgresJobs:
    """As `index.jobs.JobStore`; of a library in PostgreSQL.

    An upload is copied to the data folder of the machine that reads it, until its job has ended.
    """

    def __init__(self, store: PostgresStore) -> None:
        self._store = store.beside()
        self.folder = store.folder / FOLDER_NAME

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._store.alone(LOCK_NAME, "running jobs"):
            yield

    def create(self, kind: Kind, uploads: Iterable[tuple[Upload, IO[bytes] | None]] = ()) -> Job:
        """Queue a job. When this returns, its uploads are in the database. Raises `DiskFull`."""
        job = queued(kind, ())
        with self._store.changing("queueing a job"):
            stored = tuple(
                replace(upload, sha256=self._stored(job.id, number, data))
                for number, (upload, data) in enumerate(uploads)
            )
            job = replace(job, uploads=stored, total=len(stored))
            self._store.change(
                "INSERT INTO jobs (id, record) VALUES (?, ?)", [(job.id, _record(job))]
            )
            self._forget_old()
        return job

    def _stored(self, job_id: str, number: int, data: IO[bytes] | None) -> str:
        """Returns the SHA-256 of what was stored, in hex; of nothing, an empty string."""
        if data is None:
            return ""
        digest = hashlib.sha256()
        part = 0
        while (block := data.read(_PART_BYTES)) or part == 0:
            digest.update(block)
            self._store.change(
                "INSERT INTO job_uploads (job_id, number, part, data) VALUES (?, ?, ?, ?)",
                [(job_id, number, part, block)],
            )
            part += 1
        return digest.hexdigest()

    def sweep(self) -> None:
        """Remove copies of uploads whose jobs have ended elsewhere."""
        waiting = {job.id for job in self.waiting()}
        for path in self.folder.glob("*"):
            if ID.fullmatch(path.name) and path.name not in waiting:
                shutil.rmtree(path, ignore_errors=True)

    def get(self, job_id: str) -> Job:
        """Raises `UnknownJob`, also where the job's record is damaged."""
        if ID.fullmatch(job_id):
            for (record,) in self._store.rows("SELECT record FROM jobs WHERE id = ?", (job_id,)):
                if (job := _job(record)) is not None:
                    return job
        raise UnknownJob(f"There is no job {job_id!r}.")

    def all(self) -> list[Job]:
        """The newest first; damaged ones left out."""
        rows = self._store.rows("SELECT record FROM jobs ORDER BY id DESC")
        return [job for (record,) in rows if (job := _job(record)) is not None]

    def damaged(self) -> list[str]:
        """Ids of jobs whose record is not what was written."""
        rows = self._store.rows("SELECT id, record FROM jobs ORDER BY id")
        return [job_id for job_id, record in rows if _job(record) is None]

    def waiting(self) -> list[Job]:
        """What is to be run, the oldest first: queued jobs, and those that a crash broke off."""
        rows = self._store.rows("SELECT record FROM jobs WHERE NOT ended ORDER BY id")
        jobs = [job for (record,) in rows if (job := _job(record)) is not None]
        return [job for job in jobs if not job.ended]

    def upload(self, job: Job, number: int) -> Path:
        """Where the bytes of a job's nth upload are, on this machine."""
        path = self.folder / job.id / f"{number}.bin"
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished = path.with_suffix(".new")
            with unfinished.open("wb") as file:
                for block in self._blocks(job.id, number):
                    file.write(block)
            unfinished.replace(path)
        return path

    def _blocks(self, job_id: str, number: int) -> Iterator[bytes]:
        """Raises `FileNotFoundError` if there is no such upload."""
        part = 0
        while rows := self._store.rows(
            "SELECT data FROM job_uploads WHERE job_id = ? AND number = ? AND part = ?",
            (job_id, number, part),
        ):
            yield bytes(rows[0][0])
            part += 1
        if not part:
            raise FileNotFoundError(f"{job_id}/{number}")

    def save(self, job: Job) -> None:
        """Exchange the job's record; a job that has ended loses its uploads."""
        with self._store.changing("noting a job's progress"):
            self._store.change(
                "UPDATE jobs SET record = ?, ended = ?, cancelled = cancelled AND NOT ?"
                " WHERE id = ?",
                [(_record(job), job.ended, job.ended, job.id)],
            )
            if job.ended:
                self._store.change("DELETE FROM job_uploads WHERE job_id = ?", [(job.id,)])
        if job.ended:
            shutil.rmtree(self.folder / job.id, ignore_errors=True)

    def cancel(self, job_id: str) -> Job:
        """Ask for a job's end; what it has committed stays. Raises `UnknownJob`."""
        job = self.get(job_id)
        if not job.ended:
            with self._store.changing("cancelling a job"):
                self._store.change(
                    "UPDATE jobs SET cancelled = true WHERE id = ? AND NOT ended", [(job_id,)]
                )
        return job

    def is_cancelled(self, job: Job) -> bool:
        return self._store.rows("SELECT cancelled FROM jobs WHERE id = ?", (job.id,)) == [(True,)]

    def forget(self, job_id: str) -> None:
        """Remove a job from the list. Raises `UnknownJob`."""
        known = ID.fullmatch(job_id) and self._store.rows(
            "SELECT 1 FROM jobs WHERE id = ?", (job_id,)
        )
        if not known:
            raise UnknownJob(f"There is no job {job_id!r}.")
        with self._store.changing("forgetting a job"):
            self._store.change("DELETE FROM jobs WHERE id = ?", [(job_id,)])
        shutil.rmtree(self.folder / job_id, ignore_errors=True)

    def _forget_old(self) -> None:
        self._store.change(
            "DELETE FROM jobs WHERE ended AND id NOT IN"
            " (SELECT id FROM jobs WHERE ended ORDER BY id DESC LIMIT ?)",
            [(ENDED_KEPT,)],
        )


def _record(job: Job) -> str:
    return dump(job).decode("utf-8")


def _job(record: str) -> Job | None:
    try:
        return parse(record.encode())
    except (ValueError, KeyError, TypeError):
        return None
