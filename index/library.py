"""A library's database as the store's SQL sees it, whichever engine holds it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from index.errors import CorruptIndex

Values = Sequence[Any] | Mapping[str, Any]


class Rows(Protocol):
    """What a statement yielded: of `sqlite3.Cursor` what is used here."""

    @property
    def description(self) -> Sequence[Any]: ...
    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """Runs SQL that both engines understand, with ``?``, ``?1`` or ``:name`` for values."""

    def execute(self, statement: str, values: Values = (), /) -> Rows: ...
    def executemany(self, statement: str, rows: Sequence[Sequence[Any]], /) -> object: ...


class Library(ABC):
    """Settings and generations; every write is one transaction, with one writer at a time.

    Attributes:
        folder: the data folder.
        name: what messages call the library; it holds no secret.
    """

    folder: Path
    name: str

    @property
    @abstractmethod
    def _connection(self) -> Connection:
        """This thread's; inside `snapshot` and `writing` their transaction."""

    @abstractmethod
    def close(self) -> None:
        """Close this thread's connection."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[None]:
        """All reads inside see one generation, whatever is written meanwhile.

        Inside another snapshot, or a transaction that writes, that one counts.
        """

    @abstractmethod
    def writing(self, purpose: str) -> AbstractContextManager[int]:
        """A transaction that has the next generation's number; all of it happens, or nothing.

        Raises:
            LibraryBusy: another writer did not finish in `index.database.LOCK_SECONDS`.
            DiskFull: there is no room; nothing was changed.
        """

    @abstractmethod
    def alone(
        self, name: str, purpose: str, *, wait_seconds: float = 0
    ) -> AbstractContextManager[None]:
        """Hold a lock that no other process has that uses the library; raises `LibraryBusy`.

        Args:
            name: of the lock; of letters, digits, hyphens and a dot.
            purpose: what the holder does, told to those who wait in vain.
        """

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a statement that reads."""
        return self._connection.execute(statement, values).fetchall()

    def change(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement for each of the rows; inside a transaction that `writing` began."""
        self._connection.executemany(statement, rows)

    def setting(self, name: str) -> str | None:
        row = self._connection.execute(
            "SELECT value FROM settings WHERE name = ?", (name,)
        ).fetchone()
        return None if row is None else str(row[0])

    def set_setting(self, name: str, value: str) -> None:
        self._connection.execute(
            "INSERT INTO settings VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def generation(self) -> int:
        """Grows by one with every committed change."""
        value = self.setting("generation")
        if value is None or not value.isdecimal():
            raise CorruptIndex(
                f"The library in {self.name} does not say its generation (it says {value!r}). "
                "See: python -m qa index verify"
            )
        return int(value)

    def library_id(self) -> str:
        """Tells this library from every other, whatever folder it is moved to."""
        return self.setting("library_id") or ""

    def history(self) -> str:
        """The present generation's token: no other library or past of this one has it."""
        return self.history_at(self.generation()) or ""

    def history_at(self, generation: int) -> str | None:
        """The token of a generation of this library's past; None if it has no such generation."""
        row = self._connection.execute(
            "SELECT token FROM history WHERE generation = ?", (generation,)
        ).fetchone()
        return None if row is None else str(row[0])

    def _begin_generation(self, generation: int, token: str) -> None:
        """Count a change, in the transaction that makes it."""
        self.set_setting("generation", str(generation))
        self._connection.execute("INSERT INTO history VALUES (?, ?)", (generation, token))
