"""A search of SQLite's full-text index, whole or on several threads.

SQLite lets other threads of Python run while it searches, and to weigh a range of the passages
takes the range's share of the time: nothing is done twice.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

Scored = tuple[int, float]
Range = tuple[int, int]

_ALL: Range = (-(2**63), 2**63 - 1)
_NEWEST = "SELECT token FROM history ORDER BY generation DESC LIMIT 1"
_ENDS = "SELECT (SELECT min(id) FROM passages), (SELECT max(id) FROM passages)"  # not by a scan


@dataclass(frozen=True, slots=True)
class Weighing:
    """Passages that fit an FTS5 expression, with BM25 (higher is better), best first.

    To weigh a passage costs ten times what it costs to find that it fits: the narrower expression
    bounds how many are weighed, and each of them still by all of ``match``.

    Attributes:
        limit: as many are told.
        condition, values: what passages ``p`` of documents ``d`` have to fulfil; none where empty.
        narrower: another expression, which a passage must fit as well.
        also: passages that are weighed in any case, and are beyond the limit.
    """

    match: str
    limit: int
    condition: str = ""
    values: Sequence[str | int] = ()
    narrower: str | None = None
    also: Sequence[int] = ()

    def whole(self, connection: sqlite3.Connection) -> list[Scored]:
        return self.of(connection, _ALL)

    def of(self, connection: sqlite3.Connection, ids: Range) -> list[Scored]:
        """The best, and the others asked for, whose ids are within ``ids``, ends included."""
        also = json.dumps(list(self.also))
        condition, values = "f.rowid BETWEEN ? AND ?", [self.match, *ids]
        if self.narrower is not None:
            condition += (
                " AND +f.rowid IN (SELECT rowid FROM passages_fts"
                " WHERE passages_fts MATCH ? AND rowid BETWEEN ? AND ?"
                " UNION ALL SELECT value FROM json_each(?))"
            )
            values += [self.narrower, *ids, also]
        if self.condition:
            condition += f" AND {self.condition}"
        return connection.execute(
            "WITH fitting (id, score) AS MATERIALIZED"
            f" (SELECT f.rowid, -bm25(passages_fts) FROM passages_fts f{self._joined()}"
            f" WHERE passages_fts MATCH ? AND {condition})"
            " SELECT id, score FROM fitting"
            " WHERE id IN (SELECT id FROM fitting ORDER BY score DESC, id LIMIT ?)"
            " OR id IN (SELECT value FROM json_each(?)) ORDER BY score DESC, id",
            (*values, *self.values, self.limit, also),
        ).fetchall()

    def _joined(self) -> str:
        if not self.condition:
            return ""
        return " JOIN passages p ON p.id = f.rowid JOIN documents d ON d.id = p.document_id"

    def merged(self, parts: Iterable[list[Scored]]) -> list[Scored]:
        """What the whole would have told, from what its ranges told."""
        found = sorted((row for part in parts for row in part), key=lambda row: (-row[1], row[0]))
        also = set(self.also)
        return found[: self.limit] + [row for row in found[self.limit :] if row[0] in also]


def on_threads(
    weighing: Weighing, connection: sqlite3.Connection, path: Path, threads: int
) -> list[Scored]:
    """The same as `Weighing.whole`, as ``connection`` sees the library of ``path``.

    Inside a snapshot. Each thread has a connection of its own, for as long as it searches: one
    that may only read, so that closing it leaves the file as it is.
    """
    ranges = _ranges(connection, threads)
    newest = connection.execute(_NEWEST).fetchone()
    if len(ranges) < 2:
        return weighing.whole(connection)

    def beside(ids: Range) -> list[Scored] | None:
        uri = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as other:
            other.execute("BEGIN")
            if other.execute(_NEWEST).fetchone() != newest:
                return None  # there was a change since the snapshot
            return weighing.of(other, ids)

    with ThreadPoolExecutor(len(ranges) - 1) as pool:
        others = [pool.submit(beside, ids) for ids in ranges[1:]]
        parts = [weighing.of(connection, ranges[0])]
    for ids, other in zip(ranges[1:], others, strict=True):
        told = _told(other)
        parts.append(weighing.of(connection, ids) if told is None else told)
    return weighing.merged(parts)


def _told(other: Future[list[Scored] | None]) -> list[Scored] | None:
    """What a thread found; None if it could not: then this one's connection can, or tells why."""
    try:
        return other.result()
    except sqlite3.Error:
        return None


def _ranges(connection: sqlite3.Connection, count: int) -> list[Range]:
    """Of ids, equally long, together all of them."""
    first, last = connection.execute(_ENDS).fetchone()
    if first is None:
        return []
    ends = [first + (last - first) * place // count for place in range(1, count)]
    return [
        (begin, end)
        for begin, end in zip((_ALL[0], *(end + 1 for end in ends)), (*ends, _ALL[1]), strict=True)
        if begin <= end
    ]
