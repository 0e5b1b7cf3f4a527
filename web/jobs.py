"""The REST API of jobs, and how a request waits for one."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, url_for
from werkzeug.exceptions import Conflict

from index.jobs import Job
from web import limits
from web.current import jobs, wake_runner
from web.operations import Example, Operation, operation
from web.schemas.jobs import Forgotten, JobList, WaitQuery
from web.schemas.jobs import Job as JobValue

blueprint = Blueprint("jobs", __name__)

_NAMES_IN_LIST = 3  # of a job's files; ``total`` says how many there are


@blueprint.get("/api/v1/jobs")
@operation(Operation(tag="Jobs", summary="List the jobs", returns={200: JobList}))
def list_jobs() -> dict[str, Any]:
    """Those under way and the last hundred that have ended, the newest first."""
    return {"jobs": [_job(job, items=False) for job in jobs().all()]}


@blueprint.get("/api/v1/jobs/<job_id>")
@operation(
    Operation(
        tag="Jobs",
        summary="Read a job",
        query=WaitQuery,
        returns={200: JobValue},
        problems=("unknown-job",),
        example=Example(path={"job_id": "$JOB"}, query={"wait": 60}),
    )
)
def get_job(job_id: str, query: WaitQuery) -> dict[str, Any]:
    """With `wait`, once it has ended."""
    return _job(_waited_for(jobs().get(job_id), query.wait))


@blueprint.post("/api/v1/jobs/<job_id>/cancel")
@operation(
    Operation(
        tag="Jobs",
        summary="End a job",
        query=WaitQuery,
        returns={200: JobValue},
        problems=("unknown-job",),
        example=Example(path={"job_id": "$JOB"}),
    )
)
def cancel_job(job_id: str, query: WaitQuery) -> dict[str, Any]:
    """What the job has committed by then stays."""
    return _job(_waited_for(jobs().cancel(job_id), query.wait))


@blueprint.delete("/api/v1/jobs/<job_id>")
@operation(
    Operation(
        tag="Jobs",
        summary="Take an ended job off the list",
        returns={200: Forgotten},
        problems=("unknown-job", "conflict"),
        example=Example(path={"job_id": "$JOB"}),
    )
)
def forget_job(job_id: str) -> dict[str, Any]:
    """The documents that it brought in stay."""
    if not jobs().get(job_id).ended:
        raise Conflict(f"Job {job_id} has not ended. Cancel it first.")
    jobs().forget(job_id)
    return {"forgotten": job_id}


def accepted(job: Job, wait: float) -> tuple[Response, int]:
    """Tell of a job that was queued: 202, or 200 if it ended within so many seconds."""
    wake_runner()
    job = _waited_for(job, wait)
    response = jsonify(_job(job))
    response.headers["Location"] = url_for("jobs.get_job", job_id=job.id)
    return response, 200 if job.ended else 202


def _waited_for(job: Job, seconds: float) -> Job:
    """The job once it has ended, or as it is after so many seconds."""
    deadline = time.monotonic() + seconds
    with limits.place_to_wait() as granted:
        while granted and not job.ended and time.monotonic() < deadline:
            time.sleep(0.05)
            job = jobs().get(job.id)
    return job


def _job(job: Job, *, items: bool = True) -> dict[str, Any]:
    told = asdict(job)
    del told["uploads"]
    told["files"] = [upload.name for upload in job.uploads]
    if not items:
        del told["items"], told["files"][_NAMES_IN_LIST:]
    return told
