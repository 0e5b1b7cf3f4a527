"""Where the time of a question goes, against the size of the library.

    python -m benchmarks.latency FILE... [--passages 1000,10000,100000] [--read 10] [--keep FOLDER]

FILE is SQuAD JSON, plain or gzipped. For each size a library is filled as `benchmarks.index_scale`
fills it, of passages as long as the files' paragraphs: each once, then mixtures of two. Questions
of the files are asked, none twice, in a process of its own for each size: one after the other, all
models loaded and the library's files cached, as those of a library in use are. With --keep the
libraries stay in FOLDER and are used again; those that `benchmarks.index_scale --keep` left are as
good.

Reported are percentiles by stage, of the whole, and of the processor's time, which other work on
the machine hardly changes; what a first question costs in a new process, its start included, with
files cached and not; resident memory; and the share of the machine's peak that the reader reaches.
--profile writes collapsed stacks, sampled while the questions are asked, of which a flame graph can
be drawn (flamegraph.pl, speedscope). --plot draws time against size.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.memory import forget, remember, resident_mb
from benchmarks.mixed_passages import (
    MODEL,
    PASSAGES_PER_DOCUMENT,
    Real,
    documents,
    fill,
    invented,
)
from benchmarks.options import files_argument
from benchmarks.reader_peak import Peak, peak
from benchmarks.sampling import sampled
from benchmarks.squad import load
from benchmarks.stages import PARTS, STAGES, percentiles, watching
from benchmarks.tables import output, table
from index.store import Store
from qa.answers import Question
from qa.assembly import make_embedder, make_pipeline
from qa.settings import Settings

ROOT = Path(__file__).parent.parent
WARM = 5  # questions that are asked before any counts
PEAK_QUESTIONS = 10
STORED = 200  # passages, of the paragraphs
START = "start to first answer"


def paragraphs(files: Sequence[Path]) -> list[str]:
    return list(dict.fromkeys(example.context for file in files for example in load(file)))


def questions(files: Sequence[Path], count: int) -> list[str]:
    """``count`` of the files' questions, evenly."""
    every = list(dict.fromkeys(e.question for file in files for e in load(file)))
    return every[:: max(1, len(every) // count)][:count]


def make_library(folder: Path, size: int, files: Sequence[Path], texts: int) -> None:
    """Fill it, unless it has as many passages already."""
    store = Store(folder, create=True)
    try:
        held = store.passage_count()
        if held == size:
            return
        if held:
            raise click.ClickException(f"{folder} holds {held:,} passages; remove it.")
        found = paragraphs(files)[:texts]
        vectors = make_embedder(Settings.from_environment()).embed(found)
        fill(store, Real(found, vectors, [], vectors[:0], False), size)
    finally:
        store.close()


# --- in a process of its own


def _settings(folder: Path, read: int) -> Settings:
    return Settings.from_environment(data=folder, passages_read=read, answers_kept=0)


def ask(folder: Path, read: int, asked: Sequence[str], profile: Path | None) -> dict[str, Any]:
    """Milliseconds by stage, of one library."""
    pipeline = make_pipeline(_settings(folder, read))
    pipeline.warm_up()
    pipeline.retriever.wait()
    for question in asked[:WARM]:
        pipeline.answer(Question(question))
    stages: dict[str, list[float]] = defaultdict(list)
    with watching(pipeline) as watch, sampled(profile):
        for question in asked[WARM:]:
            processor = time.process_time()
            watch.begin()
            pipeline.answer(Question(question))
            taken = watch.end()
            stages["processor"].append(1e3 * (time.process_time() - processor))
            stages["whole"].append(1e3 * sum(taken.get(name, 0.0) for name in STAGES))
            for name in (*STAGES, *PARTS):
                stages[name].append(1e3 * taken.get(name, 0.0))
    return {
        "stages": {name: percentiles(values) for name, values in stages.items()},
        "resident_mb": resident_mb("VmRSS"),
        "peak": asdict(_peak(pipeline, asked[:PEAK_QUESTIONS], read)),
    }


def _peak(pipeline: Any, asked: Sequence[str], read: int) -> Peak:
    found = [(q, pipeline.retriever.search(q, read).passages) for q in asked]
    return peak(pipeline.reader, [(q, [p.passage.text for p in passages]) for q, passages in found])


def in_child(kind: str, folder: Path, read: int, asked: Sequence[str], *more: str) -> Any:
    """Start a process; what it printed."""
    command = [sys.executable, "-m", "benchmarks.latency", __file__, "--child", kind]
    command += ["--keep", str(folder), "--read", str(read), *more]
    done = subprocess.run(
        command, cwd=ROOT, input=json.dumps(asked).encode(), stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout)


def first_answer(folder: Path, read: int, question: str) -> float:
    """Seconds from starting a process to its first answer, by its own end."""
    began = time.perf_counter()
    in_child("first", folder, read, [question])
    return time.perf_counter() - began


def child(kind: str, folder: Path, read: int, profile: Path | None) -> Any:
    asked = json.load(sys.stdin)
    if kind == "ask":
        return ask(folder, read, asked, profile)
    pipeline = make_pipeline(_settings(folder, read))
    pipeline.answer(Question(asked[0]))
    return len(asked)


# --- all of it


def storing(folder: Path, files: Sequence[Path]) -> float:
    """Milliseconds that storing a passage takes, its vector given; the median of some documents."""
    store = Store(folder)
    texts = paragraphs(files)[:STORED]
    real = Real(texts, invented(texts), [], np.empty((0, 384), np.float32), True)
    source, taken = documents(real, time.time_ns()), []
    try:
        for _ in range(STORED // PASSAGES_PER_DOCUMENT):
            new = next(source)
            began = time.perf_counter()
            ids = store.apply([new], [], MODEL)
            taken.append(1e3 * (time.perf_counter() - began) / PASSAGES_PER_DOCUMENT)
            store.discard(ids)
    finally:
        store.settle()
        store.close()
    return float(np.median(taken))


def measure(
    folder: Path, read: int, asked: Sequence[str], files: Sequence[Path], profile: Path | None
) -> dict[str, Any]:
    more = () if profile is None else ("--profile", str(profile))
    for file in folder.iterdir():
        remember(file)
    found: dict[str, Any] = in_child("ask", folder, read, asked, *more)
    starts = [first_answer(folder, read, question) for question in asked[:3]]
    found["start_cached_s"] = float(np.median(starts))
    for file in folder.iterdir():
        forget(file)
    found["start_uncached_s"] = first_answer(folder, read, asked[0])
    found["store_ms"] = storing(folder, files)
    return found


def show(found: dict[int, dict[str, Any]], read: int) -> None:
    console = output()
    made = table(f"ms, {read} passages read: p50 / p95 / p99", *(f"{n:,}" for n in found))

    def row(name: str, key: str) -> None:
        cells = (each["stages"][key] for each in found.values())
        made.add_row(name, *(f"{c['p50']:.1f} / {c['p95']:.1f} / {c['p99']:.1f}" for c in cells))

    for name in STAGES:
        row(name, name)
        if name == "read":
            for part in PARTS:
                row(f"  {part}, all threads", part)
    made.add_section()
    row("whole question", "whole")
    row("processor time, all threads", "processor")
    made.add_section()
    for name, key in (("files cached", "start_cached_s"), ("not cached", "start_uncached_s")):
        made.add_row(f"{START}, {name}, s", *(f"{e[key]:.2f}" for e in found.values()))
    made.add_row("storing, ms per passage", *(f"{e['store_ms']:.2f}" for e in found.values()))
    made.add_row("resident, MB", *(f"{e['resident_mb']:.0f}" for e in found.values()))
    peaks = [Peak(**each["peak"]) for each in found.values()]
    for name, cells in (
        ("reader, 10⁹ products/s", [f"{p.reached:.0f}" for p in peaks]),
        (
            "  ceiling int8 / float32",
            [f"{p.int8_ceiling:.0f} / {p.float32_ceiling:.0f}" for p in peaks],
        ),
        ("  share of the ceiling", [f"{p.share:.0%}" for p in peaks]),
    ):
        made.add_row(name, *cells)
    console.print(made)


def plot(found: dict[int, dict[str, Any]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg" if path.suffix == ".svg" else "agg")
    from matplotlib import pyplot

    sizes = list(found)
    figure, (axes, beside) = pyplot.subplots(
        1, 2, figsize=(10, 4), layout="constrained", width_ratios=(2, 1)
    )
    bottom = np.zeros(len(sizes))
    for name in STAGES:
        heights = np.array([found[size]["stages"][name]["p50"] for size in sizes])
        axes.bar([f"{size:,}" for size in sizes], heights, bottom=bottom, label=name)
        bottom += heights
    for key, mark in (("p50", "o"), ("p99", "_")):
        whole = [found[size]["stages"]["whole"][key] for size in sizes]
        axes.plot([f"{size:,}" for size in sizes], whole, mark, color="black", label=key)
    axes.set(xlabel="passages in the library", ylabel="ms per question (medians by stage)")
    axes.legend(ncols=2, fontsize="small")
    stored = [found[size]["store_ms"] for size in sizes]
    beside.bar([f"{size:,}" for size in sizes], stored)
    beside.set(
        xlabel="passages in the library", ylabel="storing, ms per passage (without embedding)"
    )
    figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)


def _sizes(_context: object, _option: object, text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise click.BadParameter(f"{text!r} is not numbers with commas between") from None


@click.command(help=__doc__)
@files_argument
@click.option("--passages", default="1000,10000,100000", callback=_sizes, show_default=True)
@click.option("--read", default=10, show_default=True, help="Passages that the reader reads.")
@click.option("--questions", "count", default=200, show_default=True)
@click.option("--texts", default=4_000, show_default=True, help="Paragraphs that are embedded.")
@click.option("--keep", type=click.Path(path_type=Path), help="Where the libraries stay.")
@click.option("--profile", type=click.Path(path_type=Path), help="Collapsed stacks, last size.")
@click.option("--plot", "plot_file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON, not a table.")
@click.option("--child", "kind", hidden=True)
def main(
    files: tuple[Path, ...],
    passages: list[int],
    read: int,
    count: int,
    texts: int,
    keep: Path | None,
    profile: Path | None,
    plot_file: Path | None,
    as_json: bool,
    kind: str | None,
) -> None:
    if kind is not None:
        assert keep is not None
        click.echo(json.dumps(child(kind, keep, read, profile)))
        return
    asked = questions(files, count + WARM)
    found: dict[int, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for size in passages:
            click.echo(f"{size:,} passages ...", err=True)
            folder = (keep or Path(scratch)) / f"passages-{size}"
            folder.mkdir(parents=True, exist_ok=True)
            make_library(folder, size, files, texts)
            found[size] = measure(folder, read, asked, files, profile)
    if plot_file is not None:
        plot(found, plot_file)
    if as_json:
        click.echo(json.dumps({str(size): each for size, each in found.items()}, indent=1))
    else:
        show(found, read)


if __name__ == "__main__":
    main()
