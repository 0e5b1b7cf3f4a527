"""How many questions are answered at a time, and how many wait; further ones are told so at once.

Without it every question that comes in takes a share of the processor from the others, until none
is answered in time.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import ServiceUnavailable

from index.parallel import processors
from qa.settings import Settings

ASKING = frozenset(
    {
        "/api/v1/ask",
        "/api/v1/ask/batch",
        "/api/v1/explain",
        "/api/v1/search",
        "/v1/chat/completions",
    }
)
WAITING_FOR_JOBS = 4  # requests at a time that a job's end may be waited for by, see `?wait=`

_SPARE_THREADS = 8  # for all that is no question: pages, documents, uploads, refusals
_WAIT_SECONDS = 30.0
_RETRY_SECONDS = 2


class Gate:
    """Lets so many in at a time and so many wait, first come first served; thread-safe.

    A place that is left goes to who has waited longest. (With a semaphore whoever comes at that
    moment takes it, and some wait for many times as long as the others.)
    """

    def __init__(self, at_a_time: int, waiting: int, wait_seconds: float = _WAIT_SECONDS) -> None:
        self.at_a_time = at_a_time
        self.on_change: Callable[[Gate], None] = lambda _: None
        self._most_waiting = waiting
        self._wait_seconds = wait_seconds
        self._lock = threading.RLock()  # a stream that is given up may be let go amid any line
        self._inside = 0
        self._queue: deque[threading.Event] = deque()

    @property
    def inside(self) -> int:
        return self._inside

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def enter(self) -> bool:
        """Whether the caller is in, who then has to `leave`; at once where too many wait."""
        with self._lock:
            if self._inside < self.at_a_time:
                self._inside += 1
                self.on_change(self)
                return True
            if len(self._queue) >= self._most_waiting:
                return False
            turn = threading.Event()
            self._queue.append(turn)
            self.on_change(self)
        return turn.wait(self._wait_seconds) or self._give_up(turn)

    def _give_up(self, turn: threading.Event) -> bool:
        """Leave the queue, unless a place has come at the last moment."""
        with self._lock:
            if not turn.is_set():
                self._queue.remove(turn)
                self.on_change(self)
            return turn.is_set()

    def leave(self) -> None:
        with self._lock:
            if self._queue:
                self._queue.popleft().set()  # with the place, so that nobody else is let in
            else:
                self._inside -= 1
            self.on_change(self)


def register(app: Flask) -> None:
    """Must come after what refuses a request for other reasons."""
    settings: Settings = app.extensions["settings"]
    app.extensions["gate"] = Gate(at_a_time(settings), settings.max_waiting)
    app.extensions["waiting_for_jobs"] = threading.BoundedSemaphore(WAITING_FOR_JOBS)
    app.before_request(_enter)
    app.after_request(_stay)
    app.teardown_request(_leave)


def gate() -> Gate:
    return cast(Gate, current_app.extensions["gate"])


@contextmanager
def place_to_wait() -> Iterator[bool]:
    """Whether the request may wait for something: each that does holds a thread meanwhile."""
    places: threading.BoundedSemaphore = current_app.extensions["waiting_for_jobs"]
    granted = places.acquire(blocking=False)
    try:
        yield granted
    finally:
        if granted:
            places.release()


def at_a_time(settings: Settings) -> int:
    """Questions answered at a time by one process; by all of them, one for each processor."""
    return settings.max_concurrent or max(1, processors() // settings.workers)


def threads(settings: Settings) -> int:
    """As many as a process needs so that a refusal need not wait for an answer."""
    return at_a_time(settings) + settings.max_waiting + WAITING_FOR_JOBS + _SPARE_THREADS


def _enter() -> None:
    if request.method != "POST" or request.path not in ASKING:
        return
    request.get_data()  # before a place is taken: whoever sends slowly holds up nobody
    if not gate().enter():
        raise ServiceUnavailable(
            "The server has as many questions as it can answer. Ask again in a moment.",
            retry_after=_RETRY_SECONDS,
        )
    g.in_gate = True


def _stay(response: Response) -> Response:
    """A stream is under way for as long as its events are sent."""
    if response.is_streamed and g.pop("in_gate", False):
        response.response = _Staying(iter(response.response), gate())  # type: ignore[arg-type]
    return response


def _leave(_: BaseException | None) -> None:
    if g.pop("in_gate", False):
        gate().leave()


class _Staying:
    """Events, and the place that they hold until the last one or until nobody takes them."""

    def __init__(self, events: Iterator[bytes], place: Gate) -> None:
        self._events = events
        self._place: Gate | None = place

    def __iter__(self) -> _Staying:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._events)
        except BaseException:
            self._give_back()
            raise

    def close(self) -> None:
        try:
            if hasattr(self._events, "close"):
                self._events.close()
        finally:
            self._give_back()

    def __del__(self) -> None:
        self._give_back()

    def _give_back(self) -> None:
        place, self._place = self._place, None
        if place is not None:
            place.leave()
