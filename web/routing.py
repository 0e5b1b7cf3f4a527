"""How paths name documents."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import BaseConverter

from index.documents import LARGEST_ID

_DIGITS = len(str(LARGEST_ID))


class DocumentId(BaseConverter):
    """Any number: one that no document can have is a document that is not there.

    werkzeug's own converter of numbers would give it to no rule, and fail on one of 5,000 digits.
    """

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        return int(value) if len(value.lstrip("0")) <= _DIGITS else LARGEST_ID + 1


def register(app: Flask) -> None:
    """Before the blueprints, whose rules use it: ``<document:document_id>``."""
    app.url_map.converters["document"] = DocumentId
