"""Jobs: work on the library that outlives the request that asked for it.

A job is a folder of the data folder: ``job.json``, exchanged as a whole with each change, and
the uploads that it has yet to read. Nothing of a job is ever an answer; what it brings in is
committed by `index.indexing` like everything else, so a job that is run again after a crash
finds done what was done.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Protocol

from index.connection import needing_room
from index.durable import sync_folder
from index.errors import UnknownJob
from index.locking import locked

FOLDER_NAME = "jobs"
LOCK_NAME = "jobs.lock"
_FILE_NAME = "job.json"
ID = re.compile(r"[0-9]{20}-[0-9a-f]{8}")  # the time to the microsecond: jobs run in order
_DAY = 86_400  # seconds
ENDED_KEPT = 100  # jobs
_ITEMS_KEPT = 1_000  # outcomes listed; the counts are of all


class Kind(StrEnum):
    ADD = "add"
    ADD_URL = "add_url"
    REBUILD = "rebuild"


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({State.DONE, State.FAILED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Upload:
    """One thing to bring in.

    Attributes:
        name: as the user calls it; a label, never a path.
        origin: what the document's source will be.
        declared: the media type that it came with.
        title, date: said by the user; they go before what the text itself says.
        sha256: of its bytes, which are the job's nth file.
    """

    name: str
    origin: str
    declared: str | None = None
    title: str | None = None
    date: str | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one file of a job."""

    name: str
    outcome: str
    reason: str = ""
    document_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """What is known of a job.

    Attributes:
        total, done: files, or documents of a rebuild.
        passages: how many were stored so far.
        items: outcomes, failures first to be kept; at most `_ITEMS_KEPT`.
        counts: how many of each outcome.
        seconds_left: estimated; None until there is something to estimate from.
        error: why the job as a whole failed.
    """

    id: str
    kind: Kind
    state: State
    created_at: str
    uploads: tuple[Upload, ...] = ()
    total: int = 0
    done: int = 0
    passages: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    items: tuple[Item, ...] = ()
    seconds_left: float | None = None
    started_at: str | None = None
    ended_at: str | None = None
    error: str | None = None

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    def with_item(self, item: Item, passages: int) -> Job:
        """The job after one more outcome; room is kept for what failed."""
        counts = self.counts | {item.outcome: self.counts.get(item.outcome, 0) + 1}
        items = (*self.items, item)
        if len(items) > _ITEMS_KEPT:
            spare = next((i for i, kept in enumerate(items) if not kept.reason), 0)
            items = items[:spare] + items[spare + 1 :]
        return replace(
            self, done=self.done + 1, passages=self.passages + passages, counts=counts, items=items
        )


class Jobs(Protocol):
    """What keeps jobs: files of the data folder (`JobStore`), or PostgreSQL. See there."""

    def create(
        self, kind: Kind, uploads: Iterable[tuple[Upload, IO[bytes] | None]] = ()
    ) -> Job: ...
    def alone(self) -> AbstractContextManager[None]: ...
    def sweep(self) -> None: ...
    def get(self, job_id: str) -> Job: ...
    def all(self) -> list[Job]: ...
    def damaged(self) -> list[str]: ...
    def waiting(self) -> list[Job]: ...
    def upload(self, job: Job, number: int) -> Path: ...
    def save(self, job: Job) -> None: ...
    def cancel(self, job_id: str) -> Job: ...
    def is_cancelled(self, job: Job) -> bool: ...
    def forget(self, job_id: str) -> None: ...


class JobStore:
    """The jobs of one data folder. Several processes may use it; one of them runs the jobs."""

    def __init__(self, data: Path) -> None:
        self.folder = data / FOLDER_NAME
        self._lock = threading.Lock()
        self._ended: set[str] = set()  # ids; a job that has ended stays as it is

    def create(self, kind: Kind, uploads: Iterable[tuple[Upload, IO[bytes] | None]] = ()) -> Job:
        """Queue a job. When this returns, the uploads are on the disk and the job will be run.

        Args:
            uploads: each with its bytes, where it has any; they are copied, not held.

        Raises `DiskFull`.
        """
        staging = self.folder / f".{secrets.token_hex(8)}"
        with needing_room(self.folder.parent):
            try:
                staging.mkdir(parents=True)
                staged = tuple(
                    replace(upload, sha256=_copy_durably(data, staging / f"{number}.bin"))
                    for number, (upload, data) in enumerate(uploads)
                )
                return self._queue(kind, staged, staging)
            except BaseException:
                shutil.rmtree(staging, ignore_errors=True)
                raise

    def _queue(self, kind: Kind, staged: tuple[Upload, ...], staging: Path) -> Job:
        with self._lock:  # of two jobs the one that is queued first has the lower id
            job = queued(kind, staged)
            job_id = job.id
            _write_durably(staging / _FILE_NAME, dump(job))
            sync_folder(staging)
            self._forget_old()
            staging.rename(self.folder / job_id)
        sync_folder(self.folder)
        sync_folder(self.folder.parent)
        return job

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the one process that runs jobs; raises `LibraryBusy` if another is."""
        with locked(self.folder.parent / LOCK_NAME, "running jobs", wait_seconds=0):
            yield

    def sweep(self) -> None:
        """Remove what processes that died have left of jobs that they had not queued yet."""
        with suppress(OSError):
            for path in self.folder.iterdir():
                with suppress(OSError):
                    if path.name.startswith(".") and path.stat().st_mtime < time.time() - _DAY:
                        shutil.rmtree(path, ignore_errors=True)

    def get(self, job_id: str) -> Job:
        """Raises `UnknownJob`, also where the job's file is damaged."""
        if ID.fullmatch(job_id):
            try:
                return parse((self.folder / job_id / _FILE_NAME).read_bytes())
            except (OSError, ValueError, KeyError, TypeError):
                pass
        raise UnknownJob(f"There is no job {job_id!r}.")

    def all(self) -> list[Job]:
        """The newest first; damaged ones left out."""
        return [job for job_id in reversed(self._ids()) if (job := self._readable(job_id))]

    def damaged(self) -> list[str]:
        """Ids of jobs whose file is not what was written."""
        return [job_id for job_id in self._ids() if self._readable(job_id) is None]

    def waiting(self) -> list[Job]:
        """What is to be run, the oldest first: queued jobs, and those that a crash broke off."""
        waiting = []
        for job_id in self._ids():
            if job_id not in self._ended and (job := self._readable(job_id)):
                if job.ended:
                    self._ended.add(job_id)
                else:
                    waiting.append(job)
        return waiting

    def upload(self, job: Job, number: int) -> Path:
        """Where the bytes of a job's nth upload are."""
        return self.folder / job.id / f"{number}.bin"

    def save(self, job: Job) -> None:
        """Exchange the job's file; a job that has ended loses its uploads."""
        with self._lock:
            folder = self.folder / job.id
            if not folder.is_dir():
                return  # it was forgotten meanwhile
            _write_durably(folder / f"{_FILE_NAME}.new", dump(job))
            (folder / f"{_FILE_NAME}.new").replace(folder / _FILE_NAME)
            if job.ended:
                sync_folder(folder)  # or a power cut brings back the job, but not its uploads
                for upload in folder.glob("*.bin"):
                    upload.unlink(missing_ok=True)
                (folder / "cancel").unlink(missing_ok=True)

    def cancel(self, job_id: str) -> Job:
        """Ask for a job's end; what it has committed stays. Raises `UnknownJob`."""
        job = self.get(job_id)
        if not job.ended:
            with suppress(FileNotFoundError):  # it ended and was forgotten meanwhile
                (self.folder / job_id / "cancel").touch()
        return job

    def is_cancelled(self, job: Job) -> bool:
        return (self.folder / job.id / "cancel").exists()

    def forget(self, job_id: str) -> None:
        """Remove a job from the list. Raises `UnknownJob`."""
        if job_id not in self._ids():
            raise UnknownJob(f"There is no job {job_id!r}.")
        shutil.rmtree(self.folder / job_id, ignore_errors=True)

    def _forget_old(self) -> None:
        ended = [job.id for job in self.all() if job.ended]
        for job_id in ended[ENDED_KEPT:]:
            self.forget(job_id)

    def _ids(self) -> list[str]:
        try:
            return sorted(p.name for p in self.folder.iterdir() if ID.fullmatch(p.name))
        except FileNotFoundError:
            return []

    def _readable(self, job_id: str) -> Job | None:
        try:
            return self.get(job_id)
        except UnknownJob:
            return None


def queued(kind: Kind, uploads: tuple[Upload, ...]) -> Job:
    """A new job, with the id of its time."""
    stamp = datetime.now(UTC)
    job_id = f"{stamp:%Y%m%d%H%M%S%f}-{secrets.token_hex(4)}"
    created = stamp.isoformat(timespec="seconds")
    return Job(job_id, kind, State.QUEUED, created, uploads, len(uploads))


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def dump(job: Job) -> bytes:
    body = json.dumps(asdict(job)).encode()
    return b"%08x\n%s\n" % (zlib.crc32(body), body)


def parse(data: bytes) -> Job:
    """Raises `ValueError` if a bit of it is not as it was written."""
    checksum, body, end = data.split(b"\n")
    if end or checksum != b"%08x" % zlib.crc32(body):
        raise ValueError("the checksum does not fit")
    values: dict[str, Any] = json.loads(body)
    values["kind"], values["state"] = Kind(values["kind"]), State(values["state"])
    values["uploads"] = tuple(Upload(**upload) for upload in values["uploads"])
    values["items"] = tuple(_items(values["items"]))
    return Job(**values)


def _items(rows: list[dict[str, Any]]) -> Iterator[Item]:
    for row in rows:
        yield Item(**{**row, "document_ids": tuple(row["document_ids"])})


def _copy_durably(data: IO[bytes] | None, path: Path) -> str:
    """Returns the SHA-256 of what was copied, in hex; of nothing, an empty string."""
    if data is None:
        return ""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        while block := data.read(1 << 20):
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
