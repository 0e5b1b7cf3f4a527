"""EM and F1 of the reader with the context given.

    python -m benchmarks.reading FILE... [--predictions OUT.json]

FILE is official SQuAD v1.1 or v2.0 JSON, plain or gzipped. Forced: every answerable question gets
the reader's best span. EM and F1 are the official script's: the best over the gold answers, then
the mean over the questions.

Where a file has unanswerable questions too, all are scored as evaluate-v2.0 does, at three
thresholds on the margin of the best span over the no-answer logit: 0, and those that are best for
EM and for F1 on these very questions. AUROC tells how well the margin separates the two kinds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from rich.progress import track
from rich.table import Table

from benchmarks import no_answer
from benchmarks.no_answer import NoAnswerScore
from benchmarks.options import files_argument, predictions_option, reader_option
from benchmarks.predictions import write_predictions
from benchmarks.squad import Example, exact, f1, load_sets
from benchmarks.tables import output, progress_output, table
from qa.assembly import make_reader
from qa.errors import InvalidQuestion
from qa.reader import Reader
from qa.settings import Settings


@dataclass(frozen=True, slots=True)
class Read:
    """What the reader said to one question, and how right it is, 0 to 1.

    ``margin`` is the span's logit less the no-answer logit; -inf where there is no span.
    """

    example: Example
    text: str
    margin: float

    @property
    def exact(self) -> float:
        return exact(self.text, self.example.answers)

    @property
    def f1(self) -> float:
        return f1(self.text, self.example.answers)

    @property
    def no_answer(self) -> float:
        """The share of the no-answer logit in the softmax of the two; 0.5 at a margin of 0."""
        return float(1 / (1 + np.exp(np.clip(self.margin, -700, 700))))


@dataclass(frozen=True, slots=True)
class Score:
    """Percentages over the answerable questions."""

    questions: int
    exact: float
    f1: float
    no_answer: NoAnswerScore | None


def read(reader: Reader, example: Example) -> Read:
    """Read an example's own context; a question that the reader refuses gets no answer."""
    try:
        reading = reader.read(example.question, [example.context])[0]
    except InvalidQuestion:
        return Read(example, "", -np.inf)
    if not reading.spans:
        return Read(example, "", -np.inf)
    best = reading.spans[0]
    text = example.context[best.passage_start : best.passage_end]
    return Read(example, text, best.logit - reading.no_answer_logit)


def read_all(reader: Reader, examples: Sequence[Example], name: str) -> list[Read]:
    """Read every example's own context, showing how far it is."""
    shown = track(examples, f"Reading {name}", console=progress_output())
    return [read(reader, example) for example in shown]


def score(reads: Sequence[Read]) -> Score:
    """Forced EM and F1; with unanswerable questions, what declining them is worth."""
    has = [bool(item.example.answers) for item in reads]
    exacts = np.array([item.exact for item in reads])
    f1s = np.array([item.f1 for item in reads])
    declining = (
        no_answer.score([item.margin for item in reads], exacts.tolist(), f1s.tolist(), has)
        if any(has) and not all(has)
        else None
    )
    if not any(has):
        return Score(0, float("nan"), float("nan"), declining)
    forced = np.array(has)
    return Score(
        sum(has),
        100 * float(exacts[forced].mean()),
        100 * float(f1s[forced].mean()),
        declining,
    )


def save(path: Path, reads: Sequence[Read]) -> None:
    """Forced answers; the no-answer probabilities where there is something to decline."""
    texts = {item.example.id: item.text for item in reads}
    probabilities = {item.example.id: item.no_answer for item in reads}
    has_both = any(not item.example.answers for item in reads)
    write_predictions(path, texts, probabilities if has_both else None)


@click.command(help=__doc__)
@files_argument
@predictions_option
@reader_option
@click.option("--model-file", default="model.onnx", show_default=True)
def main(
    files: tuple[Path, ...], predictions: Path | None, reader: Path | None, model_file: str
) -> None:
    sets = load_sets(files)
    model = make_reader(Settings.from_environment(reader=reader), model_file=model_file)
    model.warm_up()
    reads = {name: read_all(model, examples, name) for name, examples in sets.items()}
    every = [item for some in reads.values() for item in some]
    if predictions is not None:
        save(predictions, every)
    scores = {name: score(some) for name, some in reads.items()}
    console = output()
    console.print(_forced_table(scores, score(every)))
    if any(item.no_answer for item in scores.values()):
        console.print(_declining_table(scores))


def _forced_table(scores: Mapping[str, Score], total: Score) -> Table:
    made = table("answerable, forced", "questions", "EM", "F1")
    filled = {name: item for name, item in scores.items() if item.questions}
    for name, item in filled.items():
        made.add_row(name, f"{item.questions:,}", f"{item.exact:.2f}", f"{item.f1:.2f}")
    if len(filled) > 1:
        made.add_section()
        exacts, f1s = zip(*((item.exact, item.f1) for item in filled.values()), strict=True)
        made.add_row("mean of the sets", "", f"{np.mean(exacts):.2f}", f"{np.mean(f1s):.2f}")
        made.add_row(
            "all questions", f"{total.questions:,}", f"{total.exact:.2f}", f"{total.f1:.2f}"
        )
    return made


def _declining_table(scores: Mapping[str, Score]) -> Table:
    made = table(
        *("with no-answer", "margin above", "EM", "F1"), *("HasAns EM", "HasAns F1", "NoAns")
    )
    for name, found in ((name, item.no_answer) for name, item in scores.items()):
        if found is None:
            continue
        made.add_section()
        labels = (
            f"{name}, AUROC {found.auroc:.3f}",
            f"  {found.answerable:,} answerable",
            f"  {found.unanswerable:,} not",
        )
        best_f1, best_exact = found.best_f1, found.best_exact
        rows = (
            ("0", found.at_zero),
            (f"best F1: {-best_f1.threshold:.2f}", best_f1),
            (f"best EM: {-best_exact.threshold:.2f}", best_exact),
        )
        for label, (margin, at) in zip(labels, rows, strict=True):
            figures = (at.exact, at.f1, at.has_exact, at.has_f1, at.no)
            made.add_row(label, margin, *(f"{figure:.2f}" for figure in figures))
    return made


if __name__ == "__main__":
    main()
