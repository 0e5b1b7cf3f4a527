"""Reads the vectors of a library into memory, keeps them current, and proves that they are.

All of it happens inside a snapshot of the store that the caller began.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import numpy as np

from index import approximate
from index.approximate import ApproximateVectors, Origin
from index.id_bits import Ids
from index.store import Store
from index.vector_files import DamagedFile, peek, verify
from index.vectors import PassageVectors

log = logging.getLogger(__name__)

_AT_ONCE = 8_192
_NAMED_AT_MOST = 10


def load(store: Store, dimension: int) -> PassageVectors:
    """The vectors of the snapshot's generation: from the lists' file as far as that goes."""
    vectors = PassageVectors(dimension, _lists(store, dimension))
    catch_up(store, vectors)
    return vectors


def belongs(store: Store, vectors: PassageVectors) -> bool:
    """Whether the library ever was what the vectors are; not if another past was restored."""
    token = store.history_at(vectors.generation) or ""
    return token == vectors.history or not vectors.generation


def is_current(store: Store, vectors: PassageVectors) -> bool:
    return (store.generation(), store.history()) == (vectors.generation, vectors.history)


def catch_up(store: Store, vectors: PassageVectors) -> None:
    """Bring the vectors to the snapshot's generation. If this fails they are good for nothing."""
    removed = "SELECT passage_id FROM removed_passages WHERE generation > ?"
    added = "SELECT id FROM passages WHERE generation > ?"  # sorted by SQLite, it reads all rows
    if vectors.generation:
        vectors.remove(_ids(store, removed, vectors.generation))
    new = np.sort(_ids(store, added, vectors.generation))
    for first in range(0, len(new), _AT_ONCE):
        vectors.add(*store.vectors(new[first : first + _AT_ONCE].tolist()))
    vectors.generation, vectors.history = store.generation(), store.history()


def trust(store: Store, dimension: int) -> tuple[Origin | None, str]:
    """Of what the lists' file claims to be a copy; None, and why, if it is of no use.

    The reason is empty if there is no such file.
    """
    path = store.folder / approximate.FILE_NAME
    header = peek(path)
    if header is None:
        return None, "it cannot be read" if path.exists() else ""
    origin = approximate.origin_of(header)
    if origin is None:
        return None, "its header makes no sense"
    if origin.library != store.library_id():
        return None, "it is another library's"
    if header.get("dimension") != dimension:
        return None, f"it has not vectors of {dimension} numbers"
    if not origin.history or store.history_at(origin.generation) != origin.history:
        return None, f"this library never was what it shows as generation {origin.generation}"
    return origin, ""


def _lists(store: Store, dimension: int) -> ApproximateVectors | None:
    origin, reason = trust(store, dimension)
    if origin is not None:
        try:
            lists = approximate.load(store.folder / approximate.FILE_NAME)
        except (OSError, DamagedFile) as error:
            reason = str(error)
        else:
            if lists.origin == origin:
                return lists
            reason = "it was replaced while it was read"
    if reason:
        log.warning(
            "The file %s in %s is not used: %s. The vectors are read from SQLite.",
            approximate.FILE_NAME,
            store.folder,
            reason,
        )
    return None


def damage(store: Store, dimension: int) -> list[str]:
    """What is wrong with the lists' file."""
    origin, reason = trust(store, dimension)
    if origin is not None:
        try:
            verify(store.folder / approximate.FILE_NAME)
        except (OSError, DamagedFile) as error:
            reason = str(error)
    return [f"The file {approximate.FILE_NAME} is of no use: {reason}."] if reason else []


def contradictions(store: Store, vectors: PassageVectors) -> Iterator[str]:
    """In what current vectors differ from SQLite's."""
    seen = [np.empty(0, np.int64)]
    for ids, held, as_held in vectors.rows():
        seen.append(ids)
        known, stored = store.vectors(ids.tolist())
        place = np.argsort(ids)
        ids, held = ids[place], held[place]
        if strangers := np.setdiff1d(ids, known).tolist():
            yield f"Vectors of passages that the library does not have: {_named(strangers)}."
        here = np.isin(ids, known)
        expected = as_held(stored[np.searchsorted(known, ids[here])])
        if different := ids[here][(held[here] != expected).any(axis=1)].tolist():
            yield f"Vectors that are not those of their passages: {_named(different)}."
    ids, times = np.unique(np.concatenate(seen), return_counts=True)
    if double := ids[times > 1].tolist():
        yield f"Passages that have more than one vector: {_named(double)}."
    if len(ids) != store.passage_count():
        yield f"{len(ids):,} passages have vectors; the library has {store.passage_count():,}."


def _named(ids: list[int]) -> str:
    more = f" and {len(ids) - _NAMED_AT_MOST:,} more" if len(ids) > _NAMED_AT_MOST else ""
    return ", ".join(map(str, ids[:_NAMED_AT_MOST])) + more


def _ids(store: Store, statement: str, generation: int) -> Ids:
    return np.fromiter((row[0] for row in store.rows(statement, (generation,))), dtype=np.int64)
