"""Lexical search by SQLite's FTS5, in the library's own file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from index.documents import Filters
from index.embedding import Vectors
from index.lexical import any_of, most, rarest, terms
from index.parallel import processors
from index.passage_search import Nearest, Weighed
from index.sqlite_memory import UNCOUNTED
from index.store import Store

_COUNTS_KEPT = 10_000  # phrases
# A passage that is weighed is weighed by so many times as many rows of the words' lists.
_LISTED_PER_ROW = 30
_LISTED_WORTH_A_THREAD = 12_000  # rows; each thread reads some of the lists anew


class FullText:
    """BM25 of a library's passages, always current: it is written with them.

    Args:
        lexical_rows: as many passages are weighed by their words. Beyond, one counts only if it
            holds one of the rarer words of the query, or if it is asked for. The commonest words
            weigh nothing where there are rarer ones and their lists would be many times as long.
    """

    def __init__(self, store: Store, *, lexical_rows: int) -> None:
        self._store = store
        self._rows = lexical_rows
        self._listed = _LISTED_PER_ROW * lexical_rows
        self._counted: tuple[str, dict[tuple[str, bool], int]] = ("", {})  # of one state

    def weigh(
        self, query: str, limit: int, filters: Filters, also: Sequence[int], indexed: int
    ) -> Weighed:
        """See `index.passage_search.PassageSearch.lexical`."""
        asked = terms(query)
        counts = self._weighing((*asked.words, *asked.pairs), whole=bool(filters))
        if not counts:
            return Weighed({}, 0.0)
        rare = rarest(counts, self._rows)
        if filters:  # what passes them may hold the common words only
            rare = tuple(counts)
        listed = sum(counts.values())  # what is read of each list takes longer than weighing
        found = self._store.lexical(
            any_of(counts),
            limit,
            filters,
            narrower=any_of(rare) if len(rare) < len(counts) else None,
            also=also,
            threads=min(processors(), listed // _LISTED_WORTH_A_THREAD) if UNCOUNTED else 1,
        )
        return Weighed(dict(found), most(counts, indexed))

    def _weighing(self, phrases: Sequence[str], *, whole: bool) -> dict[str, int]:
        """In how many passages each phrase stands that weighs; ``whole``: all that stand in any.

        No list is counted further than decides that it is too long.
        """
        counts = self._counts(phrases, whole=whole)
        if whole or not counts:
            return counts
        if min(counts.values()) > self._listed:  # which is the rarest?
            counts = self._counts(phrases, whole=True)
        weighing = set(rarest(counts, self._listed))
        return {phrase: count for phrase, count in counts.items() if phrase in weighing}

    def _counts(self, phrases: Sequence[str], *, whole: bool) -> dict[str, int]:
        """In how many passages each phrase stands that stands in any.

        Questions share their commonest words, which take longest to count.
        """
        state = self._store.history()
        if self._counted[0] != state or len(self._counted[1]) > _COUNTS_KEPT:
            self._counted = (state, {})
        known = self._counted[1]  # another thread may put another in its place
        at_most = None if whole else self._listed + 1
        for phrase in phrases:
            if (phrase, whole) not in known:
                known[phrase, whole] = self._store.holding(phrase, at_most)
        return {phrase: count for phrase in phrases if (count := known[phrase, whole])}


class FullTextSearch:
    """Lexical search alone, for while the library's engine is unavailable.

    What it proposes is scored by its meaning as well: only what shares no word with the query is
    not found.
    """

    engine = "full-text search"

    def __init__(self, store: Store, *, lexical_rows: int) -> None:
        self._store = store
        self._full_text = FullText(store, lexical_rows=lexical_rows)

    def held(self) -> AbstractContextManager[object]:
        return nullcontext()

    def bring_up(self) -> None:
        pass

    def indexed(self) -> int:
        return self._store.passage_count()

    def dense(self, query: Vectors, limit: int, filters: Filters) -> Nearest:
        return Nearest({}, self._store.allowed_count(filters) if filters else self.indexed())

    def lexical(
        self, query: str, limit: int, filters: Filters, also: Sequence[int] = ()
    ) -> Weighed:
        return self._full_text.weigh(query, limit, filters, also, self.indexed())

    def warm_up(self) -> None:
        pass

    def trouble(self) -> str | None:
        return None

    def check(self) -> list[str]:
        return []

    def build_anew(self) -> None:
        pass

    def settle(self) -> None:
        pass

    def wait(self) -> None:
        pass

    def close(self) -> None:
        pass
