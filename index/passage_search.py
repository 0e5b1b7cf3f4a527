"""What `index.retrieval` asks of an engine that finds passages.

An engine is derived from the store, which is the truth: it holds copies of the passages' vectors
and words, and knows of which generation of which past of the library they are. Adding and
removing is one thing, therefore: `bring_up` applies what the store has had since. Engines are
`index.embedded_search`, in this process, and `index.milvus`, shared by many.

Its searching methods, `bring_up`, `warm_up` and `check` are called inside a snapshot of the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from index.documents import Filters
from index.embedding import Vectors


@dataclass(frozen=True, slots=True)
class Nearest:
    """What dense search proposes.

    Attributes:
        cosines: by passage id, best first.
        searchable: how many passages pass the filters.
    """

    cosines: Mapping[int, float]
    searchable: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """What lexical search proposes.

    Attributes:
        bm25: by passage id; of every passage proposed that holds a word of the query.
        greatest: what no BM25 of the query exceeds.
    """

    bm25: Mapping[int, float]
    greatest: float


class PassageSearch(Protocol):
    """One library's passages, found by meaning and by words.

    Each method but `held` raises `SearchUnavailable` where the engine cannot be reached.

    Attributes:
        engine: its name, for people.
    """

    engine: str

    def held(self) -> AbstractContextManager[object]:
        """While it is held, no other thread moves the engine past this one's snapshot."""

    def bring_up(self) -> None:
        """Bring the engine to the snapshot's generation; no call if it is there.

        Raises `EmbedderMismatch` if the library's vectors are not those of the query.
        """

    def indexed(self) -> int:
        """How many passages there are to find."""

    def dense(self, query: Vectors, limit: int, filters: Filters) -> Nearest:
        """The passages nearest to ``query``, of shape (dimension,)."""

    def lexical(
        self, query: str, limit: int, filters: Filters, also: Sequence[int] = ()
    ) -> Weighed:
        """The passages that hold most of the query's words.

        Args:
            also: passages that are weighed beyond the limit.
        """

    def warm_up(self) -> None:
        """Get ready for searches; clear up after processes that were killed."""

    def trouble(self) -> str | None:
        """Why the engine cannot be used just now; None if it can. It needs no snapshot."""

    def check(self) -> list[str]:
        """In what the engine contradicts the store, in sentences."""

    def build_anew(self) -> None:
        """Take nothing from what the engine has, and build all of it from the store."""

    def settle(self) -> None:
        """Leave behind what the next process finds fast; for a process that ends."""

    def wait(self) -> None:
        """Until nothing is being built beside the searches."""

    def close(self) -> None:
        """Let go of connections."""
