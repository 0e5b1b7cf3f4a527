"""The file that a document was read from, where it is still there and still the same."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from index.documents import LARGEST_ID, StoredDocument
from web.current import pipeline, settings

blueprint = Blueprint("originals", __name__)

FILE = "file"
_URLS = ("http://", "https://")


def original_of(document: StoredDocument) -> str | None:
    """`FILE` where this server has it, its address where the web has, else None."""
    if document.origin.startswith(_URLS):
        return document.origin
    path = Path(document.origin)
    return FILE if document.origin_hash and path.is_absolute() and path.is_file() else None


@blueprint.get(f"/api/v1/documents/<int(max={LARGEST_ID}):document_id>/original")
def original(document_id: int) -> Response:
    """The bytes that were read when the document was added, never others.

    They are a download: a page that somebody wrote must not open as one of ours.
    """
    document = pipeline().store.document(document_id)
    content = _unchanged(document) if original_of(document) == FILE else None
    if content is None:
        raise NotFound(f"The file that document {document_id} was read from is not at hand.")
    name = Path(document.origin).name
    plain = "".join(c for c in name if c.isascii() and c.isprintable() and c not in '"\\')
    response = Response(content, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    )
    return response


def _unchanged(document: StoredDocument) -> bytes | None:
    try:
        with Path(document.origin).open("rb") as file:
            content = file.read(settings().max_file_bytes + 1)
    except OSError:
        return None
    return content if sha256(content).hexdigest() == document.origin_hash else None
