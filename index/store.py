"""The store: documents, passages and vectors in SQLite, which is the truth."""

from __future__ import annotations

from index.reads import Changes
from index.records import content_hash
from index.sqlite_words import SqliteWords
from index.writes import Prepared, StoreWrites

__all__ = ["Changes", "Prepared", "Store", "content_hash"]


class Store(StoreWrites, SqliteWords):
    """A library's SQLite file."""
