"""One process that reads files, seen from the one that wants them read."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from index.errors import UnreadableDocument
from index.loaders import wire
from index.loaders.limits import Limits, too_long, too_much_memory
from index.loaders.loaded import Member

_START_SECONDS = 60.0
_BLOCK_BYTES = 1 << 20
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "PYTHONPATH")
_ROOT = Path(__file__).absolute().parents[2]


class ChildFailed(Exception):
    """The process failed, not the file: another process may read it."""


class _Ended(Exception):
    pass


class _Late(Exception):
    pass


class Child:
    """Starts the process; for one thread at a time.

    Attributes:
        files_read: how many it has answered for.
        in_step: whether it can take another file.
    """

    def __init__(self) -> None:
        self.files_read = 0
        self.in_step = False
        # -P: nothing is imported from the folder that the user happens to be in.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "index.loaders.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=_environment(),
        )
        self._requests = _descriptor(self._process.stdin)
        self._answers = _descriptor(self._process.stdout)
        os.set_blocking(self._requests, False)
        self._deadline = time.monotonic() + _START_SECONDS
        try:
            self.in_step = self._message(_BLOCK_BYTES) == wire.READY
        except (_Ended, _Late):
            raise UnreadableDocument(
                f"the process that reads files did not start (exit status {self.kill()})"
            ) from None

    def read(self, data: bytes, name: str, declared: str | None, limits: Limits) -> list[Member]:
        """The documents of a file, see `index.loaders.extract.extract`.

        Raises:
            UnreadableDocument: it cannot be read, or not in time.
            ChildFailed: the process crashed or ran out of memory.
        """
        self.in_step = False
        self._deadline = time.monotonic() + limits.max_seconds
        try:
            members = self._exchange(data, name, declared, limits)
        except _Late:
            raise too_long(limits) from None
        except _Ended:
            raise ChildFailed(_reason(self.kill(), limits)) from None
        return members

    def kill(self) -> int:
        """End it, if it has not ended; its exit status, negative for a signal."""
        self.in_step = False
        self._process.kill()
        status = self._process.wait()
        self._close()
        return status

    def forget(self) -> None:
        """Leave it to the process from which this one was forked."""
        self.in_step = False
        self._process.returncode = 0
        self._close()

    def _exchange(
        self, data: bytes, name: str, declared: str | None, limits: Limits
    ) -> list[Member]:
        self._write(wire.packed(wire.request(name, declared, len(data), limits)))
        self._write(data)
        members: list[Member] = []
        while (message := self._message(wire.longest(limits))) != wire.DONE:
            if message == wire.OUT_OF_MEMORY:
                raise ChildFailed(str(too_much_memory(limits)))
            if "refused" in message:
                self._answered()
                raise UnreadableDocument(message["refused"])
            members.append(wire.to_member(message))
        self._answered()
        return members

    def _answered(self) -> None:
        self.files_read += 1
        self.in_step = True

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _message(self, longest: int) -> dict[str, Any]:
        (length,) = wire.LENGTH.unpack(self._read(wire.LENGTH.size))
        if length > longest:
            raise _Ended
        message: dict[str, Any] = json.loads(self._read(length))
        return message

    def _read(self, count: int) -> bytes:
        blocks = bytearray()
        while len(blocks) < count:
            self._wait(self._answers, select.POLLIN)
            block = os.read(self._answers, min(count - len(blocks), _BLOCK_BYTES))
            if not block:
                raise _Ended
            blocks += block
        return bytes(blocks)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                self._wait(self._requests, select.POLLOUT)
                rest = rest[os.write(self._requests, rest[:_BLOCK_BYTES]) :]
        except BrokenPipeError:
            raise _Ended from None

    def _wait(self, descriptor: int, event: int) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(max(0.0, self._deadline - time.monotonic()) * 1_000):
            raise _Late


def _environment() -> dict[str, str]:
    """Little of our own: settings and secrets are no business of a parser."""
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    paths = [str(_ROOT), *filter(None, [kept.get("PYTHONPATH")])]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"}


def _descriptor(pipe: Any) -> int:
    return int(pipe.fileno())


def _reason(status: int, limits: Limits) -> str:
    """What became of the process, as a reason not to have read the file."""
    if -status == signal.SIGXCPU:
        return str(too_long(limits))
    if status < 0:
        what = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
        return f"its parser crashed on it ({what}): it may be damaged, or need too much memory"
    return f"its parser ended on it (exit status {status})"
