"""What reading more passages does to the first answer.

    python -m benchmarks.passages_read FILE... [--out FILE]

As `benchmarks.open_domain`: the contexts of all files are the documents, the answerable questions
of FILEs are asked without them, and nothing is declined. Each is asked with 1, 2, 3, ... 50
passages read; each passage is read once.

"falls" is the most that F1 lies below that of a smaller number of passages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import numpy as np
from rich.progress import track
from rich.table import Table

from benchmarks.options import (
    contexts_option,
    files_argument,
    library_option,
    reader_option,
    sample_option,
    seed_option,
)
from benchmarks.pooled import Library, library_of, sampled
from benchmarks.squad import Example, exact, f1, load_sets
from benchmarks.tables import output, progress_output, table
from qa.answers import Question
from qa.errors import InvalidQuestion

NUMBERS = (1, 2, 3, 5, 8, 12, 20, 30, 50)
ALL = "all"

Scores = dict[int, tuple[float, float]]  # by passages read: EM and F1, 0 to 1


def first_answers(library: Library, question: str) -> dict[int, str]:
    """The first answer by the number of passages read; all are read for the first, largest one."""
    found = {}
    for number in sorted(NUMBERS, reverse=True):
        try:
            answers = library.forced.answer(Question(question), top_k=number).answers
        except InvalidQuestion:
            answers = ()
        found[number] = answers[0].text if answers else ""
    return found


def score(library: Library, name: str, examples: Sequence[Example]) -> list[Scores]:
    """EM and F1 of each question at each number."""
    scored = []
    for example in track(examples, f"Asking {name}", console=progress_output()):
        texts = first_answers(library, example.question)
        scored.append(
            {
                n: (exact(text, example.answers), f1(text, example.answers))
                for n, text in texts.items()
            }
        )
    return scored


def means(scored: Sequence[Scores]) -> Scores:
    """Percentages over questions."""
    return {
        number: (
            100 * float(np.mean([item[number][0] for item in scored])),
            100 * float(np.mean([item[number][1] for item in scored])),
        )
        for number in NUMBERS
    }


def largest_fall(f1s: Sequence[float]) -> float:
    """By how much the value falls at most below one that stands before it."""
    highest = np.maximum.accumulate(f1s)
    return float(np.max(highest - f1s))


@click.command(help=__doc__)
@files_argument
@contexts_option
@sample_option
@seed_option
@library_option
@reader_option
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures as JSON."
)
def main(
    files: tuple[Path, ...],
    contexts: tuple[Path, ...],
    sample: int | None,
    folder: Path | None,
    reader: Path | None,
    seed: int,
    out: Path | None,
) -> None:
    sets = load_sets(files)
    answerable = {name: [e for e in examples if e.answers] for name, examples in sets.items()}
    with library_of(sets, contexts, folder, reader) as library:
        scored = {
            name: score(library, name, sampled(examples, sample, seed))
            for name, examples in answerable.items()
            if examples
        }
    if len(scored) > 1:
        scored[ALL] = [item for items in scored.values() for item in items]
    found = {name: means(items) for name, items in scored.items()}
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(_report(found), indent=1) + "\n", "utf-8")
    click.echo(f"{library.documents:,} documents, {library.passages:,} passages")
    output().print(_table(found, {name: len(items) for name, items in scored.items()}))


def _report(found: Mapping[str, Scores]) -> dict[str, object]:
    return {
        name: {
            str(number): {"EM": round(em, 2), "F1": round(f, 2)}
            for number, (em, f) in scores.items()
        }
        for name, scores in found.items()
    }


def _table(found: Mapping[str, Scores], counts: Mapping[str, int]) -> Table:
    made = table("passages read", "questions", "", *map(str, NUMBERS), "falls")
    for name, scores in found.items():
        exacts, f1s = zip(*(scores[number] for number in NUMBERS), strict=True)
        made.add_section()
        for label, count, values in ((name, f"{counts[name]:,}", f1s), ("", "", exacts)):
            shown = (f"{value:.2f}" for value in (*values, largest_fall(values)))
            made.add_row(label, count, "F1" if label else "EM", *shown)
    return made


if __name__ == "__main__":
    main()
