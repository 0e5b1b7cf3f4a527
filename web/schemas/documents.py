"""Documents: the list, one with its text, what is brought in and taken out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from index.anchors import State
from qa.additions import AddRequest
from qa.requests import DocumentId
from web.schemas.base import WHOLE, FromZero, Query, Request, Value

LISTED_AT_MOST = 1_000
_OF_ONE_SORT: JsonDict = {
    "x-maxItems": "max_upload_files",
    "anyOf": [
        {"items": {"properties": {"url": {"type": "null"}}}},
        {"items": {"properties": {"text": {"type": "null"}}}},
    ],
}
_OFFSET = "in Unicode code points"


class ListQuery(Query):
    """A page of the list."""

    cursor: FromZero | None = Field(None, description="“next” of the page before.")
    limit: Annotated[int, Field(ge=1, le=LISTED_AT_MOST), WHOLE] = Field(
        LISTED_AT_MOST, description="How many documents at most."
    )


class RangeQuery(Query):
    """A piece of a text; half open, so that a citation's offsets fit."""

    start: FromZero = Field(0, description=f"Where to begin, {_OFFSET}.")
    end: FromZero | None = Field(
        None, description=f"Where to end (not included), {_OFFSET}; by default at its end."
    )


class OriginalQuery(Query):
    """How to get the file."""

    view: Literal["", "1"] | None = Field(
        None, description="Show plain text and PDF, instead of saving them."
    )


class DocumentRow(Value):
    """A document without its text."""

    id: int
    source: str = Field(description="What it is listed and updated under: a path, a URL, a name.")
    title: str
    media_type: str
    date: str | None
    characters: int = Field(ge=0)
    passages: int = Field(ge=0)
    author: str | None
    voice: int = Field(description="Near copies of each other have the same.")


class DocumentList(Value):
    """A page of the list, in the order in which the documents were first added."""

    generation: int = Field(ge=0)
    documents: list[DocumentRow]
    next: int | None = Field(description="Send it as “cursor” for the next page; null at the end.")


class Range(Value):
    """Half open, in code points."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Document(Value):
    """A document with its whole text."""

    id: int
    title: str
    source: str
    date: str | None
    author: str | None
    version: str = Field(description="Changes whenever the document does.")
    pages: list[int] = Field(description="Where each page begins in the text; empty if none.")
    media_type: str
    original: str | None = Field(
        description="“file” if the server has the file (see /original), its address if it came "
        "from the web, else null."
    )
    characters: int = Field(ge=0)
    passages: int = Field(ge=0)
    text: str
    furniture: list[Range] = Field(description="Menus, share counters …: not searched.")


class TextRange(Value):
    """A piece of a document's text."""

    document_id: int
    version: str
    generation: int
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    characters: int = Field(description="Of the whole text.", ge=0)
    text: str


class Removed(Value):
    """No process answers from the document any more."""

    removed: int
    generation: int


class Restored(Value):
    """A deletion was undone."""

    document_id: int = Field(description="Its new id.")
    generation: int


class BulkAdd(Request):
    """Several texts, or several URLs."""

    documents: Annotated[list[AddRequest], Field(min_length=1)] = Field(
        description="All of them texts, or all of them URLs.", json_schema_extra=_OF_ONE_SORT
    )

    @model_validator(mode="after")
    def _of_one_sort(self) -> BulkAdd:
        if len({document.url is None for document in self.documents}) > 1:
            raise PydanticCustomError("content", "Send texts and URLs in requests of their own")
        return self


class BulkDelete(Request):
    """Ids of documents."""

    ids: Annotated[list[DocumentId], Field(min_length=1, max_length=LISTED_AT_MOST)] = Field(
        examples=[[2]]
    )


class BulkRemoved(Value):
    """They left the library in one step; no process answers from them any more."""

    removed: list[int]
    unknown: list[int] = Field(description="Ids that no document had.")
    generation: int


class Standing(Value):
    """Where a citation stands now."""

    generation: int
    state: State
    document_id: int | None = Field(description="Null where it is gone.")
    version: str | None
    start: int | None = Field(description="Null where the words changed or are gone.")
    end: int | None
