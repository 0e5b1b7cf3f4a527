"""The REST API's writing half: bringing documents in, taking them out, and the jobs that do so."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from index.documents import StoredDocument
from index.errors import CorruptIndex, DiskFull, LibraryBusy, UnknownDocument
from index.jobs import Job, Kind
from qa.additions import AddRequest
from qa.assembly import make_indexer
from web import uploads
from web.current import jobs, pipeline, removed, settings
from web.jobs import accepted
from web.operations import Example, Operation, operation
from web.schemas.documents import BulkAdd, BulkDelete, BulkRemoved, Removed, Restored
from web.schemas.jobs import Job as JobValue
from web.schemas.jobs import WaitQuery

blueprint = Blueprint("library", __name__)

_HELD_AT_MOST = 20_000_000  # characters of what one request deletes, to undo it


@blueprint.post("/api/v1/documents")
@operation(
    Operation(
        tag="Library",
        summary="Add files, a text or a URL",
        query=WaitQuery,
        body=AddRequest,
        form=True,
        most="max_file_bytes",
        returns={200: JobValue, 202: JobValue},
        problems=("disk-full",),
        example=Example(
            query={"wait": 60},
            body={"title": "Harbour", "text": "The harbour was closed on Monday."},
        ),
    )
)
def add_documents(query: WaitQuery, body: AddRequest | None) -> tuple[Response, int]:
    """Files as a form (`multipart/form-data`, each a field named `file`), or JSON with a text or a
    URL. The answer is a job: 202 while it runs, 200 if it has ended within `wait`.

    A file, text or URL of a source that the library has is an update. Is it what the library has
    already, its outcome is `unchanged`: nothing is stored and the generation stays, so that a
    request can be sent again when its answer was lost."""
    if body is None:
        request.max_form_parts = settings().max_upload_files + 10
        return accepted(jobs().create(Kind.ADD, uploads.of_form()), query.wait)
    return accepted(_job_of([body]), query.wait)


@blueprint.post("/api/v1/documents/bulk")
@operation(
    Operation(
        tag="Library",
        summary="Add several texts or URLs",
        query=WaitQuery,
        body=BulkAdd,
        most="max_file_bytes",
        returns={200: JobValue, 202: JobValue},
        problems=("disk-full",),
        example=Example(
            query={"wait": 60},
            body={
                "documents": [
                    {"title": "Harbour", "text": "The harbour was closed on Monday."},
                    {"title": "Airport", "text": "The airport was closed on Tuesday."},
                ]
            },
        ),
    )
)
def add_several(query: WaitQuery, body: BulkAdd) -> tuple[Response, int]:
    """One job for all of them; as many as an upload may hold files."""
    most = settings().max_upload_files
    if len(body.documents) > most:
        raise RequestEntityTooLarge(
            f"The request holds {len(body.documents):,} documents; at most {most:,} are taken at "
            "once (QA_MAX_UPLOAD_FILES)."
        )
    return accepted(_job_of(body.documents), query.wait)


@blueprint.delete("/api/v1/documents/<document:document_id>")
@operation(
    Operation(
        tag="Library",
        summary="Delete a document",
        returns={200: Removed},
        problems=("unknown-document", "library-busy", "disk-full"),
        example=Example(path={"document_id": 5}),
    )
)
def remove_document(document_id: int) -> dict[str, Any]:
    """When this returns, no process answers from the document any more. `restore` undoes it for
    ten minutes."""
    store = pipeline().store
    document = _readable(document_id)
    store.remove(document_id)
    if document is not None:
        removed().hold(document)
    with suppress(LibraryBusy, DiskFull):  # it is removed; to seal the file can wait
        store.settle()
    return {"removed": document_id, "generation": store.generation()}


@blueprint.post("/api/v1/documents/bulk-delete")
@operation(
    Operation(
        tag="Library",
        summary="Delete several documents",
        body=BulkDelete,
        returns={200: BulkRemoved},
        problems=("library-busy", "disk-full"),
        example=Example(body={"ids": [3, 4]}),
    )
)
def remove_several(body: BulkDelete) -> dict[str, Any]:
    """All in one step: nobody sees the library with half of them. Ids that no document has are
    told and are no error, so that a request can be sent again."""
    store = pipeline().store
    documents = _restorable(body.ids)
    gone = set(store.discard(list(documents))) if documents else set()
    for document_id, document in documents.items():
        if document_id in gone and document is not None:
            removed().hold(document)
    with suppress(LibraryBusy, DiskFull):
        store.settle()
    ids = list(dict.fromkeys(body.ids))
    return {
        "removed": [document_id for document_id in ids if document_id in gone],
        "unknown": [document_id for document_id in ids if document_id not in gone],
        "generation": store.generation(),
    }


@blueprint.post("/api/v1/documents/<document:document_id>/restore")
@operation(
    Operation(
        tag="Library",
        summary="Undo the deletion of a document",
        returns={200: Restored},
        problems=("unknown-document", "not-restorable", "conflict", "library-busy", "disk-full"),
        example=Example(path={"document_id": 5}),
    )
)
def restore_document(document_id: int) -> dict[str, Any]:
    """The document gets a new id."""
    store = pipeline().store
    indexer = make_indexer(settings(), store, pipeline().retriever.embedder)
    restored = removed().restore(document_id, indexer)
    return {"document_id": restored, "generation": store.generation()}


@blueprint.post("/api/v1/rebuild")
@operation(
    Operation(
        tag="Library",
        summary="Cut and embed all documents anew",
        query=WaitQuery,
        returns={200: JobValue, 202: JobValue},
        problems=("disk-full",),
        example=Example(query={"wait": 60}),
    )
)
def rebuild(query: WaitQuery) -> tuple[Response, int]:
    """A job; the old index answers meanwhile."""
    return accepted(jobs().create(Kind.REBUILD), query.wait)


def _readable(document_id: int) -> StoredDocument | None:
    """What cannot be read can be deleted all the same."""
    with suppress(CorruptIndex):
        return pipeline().store.document(document_id)
    return None


def _restorable(ids: Sequence[int]) -> dict[int, StoredDocument | None]:
    """Those of the documents that there are; None for one that there is no room to hold."""
    found: dict[int, StoredDocument | None] = {}
    room = _HELD_AT_MOST
    for document_id in ids:
        with suppress(UnknownDocument):
            document = _readable(document_id)
            room -= len(document.text) if document else 0
            found[document_id] = document if room >= 0 else None
    return found


def _job_of(told: Sequence[AddRequest]) -> Job:
    """A job for texts, or for URLs; never for both."""
    if told[0].url is not None:
        return jobs().create(Kind.ADD_URL, uploads.of_urls(told))
    return jobs().create(Kind.ADD, uploads.of_texts(told))
