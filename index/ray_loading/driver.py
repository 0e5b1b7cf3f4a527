"""The one process that speaks to Ray: ``python -m index.ray_loading.driver``.

It takes files from its standard input, runs each *wave* of them as a Ray Data pipeline, and answers
on its standard output (`index.ray_loading.wire`) in the order in which they came. It holds no
documents but those of the wave, stores nothing, and ends with its parent.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from index.parallel import processors
from index.parent import end_with_parent, read_exactly
from index.ray_loading import wire
from index.ray_loading.finishing import Raw
from index.ray_loading.recipe import fingerprint
from index.ray_loading.wire import Kind

_CONNECT_SECONDS = 5.0
_CHECK_SECONDS = 120.0  # for a process to start on each machine and import what it needs
_BEAT_SECONDS = 2.0
_NO_PROCESSOR_SECONDS = 30.0
_PORT = 6_379  # of a head, unless it was told another
# Small enough that a lost machine costs seconds, and that all machines end at about the same time.
_BLOCK_FILES = 16
_BLOCK_BYTES = 128_000
_BLOCKS_AHEAD = 2  # that an actor has, so that it need not wait
_TRIES = 4  # of what is left of a wave, without one file more
_AFTER_LOSS_SECONDS = 1.0  # for Ray to see what else is gone
# A machine or a process was lost, and what it had can be done by another.
_LOSSES = frozenset(
    {
        "ActorDiedError",
        "ActorUnavailableError",
        "LocalRayletDiedError",
        "NodeDiedError",
        "ObjectFetchTimedOutError",
        "ObjectLostError",
        "ObjectReconstructionFailedError",
        "OutOfMemoryError",
        "OwnerDiedError",
        "RayActorError",
        "WorkerCrashedError",
    }
)


_WRAPPINGS = frozenset({"SystemException", "UserCodeException"})


class _Refused(Exception):
    """A reason for the user."""


@dataclass(slots=True)
class _Block:
    """A table of files, see `index.ray_loading.worker.block_of`.

    Attributes:
        files: how many of them are not finished.
    """

    table: Any
    files: int


class _Answers:
    """The way to the writer, from any thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, kind: Kind, header: dict[str, Any] | bytes = b"{}", data: bytes = b"") -> None:
        with self._lock:
            for piece in wire.packed(kind, header, data):
                rest = memoryview(piece)
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]


class _Health:
    """Tells the writer every few seconds that driver and cluster are alive, while they are."""

    def __init__(self, answers: _Answers) -> None:
        self._answers = answers
        self._connected = False
        self._patience_seconds = 0.0
        self._heard = 0.0
        self._had_processors = 0.0
        threading.Thread(target=self._beat, daemon=True).start()

    def connected(self, patience_seconds: float) -> None:
        """From now on look after the cluster, too."""
        self._patience_seconds = patience_seconds
        self._heard = self._had_processors = time.monotonic()
        self._connected = True
        threading.Thread(target=self._listen, daemon=True).start()

    def _beat(self) -> None:
        while True:
            now = time.monotonic()
            self._answers.send(Kind.BEAT)
            if self._connected and now - self._heard > self._patience_seconds:
                _end(
                    self._answers,
                    f"the cluster's head has not answered for {self._patience_seconds:g} seconds",
                )
            if self._connected and now - self._had_processors > _NO_PROCESSOR_SECONDS:
                _end(self._answers, "no machine of the cluster with a processor is left")
            time.sleep(_BEAT_SECONDS)

    def _listen(self) -> None:
        import ray

        while True:
            with contextlib.suppress(Exception):  # whatever it is, it is no sign of life
                alive = [node for node in ray.nodes() if node["Alive"]]
                self._heard = time.monotonic()
                if any(node["Resources"].get("CPU", 0) >= 1 for node in alive):
                    self._had_processors = self._heard
            time.sleep(_BEAT_SECONDS)


def main() -> None:
    answers = _Answers(os.dup(1))
    os.dup2(2, 1)  # what Ray prints is no answer
    threading.Thread(target=end_with_parent, daemon=True).start()
    health = _Health(answers)
    try:
        kind, start, _ = _receive()
        assert kind is Kind.START
        _connect(start)
        health.connected(start["patience_seconds"])
        answers.send(Kind.READY, _check_nodes())
        while (wave := _wave()) is not None:
            for header, data in _in_spite_of_losses(wave, start["recipe"]):
                answers.send(Kind.FILE, header, data)
            wave.clear()
            answers.send(Kind.DONE)
        _disconnect()
    except Exception as error:  # of whatever kind: the writer tells it and goes on without us
        _end(answers, _told(error))


def _connect(start: dict[str, Any]) -> None:
    address = start["address"]
    _probe(address)
    import ray

    options: dict[str, Any] = {}
    if address == "local":
        options = {
            "num_cpus": start["processors"] or processors(),
            "object_store_memory": start["object_store_bytes"],
            "include_dashboard": False,
            "_temp_dir": start["folder"],
        }
    ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **options)


def _probe(address: str) -> None:
    """Ask for a connection first: Ray itself tries for minutes, and may end the process."""
    if address in ("local", "auto"):
        return
    if address.startswith("ray://"):
        raise _Refused(
            "Ray Data does not run through Ray's client protocol. Give the head's own address, as "
            "in HOST:6379, from a machine that reaches all of the cluster"
        )
    host, _, port = address.rpartition(":") if ":" in address else (address, "", str(_PORT))
    try:
        with socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS):
            pass
    except (OSError, ValueError, OverflowError) as error:
        raise _Refused(f"nothing answers there ({error})") from error


def _check_nodes() -> dict[str, Any]:
    """Whether each machine has this program as it is here; how large the cluster is.

    Raises `_Refused`.
    """
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    from index.ray_loading.worker import made_by

    nodes = [n for n in ray.nodes() if n["Alive"] and n["Resources"].get("CPU", 0) >= 1]
    if not nodes:
        raise _Refused("no machine of the cluster has a processor to give")
    check = ray.remote(num_cpus=0, max_retries=0)(made_by)
    asked = {
        check.options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        ).remote(): str(node["NodeManagerAddress"])
        for node in nodes
    }
    answered, silent = ray.wait(list(asked), num_returns=len(asked), timeout=_CHECK_SECONDS)
    if silent:
        raise _Refused(f"{asked[silent[0]]} started no process in {_CHECK_SECONDS:g} seconds")
    for place in answered:
        try:
            theirs = ray.get(place)
        except Exception as error:
            raise _Refused(
                f"this program does not run on {asked[place]} ({_told(error)}). Install the same "
                "version of it, with its Ray extra, on every machine"
            ) from error
        if theirs != fingerprint():
            raise _Refused(_other_version(asked[place]))
    return {
        "processors": sum(int(node["Resources"]["CPU"]) for node in nodes),
        "machines": len(nodes),
        "object_store_bytes": int(
            min(node["Resources"].get("object_store_memory", 0) for node in nodes)
        ),
    }


def _in_spite_of_losses(
    wave: list[_Block], recipe: dict[str, Any]
) -> Iterator[tuple[bytes, bytes]]:
    """The wave's files; after a loss what is left of the wave is run anew, on what is left of the
    cluster. Files of the block that was broken off may come twice.

    Ray's own way is to wait until a lost actor can be started elsewhere. Here it cannot: each
    processor of the cluster has an actor already.
    """
    tries = 0
    while wave:
        try:
            for header, data in _finished(wave, recipe):
                wave[0].files -= 1
                if not wave[0].files:
                    del wave[0]
                tries = 0
                yield header, data
            return
        except Exception as error:
            tries += 1
            if tries == _TRIES or not any(type(e).__name__ in _LOSSES for e in _causes(error)):
                raise
        gc.collect()  # actors that are left end with the last reference to them, and make room
        time.sleep(_AFTER_LOSS_SECONDS)


def _finished(wave: Sequence[_Block], recipe: dict[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    """The wave's files as `index.ray_loading.finishing.encoded` has them, in their order."""
    import ray
    import ray.data
    from ray.data.read_api import from_blocks

    from index.ray_loading.worker import Finisher

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True
    available = int(ray.cluster_resources().get("CPU", 1))
    pool = ray.data.ActorPoolStrategy(
        size=max(1, min(available, len(wave))), max_tasks_in_flight_per_actor=_BLOCKS_AHEAD
    )
    finished = from_blocks([block.table for block in wave]).map_batches(
        Finisher,
        fn_constructor_kwargs={"recipe": recipe},
        batch_size=None,
        batch_format="pyarrow",
        compute=pool,
        num_cpus=1,
        max_restarts=0,
        max_task_retries=0,
    )
    for block in finished.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=1):
        for row in block.to_pylist():
            if row["made_by"] != fingerprint():
                raise _Refused(_other_version("a machine that came later"))
            yield row["header"], row["data"]


def _wave() -> list[_Block] | None:
    """The next wave; None when there is no more."""
    from index.ray_loading.worker import block_of

    blocks: list[_Block] = []
    raws: list[Raw] = []
    size = 0
    while True:
        kind, header, data = _receive()
        if kind is Kind.END:
            return None
        whole = len(raws) == _BLOCK_FILES or size + len(data) > _BLOCK_BYTES
        if raws and (kind is Kind.RUN or whole):
            blocks.append(_Block(block_of(raws), len(raws)))
            raws, size = [], 0
        if kind is Kind.RUN:
            return blocks
        raws.append(Raw(**header, data=data))
        size += len(data)


def _disconnect() -> None:
    import ray

    ray.shutdown()


def _receive() -> tuple[Kind, dict[str, Any], bytes]:
    kind, text, data = wire.lengths(read_exactly(wire.HEAD.size))
    return kind, json.loads(read_exactly(text)), read_exactly(data)


def _end(answers: _Answers, reason: str) -> NoReturn:
    """At once: after an error Ray's own farewell may take long, or never end."""
    answers.send(Kind.ERROR, {"reason": reason})
    os._exit(1)


def _other_version(place: str) -> str:
    return (
        f"{place} has another version of this program, or of a library that it reads or embeds "
        "with. Install the same versions on every machine"
    )


def _told(error: BaseException) -> str:
    """What Ray says, without the pages of traces around it."""
    if isinstance(error, _Refused):
        return str(error)
    # Ray Data's SystemException is an empty wrapping, put inside.
    *_, error = (e for e in _causes(error) if e is error or type(e).__name__ not in _WRAPPINGS)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    # An actor that could not begin has its own reason at the end of a trace.
    line = lines[-1] if "creation task" in lines[0] else lines[0]
    return f"{type(error).__name__}: {line[:300]}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what is behind it, as Ray wraps one in the other."""
    seen: set[int] = set()
    next_: object = error
    while isinstance(next_, BaseException) and id(next_) not in seen:
        seen.add(id(next_))
        yield next_
        next_ = getattr(next_, "cause", None) or next_.__cause__


if __name__ == "__main__":
    main()
