"""Runs of a model side by side, each on one thread.

For models that take one text at a time this is faster than one run on all threads: nothing is
padded, and no thread waits for another in the middle of a run.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not everywhere
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_each(work: Callable[[int], None], count: int, threads: int) -> None:
    """Call ``work`` with 0 to ``count - 1``, on as many threads as given; raises what it raises."""
    places = iter(range(count))  # shared: each thread takes the next that is left

    def take(places: Iterator[int]) -> None:
        try:
            for place in places:
                work(place)
        finally:
            deque(places, maxlen=0)  # after an error or an interrupt nothing is left to do

    threads = min(threads, count)
    if threads <= 1:
        take(places)
        return
    with ThreadPoolExecutor(threads - 1) as pool:  # the calling thread works, too
        others = [pool.submit(take, places) for _ in range(threads - 1)]
        take(places)
        for done in others:
            done.result()


class Presence:
    """Counts those who are in it: ``with presence as present`` tells how many, oneself included."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._present = 0

    def __enter__(self) -> int:
        with self._lock:
            self._present += 1
            return self._present

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._present -= 1
