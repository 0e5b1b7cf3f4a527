"""Questions asked without their context, of a library of all contexts.

    python -m benchmarks.open_domain FILE... [--predictions OUT.json]

FILE is official SQuAD v1.1 or v2.0 JSON, plain or gzipped. Each distinct context, of FILEs and of
--contexts, becomes a document of a fresh index; the questions of FILEs go through the pipeline with
its default settings.

Recall: of the answerable questions, the share with a passage among the first k that comes from the
question's own context and holds a gold answer ("own"), or comes from anywhere and holds one
("any"); in the order of dense search, of BM25 and of both fused.

Answers: official EM and F1 of the first answer, and of the best of the first five, when nothing is
declined; beside them those of the reader with the context given. "passage read" is the share of the
questions whose own passage was among those read, "then F1" the first answer's F1 to these.

Confidence: an answer is right if its F1 with a gold answer is at least 0.5 ("F1"), or if it is
exactly one ("EM"). ECE has 15 bins of equally many questions. "+ unanswerable" counts all
questions, and every answer to an unanswerable one as wrong.

After deletion: the documents of some contexts are deleted from the index, at most a tenth of all at
a time, and their answerable questions asked again. An answer may then still be right: another
document may hold it.

FOLDER gets open_domain.json (all figures), questions.jsonl (each question with its answers) and
risk_coverage.png.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks import open_domain_figures as figures
from benchmarks.asking import Result, ask_after_deletion, ask_set, with_deletions
from benchmarks.ingest import machine
from benchmarks.open_domain_tables import tables
from benchmarks.options import (
    contexts_option,
    files_argument,
    library_option,
    predictions_option,
    reader_option,
    sample_option,
    seed_option,
)
from benchmarks.pooled import Library, library_of, sampled
from benchmarks.predictions import write_predictions
from benchmarks.risk_coverage import can_draw, draw, how_to_draw
from benchmarks.squad import load_sets
from benchmarks.tables import output


def save(
    out: Path, results: Sequence[Result], found: Mapping[str, Any], about: Mapping[str, object]
) -> None:
    """Write the figures, the questions and the picture."""
    out.mkdir(parents=True, exist_ok=True)
    report = {"about": about, "sets": found}
    (out / "open_domain.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    with (out / "questions.jsonl").open("w", encoding="utf-8") as lines:
        for result in results:
            lines.write(json.dumps(figures.row(result), ensure_ascii=False) + "\n")
    if can_draw():
        draw(out / "risk_coverage.png", figures.curves(results))


def save_predictions(path: Path, results: Sequence[Result]) -> None:
    """The first answers, never declining; and one less their confidence."""
    texts = {result.example.id: result.asked.text for result in results}
    doubts = {result.example.id: 1 - result.asked.confidence for result in results}
    write_predictions(path, texts, doubts)


@click.command(help=__doc__)
@files_argument
@contexts_option
@predictions_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/open_domain"),
    show_default=True,
    help="Folder for figures, questions and the picture.",
)
@sample_option
@seed_option
@click.option(
    "--deleted",
    type=click.IntRange(0),
    default=500,
    show_default=True,
    help="Questions that are asked again after deleting their contexts' documents.",
)
@library_option
@reader_option
def main(
    files: tuple[Path, ...],
    contexts: tuple[Path, ...],
    predictions: Path | None,
    out: Path,
    sample: int | None,
    seed: int,
    deleted: int,
    folder: Path | None,
    reader: Path | None,
) -> None:
    sets = load_sets(files)
    if not can_draw():
        click.echo(how_to_draw(), err=True)
    with library_of(sets, contexts, folder, reader) as library:
        results = [
            result
            for name, examples in sets.items()
            for result in ask_set(library, name, sampled(examples, sample, seed))
        ]
        again = ask_after_deletion(library, results, deleted, seed)
        about = _about(library, files, contexts, sample, seed)
    results = with_deletions(results, again)
    settings = library.settings
    found = figures.by_set(results, settings.min_confidence, settings.passages_read)
    save(out, results, found, about)
    if predictions is not None:
        save_predictions(predictions, results)
    console = output()
    for name, value in about.items():
        click.echo(f"{name}: {value}")
    for made in tables(found):
        console.print(made)
    click.echo(f"Figures, questions and picture: {out}")


def _about(
    library: Library,
    files: Sequence[Path],
    contexts: Sequence[Path],
    sample: int | None,
    seed: int,
) -> dict[str, object]:
    settings = library.settings
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        "files": [file.name for file in files],
        "contexts": [file.name for file in contexts],
        "documents": library.documents,
        "passages": library.passages,
        "contexts not indexed": len(library.failed),
        "questions of each file": "all" if sample is None else f"{sample}, seed {seed}",
        "reader": str(settings.reader),
        "passages_read": settings.passages_read,
        "min_confidence": settings.min_confidence,
    }


if __name__ == "__main__":
    main()
