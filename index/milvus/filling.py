"""Brings a collection of Milvus to the store's generation: what came is put, what went deleted.

Passages never change and their ids are never used again, so all of it can be done twice. How far
it came is noted in Milvus after every batch: a process that was killed is followed by one that
goes on from there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from index.document_store import DocumentStore
from index.id_bits import Ids
from index.milvus import schema
from index.milvus.connection import Connection, is_missing
from index.milvus.state import Copy, CopyState, followed, is_unloaded

if TYPE_CHECKING:
    from pymilvus import MilvusClient

log = logging.getLogger(__name__)

_ROWS_AT_ONCE = 500
_DELETED_AT_ONCE = 5_000
_FLUSHED_FROM = 200  # rows; Milvus Lite compares each query with all that was not flushed

Progress = Callable[[int, int], None]
"""Told how many passages are done, of how many."""


class Filling:
    """Writes one library's collections; only while the caller holds the library's lock for it."""

    def __init__(
        self,
        store: DocumentStore,
        connection: Connection,
        state: CopyState,
        on_progress: Progress = lambda _done, _of: None,
    ) -> None:
        self._store = store
        self._connection = connection
        self._state = state
        self._on_progress = on_progress
        self._library_id = store.library_id()

    def bring_up(self, current: Copy | None, following: Copy | None) -> Copy:
        """The copy of the snapshot's generation, which is the one that is searched.

        Args:
            current, following: as `CopyState.read` told them under the lock.
        """
        embedder = self._store.embedder()
        if current is not None and embedder in (None, (current.embedder, current.dimension)):
            return self.follow(current)
        return self.renew(following)

    def renew(self, following: Copy | None) -> Copy:
        """Make a new copy beside the current one, or finish it, and turn the alias to it."""
        self._state.make()
        name, dimension = self._store.embedder() or ("", 1)
        if following is not None and (
            (following.embedder, following.dimension) != (name, dimension)
            or (
                self._store.history_at(following.generation) != following.history
                and following.generation > 0
            )
        ):
            self.drop(following)
            following = None
        if following is None:
            following = Copy(schema.new_name(self._library_id), name, dimension)
            self._state.write(following, following=True)
        self._make(following)
        made = self.follow(following, following=True)
        former, _ = self._state.read()
        self._turn_alias(made.collection)
        self._state.write(made)
        self._state.forget_next()
        if former is not None and former.collection != made.collection:
            self.drop(former)  # nothing happens if it is gone
        return made

    def follow(self, copy: Copy, *, following: bool = False) -> Copy:
        """Bring one copy to the snapshot's generation."""
        state = self._store.generation(), self._store.history()
        if copy.state == state:
            return copy
        added, removed = self._store.changed_ids(copy.generation)
        was_empty = not copy.generation and not copy.last_id
        if copy.last_id:  # an import may have brought lower ids since
            later, _ = self._store.changed_ids(copy.last_generation)
            added = np.union1d(added[added > copy.last_id], later)
        copy = replace(copy, last_generation=state[0])
        written = 0
        for batch in _batches(added, _ROWS_AT_ONCE):
            copy = self._put(copy, batch)
            written += len(batch)
            self._state.write(copy, following=following)
            self._on_progress(written, len(added))
        if not was_empty:
            for batch in _batches(removed, _DELETED_AT_ONCE):
                copy = self._delete(copy, batch)
        if written >= _FLUSHED_FROM and self._connection.is_lite:  # a server does it by itself
            self._flush(copy.collection)
        copy = followed(copy, *state)
        self._state.write(copy, following=following)
        return copy

    def _put(self, copy: Copy, ids: Ids) -> Copy:
        rows = [schema.row(entry) for entry in self._store.search_entries(ids.tolist())]
        if rows:
            self._connection.call(
                lambda client, seconds: client.upsert(copy.collection, rows, timeout=seconds),
                seconds=schema.MAKING_SECONDS,
            )
        return replace(
            copy,
            last_id=int(ids[-1]),
            passages=copy.passages + len(rows),
            words=copy.words + sum(row["words"] for row in rows),
            terms=copy.terms + sum(_terms(row) for row in rows),
        )

    def _delete(self, copy: Copy, ids: Ids) -> Copy:
        gone = self.held(copy.collection, ids, ["id", "words", "lex"])
        if not gone:
            return copy
        numbers = [row["id"] for row in gone]
        self._connection.call(
            lambda client, seconds: client.delete(copy.collection, ids=numbers, timeout=seconds),
            seconds=schema.MAKING_SECONDS,
        )
        return replace(
            copy,
            passages=copy.passages - len(gone),
            words=copy.words - sum(row["words"] for row in gone),
            terms=copy.terms - sum(_terms(row) for row in gone),
        )

    def held(self, collection: str, ids: Ids, fields: list[str]) -> list[dict[str, Any]]:
        """Those of the rows that are in the collection."""

        def query(client: MilvusClient, seconds: float) -> list[dict[str, Any]]:
            try:
                return list(
                    client.query(
                        collection,
                        filter=schema.ids_expression(ids.tolist()),
                        output_fields=fields,
                        consistency_level="Strong",
                        timeout=seconds,
                    )
                )
            except Exception as error:
                if not is_unloaded(error):
                    raise
                client.load_collection(collection, timeout=seconds)
                return query(client, seconds)

        return self._connection.call(query, seconds=schema.MAKING_SECONDS)

    def _make(self, copy: Copy) -> None:
        self._connection.call(
            lambda client, seconds: schema.create(client, copy.collection, copy.dimension, seconds),
            seconds=schema.MAKING_SECONDS,
        )

    def _turn_alias(self, collection: str) -> None:
        alias = schema.alias_of(self._library_id)

        def turn(client: MilvusClient, seconds: float) -> None:
            try:
                client.alter_alias(collection, alias, timeout=seconds)
            except Exception as error:
                if not is_missing(error):
                    raise
                client.create_alias(collection, alias, timeout=seconds)

        self._connection.call(turn)
        log.info("Milvus' alias %s names %s now.", alias, collection)

    def exists(self, copy: Copy) -> bool:
        return self._connection.call(
            lambda client, seconds: bool(client.has_collection(copy.collection, timeout=seconds))
        )

    def drop(self, copy: Copy) -> None:
        self._connection.call(
            lambda client, seconds: client.drop_collection(copy.collection, timeout=seconds)
        )

    def _flush(self, collection: str) -> None:
        self._connection.call(
            lambda client, seconds: client.flush(collection, timeout=seconds),
            seconds=schema.MAKING_SECONDS,
        )


def _terms(row: dict[str, Any]) -> int:
    return len(row["lex"].split())


def _batches(ids: Ids, size: int) -> Iterator[Ids]:
    for first in range(0, len(ids), size):
        yield ids[first : first + size]
