"""The processes that read files: started when needed, kept for the next file, ended with us."""

from __future__ import annotations

import atexit
import os
import threading

from index.errors import UnreadableDocument
from index.loaders.child import Child, ChildFailed
from index.loaders.limits import Limits
from index.loaders.loaded import Member

_PROCESSES = 2  # at once; others wait
_FILES_PER_PROCESS = 200  # so that what its libraries leak does not add up


class Pool:
    """Thread-safe; a file that crashes its process, or takes too long, costs that one only."""

    def __init__(self) -> None:
        self._start_empty()
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._forget)

    def read(self, data: bytes, name: str, declared: str | None, limits: Limits) -> list[Member]:
        """The documents of a file, see `index.loaders.extract.extract`.

        Raises:
            UnreadableDocument: nothing of it can be read, or not within the limits.
        """
        with self._places:
            child = self._take()
            has_a_past = child.files_read > 0
            try:
                return self._read(child, data, name, declared, limits)
            except ChildFailed as error:
                if not has_a_past:
                    raise UnreadableDocument(str(error)) from error
            try:
                return self._read(Child(), data, name, declared, limits)
            except ChildFailed as error:
                raise UnreadableDocument(str(error)) from error

    def close(self) -> None:
        """End the processes that wait for work."""
        with self._lock:
            while self._idle:
                self._idle.pop().kill()

    def _read(
        self, child: Child, data: bytes, name: str, declared: str | None, limits: Limits
    ) -> list[Member]:
        try:
            return child.read(data, name, declared, limits)
        finally:
            if child.in_step and child.files_read < _FILES_PER_PROCESS:
                with self._lock:
                    self._idle.append(child)
            else:
                child.kill()

    def _take(self) -> Child:
        """One that waits, which may have ended meanwhile, or a new one."""
        with self._lock:
            waiting = self._idle.pop() if self._idle else None
        return waiting or Child()

    def _start_empty(self) -> None:
        self._idle: list[Child] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(_PROCESSES)

    def _forget(self) -> None:
        """In a forked process: the children, and whoever held the lock, are the other's."""
        for child in self._idle:
            child.forget()
        self._start_empty()


POOL = Pool()
