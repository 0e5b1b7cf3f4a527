"""Proves a collection of Milvus equal to the store, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from index.document_store import DocumentStore
from index.milvus import schema
from index.milvus.connection import Connection
from index.milvus.state import Copy

if TYPE_CHECKING:
    from pymilvus import MilvusClient

_AT_ONCE = 1_000
_NAMED_AT_MOST = 10
_FIELDS = ["id", "document_id", "source", "date", "lex", "dense"]
_ROUNDING = 1e-6


def contradictions(store: DocumentStore, connection: Connection, copy: Copy) -> list[str]:
    """In what the rows, their number and their vectors contradict the snapshot's passages."""
    seen: list[int] = []
    strangers: list[int] = []
    different: list[int] = []
    for rows in _pages(connection, copy.collection):
        seen += [row["id"] for row in rows]
        entries = {entry.id: entry for entry in store.search_entries([row["id"] for row in rows])}
        for row in rows:
            entry = entries.get(row["id"])
            if entry is None:
                strangers.append(row["id"])
            elif not _same(row, schema.row(entry)):
                different.append(row["id"])
    known = set(seen)
    missing = [
        passage
        for ids, _ in store.each_vector(_AT_ONCE)
        for passage in ids.tolist()
        if passage not in known
    ]
    told = []
    for what, ids in (
        ("Milvus has passages that the library does not have", strangers),
        ("Milvus lacks passages of the library", missing),
        ("Milvus has other words, another vector or another document of passages", different),
    ):
        if ids:
            told.append(f"{what}: {_named(ids)}.")
    if len(known) != len(seen):
        told.append(f"Milvus has {len(seen) - len(known):,} passages twice.")
    return told


def _pages(connection: Connection, collection: str) -> Iterator[list[dict[str, Any]]]:
    """All rows, some at a time."""

    def start(client: MilvusClient, seconds: float) -> Any:
        client.load_collection(collection, timeout=seconds)
        return client.query_iterator(
            collection,
            batch_size=_AT_ONCE,
            filter="",
            output_fields=_FIELDS,
            consistency_level="Strong",
            timeout=seconds,
        )

    pages = connection.call(start, seconds=schema.MAKING_SECONDS)
    while rows := connection.call(
        lambda _client, _seconds: pages.next(), seconds=schema.MAKING_SECONDS
    ):
        yield rows
    pages.close()


def _same(row: dict[str, Any], expected: dict[str, Any]) -> bool:
    return all(row[name] == expected[name] for name in _FIELDS if name != "dense") and bool(
        np.allclose(np.asarray(row["dense"], np.float32), expected["dense"], 0, _ROUNDING)
    )


def _named(ids: list[int]) -> str:
    more = f" and {len(ids) - _NAMED_AT_MOST:,} more" if len(ids) > _NAMED_AT_MOST else ""
    return ", ".join(map(str, sorted(ids)[:_NAMED_AT_MOST])) + more
