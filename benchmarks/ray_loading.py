"""Passages per second of ``index add --ray`` with two raylets, against one local process.

    python -m benchmarks.ray_loading [--passages 2000] [--turns 3] [--kill]

The texts are invented. In each turn the same files are added to a new library by

\b
- one local process that embeds on one thread;
- one local process as it is by default, on as many threads as there are processors;
- Ray on a cluster of two raylets on this machine, each with one processor;
- and nobody: two processes, each with the model and one thread, embed the finished passages and
  do nothing else. That is the most that two processors can do: the machine's ceiling.

They take turns, so that whatever else the machine does meets all of them; medians are shown, and
of each ratio its median and range over the turns. Ray is counted in two ways: from the command's
start, and less what a run with one file takes in the same turn (to connect, to start the actors,
to load the model), which is what a long load comes to. Its cluster runs before the first turn, as
it would anywhere.

--kill adds a run in which the second raylet is killed by its process id in the middle, and compares
what it left, row by row, with the local library.
"""

from __future__ import annotations

import json
import os
import platform
import random
import secrets
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from index.onnx_embedding import OnnxEmbedder
from index.outcomes import Outcome
from index.parallel import processors
from index.ray_loading.bringing import RayIndexer, file_source
from index.ray_loading.recipe import Recipe
from index.ray_loading.session import Session
from index.store import Store
from qa.assembly import make_indexer, make_recipe
from qa.settings import Settings
from tests.index.ray.conftest import rows

ROOT = Path(__file__).parent.parent
SETTINGS = Settings()
WORDS_PER_PASSAGE = 60  # of invented words, which have two or three tokens each
PASSAGES_PER_FILE = 8
CLUSTER_BYTES = 80_000_000
_BATCH = 64  # passages that a process of the ceiling takes at a time


@dataclass
class Rates:
    """Passages per second of each turn."""

    one_thread: list[float] = field(default_factory=list)
    local: list[float] = field(default_factory=list)
    ray_whole: list[float] = field(default_factory=list)
    ray_steady: list[float] = field(default_factory=list)
    ray_start_seconds: list[float] = field(default_factory=list)
    ceiling: list[float] = field(default_factory=list)


def write_files(folder: Path, passages: int) -> list[Path]:
    """Files of about eight passages, of invented words in sentences."""
    chance = random.Random(11)
    words = [
        "".join(chance.choices("aeioubcdlmnprst", k=chance.randint(2, 9))) for _ in range(4_000)
    ]
    files = []
    for number in range(passages // PASSAGES_PER_FILE):
        file = folder / f"{number:06}.txt"
        parts = (_paragraph(chance, words) for _ in range(PASSAGES_PER_FILE))
        file.write_text("\n\n".join(parts), encoding="utf-8")
        files.append(file)
    return files


def _paragraph(chance: random.Random, words: Sequence[str]) -> str:
    sentences = (
        " ".join(chance.choices(words, k=12)).capitalize() + "."
        for _ in range(WORDS_PER_PASSAGE // 12)
    )
    return " ".join(sentences)


def add_locally(files: Sequence[Path], folder: Path, threads: int) -> float:
    """Passages per second of one process, its model loaded before."""
    store = Store(folder, create=True)
    embedder = OnnxEmbedder(threads=threads)
    embedder.warm_up()
    began = time.perf_counter()
    for indexed in make_indexer(SETTINGS, store, embedder).add(files):
        assert indexed.outcome is Outcome.ADDED, indexed
    rate = store.count()[1] / (time.perf_counter() - began)
    store.close()
    return rate


def add_by_ray(
    files: Sequence[Path], folder: Path, address: str, recipe: Recipe
) -> tuple[int, float]:
    """Passages that were stored, and the seconds that took from the start."""
    store = Store(folder, create=True)
    began = time.perf_counter()
    indexer = RayIndexer(
        store,
        OnnxEmbedder(threads=0),
        recipe,
        lambda: Session(address, recipe, object_store_bytes=CLUSTER_BYTES),
    )
    for indexed in indexer.bring_raw(file_source(file, recipe.limits) for file in files):
        assert indexed.outcome is Outcome.ADDED, indexed
    seconds = time.perf_counter() - began
    passages = store.count()[1]
    store.close()
    return passages, seconds


def embed_alone(texts: Sequence[str]) -> float:
    """Passages per second of as many processes as the cluster has, one thread each."""
    with ExitStack() as stack:
        started = [stack.enter_context(_embedding(texts[place::2])) for place in range(2)]
        for process in started:
            assert process.stdout is not None
            process.stdout.readline()  # the model is loaded
        began = time.perf_counter()
        for process in started:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        for process in started:
            assert process.stdout is not None
            process.stdout.readline()
        return len(texts) / (time.perf_counter() - began)


@contextmanager
def _embedding(texts: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.ray_loading", "--only-embed"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(list(texts)) + "\n")
        process.stdin.flush()
        try:
            yield process
        finally:
            process.stdin.close()


def _only_embed() -> None:
    """A process of the ceiling: it loads, waits for a line, embeds, and says so."""
    texts = json.loads(sys.stdin.readline())
    embedder = OnnxEmbedder(threads=1)
    embedder.warm_up()
    click.echo("ready")
    sys.stdin.readline()
    for first in range(0, len(texts), _BATCH):
        embedder.embed(texts[first : first + _BATCH])
    click.echo("done")


@contextmanager
def cluster() -> Iterator[dict]:
    """Two raylets on this machine; address and process ids."""
    os.environ |= {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
    }
    folder = tempfile.mkdtemp(prefix="qa-", dir="/tmp")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.index.ray.cluster", folder],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait()
            shutil.rmtree(folder, ignore_errors=True)


def kill_in_the_middle(
    files: Sequence[Path], folder: Path, started: dict, recipe: Recipe
) -> tuple[int, int]:
    """Files told as stored before the raylet was killed, and in the end."""
    store = Store(folder, create=True)
    indexer = RayIndexer(
        store,
        OnnxEmbedder(threads=0),
        recipe,
        lambda: Session(started["address"], recipe, object_store_bytes=CLUSTER_BYTES),
    )
    count = before = 0
    for indexed in indexer.bring_raw(file_source(file, recipe.limits) for file in files):
        assert indexed.outcome is Outcome.ADDED, indexed
        count += 1
        if not before and count >= len(files) // 3:
            before = count
            os.kill(started["other"], signal.SIGKILL)
    store.close()
    return before, count


@click.command(help=__doc__)
@click.option("--passages", default=2_000, show_default=True)
@click.option("--turns", default=3, show_default=True)
@click.option("--kill", is_flag=True, help="Kill a raylet in one more run.")
@click.option("--only-embed", is_flag=True, hidden=True)
def main(passages: int, turns: int, kill: bool, only_embed: bool) -> None:
    if only_embed:
        _only_embed()
        return
    recipe, rates = make_recipe(SETTINGS), Rates()
    with tempfile.TemporaryDirectory() as place, cluster() as started:
        folder = Path(place)
        texts = folder / "texts"
        texts.mkdir()
        files = write_files(texts, passages)
        for turn in range(turns):
            libraries = [folder / f"{name}-{turn}" for name in ("one", "local", "ray")]
            rates.one_thread.append(add_locally(files, libraries[0], 1))
            rates.local.append(add_locally(files, libraries[1], 0))
            address = started["address"]
            first, start = add_by_ray(files[:1], folder / f"first-{turn}", address, recipe)
            count, seconds = add_by_ray(files, libraries[2], address, recipe)
            rates.ray_whole.append(count / seconds)
            rates.ray_steady.append((count - first) / (seconds - start))
            rates.ray_start_seconds.append(start)
            local = rows(libraries[1])
            assert rows(libraries[2]) == local, "another library than the local one"
            rates.ceiling.append(embed_alone([row[3] for row in local["passages"]]))
            for library in libraries:
                shutil.rmtree(library)
        _tell(len(local["passages"]), len(files), turns, rates)
        if kill:
            before, count = kill_in_the_middle(files, folder / "killed", started, recipe)
            found = rows(folder / "killed")
            same = "the same rows as" if found == local else "NOT the rows of"
            click.echo(
                f"second raylet killed after {before} of {len(files)} files: {count} stored, "
                f"{len(found['passages']):,} passages, {same} the local library"
            )


def _tell(passages: int, files: int, turns: int, rates: Rates) -> None:
    click.echo(
        f"{processors()} processors, {platform.machine()}, Python {platform.python_version()}, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    click.echo(f"{passages:,} passages of {files:,} files, {turns} turns")
    table = Table("passages/s", "median", "against one thread", "against local", "of the ceiling")
    for name, measured in (
        ("one local process, one thread", rates.one_thread),
        ("one local process", rates.local),
        ("Ray, two raylets, from the start", rates.ray_whole),
        ("Ray, two raylets, once started", rates.ray_steady),
        ("two processes that only embed (the ceiling)", rates.ceiling),
    ):
        table.add_row(
            name,
            f"{statistics.median(measured):.1f}",
            _ratio(measured, rates.one_thread),
            _ratio(measured, rates.local),
            _ratio(measured, rates.ceiling),
        )
    Console(width=110).print(table)
    start = statistics.median(rates.ray_start_seconds)
    click.echo(f"a run of one file by Ray: {start:.1f} s")


def _ratio(these: Sequence[float], those: Sequence[float]) -> str:
    ratios = [this / that for this, that in zip(these, those, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


if __name__ == "__main__":
    main()
