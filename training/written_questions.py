"""Questions that were written for training, put to the paragraphs that they were written over.

    python -m training.written_questions DATA/*.train.json.gz --out written.train.json.gz

``data/written.json.gz`` holds for some paragraphs of the training sets five questions each: about
two that the paragraph answers in other words, and three that it only seems to answer (swapped
names, roles, times and conditions, as in SQuAD 2.0's unanswerable questions), with the span that a
hasty reader would give. The paragraphs are not in this repository: a paragraph is named by the
beginning of the SHA-256 of its text. Written in SQuAD's JSON, as all other sets.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from training.squad_file import save

WRITTEN = Path(__file__).parent / "data" / "written.json.gz"
NAME_LENGTH = 10  # hexadecimal digits
_MOST_PLACES = 4


def name_of(context: str) -> str:
    return hashlib.sha256(context.encode()).hexdigest()[:NAME_LENGTH]


def contexts(files: Sequence[Path]) -> dict[str, str]:
    """All paragraphs of SQuAD files, by name."""
    return {
        name_of(paragraph["context"]): paragraph["context"]
        for file in files
        for article in json.loads(gzip.decompress(file.read_bytes()))["data"]
        for paragraph in article["paragraphs"]
    }


def places(context: str, words: str) -> list[dict[str, Any]]:
    """Where the words stand in the context, whatever space is between them: SQuAD's answers."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    found = re.finditer(rf"(?<!\w){pattern}(?!\w)", context)
    told = [{"text": match.group(), "answer_start": match.start()} for match in found]
    return told[:_MOST_PLACES]


def paragraph(name: str, context: str, questions: Sequence[dict[str, str]]) -> dict[str, Any]:
    return {"context": context, "qas": list(_asked(name, context, questions))}


def _asked(
    name: str, context: str, questions: Sequence[dict[str, str]]
) -> Iterator[dict[str, Any]]:
    for number, question in enumerate(questions):
        told = places(context, question.get("a") or question["p"])
        if not told:
            continue
        asked = {"id": f"written-{name}-{number}", "question": question["q"]}
        if "a" in question:
            yield asked | {"answers": told}
        else:
            yield asked | {"answers": [], "plausible_answers": told, "is_impossible": True}


@click.command(help=__doc__)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(files: tuple[Path, ...], out: Path) -> None:
    written = json.loads(gzip.decompress(WRITTEN.read_bytes()))
    known = contexts(files)
    missing = [name for name in written if name not in known]
    if missing:
        raise click.ClickException(
            f"{len(missing)} of {len(written)} paragraphs are in none of the files; give all "
            "training sets that training/README.md names."
        )
    made = [paragraph(name, known[name], asked) for name, asked in written.items()]
    whole = {"version": "1.1", "data": [{"title": "written", "paragraphs": made}]}
    save(out, whole)
    asked = [qa for each in made for qa in each["qas"]]
    click.echo(f"{len(asked):,} questions, {sum(not qa['answers'] for qa in asked):,} unanswerable")


if __name__ == "__main__":
    main()
