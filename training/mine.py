"""Find the passages that the reader itself takes for an answer, and that hold none.

    python -m training.mine FILE... --out mined.json.gz

The contexts of FILEs, SQuAD's JSON, become a library; a sample of their answerable questions goes
through the real search, and the reader reads what is found. Of the passages that do not hold the
answer, those in which it finds one most readily are the question's negatives. `training.prepare`
chooses its negatives by their words alone; these are the reader's own mistakes (hard negatives, as
Xiong et al. 2021 mine them for a retriever).

OUT holds by a question's id the texts of its negatives, the most tempting first; it is what
`training.prepare --mined` takes.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import click
from rich.progress import track

from benchmarks.options import files_argument, library_option, reader_option, seed_option
from benchmarks.pooled import library_of, sampled, source_of
from benchmarks.squad import Example, load_sets, normalise
from benchmarks.tables import progress_output
from qa.pipeline import Pipeline


def tempting(pipeline: Pipeline, example: Example, read: int, most: int, least: float) -> list[str]:
    """Texts of passages without the answer, at most ``most``, the most tempting first.

    Args:
        read: so many passages are retrieved and read.
        least: a passage counts whose best span's logit is at least so far above "no answer".
    """
    own = source_of(example.context)
    golds = [gold for answer in example.answers if (gold := normalise(answer))]
    texts = [
        item.passage.text
        for item in pipeline.retriever.search(example.question, read).passages
        if item.passage.source != own
        and not any(gold in normalise(item.passage.text) for gold in golds)
    ]
    readings = pipeline.reader.read(example.question, texts)
    margins = {
        text: reading.spans[0].logit - reading.no_answer_logit
        for text, reading in zip(texts, readings, strict=True)
        if reading.spans
    }
    kept = [text for text, margin in margins.items() if margin >= least]
    return sorted(kept, key=margins.__getitem__, reverse=True)[:most]


@click.command(help=__doc__)
@files_argument
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option(
    "--sample", type=int, default=2_000, show_default=True, help="Questions of each FILE."
)
@click.option("--read", type=int, default=16, show_default=True, help="Passages a question.")
@click.option("--most", type=int, default=3, show_default=True, help="Negatives a question.")
@click.option("--least", type=float, default=-2.0, show_default=True, help="Margin of a negative.")
@seed_option
@library_option
@reader_option
def main(
    files: tuple[Path, ...],
    out: Path,
    sample: int,
    read: int,
    most: int,
    least: float,
    seed: int,
    folder: Path | None,
    reader: Path | None,
) -> None:
    sets = load_sets(files)
    mined: dict[str, list[str]] = {}
    with library_of(sets, (), folder, reader) as library:
        for name, examples in sets.items():
            asked = sampled([each for each in examples if each.answers], sample, seed)
            for each in track(asked, name, console=progress_output()):
                found = tempting(library.pipeline, each, read, most, least)
                if found:
                    mined[each.id] = found
            count = sum(each.id in mined for each in asked)
            click.echo(f"{name}: {count:,} of {len(asked):,} questions have a negative")
    out.write_bytes(gzip.compress(json.dumps(mined).encode(), mtime=0))


if __name__ == "__main__":
    main()
