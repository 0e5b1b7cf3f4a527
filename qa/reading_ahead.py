"""Begins to read the passages nearest to a question while the search still weighs its words."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from qa.reader import Reader, Reading


class ReadingAhead:
    """Threads that read ahead for all questions.

    Args:
        threads: as many passages are read at a time, and begun for a question at most.
    """

    def __init__(self, reader: Reader, threads: int) -> None:
        self._reader = reader
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads, "reading-ahead") if threads else None

    def of(self, question: str) -> Begun:
        return Begun(self._reader, self._pool, question)


class Begun:
    """One question's readings.

    A passage is read as if it were alone (see `qa.reader.OnnxReader.read`), so what is found in
    it is the same, ahead or not. What is not wanted in the end was read in vain.

    To be used as a context, which leaves nothing waiting behind.
    """

    def __init__(self, reader: Reader, pool: ThreadPoolExecutor | None, question: str) -> None:
        self._reader = reader
        self._pool = pool
        self._question = question
        self._begun: dict[str, Future[list[Reading]]] = {}

    def __enter__(self) -> Begun:
        return self

    def __exit__(self, *_: object) -> None:
        for future in self._begun.values():
            future.cancel()

    def begin(self, passages: Sequence[str]) -> None:
        """Read these as soon as a thread is free."""
        for text in passages:
            if self._pool is not None and text not in self._begun:
                self._begun[text] = self._pool.submit(self._reader.read, self._question, [text])

    def read(self, passages: Sequence[str]) -> list[Reading]:
        """As `Reader.read`; nobody waits for a passage that no thread has begun to read."""
        running = {
            text: f for text, f in self._begun.items() if not f.cancel() and text in passages
        }
        rest = [text for text in passages if text not in running]
        found = dict(zip(rest, self._reader.read(self._question, rest), strict=True))
        for text, future in running.items():
            (found[text],) = future.result()
        return [found[text] for text in passages]
