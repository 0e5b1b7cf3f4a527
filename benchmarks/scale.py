"""What a library costs by its size, for docs/scale.md: disk, memory, ingest, and each question.

    python -m benchmarks.scale FILE... [--sizes 10000,100000,1000000] [--keep FOLDER] [--out JSON]

FILE is SQuAD JSON, plain or gzipped. For each size a library is filled as `benchmarks.latency`
fills it, with passages as long as the files' paragraphs: each once, then mixtures of two. With
--keep the libraries stay in FOLDER and are used again; those of `benchmarks.latency` are as good.

Each measure runs in a process of its own, on one thread, and counts the processor's time, which
other work on the machine changes less than the clock's: of a question by stage; of adding files by
stage (loading, cutting, embedding, storing, in milliseconds per passage); of making the vectors'
lists; of a Parquet export. Disk is counted by table. HNSW (as FAISS has it) and Milvus Lite are
measured up to --engines passages.

The figures go to a JSON file (docs/data/scale.json), each as it comes, so that a run that was cut
short goes on with --resume. `python -m benchmarks.scale_page` makes the tables of them.
"""

from __future__ import annotations

import datetime
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.ingest import machine
from benchmarks.latency import ROOT, _sizes, make_library, paragraphs, questions
from benchmarks.options import files_argument
from benchmarks.scaling import engines, measures
from qa.assembly import make_embedder
from qa.settings import Settings

FILE = ROOT / "docs" / "data" / "scale.json"
NEW_PARAGRAPHS = 400  # that are added to each library, and removed again
_PATIENCE = 3_600  # seconds that one measure may take


def _embedded(asked: Sequence[str]) -> np.ndarray:
    return make_embedder(Settings.from_environment()).embed(asked)


MEASURES: dict[str, Callable[[Path, Sequence[str]], dict[str, Any]]] = {
    "lists": lambda folder, _: measures.lists(folder),  # first: the others find what it leaves
    "disk": lambda folder, _: measures.disk(folder),
    "query": measures.query,
    "ingest": measures.ingest,
    "parquet": lambda folder, _: engines.parquet(folder),
    "hnsw": lambda folder, asked: engines.hnsw(folder, _embedded(asked)),
    "milvus_lite": lambda folder, _: engines.milvus_lite(folder),
}
LIMITED = ("hnsw", "milvus_lite")


def in_child(kind: str, folder: Path, texts: Sequence[str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.scale", __file__, "--child", kind]
    done = subprocess.run(
        [*command, "--keep", str(folder)],
        cwd=ROOT,
        input=json.dumps(texts).encode(),
        stdout=subprocess.PIPE,
        check=True,
        timeout=_PATIENCE,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def fresh(texts: Sequence[str], count: int) -> list[str]:
    """Paragraphs that no library has: each the first half of one and the second of another.

    From the end, of which the libraries' own mixtures have the least.
    """
    chosen = [text.split() for text in texts[-count - 1 :]]
    return [
        " ".join(one[: len(one) // 2] + other[len(other) // 2 :]) for one, other in pairwise(chosen)
    ]


def described(files: Sequence[Path]) -> dict[str, Any]:
    return {
        "machine": machine(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "system": platform.system(),
        "files": [file.name for file in files],
    }


def written(found: dict[str, Any], out: Path) -> None:
    """Atomically: a run that is cut short leaves what it has found."""
    out.parent.mkdir(parents=True, exist_ok=True)
    scratch = out.with_suffix(".part")
    scratch.write_text(json.dumps(_rounded(found), indent=1, sort_keys=True) + "\n", "utf-8")
    scratch.replace(out)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value


@click.command(help=__doc__)
@files_argument
@click.option("--sizes", default="10000,100000,1000000", callback=_sizes, show_default=True)
@click.option("--questions", "count", default=100, show_default=True)
@click.option("--texts", default=4_000, show_default=True, help="Paragraphs that are embedded.")
@click.option("--engines", "limit", default=100_000, show_default=True, help="Largest of these.")
@click.option("--keep", type=click.Path(path_type=Path), help="Where the libraries stay.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=FILE)
@click.option("--resume", is_flag=True, help="Measure only what the JSON file does not have.")
@click.option("--only", multiple=True, type=click.Choice([*MEASURES]), help="These measures.")
@click.option("--child", "kind", hidden=True)
def main(
    files: tuple[Path, ...],
    sizes: list[int],
    count: int,
    texts: int,
    limit: int,
    keep: Path | None,
    out: Path,
    resume: bool,
    only: tuple[str, ...],
    kind: str | None,
) -> None:
    if kind is not None:
        assert keep is not None
        click.echo(json.dumps(MEASURES[kind](keep, json.load(sys.stdin))))
        return
    every = paragraphs(files)
    asked, new = questions(files, count + measures.WARM), fresh(every[:texts], NEW_PARAGRAPHS)
    found: dict[str, Any] = json.loads(out.read_text("utf-8")) if resume and out.exists() else {}
    found |= described(files)
    results = found.setdefault("sizes", {})
    with tempfile.TemporaryDirectory() as scratch:
        for size in sizes:
            folder = (keep or Path(scratch)) / f"passages-{size}"
            folder.mkdir(parents=True, exist_ok=True)
            click.echo(f"{size:,} passages ...", err=True)
            make_library(folder, size, files, texts)
            of_size = results.setdefault(str(size), {})
            for name in MEASURES:
                if (only and name not in only) or (name in LIMITED and size > limit):
                    continue
                if resume and name in of_size and name not in only:
                    continue
                click.echo(f"  {name} ...", err=True)
                of_size[name] = in_child(name, folder, new if name == "ingest" else asked)
                written(found, out)


if __name__ == "__main__":
    main()
