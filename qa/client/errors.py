"""What can go wrong with a call, each as one exception; all are a `ClientError`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index.jobs import Job


class ClientError(Exception):
    """Base of all errors of this package."""


class Unreachable(ClientError):
    """No answer came: no such server, the connection broke, or it took too long."""


class UnexpectedAnswer(ClientError):
    """What came back is not what this version of the service sends; the message says where."""


class FileUnreadable(ClientError):
    """A file that was to be sent cannot be read, or changed while it was sent."""


class JobFailed(ClientError):
    """Nothing was brought in; the message has the reasons."""

    def __init__(self, job: Job, message: str) -> None:
        super().__init__(message)
        self.job = job


@dataclass(frozen=True, slots=True)
class Problem:
    """What the service says went wrong, as RFC 9457 has it.

    Attributes:
        kind: the last part of ``type``, which programs can go by: ``unknown-document``.
        errors: each field at fault, and what is wrong with it.
    """

    status: int
    kind: str
    title: str
    detail: str
    errors: tuple[tuple[str, str], ...] = ()
    request_id: str | None = None


class ProblemError(ClientError):
    """The service refused, or failed.

    Attributes:
        after_broken: whether the same call was sent before and its answer was lost: what it asks
            for may have been done by then.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail or problem.title)
        self.problem = problem
        self.after_broken = False


class InvalidCall(ProblemError):
    """What was sent cannot be dealt with: 400, 413, 415, 422."""


class NotAllowed(ProblemError):
    """No key, a wrong one, or one of too small a scope: 401, 403."""


class NotFound(ProblemError):
    """There is no such document, job or conversation: 404."""


class TooManyRequests(ProblemError):
    """The key's rate is used up, also after waiting: 429."""


class Unavailable(ProblemError):
    """The service cannot answer at the moment, also after waiting: 502, 503, 504."""


_OF_STATUS: Mapping[int, type[ProblemError]] = {
    400: InvalidCall,
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    413: InvalidCall,
    415: InvalidCall,
    422: InvalidCall,
    429: TooManyRequests,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


def problem_of(status: int, value: Any) -> Problem:
    """What a body tells; of a body that is no problem detail (a proxy's page) only its status."""
    told = value if isinstance(value, Mapping) else {}
    request_id = told.get("request_id")
    return Problem(
        status=status,
        kind=str(told.get("type", "about:blank")).rsplit("/", 1)[-1],
        title=str(told.get("title", f"HTTP status {status}")),
        detail=str(told.get("detail", "")),
        errors=tuple(_faults(told.get("errors"))),
        request_id=request_id if isinstance(request_id, str) else None,
    )


def error_of(problem: Problem) -> ProblemError:
    return _OF_STATUS.get(problem.status, ProblemError)(problem)


def _faults(value: Any) -> list[tuple[str, str]]:
    items = value if isinstance(value, list) else []
    return [(str(i.get("at")), str(i.get("detail"))) for i in items if isinstance(i, Mapping)]
