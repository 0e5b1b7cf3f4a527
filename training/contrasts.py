"""Questions of the training sets, changed twice by hand: contrast pairs.

    python -m training.contrasts DATA/*.train.json.gz --out contrasts.train.json.gz

``data/contrasts.json.gz`` holds for a question of a training set, by its id, two more: one changed
by as little as possible so that its paragraph no longer answers it (as SQuAD 2.0's unanswerable
questions mostly are, and as in contrast sets: Gardner et al. 2020), and one in other words that
means the same. Only the two together say that it is the meaning that counts, not whether the
question's words stand in the paragraph. Written in SQuAD's JSON, as all other sets; the first has
the question's answers as plausible ones, the second as its own.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from training.squad_file import save

CONTRASTS = Path(__file__).parent / "data" / "contrasts.json.gz"


def paragraphs(files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        for article in json.loads(gzip.decompress(file.read_bytes()))["data"]:
            yield from article["paragraphs"]


def changed(
    paragraph: Mapping[str, Any], pairs: Mapping[str, Sequence[str]]
) -> Iterator[dict[str, Any]]:
    """The two changed questions of each of the paragraph's that has such."""
    for qa in paragraph["qas"]:
        if qa["id"] not in pairs:
            continue
        unanswered, same = pairs[qa["id"]]
        yield {
            "id": f"{qa['id']}-u",
            "question": unanswered,
            "answers": [],
            "plausible_answers": qa["answers"],
            "is_impossible": True,
        }
        yield {"id": f"{qa['id']}-s", "question": same, "answers": qa["answers"]}


@click.command(help=__doc__)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(files: tuple[Path, ...], out: Path) -> None:
    pairs = json.loads(gzip.decompress(CONTRASTS.read_bytes()))
    made = [
        {"context": paragraph["context"], "qas": qas}
        for paragraph in paragraphs(files)
        if (qas := list(changed(paragraph, pairs)))
    ]
    found = sum(len(paragraph["qas"]) for paragraph in made) // 2
    if found < len(pairs):
        raise click.ClickException(
            f"{len(pairs) - found} of {len(pairs)} questions are in none of the files; give all "
            "training sets that training/README.md names."
        )
    whole = {"version": "1.1", "data": [{"title": "contrasts", "paragraphs": made}]}
    save(out, whole)
    click.echo(f"{2 * found:,} questions, {found:,} unanswerable")


if __name__ == "__main__":
    main()
