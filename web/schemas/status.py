"""What is served, and whether it is sound."""

from __future__ import annotations

from pydantic import Field

from index.verify import Part
from web.schemas.base import Value


class Embedder(Value):
    """What makes vectors of texts."""

    name: str
    dimension: int


class Reader(Value):
    """What finds answers in passages."""

    name: str


class Status(Value):
    """What is served."""

    version: str
    generation: int = Field(description="Grows by one with every change of the library.", ge=0)
    documents: int = Field(ge=0)
    passages: int = Field(ge=0)
    embedder: Embedder
    reader: Reader
    search: str = Field(description="What searches passages, as in “FAISS and FTS5”, “Milvus”.")
    disk_bytes: int = Field(description="Of the data folder.", ge=0)


class Finding(Value):
    """Something that is not as it was written."""

    part: Part
    message: str
    document_id: int | None


class Verified(Value):
    """The whole library was looked through."""

    sound: bool = Field(description="Whether all is as it was written.")
    generation: int
    documents: int
    passages: int
    findings: list[Finding] = Field(description="The first hundred.")
    found: int = Field(description="How many there are.")
    rebuild_due: bool = Field(
        description="Whether a sound library has passages that other settings or an earlier "
        "version cut, so that a rebuild would cut them in another way."
    )
