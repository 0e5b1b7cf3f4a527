"""The driver as the writer sees it: started, fed, listened to, and ended whatever happens."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.errors import RayUnavailable
from index.ray_loading import wire
from index.ray_loading.finishing import Raw
from index.ray_loading.recipe import Recipe
from index.ray_loading.wire import Kind

_START_SECONDS = 120.0
_SILENT_SECONDS = 45.0
_HEAD_SECONDS = 20.0  # that the cluster's head may take to answer
_END_SECONDS = 20.0
_BLOCK_BYTES = 1 << 20
_ROOT = Path(__file__).absolute().parents[2]
# Ray puts sockets below its folder, and a socket's path has 107 characters at most.
_FOLDER_AT_MOST = 30
_SHORT_FOLDER = "/tmp"  # noqa: S108 - a folder of our own is made in it


class Session:
    """A Ray cluster for one run; a context manager.

    Args:
        address: as `ray.init` takes it.
        object_store_bytes, processors: of a cluster that is started here (address ``local``); 0
            processors means all.

    Attributes:
        wave_bytes: how much to send before `run`.

    Raises:
        RayUnavailable: from every method; ends the session.
    """

    def __init__(
        self, address: str, recipe: Recipe, *, object_store_bytes: int, processors: int = 0
    ) -> None:
        if importlib.util.find_spec("ray") is None:
            raise RayUnavailable(
                "Ray is not installed. Install it with: pip install -r requirements-scale.txt"
            )
        self._address = address
        self._folder = Path(tempfile.mkdtemp(prefix="qa-ray-", dir=_short_folder()))
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "index.ray_loading.driver"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=_environment(address),
            start_new_session=True,  # Ctrl+C is for the writer, which ends the others
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._requests = self._process.stdin.fileno()
        self._answers = self._process.stdout.fileno()
        os.set_blocking(self._requests, False)
        self._over_at = time.monotonic() + _START_SECONDS
        try:
            start = {
                "address": address,
                "recipe": recipe.to_json(),
                "object_store_bytes": object_store_bytes,
                "processors": processors,
                "folder": str(self._folder),
                "patience_seconds": _HEAD_SECONDS,
            }
            self._send(Kind.START, start)
            ready = self._expect(Kind.READY)
        except BaseException:
            self.close()
            raise
        self.processors = int(ready["processors"])
        self.machines = int(ready["machines"])
        self.object_store_bytes = int(ready["object_store_bytes"])

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, raw: Raw) -> None:
        """A file of the next wave."""
        self._send(Kind.FILE, raw.header(), raw.data)

    def run(self) -> Iterator[tuple[bytes, bytes]]:
        """Finish what was sent; see `index.ray_loading.finishing.decoded`."""
        self._send(Kind.RUN)
        while True:
            kind, header, data = self._message()
            if kind is Kind.DONE:
                return
            if kind is Kind.FILE:
                yield header, data

    def close(self) -> None:
        """End the driver, and what it started here."""
        try:
            self._send(Kind.END)
            self._process.wait(_END_SECONDS)
        except (RayUnavailable, subprocess.TimeoutExpired):
            pass
        finally:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def lost(self, why: str) -> RayUnavailable:
        return RayUnavailable(
            f"Ray at {self._address!r} cannot be used: {why.rstrip('.')}. What was stored is kept; "
            "the same command goes on where it stopped."
        )

    def _expect(self, wanted: Kind) -> dict[str, Any]:
        while True:
            kind, header, _ = self._message()
            if kind is wanted:
                self._over_at = float("inf")
                found: dict[str, Any] = json.loads(header)
                return found

    def _message(self) -> tuple[Kind, bytes, bytes]:
        """The next one that is no sign of life."""
        while True:
            if time.monotonic() > self._over_at:
                raise self.lost(f"it did not answer within {_START_SECONDS:g} seconds")
            try:
                kind, text, size = wire.lengths(self._read(wire.HEAD.size))
            except ValueError as error:
                raise self.lost(f"its driver is out of step ({error})") from error
            header, data = self._read(text), self._read(size)
            if kind is Kind.ERROR:
                raise self.lost(str(json.loads(header)["reason"]))
            if kind is not Kind.BEAT:
                return kind, header, data

    def _send(self, kind: Kind, header: dict[str, Any] | None = None, data: bytes = b"") -> None:
        try:
            for piece in wire.packed(kind, header or {}, data):
                rest = memoryview(piece)
                while rest:
                    self._wait(self._requests, select.POLLOUT)
                    rest = rest[os.write(self._requests, rest[:_BLOCK_BYTES]) :]
        except (BrokenPipeError, ValueError):
            raise self._why_it_ended() from None

    def _read(self, count: int) -> bytes:
        blocks = bytearray()
        while len(blocks) < count:
            self._wait(self._answers, select.POLLIN)
            block = os.read(self._answers, min(count - len(blocks), _BLOCK_BYTES))
            if not block:
                raise self.lost(f"its driver ended ({self._status()})")
            blocks += block
        return bytes(blocks)

    def _wait(self, descriptor: int, event: int) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(_SILENT_SECONDS * 1_000):
            raise self.lost(f"nothing was heard of it for {_SILENT_SECONDS:g} seconds")

    def _why_it_ended(self) -> RayUnavailable:
        """It closed its input: what it said last is the reason."""
        try:
            while True:
                self._message()
        except RayUnavailable as error:
            return error

    def _status(self) -> str:
        self._process.kill()
        return f"status {self._process.wait()}"


def _environment(address: str) -> dict[str, str]:
    """Ray's settings, and none of ours: they may hold passwords."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    paths = [str(_ROOT), *filter(None, [kept.get("PYTHONPATH")])]
    kept |= {
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUTF8": "1",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    }
    if address == "local":
        kept |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        kept.pop("RAY_ADDRESS", None)
    return kept


def _short_folder() -> str:
    folder = tempfile.gettempdir()
    return folder if len(folder) <= _FOLDER_AT_MOST else _SHORT_FOLDER
