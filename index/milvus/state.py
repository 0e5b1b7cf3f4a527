"""What a library's collection in Milvus is a copy of, as Milvus itself keeps it."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from index.milvus import schema
from index.milvus.connection import Connection, is_missing

if TYPE_CHECKING:
    from pymilvus import MilvusClient

log = logging.getLogger(__name__)

_CURRENT, _NEXT = "current", "next"


@dataclass(frozen=True, slots=True)
class Copy:
    """How far a collection reflects the library.

    Attributes:
        generation, history: it has all passages of this generation of this past, and those only
            as far as nothing was begun since.
        last_id, last_generation: of the passages that came after, those up to this id and this
            generation are in, too.
        embedder, dimension: what made its vectors.
        words, terms: tokens of all its passages, by FTS5's count and by that of Milvus.
    """

    collection: str
    embedder: str
    dimension: int
    generation: int = 0
    history: str = ""
    last_id: int = 0
    last_generation: int = 0
    passages: int = 0
    words: int = 0
    terms: int = 0

    @property
    def state(self) -> tuple[int, str]:
        return self.generation, self.history


class CopyState:
    """Reads and writes the two copies that a library can have: the one that is searched, and the
    one that is being made to follow it."""

    def __init__(self, connection: Connection, library_id: str) -> None:
        self._connection = connection
        self._library_id = library_id
        self._name = schema.state_name(library_id)

    def read(self) -> tuple[Copy | None, Copy | None]:
        """The current copy and the next; None if there is none."""
        rows = self._connection.call(self._rows)
        return self._copy(rows, _CURRENT), self._copy(rows, _NEXT)

    def write(self, copy: Copy, *, following: bool = False) -> None:
        def put(client: MilvusClient, seconds: float) -> None:
            value = json.dumps(asdict(copy))
            row = {
                "name": _NEXT if following else _CURRENT,
                "value": value,
                "unused": [0.0, 0.0],
            }
            client.upsert(self._name, [row], timeout=seconds)

        self._connection.call(put)

    def forget_next(self) -> None:
        self._connection.call(lambda client, s: client.delete(self._name, ids=[_NEXT], timeout=s))

    def make(self) -> None:
        """Make the collection of these records, if there is none."""

        self._connection.call(
            lambda client, seconds: schema.create_state(client, self._name, seconds),
            seconds=schema.MAKING_SECONDS,
        )

    def _rows(self, client: MilvusClient, seconds: float) -> dict[str, str]:
        try:
            found = client.query(
                self._name,
                filter='name in ["current", "next"]',
                output_fields=["name", "value"],
                consistency_level="Strong",
                timeout=seconds,
            )
        except Exception as error:
            if is_missing(error):
                return {}
            if not is_unloaded(error):
                raise
            client.load_collection(self._name, timeout=seconds)
            return self._rows(client, seconds)
        return {row["name"]: row["value"] for row in found}

    def _copy(self, rows: dict[str, str], name: str) -> Copy | None:
        if name not in rows:
            return None
        try:
            values: dict[str, Any] = json.loads(rows[name])
            copy = Copy(**values)
        except (ValueError, TypeError):
            log.warning(
                "The record %r in Milvus' collection %s makes no sense; the passages are put anew.",
                name,
                self._name,
            )
            return None
        return copy if schema.is_of_this_version(copy.collection, self._library_id) else None


_NOT_LOADED = 101  # Milvus' code; Lite's words are "is in state 'released'", in a new process


def is_unloaded(error: BaseException) -> bool:
    """Whether a call failed since the collection is not in Milvus' memory."""
    told = str(getattr(error, "message", error)).lower()
    return getattr(error, "code", None) == _NOT_LOADED or "not loaded" in told


def followed(copy: Copy, generation: int, history: str) -> Copy:
    """The copy once it is brought to a generation."""
    return replace(copy, generation=generation, history=history, last_id=0, last_generation=0)
