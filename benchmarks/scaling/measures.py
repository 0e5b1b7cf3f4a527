"""What one library costs: disk by table, memory, and the processor's time of asking and adding.

The processor's time of one thread is counted, not the clock on the wall: other work on the machine
adds to it only by what it takes of the caches and of the memory's speed.
"""

from __future__ import annotations

import os
import resource
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import index.indexing
from benchmarks.memory import resident_mb
from benchmarks.stages import PARTS, STAGES, percentiles, watching
from index.approximate import FILE_NAME as LISTS_NAME
from index.database import FILE_NAME as DATABASE_NAME
from index.indexing import Indexer
from index.store import Store
from qa.answers import Question
from qa.assembly import make_embedder, make_indexer, make_pipeline, make_retriever
from qa.pipeline import Pipeline
from qa.settings import Settings

WARM = 3  # questions that are asked before any counts
REPEATS = 3  # of each search, for how much a question's own time varies
SHARD_STAGES = ("dense", "lexical", "fuse", "load")  # what each shard would do for a question
PARAGRAPHS_PER_FILE = 8
_FILES = ("library.*", "vectors.*")
_VECTOR_BYTES = 2 * 384  # float16
_GROUPS = (("passages_fts", "full_text"), ("passages", "passages"), ("documents", "documents"))


# --- disk


def disk(folder: Path) -> dict[str, float]:
    """Bytes of each part of a library that is closed."""
    parts: dict[str, float] = defaultdict(float)
    path = folder / DATABASE_NAME
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = dict(connection.execute("SELECT name, tbl_name FROM sqlite_schema"))
        sizes = connection.execute("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE")
        for name, size in sizes:
            parts[_group(name, tables.get(name, name))] += size
        counted = "SELECT count(*), avg(end_at - start_at) FROM passages"
        count, characters = connection.execute(counted).fetchone()
    vectors = count * _VECTOR_BYTES
    parts["vectors"] = vectors
    parts["passages"] -= vectors
    parts["lists"] = _size(folder / LISTS_NAME)
    # Not what an older version left behind, to go back to.
    whole = sum(_size(file) for name in _FILES for file in folder.glob(name))
    parts["other"] += whole - sum(parts.values())
    return dict(parts) | {"characters_per_passage": characters}


def _group(name: str, table: str) -> str:
    if name != table and not table.startswith("passages_fts"):
        return "indexes"
    return next((group for prefix, group in _GROUPS if table.startswith(prefix)), "other")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


# --- asking


def _settings(folder: Path) -> Settings:
    return Settings.from_environment(data=folder, threads=1, answers_kept=0)


def query(folder: Path, asked: Sequence[str]) -> dict[str, Any]:
    """Milliseconds of a question by stage and of a search alone; resident memory."""
    before = resident_mb("VmRSS")
    pipeline = make_pipeline(_settings(folder))
    pipeline.warm_up()
    pipeline.retriever.wait()
    for question in asked[:WARM]:
        pipeline.answer(Question(question))
    found: dict[str, Any] = {
        "imports_mb": before,
        "resident_mb": resident_mb("VmRSS"),
        "passages_read": pipeline.settings.passages_read,
        "load_average": os.getloadavg()[0],
    }
    found |= _answering(pipeline, asked[WARM:])
    found["search_ms"] = {
        name: _searching(pipeline, asked[WARM:], clock)
        for name, clock in (("wall", time.perf_counter), ("processor", time.thread_time))
    }
    return found


def _answering(pipeline: Pipeline, asked: Sequence[str]) -> dict[str, Any]:
    stages: dict[str, list[float]] = defaultdict(list)
    wall, whole = [], []
    with watching(pipeline, time.thread_time) as watch:
        for question in asked:
            began, processor = time.perf_counter(), time.process_time()
            watch.begin()
            pipeline.answer(Question(question))
            taken = watch.end()
            wall.append(1e3 * (time.perf_counter() - began))
            whole.append(1e3 * (time.process_time() - processor))
            for stage in STAGES:
                stages[stage].append(1e3 * taken.get(stage, 0.0))
            others = sum(taken.get(part, 0.0) for part in PARTS)
            stages["read"][-1] = max(stages["read"][-1], 1e3 * others)
    return {
        "processor_ms": {
            name: _figures(each) for name, each in (*stages.items(), ("whole", whole))
        },
        "wall_ms": _figures(wall),
    }


def _figures(values: list[float]) -> dict[str, float]:
    return {"mean": sum(values) / len(values)} | percentiles(values)


def _searching(
    pipeline: Pipeline, asked: Sequence[str], clock: Callable[[], float]
) -> list[list[float]]:
    """One row for each question: the same search, several times."""
    rows: list[list[float]] = [[] for _ in asked]
    limit = pipeline.settings.passages_read
    with watching(pipeline, clock) as watch:
        for _ in range(REPEATS):
            for row, question in zip(rows, asked, strict=True):
                watch.begin()
                pipeline.retriever.search(question, limit)
                taken = watch.end()
                row.append(round(1e3 * sum(taken.get(s, 0.0) for s in SHARD_STAGES), 3))
    return rows


# --- adding


class Stopwatch:
    """Seconds of the processor by stage, of this process and of those it has waited for."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def wrapped(self, stage: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **options: Any) -> Any:
            began = time.process_time()
            try:
                return method(*args, **options)
            finally:
                self.seconds[stage] += time.process_time() - began

        return watched


@contextmanager
def adding_watched(indexer: Indexer) -> Iterator[Stopwatch]:
    """Until the end of the context loading, cutting and embedding are counted apart."""
    watch = Stopwatch()
    load = index.indexing.load_file
    index.indexing.load_file = watch.wrapped("load", load)
    indexer.cut = watch.wrapped("chunk", indexer.cut)  # type: ignore[method-assign]
    embedder: Any = indexer.embedder
    embedder.embed = watch.wrapped("embed", embedder.embed)
    try:
        yield watch
    finally:
        index.indexing.load_file = load
        del indexer.cut, embedder.embed


def ingest(folder: Path, paragraphs: Sequence[str]) -> dict[str, float]:
    """Milliseconds of the processor per passage, by stage, into a library that is there.

    What is not loading, cutting or embedding is storing: hashing, near copies, the transaction.
    The documents are removed again.
    """
    settings = _settings(folder)
    embedder = make_embedder(settings)
    embedder.warm_up()
    store = Store(folder)
    indexer = make_indexer(settings, store, embedder)
    with tempfile.TemporaryDirectory() as scratch:
        files = _write(Path(scratch), paragraphs)
        held = store.passage_count()
        began = _processor_seconds()
        with adding_watched(indexer) as watch:
            for outcome in indexer.add(files):
                assert not outcome.reason, outcome.reason
        seconds = dict(watch.seconds)
        seconds["store"] = _processor_seconds() - began - sum(seconds.values())
        added = store.passage_count() - held
        list(indexer.remove_origins([str(path) for path in files]))
    store.settle()
    store.close()
    return {"passages": added} | {s: 1e3 * taken / added for s, taken in seconds.items()}


def _processor_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _write(folder: Path, paragraphs: Sequence[str]) -> list[Path]:
    files = []
    for first in range(0, len(paragraphs), PARAGRAPHS_PER_FILE):
        files.append(folder / f"scale-{time.time_ns()}.txt")
        some = paragraphs[first : first + PARAGRAPHS_PER_FILE]
        files[-1].write_text("\n\n".join(some), "utf-8")
    return files


def lists(folder: Path) -> dict[str, float]:
    """Seconds of the processor for all that a server needs besides the store, made anew."""
    settings = _settings(folder)
    store = Store(folder)
    retriever = make_retriever(settings, store, make_embedder(settings))
    retriever.embedder.warm_up()
    before = _processor_seconds()
    retriever.build_anew()
    taken = _processor_seconds() - before
    store.close()
    return {"processor_s": taken, "peak_mb": resident_mb("VmHWM")}
