"""Every kind of problem that the service tells of: its name, what it means, what would be right.

A kind's name is the last part of a problem's ``type``, ``/problems/NAME``, where a page explains
it. Programs go by the name; it stays as it is, while the ``detail`` may be worded anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from werkzeug.exceptions import HTTPException

PATH = "/problems/"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem.

    Attributes:
        name: of lower-case letters and hyphens.
        meaning: what happened, in a sentence or two.
        remedy: what the caller can do.
    """

    name: str
    status: HTTPStatus
    title: str
    meaning: str
    remedy: str

    @property
    def type(self) -> str:
        return PATH + self.name


def _kind(name: str, status: int, title: str, meaning: str, remedy: str) -> Kind:
    return Kind(name, HTTPStatus(status), title, meaning, remedy)


_KINDS = (
    _kind(
        "malformed-request",
        400,
        "The request cannot be read",
        "The body is not valid JSON, or the form holds no file.",
        "Send what the detail asks for: JSON in UTF-8, or a form with fields named “file”.",
    ),
    _kind(
        "key-needed",
        401,
        "An API key is needed",
        "This server answers those who have a key only; the request came with none, or with one "
        "that is not valid (any more).",
        "Send a valid key as “Authorization: Bearer vb_…”. Keys are made with "
        "“python -m qa keys create”.",
    ),
    _kind(
        "key-expired",
        401,
        "The API key has expired",
        "The key was made for a time that is over.",
        "Ask the server's owner for a new one.",
    ),
    _kind(
        "key-revoked",
        401,
        "The API key was revoked",
        "The server's owner has taken the key back.",
        "Ask the server's owner for a new one.",
    ),
    _kind(
        "not-allowed",
        403,
        "This may not be done from there",
        "A page of another site, a caller from afar or a key of too small a scope asked for it.",
        "The detail says which of these, and which setting or scope would allow it.",
    ),
    _kind(
        "unknown-path",
        404,
        "There is nothing at this path",
        "No page and no part of the API has this path.",
        "All paths of the API are listed at /docs.",
    ),
    _kind(
        "unknown-document",
        404,
        "There is no such document",
        "No document has this id. It may have been deleted.",
        "GET /api/v1/documents lists the documents with their ids.",
    ),
    _kind(
        "original-missing",
        404,
        "The original file is not at hand",
        "The file that the document was read from is gone or has changed, or there was none.",
        "The document's text is there: GET /api/v1/documents/ID.",
    ),
    _kind(
        "unknown-job",
        404,
        "There is no such job",
        "No job has this id. Of the jobs that have ended the last hundred are kept.",
        "GET /api/v1/jobs lists the jobs with their ids.",
    ),
    _kind(
        "unknown-conversation",
        404,
        "There is no such conversation",
        "No conversation has this id. It may have been deleted.",
        "GET /api/v1/conversations lists the conversations with their ids.",
    ),
    _kind(
        "not-restorable",
        404,
        "The deletion cannot be undone",
        "The document was not deleted by this server, or too long ago.",
        "Add the document again.",
    ),
    _kind(
        "wrong-method",
        405,
        "The path does not take this method",
        "The path exists, but not for this HTTP method.",
        "The header “Allow” and the detail say which methods it takes.",
    ),
    _kind(
        "conflict",
        409,
        "This cannot be done now",
        "What the request is about is not in the state that it needs to be in.",
        "The detail says what has to happen first.",
    ),
    _kind(
        "too-large",
        413,
        "The request is too large",
        "The body, an upload or one of its parts is beyond a limit of this server.",
        "Send less at once. The detail names the limit and the setting that holds it.",
    ),
    _kind(
        "wrong-media-type",
        415,
        "The body is of another media type",
        "The Content-Type is not one that this path takes, or the body is compressed.",
        "Send “Content-Type: application/json”, without “Content-Encoding”; files go as "
        "“multipart/form-data”.",
    ),
    _kind(
        "misdirected",
        421,
        "The server was called by another name",
        "The server listens on this machine only, and the header “Host” names another one: a page "
        "of another site may be behind it.",
        "Call it by the address that it listens on, such as http://127.0.0.1:8000.",
    ),
    _kind(
        "invalid-request",
        422,
        "A value is not as it must be",
        "A field or a parameter is missing, unknown, empty, of the wrong type or out of range.",
        "The detail says what would be right. Where fields are at fault by themselves, “errors” "
        "lists each: “at” says where it is and “detail” what is wrong with it.",
    ),
    _kind(
        "invalid-filter",
        422,
        "A filter cannot be applied",
        "The filters contradict each other: the range of dates ends before it begins.",
        "Send a “date_from” that is not after “date_to”. The detail names both.",
    ),
    _kind(
        "question-too-long",
        422,
        "The question is too long",
        "A question has more characters or words than the server takes.",
        "Ask one thing at a time, in a sentence.",
    ),
    _kind(
        "too-many-requests",
        429,
        "Too many requests",
        "The key has used up what it may ask in a while.",
        "Wait the seconds that the header “Retry-After” says.",
    ),
    _kind(
        "server-fault",
        500,
        "The server failed",
        "A fault of the server. Its log has what happened, under the request's id; the answer "
        "tells nothing of it. Nothing that was acknowledged is lost.",
        "Try again; if it comes back, report it with the request's id.",
    ),
    _kind(
        "overloaded",
        503,
        "The server has too much to do",
        "As many requests are under way, and as many wait, as the server takes.",
        "Wait the seconds that the header “Retry-After” says, then ask again.",
    ),
    _kind(
        "library-busy",
        503,
        "The library is being written",
        "Another process writes to the library at the moment.",
        "Try again in a few seconds.",
    ),
    _kind(
        "library-damaged",
        503,
        "The library is damaged",
        "What is stored is not what was written. Nothing that is damaged is shown.",
        "Stop the server and run “python -m qa index verify --repair”.",
    ),
    _kind(
        "library-unusable",
        503,
        "The library cannot be used",
        "The library, its models and the settings do not fit together.",
        "The detail says which, and what to do on the server.",
    ),
    _kind(
        "disk-full",
        507,
        "The disk is full",
        "There is no room to write. What was being written was given up; nothing was changed.",
        "Make room on the server's disk.",
    ),
)
KINDS = {kind.name: kind for kind in _KINDS}
OF_STATUS = {
    400: KINDS["malformed-request"],
    401: KINDS["key-needed"],
    403: KINDS["not-allowed"],
    404: KINDS["unknown-path"],
    405: KINDS["wrong-method"],
    409: KINDS["conflict"],
    413: KINDS["too-large"],
    415: KINDS["wrong-media-type"],
    421: KINDS["misdirected"],
    422: KINDS["invalid-request"],
    429: KINDS["too-many-requests"],
    500: KINDS["server-fault"],
    503: KINDS["overloaded"],
    507: KINDS["disk-full"],
}


def of_kind(name: str, error: HTTPException) -> HTTPException:
    """The error, to be told as a problem of this kind instead of its status's usual one."""
    error.problem = KINDS[name]  # type: ignore[attr-defined]
    return error


def kind_of(error: HTTPException) -> Kind:
    kind = getattr(error, "problem", None)
    if isinstance(kind, Kind):
        return kind
    status = error.code or 500
    return OF_STATUS.get(status) or OF_STATUS[500 if status >= 500 else 400]
