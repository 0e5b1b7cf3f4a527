"""Errors of asking; the index has its own in `index.errors`."""

from __future__ import annotations

from index.errors import LibraryError


class InvalidQuestion(LibraryError):
    """The question cannot be answered as written (empty, not text)."""


class QuestionTooLong(InvalidQuestion):
    """The question is longer than the limit."""


class InvalidSetting(LibraryError):
    """A setting has a value that makes no sense."""


class InvalidCalibration(LibraryError):
    """The questions given do not allow the confidence to be fitted to them."""
