"""EM and F1 of the reader with the context given.

    python -m benchmarks.reading FILE... [--reader DIR] [--model-file model.onnx]

FILE is official SQuAD v1.1 or v2.0 JSON, plain or gzipped. The reader is forced to answer the
answerable questions; where a file has unanswerable ones too, AUROC tells how well the margin of
the best span over the no-answer logit separates the two kinds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.metrics import roc_auc_score

from benchmarks.squad import Example, exact, f1, load
from qa.assembly import make_reader
from qa.reader import Reader
from qa.settings import Settings


@dataclass(frozen=True, slots=True)
class Score:
    """Percentages over the answerable questions; AUROC 0 to 1, None without unanswerable ones."""

    questions: int
    exact: float
    f1: float
    auroc: float | None


def score(reader: Reader, examples: Sequence[Example]) -> Score:
    """Read every example's own context."""
    exacts, f1s, margins = [], [], []
    for example in track(examples, "Reading", console=Console(stderr=True), transient=True):
        reading = reader.read(example.question, [example.context])[0]
        best = reading.spans[0]
        margins.append(best.logit - reading.no_answer_logit)
        if example.answers:
            text = example.context[best.passage_start : best.passage_end]
            exacts.append(exact(text, example.answers))
            f1s.append(f1(text, example.answers))
    labels = [bool(example.answers) for example in examples]
    auroc = float(roc_auc_score(labels, margins)) if not all(labels) else None
    return Score(len(f1s), 100 * float(np.mean(exacts)), 100 * float(np.mean(f1s)), auroc)


@click.command(help=__doc__)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--reader", type=click.Path(exists=True, path_type=Path), help="The reader's folder.")
@click.option("--model-file", default="model.onnx", show_default=True)
def main(files: tuple[Path, ...], reader: Path | None, model_file: str) -> None:
    model = make_reader(Settings.from_environment(reader=reader), model_file=model_file)
    model.warm_up()
    table = Table("set", "questions", "EM", "F1", "AUROC has-answer")
    scores = []
    for file in files:
        result = score(model, load(file))
        scores.append(result)
        auroc = "" if result.auroc is None else f"{result.auroc:.3f}"
        table.add_row(
            file.name.removesuffix(".gz").removesuffix(".json"),
            f"{result.questions:,}",
            f"{result.exact:.2f}",
            f"{result.f1:.2f}",
            auroc,
        )
    total = sum(s.questions for s in scores)
    table.add_row(
        "all questions",
        f"{total:,}",
        f"{sum(s.exact * s.questions for s in scores) / total:.2f}",
        f"{sum(s.f1 * s.questions for s in scores) / total:.2f}",
        "",
    )
    Console().print(table)


if __name__ == "__main__":
    main()
