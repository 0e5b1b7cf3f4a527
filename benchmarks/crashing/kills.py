"""Kill a writer, then compare the library with what was acknowledged."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
from pathlib import Path

from benchmarks.crashing.flushes import lose_unflushed, track_unflushed_renames
from benchmarks.crashing.library import State, contents, open_library
from benchmarks.crashing.plants import PLANTS
from benchmarks.crashing.processes import Tally, forked, in_child, listen, tell
from benchmarks.crashing.writer import Writer
from index.verify import findings


def write_until_killed(folder: Path, tree: Path, seed: int, pipe: int, plant: str) -> None:
    track_unflushed_renames(folder / "unflushed")
    PLANTS[plant]()
    try:
        Writer(folder, tree, seed, lambda line: tell(pipe, line)).run()
    except BaseException as error:  # a writer must never fail by itself
        tell(pipe, json.dumps({"failed": repr(error)}))
    os._exit(1)


def kill_once(folder: Path, tree: Path, seed: int, plant: str, state: State, tally: Tally) -> State:
    """Let a writer run, kill it, check what it left; return what the library holds now."""
    chance = random.Random(seed)
    pid, pipe = forked(lambda out: write_until_killed(folder, tree, seed, out, plant))
    with os.fdopen(pipe, "rb") as told:
        # So many begun and acknowledged changes, however slow the machine is, and some time.
        lines = [told.readline() for _ in range(chance.randint(1, 8))]
        time.sleep(chance.uniform(0, 0.03))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        lines += told.read().split(b"\n")
    acknowledged, under_way = dict(state), None
    for line in lines:
        with contextlib.suppress(ValueError):
            row = json.loads(line)
            if "failed" in row:
                tally.note("failed", row["failed"])
            elif "begin" in row:
                under_way = row["begin"]
            elif under_way is not None:
                acknowledged, under_way = under_way, None
                tally.changes += 1
    lose_unflushed(folder)
    return check(folder, acknowledged, under_way, tally)


def check(folder: Path, acknowledged: State, under_way: State | None, tally: Tally) -> State:
    """Open the library in a fresh process and compare."""
    report = in_child(lambda: examine(folder)) or {"unreadable": "the reader died"}
    if "unreadable" in report:
        tally.note("unreadable", report["unreadable"])
        return acknowledged
    for problem in report["problems"]:
        tally.note("verify", problem)
    for line in report["logged"]:
        if "unfinished" not in line:  # what a kill leaves of a file before its rename
            tally.note("damaged cache", line)
    held: State = report["held"]
    allowed = [acknowledged] if under_way is None else [acknowledged, under_way]
    if held not in allowed:
        kind = "lost" if any(held.get(k) != v for k, v in acknowledged.items()) else "mixed"
        tally.note(
            kind,
            f"{_differences(held, acknowledged)}; under way {_differences(held, under_way or {})}",
        )
    for source in report["strangers"]:
        tally.note("answered from the dead", source)
    return held


def _differences(held: State, wanted: State) -> list[str]:
    return [
        f"{name}: {held.get(name, 'nothing')[:40]!r} for {wanted.get(name, 'nothing')[:40]!r}"
        for name in sorted({*held, *wanted})
        if held.get(name) != wanted.get(name)
    ]


def examine(folder: Path) -> dict[str, object]:
    """What the library holds, what verify says, and whether a search finds only what is there."""
    logged = listen()
    try:
        parts = open_library(folder)
        held = contents(parts.store)
        parts.retriever.warm_up()
        strangers = []
        for text in list(held.values())[:3]:
            for item in parts.retriever.search(text, 20).passages:
                stored = held.get(item.passage.source, "")
                if item.passage.text not in stored:
                    strangers.append(item.passage.source)
        problems = [
            f"{f.part}: {f.message}"
            for f in findings(parts.store, parts.retriever.check, lambda: None)
        ]
        parts.store.settle()
        parts.store.close()
    except Exception as error:
        return {"unreadable": repr(error)}
    return {"held": held, "problems": problems, "logged": logged, "strangers": strangers}
