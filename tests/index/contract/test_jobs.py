"""What either engine promises of jobs: what was acknowledged is there, whole, for all processes."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from hashlib import sha256

import pytest

from index.errors import LibraryBusy, UnknownJob
from index.job_runner import JobRunner
from index.jobs import Item, Jobs, Kind, State, Upload
from index.opening import open_jobs
from tests.index.libraries import indexer_of
from tests.index.test_jobs import TEXTS, uploads


@pytest.fixture
def jobs(store) -> Jobs:
    return open_jobs(store)


def test_a_job_comes_back_as_it_was_created(jobs, place):
    upload = Upload("a.txt", "upload:a.txt", "text/plain", "Flüsse 😀", "2022-08-11")
    job = jobs.create(Kind.ADD, [(upload, io.BytesIO(b"The Po."))])
    assert (job.state, job.total, job.done) == (State.QUEUED, 1, 0)
    assert job.uploads == (replace(upload, sha256=sha256(b"The Po.").hexdigest()),)
    assert jobs.get(job.id) == job
    assert open_jobs(place.open()).get(job.id) == job


def test_the_uploads_are_copied_byte_for_byte(jobs):
    data = os.urandom(3_000_000)
    job = jobs.create(Kind.ADD, [*uploads(), (Upload("big", "upload:big"), io.BytesIO(data))])
    stored = [jobs.upload(job, number).read_bytes() for number in range(3)]
    assert stored == [*TEXTS.values(), data]


def test_a_job_without_uploads(jobs):
    assert jobs.create(Kind.REBUILD).total == 0
    job = jobs.create(Kind.ADD_URL, [(Upload("https://a.org", "https://a.org"), None)])
    assert (job.total, job.uploads[0].sha256) == (1, "")


def test_jobs_are_listed_newest_first_and_wait_oldest_first(jobs):
    created = [jobs.create(Kind.REBUILD) for _ in range(20)]  # many within one second
    assert jobs.all() == created[::-1]
    assert jobs.waiting() == created


def test_a_new_library_has_no_jobs(jobs):
    assert (jobs.all(), jobs.waiting(), jobs.damaged()) == ([], [], [])
    jobs.sweep()


def test_what_another_process_ends_waits_no_more(jobs, place):
    job = jobs.create(Kind.REBUILD)
    other = open_jobs(place.open())
    assert other.waiting() == [job]
    jobs.save(replace(job, state=State.DONE))
    assert other.waiting() == []
    assert other.get(job.id).state is State.DONE


@pytest.mark.parametrize(
    "job_id", ["", "x", "../../etc", "20260101000000000000-0123456", "\0", "a/b", "." * 300]
)
def test_an_unknown_job_is_named(jobs, job_id):
    jobs.create(Kind.REBUILD)
    for use in (jobs.get, jobs.cancel, jobs.forget):
        with pytest.raises(UnknownJob) as caught:
            use(job_id)
        assert repr(job_id) in str(caught.value)


def test_a_job_that_was_forgotten_is_not_brought_back_by_saving_it(jobs):
    job = jobs.create(Kind.REBUILD)
    jobs.forget(job.id)
    jobs.save(replace(job, state=State.RUNNING))
    assert jobs.all() == []


def test_a_job_is_asked_to_end_until_it_has(jobs):
    job = jobs.create(Kind.ADD, uploads())
    assert not jobs.is_cancelled(job)
    assert jobs.cancel(job.id) == job
    assert jobs.is_cancelled(job)
    jobs.save(replace(job, state=State.DONE))
    assert not jobs.is_cancelled(job)
    assert jobs.cancel(job.id).state is State.DONE
    assert not jobs.is_cancelled(job)


def test_what_failed_is_kept_when_there_are_too_many_outcomes_to_list(jobs):
    job = jobs.create(Kind.REBUILD)
    for number in range(1_500):
        failed = number % 100 == 0
        job = job.with_item(
            Item(str(number), "failed" if failed else "added", "why" if failed else ""), 2
        )
    assert (job.done, job.passages) == (1_500, 3_000)
    assert job.counts == {"failed": 15, "added": 1_485}
    assert len(job.items) == 1_000
    assert [i.name for i in job.items if i.reason] == [str(n) for n in range(0, 1_500, 100)]
    jobs.save(job)
    assert jobs.get(job.id) == job


def test_a_job_that_has_ended_has_no_uploads_and_one_that_has_not_keeps_them(jobs):
    job = jobs.create(Kind.ADD, uploads())
    jobs.save(replace(job, state=State.RUNNING))
    assert jobs.upload(job, 1).read_bytes() == TEXTS["elbe.txt"]
    jobs.save(replace(job, state=State.DONE))
    with pytest.raises(OSError, match=r"1\.bin|/1"):
        jobs.upload(job, 1).read_bytes()
    assert jobs.waiting() == []


def test_an_upload_that_breaks_off_leaves_no_job(jobs):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError):
        jobs.create(Kind.ADD, [*uploads(), (Upload("c", "upload:c"), Broken(b"c"))])
    assert jobs.all() == jobs.waiting() == []


def test_of_the_jobs_that_have_ended_only_the_last_are_kept(jobs, monkeypatch):
    monkeypatch.setattr(f"{type(jobs).__module__}.ENDED_KEPT", 2)
    ended = [jobs.create(Kind.REBUILD) for _ in range(4)]
    for job in ended:
        jobs.save(replace(job, state=State.DONE))
    waiting = jobs.create(Kind.REBUILD)
    assert [job.id for job in jobs.all()] == [waiting.id, ended[3].id, ended[2].id]


def test_a_damaged_record_is_found_and_forgotten(jobs, place):
    job, other = jobs.create(Kind.ADD, uploads()), jobs.create(Kind.REBUILD)
    if place.url:
        place.damage(f"UPDATE jobs SET record = '0' || record WHERE id = '{job.id}'")
    else:
        (jobs.folder / job.id / "job.json").write_bytes(b"00000000\n{}\n")
    assert jobs.damaged() == [job.id]
    assert jobs.all() == jobs.waiting() == [other]
    jobs.forget(job.id)
    assert jobs.damaged() == []


def test_one_process_runs_the_jobs_and_each_is_carried_out_once(jobs, place, store, tmp_path):
    """What one machine was sent, another can bring in."""
    elsewhere = place.open(folder=tmp_path / "elsewhere" if place.url else None)
    others = open_jobs(elsewhere)

    def fetch(url: str) -> object:
        raise AssertionError(url)

    runner = JobRunner(others, lambda: indexer_of(elsewhere), fetch=fetch, poll_seconds=1)
    job = jobs.create(Kind.ADD, uploads())
    with jobs.alone(), pytest.raises(LibraryBusy, match="running jobs"):
        runner.run_waiting()
    runner.run_waiting()
    done = jobs.get(job.id)
    assert (done.state, done.counts) == (State.DONE, {"added": 2})
    assert [store.document(d.id).text for d in store.documents()] == [
        text.decode() for text in TEXTS.values()
    ]
