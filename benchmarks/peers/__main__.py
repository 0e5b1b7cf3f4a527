"""Against other extractive systems: the same texts, questions and weights, in one run.

    python -m benchmarks.peers.venvs VENVS
    python -m benchmarks.peers FILE... --venvs VENVS [--passages 2000] [--questions 100] [--json]

FILE is SQuAD JSON, plain or gzipped: its first paragraphs are the corpus, and of its questions
those are asked that have an answer there. The systems run side by side, each in a process and
environment of its own, and take turns question by question, in an order that moves on; nobody else
is busy meanwhile. All embed with all-MiniLM-L6-v2 and read with the packaged reader's weights:
int8 here, float32 elsewhere. All are made to answer.

- verbatim: this project, reading --read passages
- verbatim, 3 (2, 1): the same, reading that many; other settings of one system, so that speed can
  be compared at an F1 that is no lower
- haystack: its extractive pipeline over the in-memory store, --read passages
- haystack, base: the same with a reader of RoBERTa base's size and random weights, for its time
- txtai: its extractive pipeline, which joins the three best passages and reads the first 512 tokens
- txtai, each: its embeddings and its reader, reading --read passages one by one

EM and F1 are of the first answer, by SQuAD's official script. Clients are threads that ask at once.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.progress import track

from benchmarks.options import files_argument
from benchmarks.peers.venvs import python
from benchmarks.peers.weights import write_random, write_reader
from benchmarks.pooled import spelled_out
from benchmarks.squad import Example, exact, f1, load
from benchmarks.stages import percentiles
from benchmarks.tables import output, progress_output, table
from index.embedding import packaged_model
from index.parallel import processors
from qa.settings import Settings

ROOT = Path(__file__).parent.parent.parent
JOINED = 3  # passages that txtai's extractive pipeline joins unless told otherwise
FEWER = (JOINED, 2, 1)  # passages that the project reads as well as --read
PAUSE = 0.02  # seconds between two systems: idle threads of the one before spin for a while
OURS = "verbatim"


class Process:
    """A peer in a process of its own."""

    def __init__(self, command: Sequence[str | Path]) -> None:
        quiet = {
            "HF_HUB_OFFLINE": "1",
            "HAYSTACK_TELEMETRY_ENABLED": "False",
            "TOKENIZERS_PARALLELISM": "false",
            "TRANSFORMERS_VERBOSITY": "error",
            "TQDM_DISABLE": "1",
        }
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | quiet,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def order(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise click.ClickException(f"{self._process.args} ended; see above.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@dataclass
class Taken:
    """Of one system: seconds of each question, and what it answered."""

    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)


@contextmanager
def systems(venvs: Path, read: int, chosen: Sequence[str]) -> Iterator[dict[str, Process]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        packaged = Settings.from_environment().reader
        write_reader(packaged, folder / "reader")
        write_random(packaged, folder / "base")
        embedder, reader, base = (str(p) for p in (packaged_model(), "reader", "base"))
        reader, base = str(folder / reader), str(folder / base)
        haystack, txtai = python(venvs, "haystack"), python(venvs, "txtai")
        module = "benchmarks.peers.{}_peer".format
        commands: dict[str, list[str | Path]] = {
            OURS: [sys.executable, "-m", module("verbatim"), str(read)],
            **{
                f"{OURS}, {n}": [sys.executable, "-m", module("verbatim"), str(n)]
                for n in FEWER
                if n < read
            },
            "haystack": [haystack, "-m", module("haystack"), embedder, reader, str(read)],
            "haystack, base": [haystack, "-m", module("haystack"), embedder, base, str(read)],
            "txtai": [txtai, "-m", module("txtai"), embedder, reader, str(JOINED)],
            "txtai, each": [txtai, "-m", module("txtai"), embedder, reader, str(read), "--each"],
        }
        started = {}
        for name, command in commands.items():
            if not chosen or name in chosen:
                started[name] = Process(command)
                stack.callback(started[name].close)
        yield started


def corpus(files: Sequence[Path], passages: int, questions: int) -> tuple[Any, list[Example]]:
    """The texts with their titles, and questions that are answered in them, evenly."""
    examples = [example for file in files for example in load(file)]
    titles: dict[str, str] = {}
    for example in examples:
        if len(titles) == passages and example.context not in titles:
            continue
        titles.setdefault(example.context, spelled_out(example.title))
    answered = [e for e in examples if e.answers and e.context in titles]
    asked = answered[:: max(1, len(answered) // questions)][:questions]
    return [{"text": text, "title": title} for text, title in titles.items()], asked


def measure(
    started: dict[str, Process], passages: Any, asked: Sequence[Example], clients: int
) -> dict[str, Taken]:
    taken = {name: Taken() for name in started}
    for name, process in started.items():
        done = process.order(do="index", passages=passages)
        taken[name].figures["index_s"] = done["seconds"]
        process.order(do="ask", question=asked[0].question)
        click.echo(f"{name}: indexed in {done['seconds']:.0f} s", err=True)
    names = list(started)
    for number, example in enumerate(track(asked, "Asking", console=progress_output())):
        for place in range(len(names)):
            name = names[(number + place) % len(names)]
            time.sleep(PAUSE)
            done = started[name].order(do="ask", question=example.question)
            taken[name].seconds.append(done["seconds"])
            taken[name].processor.append(done["processor"])
            taken[name].answers.append(done["answer"])
    questions = [example.question for example in asked]
    for name, process in started.items():
        for many in (1, clients) if clients else ():
            done = process.order(do="clients", clients=many, questions=questions)
            taken[name].figures[f"per_second_{many}"] = len(questions) / done["seconds"]
            busy = done["processor"] / done["seconds"] / processors()
            taken[name].figures[f"busy_{many}"] = 100 * busy
        taken[name].figures |= process.order(do="memory")
    for one in taken.values():
        _summarise(one, asked)
    return taken


def _summarise(one: Taken, asked: Sequence[Example]) -> None:
    pairs = list(zip(one.answers, asked, strict=True))
    one.figures |= {name: 1e3 * value for name, value in percentiles(one.seconds).items()}
    one.figures["processor"] = 1e3 * statistics.median(one.processor)
    one.figures["exact"] = 100 * statistics.mean(exact(said, e.answers) for said, e in pairs)
    one.figures["f1"] = 100 * statistics.mean(f1(said, e.answers) for said, e in pairs)


def show(taken: dict[str, Taken], clients: int) -> None:
    made = table("", *taken)

    def row(name: str, key: str, digits: int = 0) -> None:
        made.add_row(name, *(f"{one.figures[key]:.{digits}f}" for one in taken.values()))

    for key in ("p50", "p95", "p99"):
        row(f"{key}, ms", key)
    row("processor time, median, ms", "processor")
    for ours in (name for name in taken if name.startswith(OURS)):
        ratios = (one.figures["p50"] / taken[ours].figures["p50"] for one in taken.values())
        made.add_row(f"p50, times that of {ours}", *(f"{ratio:.1f}" for ratio in ratios))
    for many in (1, clients) if clients else ():
        row(f"questions/s, clients: {many}", f"per_second_{many}", 1)
        row("  processors busy with it, %", f"busy_{many}")
    row("time to index, s", "index_s")
    row("peak memory, MB", "peak_mb")
    row("EM, first answer", "exact", 1)
    row("F1, first answer", "f1", 1)
    output().print(made)


@click.command(help=__doc__)
@files_argument
@click.option("--venvs", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--passages", default=2_000, show_default=True)
@click.option("--questions", default=100, show_default=True)
@click.option("--read", default=10, show_default=True, help="Passages read for a question.")
@click.option("--clients", default=8, show_default=True, help="0: without this measure.")
@click.option("--only", multiple=True, help="Of the systems above; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, not a table.")
def main(
    files: tuple[Path, ...],
    venvs: Path,
    passages: int,
    questions: int,
    read: int,
    clients: int,
    only: tuple[str, ...],
    as_json: bool,
) -> None:
    texts, asked = corpus(files, passages, questions)
    with systems(venvs.absolute(), read, only) as started:
        taken = measure(started, texts, asked, clients)
    click.echo(f"{len(texts):,} passages, {len(asked):,} questions, {read} read", err=True)
    if as_json:
        click.echo(json.dumps({name: one.figures for name, one in taken.items()}, indent=1))
    else:
        show(taken, clients)


if __name__ == "__main__":
    main()
