"""The file that a document was read from, where it is still there and still the same."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path, PurePath
from urllib.parse import quote

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from index.documents import StoredDocument
from index.originals import OriginalStore
from web import problems
from web.current import pipeline, settings
from web.operations import Example, Operation, operation
from web.schemas.documents import OriginalQuery

blueprint = Blueprint("originals", __name__)

FILE = "file"
_URLS = ("http://", "https://")
_UPLOAD = "upload:"
_PDF = "application/pdf"
_TEXT = frozenset({"text/plain", "text/markdown"})


def original_of(document: StoredDocument) -> str | None:
    """`FILE` where this server has it, its address where the web has, else None."""
    if document.origin.startswith(_URLS):
        return document.origin
    if document.origin.startswith(_UPLOAD):
        return FILE if OriginalStore(settings().data).holds(document.origin_hash) else None
    path = Path(document.origin)
    return FILE if document.origin_hash and path.is_absolute() and path.is_file() else None


@blueprint.get("/api/v1/documents/<document:document_id>/original")
@operation(
    Operation(
        tag="Documents",
        summary="Download the original file",
        query=OriginalQuery,
        media={
            "application/octet-stream": "The file's bytes.",
            "application/pdf": "To be shown, with `view`.",
            "text/plain": "To be shown, with `view`.",
        },
        problems=("unknown-document", "original-missing", "library-damaged"),
        example=Example(path={"document_id": 1}),
    )
)
def original(document_id: int, query: OriginalQuery) -> Response:
    """The bytes that were read when the document was added, never others.

    They are a download: a page that somebody wrote must not open as one of ours. With ``?view``
    plain text and PDF are shown, which are no pages.
    """
    document = pipeline().store.document(document_id)
    content = _unchanged(document) if original_of(document) == FILE else None
    if content is None:
        raise problems.of_kind(
            "original-missing",
            NotFound(f"The file that document {document_id} was read from is not at hand."),
        )
    shown = _shown_as(document, content) if query.view is not None else None
    response = Response(content, content_type=shown or "application/octet-stream")
    name = PurePath(document.origin.removeprefix(_UPLOAD)).name
    plain = "".join(c for c in name if c.isascii() and c.isprintable() and c not in '"\\')
    response.headers["Content-Disposition"] = (
        f"{'inline' if shown else 'attachment'}; "
        f"filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    )
    return response


def _shown_as(document: StoredDocument, content: bytes) -> str | None:
    """The type that the browser is to take it for; None where it is to be saved."""
    if document.media_type == _PDF and content.startswith(b"%PDF-"):
        return _PDF
    if document.media_type not in _TEXT:
        return None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "text/plain; charset=utf-8"


def _unchanged(document: StoredDocument) -> bytes | None:
    if document.origin.startswith(_UPLOAD):
        return OriginalStore(settings().data).read(document.origin_hash)
    try:
        with Path(document.origin).open("rb") as file:
            content = file.read(settings().max_file_bytes + 1)
    except OSError:
        return None
    return content if sha256(content).hexdigest() == document.origin_hash else None
