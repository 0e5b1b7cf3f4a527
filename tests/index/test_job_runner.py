"""Jobs are run, one after the other, whatever becomes of the process that began them."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.documents import Document, Origin
from index.errors import LibraryBusy, UnreadableDocument
from index.indexing import Indexer
from index.job_runner import JobRunner
from index.jobs import Job, JobStore, Kind, State, Upload
from index.loaders import LoadedFile
from index.locking import locked
from index.store import Store
from tests.doubles import HashingEmbedder
from tests.index.libraries import LIMITS, eventually, indexer_of

RHINE, ELBE, PO = "The Rhine is long.", "The Elbe is short.", "The Po is warm."


def fetched(url: str) -> LoadedFile:
    if "missing" in url:
        raise UnreadableDocument(f"{url}: it answers with 404 Not Found")
    document = Document(url, "Found title", f"It is {url}.", "text/html", "2022-01-01")
    return LoadedFile(Origin(url, "0" * 64), (document,), ())


class Running:
    """A data folder with jobs, and the runners of several processes."""

    def __init__(self, store: Store, embedder: HashingEmbedder) -> None:
        self.store = store
        self.embedder = embedder
        self.jobs = JobStore(store.folder)

    def runner(self, indexer: Indexer | None = None) -> JobRunner:
        return JobRunner(
            JobStore(self.store.folder),
            lambda: indexer or indexer_of(self.store, self.embedder),
            fetch=fetched,
            poll_seconds=0.02,
        )

    @contextmanager
    def started(self, runner: JobRunner) -> Iterator[JobRunner]:
        """Its thread, which has a connection of its own."""
        run = runner._run

        def closing() -> None:
            try:
                run()
            finally:
                self.store.close()

        runner._thread = threading.Thread(target=closing)
        runner.start()
        try:
            yield runner
        finally:
            runner.stop()

    def add(self, *texts: tuple[str, bytes | str], **told: str) -> Job:
        pairs = [
            (
                Upload(name, f"upload:{name}", None, told.get("title"), told.get("date")),
                io.BytesIO(text if isinstance(text, bytes) else text.encode()),
            )
            for name, text in texts
        ]
        return self.jobs.create(Kind.ADD, pairs)

    def add_url(self, url: str, **told: str) -> Job:
        upload = Upload(url, url, None, told.get("title"), told.get("date"))
        return self.jobs.create(Kind.ADD_URL, [(upload, None)])

    def state(self, job: Job) -> State:
        return self.jobs.get(job.id).state

    def texts(self) -> dict[str, str]:
        return {d.source: self.store.document(d.id).text for d in self.store.documents()}


@pytest.fixture
def running(store: Store, embedder: HashingEmbedder) -> Running:
    return Running(store, embedder)


def test_what_was_uploaded_comes_into_the_library(running):
    job = running.add(("rhine.txt", RHINE), ("elbe.md", f"# Elbe\n\n{ELBE}"))
    running.runner().run_waiting()
    done = running.jobs.get(job.id)
    assert (done.state, done.total, done.done, done.passages) == (State.DONE, 2, 2, 2)
    assert (done.counts, done.error, done.seconds_left) == ({"added": 2}, None, None)
    assert [(i.name, i.outcome, i.document_ids) for i in done.items] == [
        ("rhine.txt", "added", (1,)),
        ("elbe.md", "added", (2,)),
    ]
    assert done.started_at and done.ended_at
    assert running.texts() == {
        "upload:rhine.txt": RHINE,
        "upload:elbe.md": running.store.document(2).text,
    }
    assert running.store.document(2).title == "Elbe"


def test_what_the_user_told_goes_before_what_the_text_says(running):
    running.add(("a.txt", RHINE), title="Rivers", date="2022-08-11")
    running.add_url("https://a.org/1")
    running.add_url("https://a.org/2", title="Told title", date="2020-02-02")
    running.runner().run_waiting()
    assert [(d.title, d.date) for d in running.store.documents()] == [
        ("Rivers", "2022-08-11"),
        ("Found title", "2022-01-01"),
        ("Told title", "2020-02-02"),
    ]


def test_one_bad_file_does_not_stop_the_rest(running):
    job = running.add(
        ("rhine.txt", RHINE),
        ("empty.txt", ""),
        ("picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
        ("large.txt", "x" * (LIMITS.max_file_bytes + 1)),
        ("elbe.txt", ELBE),
    )
    running.runner().run_waiting()
    done = running.jobs.get(job.id)
    assert (done.state, done.counts) == (State.DONE, {"added": 2, "failed": 3})
    reasons = {item.name: item.reason for item in done.items if item.outcome == "failed"}
    assert set(reasons) == {"empty.txt", "picture.txt", "large.txt"}
    assert not any(name in reason for name, reason in reasons.items())  # it is the item's
    assert f"at most {LIMITS.max_file_bytes:,}" in reasons["large.txt"]
    assert set(running.texts()) == {"upload:rhine.txt", "upload:elbe.txt"}


def test_a_url_that_cannot_be_loaded_is_told(running):
    job = running.add_url("https://a.org/missing")
    running.runner().run_waiting()
    (item,) = running.jobs.get(job.id).items
    assert (item.name, item.outcome) == ("https://a.org/missing", "failed")
    assert "404" in item.reason


def test_jobs_are_run_in_the_order_in_which_they_were_asked_for(running):
    for number in range(10):
        running.add(("a.txt", f"It is version {number}."))
    running.runner().run_waiting()
    assert running.texts() == {"upload:a.txt": "It is version 9."}


def test_an_upload_that_was_damaged_on_the_disk_is_not_taken(running):
    job = running.add(("rhine.txt", RHINE), ("elbe.txt", ELBE), ("po.txt", PO))
    running.jobs.upload(job, 0).write_text(RHINE.replace("long", "lung"))
    running.jobs.upload(job, 1).unlink()
    running.runner().run_waiting()
    done = running.jobs.get(job.id)
    assert [item.reason for item in done.items[:2]] == [
        "its upload was damaged on the disk",
        "its upload was lost",
    ]
    assert running.texts() == {"upload:po.txt": PO}


def test_a_damaged_job_does_not_keep_the_others_from_running(running):
    damaged, sound = running.add(("rhine.txt", RHINE)), running.add(("elbe.txt", ELBE))
    (running.jobs.folder / damaged.id / "job.json").write_bytes(b"{}")
    running.runner().run_waiting()
    assert running.state(sound) is State.DONE
    assert running.texts() == {"upload:elbe.txt": ELBE}


def test_the_library_is_rebuilt(running):
    running.add(("rhine.txt", RHINE), ("elbe.txt", ELBE))
    running.runner().run_waiting()
    job = running.jobs.create(Kind.REBUILD)
    other = HashingEmbedder("other", 32)
    running.runner(indexer_of(running.store, other)).run_waiting()
    done = running.jobs.get(job.id)
    assert (done.state, done.total, done.done, done.passages) == (State.DONE, 2, 2, 2)
    assert running.store.embedder() == ("other", 32)


class Dying(BaseException):
    """A process that is killed: nothing of it catches this."""


def test_a_job_that_a_killed_process_left_is_done_by_the_next(running, monkeypatch):
    job = running.add(*((f"{n}.txt", f"It is number {n}.") for n in range(6)))
    monkeypatch.setattr("index.indexing._BATCH_PASSAGES", 2)
    put, calls = Store.apply, list[int]()

    def dying(*arguments: object) -> list[int]:
        calls.append(1)
        if len(calls) == 3:
            raise Dying
        return put(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "apply", dying)
        with pytest.raises(Dying):
            running.runner().run_waiting()
    assert running.state(job) is State.RUNNING
    assert len(running.texts()) == 4
    running.embedder.embedded.clear()
    running.runner().run_waiting()
    done = running.jobs.get(job.id)
    assert (done.state, done.counts) == (State.DONE, {"unchanged": 4, "added": 2})
    assert (done.done, len(done.items)) == (6, 6)
    assert len(running.embedder.embedded) == 2
    assert len(running.texts()) == 6


def pausing(running: Running, at: int) -> tuple[Indexer, threading.Event, threading.Event]:
    """An indexer whose embedder waits before the nth batch; and: it waits, it may go on."""
    waits, go_on = threading.Event(), threading.Event()
    embed, calls = running.embedder.embed, list[int]()

    def slow(texts: list[str]) -> object:
        calls.append(1)
        if len(calls) == at:
            waits.set()
            assert go_on.wait(20)
        return embed(texts)

    running.embedder.embed = slow
    return indexer_of(running.store, running.embedder), waits, go_on


def test_a_runner_that_is_stopped_leaves_its_job_to_another(running, monkeypatch):
    monkeypatch.setattr("index.indexing._BATCH_PASSAGES", 1)
    job = running.add(*((f"{n}.txt", f"It is number {n}.") for n in range(5)))
    indexer, waits, go_on = pausing(running, at=3)
    with running.started(running.runner(indexer)) as first:
        assert waits.wait(20)
        first._stop.set()
        go_on.set()
    assert running.state(job) is State.RUNNING
    assert len(running.texts()) == 3
    with running.started(running.runner()):
        eventually(lambda: running.jobs.get(job.id).ended, "the job was done")
    assert running.jobs.get(job.id).counts == {"unchanged": 3, "added": 2}
    assert len(running.texts()) == 5


def test_what_a_cancelled_job_has_committed_stays(running, monkeypatch):
    monkeypatch.setattr("index.indexing._BATCH_PASSAGES", 1)
    job = running.add(*((f"{n}.txt", f"It is number {n}.") for n in range(5)))
    after = running.add(("rhine.txt", RHINE))
    indexer, waits, go_on = pausing(running, at=2)
    with running.started(running.runner(indexer)):
        assert waits.wait(20)
        assert running.jobs.cancel(job.id).state is State.RUNNING
        go_on.set()
        eventually(lambda: running.jobs.get(after.id).ended, "the next job was done")
    done = running.jobs.get(job.id)
    assert (done.state, done.error) == (State.CANCELLED, None)
    assert done.counts == {"added": 2}
    assert len(running.texts()) == 3


def test_a_job_that_is_cancelled_before_it_runs_does_nothing(running):
    for job in (running.add(("rhine.txt", RHINE)), running.jobs.create(Kind.REBUILD)):
        running.jobs.cancel(job.id)
        running.runner().run_waiting()
        assert running.state(job) in {State.CANCELLED, State.DONE}  # an empty rebuild is over
    assert running.texts() == {}


def test_a_rebuild_can_be_cancelled_and_changes_nothing(running):
    running.add(*((f"{n}.txt", f"It is number {n}.") for n in range(5)))
    running.runner().run_waiting()
    generation = running.store.generation()
    job = running.jobs.create(Kind.REBUILD)
    running.jobs.cancel(job.id)
    running.runner().run_waiting()
    assert running.state(job) is State.CANCELLED
    assert running.store.generation() == generation


def test_only_one_process_runs_jobs(running):
    running.add(("rhine.txt", RHINE))
    with locked(running.store.folder / "jobs.lock", "running jobs", wait_seconds=0):
        with pytest.raises(LibraryBusy, match="running jobs"):
            running.runner().run_waiting()
        assert running.texts() == {}
    running.runner().run_waiting()
    assert running.texts() == {"upload:rhine.txt": RHINE}


def test_two_runners_share_the_work_and_do_nothing_twice(running):
    jobs = [running.add((f"{n}.txt", f"It is number {n}.")) for n in range(10)]
    with running.started(running.runner()), running.started(running.runner()):
        eventually(lambda: all(running.jobs.get(j.id).ended for j in jobs), "all was done")
    assert {running.jobs.get(job.id).counts["added"] for job in jobs} == {1}
    assert running.store.generation() == 10


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (LibraryBusy("Somebody writes."), "Somebody writes."),
        (OSError(5, "Input/output error"), "Input/output error"),
        (ZeroDivisionError("secret"), "the server's log says why"),
    ],
)
def test_a_job_that_fails_as_a_whole_says_why(running, monkeypatch, caplog, error, told):
    def failing(*_: object) -> None:
        raise error

    job, after = running.add(("rhine.txt", RHINE)), running.jobs.create(Kind.REBUILD)
    monkeypatch.setattr(Store, "apply", failing)
    running.runner().run_waiting()
    done = running.jobs.get(job.id)
    assert done.state is State.FAILED
    assert told in (done.error or "")
    assert "secret" not in (done.error or "")
    assert ("secret" in caplog.text) == ("secret" in str(error))
    assert running.state(after) is State.DONE


def test_a_running_job_tells_how_far_it_is(running, monkeypatch):
    monkeypatch.setattr("index.indexing._BATCH_PASSAGES", 1)
    monkeypatch.setattr("index.job_runner._SAVE_SECONDS", 0)
    job = running.add(*((f"{n}.txt", f"It is number {n}.") for n in range(4)))
    indexer, waits, go_on = pausing(running, at=3)
    with running.started(running.runner(indexer)):
        assert waits.wait(20)
        seen = running.jobs.get(job.id)
        go_on.set()
        eventually(lambda: running.jobs.get(job.id).ended, "the job was done")
    assert (seen.state, seen.done, seen.total, seen.passages) == (State.RUNNING, 2, 4, 2)
    assert seen.seconds_left is not None
    assert seen.seconds_left >= 0
    assert [item.name for item in seen.items] == ["0.txt", "1.txt"]


def test_a_job_is_begun_as_soon_as_the_runner_is_woken(running):
    runner = running.runner()
    runner.poll_seconds = 3_600
    with running.started(runner):
        job = running.add(("rhine.txt", RHINE))
        runner.wake()
        eventually(lambda: running.jobs.get(job.id).ended, "the job was done")
    assert running.texts() == {"upload:rhine.txt": RHINE}


def test_no_indexer_is_made_before_there_is_a_job(running):
    def never() -> Indexer:
        raise AssertionError

    runner = JobRunner(JobStore(running.store.folder), never, fetch=fetched, poll_seconds=1)
    runner.run_waiting()
    assert "indexer" not in vars(runner)


def test_what_processes_that_died_have_left_is_removed_when_a_runner_starts(running, monkeypatch):
    swept: list[JobStore] = []
    monkeypatch.setattr(JobStore, "sweep", lambda jobs: swept.append(jobs))
    with running.started(running.runner()) as runner:
        eventually(lambda: bool(swept), "it was swept")
    assert swept == [runner.jobs]


def test_the_file_is_sealed_after_the_last_job(running):
    running.add(("rhine.txt", RHINE))
    running.runner().run_waiting()
    log = Path(running.store.folder, "library.sqlite3-wal")
    assert not log.exists() or log.stat().st_size == 0
    assert running.store.check_file() == []
