"""The REST API's writing half: bringing documents in, taking them out, and the jobs that do so."""

from __future__ import annotations

import io
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import PurePath
from typing import IO, Any

from flask import Blueprint, Response, jsonify, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from index.documents import LARGEST_ID
from index.errors import CorruptIndex, DiskFull, LibraryBusy
from index.jobs import Job, Kind, Upload
from qa.assembly import make_indexer
from qa.requests import AddRequest, parse
from web.body import json_body
from web.current import jobs, pipeline, removed, settings, wake_runner

blueprint = Blueprint("library", __name__)

_WAIT_AT_MOST = 60.0  # seconds that a request may wait for its job
_NAME_AT_MOST = 200
_NAMES_IN_LIST = 3  # of a job's files; ``total`` says how many there are


@blueprint.post("/api/v1/documents")
def add_documents() -> tuple[Response, int]:
    """Files (multipart/form-data), or JSON with a text or a URL."""
    if request.mimetype == "multipart/form-data":
        request.max_content_length = settings().max_upload_bytes
        request.max_form_parts = settings().max_upload_files + 10
        job = jobs().create(Kind.ADD, _uploaded())
    else:
        request.max_content_length = settings().max_file_bytes
        job = _from_json(parse(AddRequest, json_body()))
    return _accepted(job)


@blueprint.delete(f"/api/v1/documents/<int(max={LARGEST_ID}):document_id>")
def remove_document(document_id: int) -> dict[str, Any]:
    """When this returns, no process answers from the document any more."""
    store = pipeline().store
    document = None
    with suppress(CorruptIndex):  # what cannot be read can be deleted all the same
        document = store.document(document_id)
    store.remove(document_id)
    if document is not None:
        removed().hold(document)
    with suppress(LibraryBusy, DiskFull):  # it is removed; to seal the file can wait
        store.settle()
    return {"removed": document_id, "generation": store.generation()}


@blueprint.post(f"/api/v1/documents/<int(max={LARGEST_ID}):document_id>/restore")
def restore_document(document_id: int) -> dict[str, Any]:
    """Undo a deletion; the document gets a new id."""
    store = pipeline().store
    indexer = make_indexer(settings(), store, pipeline().retriever.embedder)
    restored = removed().restore(document_id, indexer)
    return {"document_id": restored, "generation": store.generation()}


@blueprint.post("/api/v1/rebuild")
def rebuild() -> tuple[Response, int]:
    return _accepted(jobs().create(Kind.REBUILD))


@blueprint.get("/api/v1/jobs")
def list_jobs() -> dict[str, Any]:
    return {"jobs": [_job(job, items=False) for job in jobs().all()]}


@blueprint.get("/api/v1/jobs/<job_id>")
def get_job(job_id: str) -> dict[str, Any]:
    return _job(_waited_for(jobs().get(job_id)))


@blueprint.post("/api/v1/jobs/<job_id>/cancel")
def cancel_job(job_id: str) -> dict[str, Any]:
    """What the job has committed by then stays."""
    return _job(_waited_for(jobs().cancel(job_id)))


@blueprint.delete("/api/v1/jobs/<job_id>")
def forget_job(job_id: str) -> dict[str, Any]:
    """Take an ended job off the list."""
    if not jobs().get(job_id).ended:
        raise BadRequest(f"Job {job_id} has not ended. Cancel it first.")
    jobs().forget(job_id)
    return {"forgotten": job_id}


def _uploaded() -> Iterator[tuple[Upload, IO[bytes]]]:
    files = [file for file in request.files.getlist("file") if file.filename]
    if not files:
        raise BadRequest('The form holds no file. Send each as a field named "file".')
    if len(files) > settings().max_upload_files:
        raise RequestEntityTooLarge(
            f"The upload holds {len(files):,} files; "
            f"at most {settings().max_upload_files:,} are taken at once."
        )
    return ((upload, file.stream) for upload, file in zip(_uploads(files), files, strict=True))


def _uploads(files: Sequence[FileStorage]) -> Iterator[Upload]:
    """Two files of one name in one upload are two documents."""
    seen: set[str] = set()
    for file in files:
        name = label(file.filename or "")
        path, number = PurePath(name), 1
        while name in seen:
            number += 1
            name = f"{path.stem} ({number}){path.suffix}"  # its suffix tells its format
        seen.add(name)
        yield Upload(name, f"upload:{name}", file.mimetype or None)


def _from_json(asked: AddRequest) -> Job:
    title = _plain(asked.title or "") or None
    if asked.url is not None:
        upload = Upload(asked.url, asked.url, title=title, date=asked.date)
        return jobs().create(Kind.ADD_URL, [(upload, None)])
    text = asked.text or ""
    name = label(title or _plain(text)[:60])
    # A text without a name of its own is another one as soon as a character differs.
    own = name if title else f"{name} ({sha256(text.encode()).hexdigest()[:8]})"
    source = _plain(asked.source or "") or f"text:{own}"
    upload = Upload(name, source, "text/plain", title, asked.date)
    return jobs().create(Kind.ADD, [(upload, io.BytesIO(text.encode()))])


def label(name: str) -> str:
    """A file's name as a label: its last part, without what steers a terminal or a reader."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return _plain(last)[:_NAME_AT_MOST].rstrip() or "unnamed"


def _plain(words: str) -> str:
    """In one line of single spaces, without what steers a terminal or a reader."""
    kept = "".join(c for c in words if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(kept.split())


def _accepted(job: Job) -> tuple[Response, int]:
    wake_runner()
    job = _waited_for(job)
    response = jsonify(_job(job))
    response.headers["Location"] = url_for("library.get_job", job_id=job.id)
    return response, 200 if job.ended else 202


def _waited_for(job: Job) -> Job:
    """The job once it has ended, or as it is after the seconds that ``?wait=`` says."""
    seconds = request.args.get("wait", 0.0, type=float)
    deadline = time.monotonic() + min(max(seconds, 0.0), _WAIT_AT_MOST)
    while not job.ended and time.monotonic() < deadline:
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
