"""pyarrow, which only those need who move a library."""

from __future__ import annotations

from typing import Any

from index.errors import LibraryError


def arrow() -> Any:
    """The module ``pyarrow`` with its ``parquet``; raises `LibraryError` if it is not installed.

    Its memory is the system's, which is given back at once, and which a limit can bound.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise LibraryError(
            "Parquet needs pyarrow, which is not installed. "
            "Install it: python -m pip install -r requirements-scale.txt -c constraints.txt"
        ) from error
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    return pyarrow


def documents_schema() -> Any:
    """Of the files of documents."""
    pa = arrow()
    text, binary, number = pa.string(), pa.binary(), pa.int64()
    return pa.schema(
        [
            pa.field("id", number, nullable=False),
            pa.field("source", text, nullable=False),
            pa.field("title", text, nullable=False),
            pa.field("date", text),
            pa.field("media_type", text, nullable=False),
            pa.field("text", text, nullable=False),
            pa.field("furniture", text, nullable=False),
            pa.field("content_hash", text, nullable=False),
            pa.field("author", text),
            pa.field("pages", text, nullable=False),
            pa.field("origin", text, nullable=False),
            pa.field("origin_hash", text, nullable=False),
            pa.field("voice", number, nullable=False),
            pa.field("bands", binary, nullable=False),
            pa.field("site", text, nullable=False),
            pa.field("blocks", binary, nullable=False),
        ]
    )


def passages_schema(vector_bytes: int) -> Any:
    """Of the files of passages, whose vectors take so many bytes."""
    pa = arrow()
    text, number = pa.string(), pa.int64()
    return pa.schema(
        [
            pa.field("id", number, nullable=False),
            pa.field("document_id", number, nullable=False),
            pa.field("start_at", number, nullable=False),
            pa.field("end_at", number, nullable=False),
            pa.field("text", text, nullable=False),
            pa.field("vector", pa.binary(vector_bytes), nullable=False),
            pa.field("checksum", number, nullable=False),
        ]
    )
