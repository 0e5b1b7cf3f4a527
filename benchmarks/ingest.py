"""Passages per second of the embedder, and of adding files, against sentence-transformers.

    python -m benchmarks.ingest FILE... [--passages 1000] [--repeats 3] [--threads 0]

FILE is SQuAD v1.1 or v2.0 JSON, plain or gzipped. Its contexts are the passages. Plain is
``SentenceTransformer(...).encode(passages)`` with nothing set, on as many threads. The two take
turns, so that whatever else the machine does meets both; medians are shown, and of the ratio its
median and range over the turns. Processor time leaves out what others took meanwhile, but counts
threads that wait by spinning, as plain's do: with --threads 1 there are none.

recall@10: of the questions whose context is among the passages, the share that find it among the
ten nearest; vectors rounded to float16, as the index keeps them. "Adding files" loads, marks, cuts,
embeds and stores the same texts, eight to a file, into a new library each time.
"""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.squad import Example, load
from index.embedding import Embedder, Vectors, packaged_model
from index.onnx_embedding import OnnxEmbedder
from index.store import Store
from qa.assembly import make_indexer
from qa.settings import Settings

NEAREST = 10
PASSAGES_PER_FILE = 8
Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Pool:
    """Passages, and questions with the number of the passage that answers each."""

    passages: tuple[str, ...]
    questions: tuple[str, ...]
    own: NDArray[np.int64]


@dataclass
class Taken:
    """Seconds of each turn, those of all processors together, and the vectors of the last."""

    seconds: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)
    vectors: Vectors | None = None


def pool(examples: Sequence[Example], limit: int) -> Pool:
    """At most ``limit`` different contexts, evenly from all, and their answerable questions."""
    contexts = list(dict.fromkeys(example.context for example in examples))
    count = min(limit, len(contexts))
    kept = [contexts[i * len(contexts) // count] for i in range(count)]
    place = {context: i for i, context in enumerate(kept)}
    asked = [e for e in examples if e.answers and e.context in place]
    own = np.array([place[e.context] for e in asked], dtype=np.int64)
    return Pool(tuple(kept), tuple(e.question for e in asked), own)


def recall(questions: Vectors, passages: Vectors, own: NDArray[np.int64]) -> float:
    """Share of the questions that have their own passage among the nearest ten."""
    stored = passages.astype(np.float16).astype(np.float32)
    found = 0
    for first in range(0, len(own), 1_000):
        cosines = questions[first : first + 1_000] @ stored.T
        reached = np.take_along_axis(cosines, own[first : first + 1_000, None], axis=1)
        found += int(((cosines > reached).sum(axis=1) < NEAREST).sum())
    return found / len(own)


def take_turns(embedders: dict[str, Embed], passages: Sequence[str], repeats: int) -> list[Taken]:
    """Let each embed all passages ``repeats`` times, one after the other."""
    taken = {name: Taken() for name in embedders}
    for _ in range(repeats):
        for name, embed in embedders.items():
            began, processors_began = time.perf_counter(), time.process_time()
            taken[name].vectors = embed(passages)
            taken[name].seconds.append(time.perf_counter() - began)
            taken[name].processor_seconds.append(time.process_time() - processors_began)
    return list(taken.values())


def seconds_for_one(embed: Embed, questions: Sequence[str]) -> float:
    """Median seconds for one question by itself."""
    taken = []
    for question in questions:
        began = time.perf_counter()
        embed([question])
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def add_files(embedder: Embedder, passages: Sequence[str]) -> tuple[int, float]:
    """How many passages became of the texts, and the seconds that took, files written before."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for first in range(0, len(passages), PASSAGES_PER_FILE):
            files.append(Path(folder) / f"{first:06}.txt")
            texts = passages[first : first + PASSAGES_PER_FILE]
            files[-1].write_text("\n\n".join(texts), encoding="utf-8")
        settings = Settings(data=Path(folder) / "library")
        store = Store(settings.data, create=True)
        indexer = make_indexer(settings, store, embedder)
        began = time.perf_counter()
        for _ in indexer.add(files):
            pass
        taken = time.perf_counter() - began
        count = store.count()[1]
        store.close()
    return count, taken


def plain_encode(threads: int) -> Embed:
    """sentence-transformers as its documentation uses it."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    model = SentenceTransformer(str(packaged_model()), device="cpu")
    return lambda texts: np.asarray(model.encode(list(texts)), dtype=np.float32)


def machine() -> str:
    """The processor's name and what runs on it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    packages = ("onnxruntime", "sentence-transformers", "torch")
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    processor = f"{len(names)} x {names[0]}" if names else platform.machine()
    return f"{processor}, Python {platform.python_version()}, {versions}"


@click.command(help=__doc__)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--passages", default=1_000, show_default=True, help="At most so many passages.")
@click.option("--repeats", default=3, show_default=True)
@click.option("--threads", default=0, show_default=True, help="0: one for each processor.")
def main(files: tuple[Path, ...], passages: int, repeats: int, threads: int) -> None:
    chosen = pool([example for file in files for example in load(file)], passages)
    fast = OnnxEmbedder(threads=threads)
    embedders: dict[str, Embed] = {"plain": plain_encode(fast.threads), "fast": fast.embed}
    for embed in embedders.values():
        embed(chosen.passages[:32])  # both are warm before the first turn
    turns = take_turns(embedders, chosen.passages, repeats)
    added = [add_files(fast, chosen.passages) for _ in range(repeats)]
    recalls = [
        recall(embed(chosen.questions), _vectors(taken), chosen.own)
        for embed, taken in zip(embedders.values(), turns, strict=True)
    ]
    single = [seconds_for_one(embed, chosen.questions[:200]) for embed in embedders.values()]
    click.echo(machine())
    click.echo(
        f"{len(chosen.passages):,} passages, {len(chosen.questions):,} questions, "
        f"{fast.threads} threads, {repeats} turns"
    )
    Console().print(_table(len(chosen.passages), turns, recalls, single))
    cosines = (_vectors(turns[0]) * _vectors(turns[1])).sum(axis=1)
    click.echo(
        f"cosine of the two vectors of a passage: median {np.median(cosines):.4f}, "
        f"1st percentile {np.percentile(cosines, 1):.4f}"
    )
    rates = [count / taken for count, taken in added]
    click.echo(
        f"adding files: {statistics.median(rates):.0f} passages/s "
        f"({added[0][0]:,} passages of {Settings().passage_tokens} tokens at most)"
    )


def _vectors(taken: Taken) -> Vectors:
    assert taken.vectors is not None
    return taken.vectors


def _processor_milliseconds(count: int, turns: list[Taken]) -> list[str]:
    plain, fast = (1000 * statistics.median(t.processor_seconds) / count for t in turns)
    return [f"{plain:.1f}", f"{fast:.1f}", f"{plain / fast:.1f}"]


def _table(count: int, turns: list[Taken], recalls: list[float], single: list[float]) -> Table:
    plain, fast = ([count / seconds for seconds in taken.seconds] for taken in turns)
    ratios = [new / old for old, new in zip(plain, fast, strict=True)]
    table = Table("", "plain encode", "OnnxEmbedder", "ratio")
    table.add_row(
        "passages/s",
        f"{statistics.median(plain):.1f}",
        f"{statistics.median(fast):.1f}",
        f"{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})",
    )
    table.add_row("processor ms a passage", *_processor_milliseconds(count, turns))
    table.add_row(
        f"recall@{NEAREST}",
        *(f"{100 * share:.2f} %" for share in recalls),
        f"{recalls[1] / recalls[0]:.4f}",
    )
    table.add_row(
        "one question",
        *(f"{1000 * seconds:.1f} ms" for seconds in single),
        f"{single[0] / single[1]:.1f}",
    )
    return table


if __name__ == "__main__":
    main()
