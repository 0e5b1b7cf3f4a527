"""Errors of asking; the index has its own in `index.errors`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.errors import LibraryError


class InvalidQuestion(LibraryError):
    """The question cannot be answered as written (empty, not text)."""


class InvalidRequest(InvalidQuestion):
    """A request's fields are not as they must be.

    Attributes:
        faults: each ``{"at": "history.0.question", "detail": "Field required"}``.
    """

    def __init__(self, faults: Sequence[Mapping[str, str]]) -> None:
        super().__init__("; ".join(f"{fault['at']}: {fault['detail']}" for fault in faults))
        self.faults = tuple(dict(fault) for fault in faults)


class QuestionTooLong(InvalidQuestion):
    """The question is longer than the limit."""


class InvalidSetting(LibraryError):
    """A setting has a value that makes no sense."""


class InvalidCalibration(LibraryError):
    """The questions given do not allow the confidence to be fitted to them."""
