"""Bugs to plant, to see that the benchmark finds them."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.crashing.flushes import exchange_flushes
from index.connection import LibraryConnection
from index.store import Store


def _plant_nothing() -> None:
    pass


def _plant_no_rename() -> None:
    """Files are written in place, piece by piece."""

    def copy_over(path: Path, target: Path) -> Path:
        data = path.read_bytes()
        with Path(target).open("wb") as file:
            for start in range(0, len(data), 512):
                file.write(data[start : start + 512])
                file.flush()
                time.sleep(0.002)
        path.unlink()
        return Path(target)

    Path.replace = copy_over  # type: ignore[method-assign,assignment]


def _plant_no_fsync() -> None:
    """Files are renamed without having been flushed."""
    exchange_flushes(lambda _flush: lambda _descriptor: None)


def _plant_two_transactions() -> None:
    """A document's passages are removed and added in two transactions."""
    remove = Store._remove_passages

    def committing(store: Store, document_id: int) -> None:
        remove(store, document_id)
        store._connection.execute("COMMIT")
        time.sleep(0.002)
        store._connection.execute("BEGIN IMMEDIATE")

    Store._remove_passages = committing  # type: ignore[method-assign]


def _plant_early_ack() -> None:
    """A change is acknowledged before it is committed."""
    writing = LibraryConnection.writing

    @contextlib.contextmanager
    def forgetful(store: LibraryConnection, purpose: str) -> Iterator[int]:
        with contextlib.suppress(_GiveUp), writing(store, purpose) as generation:
            yield generation
            if random.random() < 0.2:
                raise _GiveUp

    LibraryConnection.writing = forgetful  # type: ignore[method-assign,assignment]


class _GiveUp(Exception):
    pass


PLANTS: dict[str, Callable[[], None]] = {
    "nothing": _plant_nothing,
    "no-rename": _plant_no_rename,
    "no-fsync": _plant_no_fsync,
    "two-transactions": _plant_two_transactions,
    "early-ack": _plant_early_ack,
}
