"""What a library of many passages costs: adding, deleting, searching, memory, starting.

    python -m benchmarks.index_scale [FILE...] [--passages N]... [--keep FOLDER] [--json]

For each size a real library is filled through `index.store`. FILE is SQuAD JSON, plain or gzipped:
its contexts and their sentences are embedded (--real of them), and so are its questions, which are
what is searched for. Passages beyond those are mixed: half the words of one real text and half of
another, and as vector a mixture of the two real ones plus a quarter of the difference of two more,
which spreads them as the real ones spread. Without FILE all vectors are invented: Gaussian, with
a spectrum that falls like one through the root of the rank; they say little about recall.

With --keep the libraries stay in FOLDER and are used again.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click
import faiss
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.memory import forget, forget_peak, resident_mb
from benchmarks.mixed_passages import (
    DIMENSION,
    DOCUMENTS_PER_CHANGE,
    MODEL,
    SEED,
    Real,
    documents,
    fill,
    invented,
    remembered,
)
from index import approximate, vector_loading
from index.database import FILE_NAME as DATABASE_NAME
from index.documents import Filters
from index.embedding import Vectors
from index.retrieval import Retriever
from index.store import Prepared, Store
from index.vector_files import peek
from qa.assembly import make_embedder, make_retriever
from qa.settings import Settings

ROOT = Path(__file__).parent.parent
CHANGES = 9  # of which the median is taken
NEIGHBOURS = 10


@dataclass
class Figures:
    """Seconds, but for what says otherwise."""

    passages: int
    fill_100k: float | None = None
    build: float = 0.0
    build_peak_mb: float = 0.0
    lists: str = "none"
    add: float = 0.0
    add_on_empty: float = 0.0
    seen: float = 0.0
    delete: float = 0.0
    delete_on_empty: float = 0.0
    recall: float = 0.0
    vector_ms: dict[str, float] = field(default_factory=dict)
    vector_processor_ms: dict[str, float] = field(default_factory=dict)
    filtered_ms: dict[str, float] = field(default_factory=dict)
    lexical_ms: dict[str, float] = field(default_factory=dict)
    retrieval_ms: dict[str, float] = field(default_factory=dict)
    resident_mb: float = 0.0
    reopen_peak_mb: float = 0.0
    reopen: float = 0.0
    reopen_uncached: float = 0.0
    folder_mb: float = 0.0


class Given:
    """An embedder that knows the questions' vectors: embedding is not what is measured.

    Other texts, which are tried out while lists are built, it embeds, or invents their vectors.
    """

    name, dimension = MODEL

    def __init__(self, real: Real) -> None:
        self._known = dict(zip(real.questions, real.question_vectors, strict=True))
        self._embed = invented if real.invented else make_embedder(Settings()).embed

    def warm_up(self) -> None:
        pass

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def embed(self, texts: Sequence[str]) -> Vectors:
        if self._known.keys() >= set(texts):
            return np.stack([self._known[text] for text in texts])
        return self._embed(texts)


# --- what is stored and asked


def timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def spread(milliseconds: Sequence[float]) -> dict[str, float]:
    p50, p99 = np.percentile(milliseconds, (50, 99))
    return {"p50": float(p50), "p99": float(p99)}


@dataclass
class Changes:
    """Seconds that 100 documents took: adding them, the next search longer, deleting them."""

    add: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    delete: list[float] = field(default_factory=list)

    def make(self, store: Store, retriever: Retriever, new: list[Prepared], query: Vectors) -> None:
        usual = timed(lambda: dense(store, retriever, query))
        ids: list[int] = []
        self.add.append(timed(lambda: ids.extend(store.apply(new, [], MODEL))))
        self.seen.append(timed(lambda: dense(store, retriever, query)) - usual)
        self.delete.append(timed(lambda: store.apply([], ids, MODEL)))
        dense(store, retriever, query)


def changes(store: Store, retriever: Retriever, real: Real, figures: Figures) -> None:
    """The same changes of the library and of an empty one, by turns."""
    large, empty = Changes(), Changes()
    source = documents(real, time.time_ns())
    query = real.question_vectors[0]
    with tempfile.TemporaryDirectory() as folder:
        other = Store(Path(folder), create=True)
        other_retriever = make_retriever(Settings(data=Path(folder)), other, Given(real))
        for _ in range(CHANGES):
            new = [next(source) for _ in range(DOCUMENTS_PER_CHANGE)]
            empty.make(other, other_retriever, new, query)
            large.make(store, retriever, new, query)
        other.close()
    figures.add, figures.add_on_empty = np.median(large.add), np.median(empty.add)
    figures.delete, figures.delete_on_empty = np.median(large.delete), np.median(empty.delete)
    figures.seen = np.median(large.seen)


def dense(
    store: Store, retriever: Retriever, query: Vectors, allowed: np.ndarray | None = None
) -> list[tuple[int, float]]:
    """The vector half of a search: catching up, searching, re-ranking."""
    with store.snapshot():
        vectors = retriever.passage_search._current()
        return vectors.search(query, retriever.candidates, store.vectors, allowed)


def lexical(store: Store, retriever: Retriever, question: str, passages: int) -> None:
    """The other half: counting words, and weighing what holds them."""
    with store.snapshot():
        retriever.passage_search._full_text.weigh(
            question, retriever.candidates, Filters(), (), passages
        )


def nearest(store: Store, queries: Vectors) -> np.ndarray:
    """Ids of each query's true neighbours, by comparing all."""
    best = np.empty((len(queries), 0), np.float32)
    ids = np.empty((len(queries), 0), np.int64)
    with store.snapshot():
        for some, vectors in store.each_vector(20_000):
            count = min(NEIGHBOURS, len(some))
            cosines, at = faiss.knn(queries, vectors, count, metric=faiss.METRIC_INNER_PRODUCT)
            best, ids = np.hstack([best, cosines]), np.hstack([ids, some[at]])
            order = np.argsort(-best, axis=1)[:, :NEIGHBOURS]
            best, ids = np.take_along_axis(best, order, 1), np.take_along_axis(ids, order, 1)
    return ids


def searches(store: Store, retriever: Retriever, real: Real, figures: Figures) -> None:
    truth = nearest(store, real.question_vectors)
    found, vector_ms, processor_ms, lexical_ms, retrieval_ms = 0, [], [], [], []
    dense(store, retriever, real.question_vectors[0])
    for row, query in enumerate(real.question_vectors):
        hits: list[tuple[int, float]] = []
        processor = time.thread_time()
        taken = timed(lambda q=query, h=hits: h.extend(dense(store, retriever, q)))
        processor_ms.append(1e3 * (time.thread_time() - processor))
        vector_ms.append(1e3 * taken)
        found += len({i for i, _ in hits[:NEIGHBOURS]} & set(truth[row].tolist()))
    figures.recall = found / truth.size
    figures.vector_ms, figures.vector_processor_ms = spread(vector_ms), spread(processor_ms)
    every = np.array([row[0] for row in store.rows("SELECT id FROM passages")])
    tenth = every[np.random.default_rng(SEED).random(len(every)) < 0.1]
    figures.filtered_ms = spread(
        [
            1e3 * timed(lambda q=query: dense(store, retriever, q, tenth))
            for query in real.question_vectors[:200]
        ]
    )
    for question in real.questions[:200]:
        lexical_ms.append(1e3 * timed(lambda q=question: lexical(store, retriever, q, len(every))))
        retrieval_ms.append(1e3 * timed(lambda q=question: retriever.search(q, 12)))
    figures.lexical_ms, figures.retrieval_ms = spread(lexical_ms), spread(retrieval_ms)


# --- what is measured in a process of its own


def in_child(kind: str, folder: Path) -> dict[str, float]:
    """Build the lists, or open the library, in a new process; seconds and MB."""
    command = [sys.executable, "-m", "benchmarks.index_scale", "--child", kind, "--keep", folder]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def child(kind: str, folder: Path) -> dict[str, float]:
    store = Store(folder)
    before = resident_mb("VmRSS")
    if kind == "build":
        real = remembered(folder.parent, (), 0, 0)
        retriever = make_retriever(Settings(data=folder), store, Given(real))
        retriever.embedder.embed(["warm up"])
        before = resident_mb("VmRSS")
        forget_peak()
        seconds = timed(retriever.build_anew)
        return {"seconds": seconds, "peak_mb": resident_mb("VmHWM") - before}
    if kind == "open uncached":
        for name in (approximate.FILE_NAME, DATABASE_NAME):
            forget(folder / name)
    held = []
    forget_peak()
    with store.snapshot():
        seconds = timed(lambda: held.append(vector_loading.load(store, DIMENSION)))
    return {
        "seconds": seconds,
        "resident_mb": resident_mb("VmRSS") - before,
        "peak_mb": resident_mb("VmHWM") - before,
    }


def measure(size: int, folder: Path, real: Real) -> Figures:
    figures = Figures(size)
    store = Store(folder, create=True)
    if store.passage_count() != size:
        if store.passage_count():
            raise click.ClickException(f"{folder} holds other passages; remove it.")
        figures.fill_100k = fill(store, real, size)
    built = in_child("build", folder)
    figures.build, figures.build_peak_mb = built["seconds"], built["peak_mb"]
    header = peek(folder / approximate.FILE_NAME)
    if header is not None:
        figures.lists = f"{header['probes']:,} of {header['lists']:,}"
    opened = in_child("open", folder)
    figures.reopen, figures.resident_mb = opened["seconds"], opened["resident_mb"]
    figures.reopen_peak_mb = opened["peak_mb"]
    figures.reopen_uncached = in_child("open uncached", folder)["seconds"]
    figures.folder_mb = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    retriever = make_retriever(Settings(data=folder), store, Given(real))
    searches(store, retriever, real, figures)
    changes(store, retriever, real, figures)
    store.settle()
    store.close()
    return figures


ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("lists read", lambda f: f.lists),
    ("recall@10 against exact", lambda f: f"{f.recall:.4f}"),
    ("vector search p50 / p99, ms", lambda f: both(f.vector_ms)),
    ("  processor time alone, ms", lambda f: both(f.vector_processor_ms)),
    ("the same among a tenth, ms", lambda f: both(f.filtered_ms)),
    ("lexical search p50 / p99, ms", lambda f: both(f.lexical_ms)),
    ("whole retrieval p50 / p99, ms", lambda f: both(f.retrieval_ms)),
    ("add 100 documents, ms", lambda f: f"{1e3 * f.add:.0f}"),
    ("  times what it costs on empty", lambda f: f"{f.add / f.add_on_empty:.2f}"),
    ("  the next search longer, ms", lambda f: f"{1e3 * f.seen:.0f}"),
    ("delete 100 documents, ms", lambda f: f"{1e3 * f.delete:.0f}"),
    ("  times what it costs on empty", lambda f: f"{f.delete / f.delete_on_empty:.2f}"),
    ("resident for vectors, MB", lambda f: f"{f.resident_mb:.0f}"),
    ("  most while opening, MB", lambda f: f"{f.reopen_peak_mb:.0f}"),
    ("reopen, s", lambda f: f"{f.reopen:.2f}"),
    ("  files not in cache, s", lambda f: f"{f.reopen_uncached:.2f}"),
    ("build lists, s", lambda f: f"{f.build:.1f}"),
    ("  most memory, MB", lambda f: f"{f.build_peak_mb:.0f}"),
    ("fill, s per 100,000 passages", lambda f: f"{f.fill_100k:.0f}" if f.fill_100k else ""),
    ("data folder, MB", lambda f: f"{f.folder_mb:.0f}"),
)


def both(milliseconds: dict[str, float]) -> str:
    return f"{milliseconds['p50']:.1f} / {milliseconds['p99']:.1f}"


@click.command(help=__doc__)
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--passages", "sizes", multiple=True, default=[10_000, 100_000, 1_000_000])
@click.option("--real", "real_count", default=20_000, show_default=True)
@click.option("--questions", default=1_000, show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), help="Where the libraries stay.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, not a table.")
@click.option("--child", "kind", hidden=True)
def main(
    files: tuple[Path, ...],
    sizes: tuple[int, ...],
    real_count: int,
    questions: int,
    keep: Path | None,
    as_json: bool,
    kind: str | None,
) -> None:
    if kind is not None:
        assert keep is not None
        click.echo(json.dumps(child(kind, keep)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        real = remembered(folder, files, real_count, questions)
        results = []
        for size in sizes:
            click.echo(f"{size:,} passages ...", err=True)
            results.append(measure(size, folder / f"passages-{size}", real))
    show(results, 0 if real.invented else len(real.texts), as_json)


def show(results: Sequence[Figures], real: int, as_json: bool) -> None:
    machine = {
        "machine": platform.processor() or platform.machine(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "faiss": faiss.__version__,
        "real_vectors": real,
    }
    if as_json:
        click.echo(json.dumps({**machine, "sizes": [asdict(f) for f in results]}, indent=1))
        return
    table = Table("passages", *(f"{f.passages:,}" for f in results))
    for name, value in ROWS:
        table.add_row(name, *(value(figures) for figures in results))
    Console().print(table)
    Console().print(", ".join(f"{name} {value}" for name, value in machine.items()))


if __name__ == "__main__":
    main()
