"""Which of the passages that are read hold the answer: recall of dense search, BM25 and both.

    python -m benchmarks.retrieval FILE... [--tenth FILE]... [--contexts FILE]... [--keep FOLDER]

FILE is official SQuAD v1.1 or v2.0 JSON, plain or gzipped. The contexts of all FILEs become one
library with the default settings; the answerable questions of FILEs are asked, and of a --tenth
FILE, which has no questions kept aside, every tenth, in an order drawn from --seed.

Recall at k: the share of questions with a passage among the first k that comes from the question's
own context and holds a gold answer. BM25 is full-text search for the telling words of the question;
RRF fuses those two by reciprocal ranks (Cormack et al. 2009, k = 60), for comparison; fused is what
`index.retrieval` returns. "lead" is by how much fused is ahead of the better of dense and BM25.

Times are means over all questions; those of fused hold all of a search, embedding the question
too. With --keep the library stays in FOLDER and is not embedded again.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
import numpy as np
from rich.progress import track
from rich.table import Table

from benchmarks.options import contexts_option, files_argument, sample_option, seed_option
from benchmarks.pooled import Library, library_of, sampled, source_of
from benchmarks.squad import Example, load_sets, normalise
from benchmarks.tables import output, progress_output, table
from index import vector_loading
from index.documents import Filters
from index.retrieval import match_expression

AT = (1, 5, 10, 12, 20, 30, 50)
NOWHERE = 10**6
RANK_CONSTANT = 60

Ranking = Sequence[int]


@dataclass
class Found:
    """Of one set: by search, the place of the first right passage, from 0, and the seconds."""

    places: dict[str, list[int]] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def note(self, search: str, ranking: Ranking, right: set[int], seconds: float) -> None:
        place = next((at for at, passage_id in enumerate(ranking) if passage_id in right), NOWHERE)
        self.places.setdefault(search, []).append(place)
        self.seconds.setdefault(search, []).append(seconds)

    def recall(self, search: str) -> list[float]:
        """Percent, at each of `AT`."""
        places = np.array(self.places[search])
        return [100 * float((places < most).mean()) for most in AT]

    def lead(self) -> list[float]:
        """Of fused over the better of dense and BM25, in points."""
        each = zip(*(self.recall(search) for search in ("fused", "dense", "BM25")), strict=True)
        return [fused - max(others) for fused, *others in each]

    def milliseconds(self, search: str) -> float:
        return 1e3 * float(np.mean(self.seconds[search]))


def reciprocal_ranks(rankings: Iterable[Ranking]) -> list[int]:
    """Ids by summed ``1 / (60 + rank)``."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, passage_id in enumerate(ranking, start=1):
            scores[passage_id] = scores.get(passage_id, 0.0) + 1 / (RANK_CONSTANT + rank)
    return sorted(scores, key=lambda passage_id: (-scores[passage_id], passage_id))


def right_passages(library: Library, example: Example) -> set[int]:
    """Passages of the question's own context that hold a gold answer."""
    known = library.store.find(source_of(example.context))
    if known is None:
        return set()
    rows = library.store.rows("SELECT id, text FROM passages WHERE document_id = ?", (known[0],))
    return {passage_id for passage_id, text in rows if holds(text, example.answers)}


def holds(text: str, answers: Sequence[str]) -> bool:
    """Whether a gold answer stands in the text, to the letter or as EM compares.

    To the letter alone would miss one whose signs were normalised as it was loaded; as EM
    compares alone, one that a footnote's number stands against ("the 1920s.[8]").
    """
    words = f" {normalise(text)} "
    return any(
        (answer and answer in text) or ((said := normalise(answer)) and f" {said} " in words)
        for answer in answers
    )


def search_set(library: Library, name: str, examples: Sequence[Example]) -> Found:
    """Ask every question of a set in every way."""
    found = Found()
    store, retriever = library.pipeline.store, library.pipeline.retriever
    with store.snapshot():
        vectors = vector_loading.load(store, retriever.embedder.dimension)
    for example in track(examples, f"Searching {name}", console=progress_output()):
        right = right_passages(library, example)
        began = time.perf_counter()
        embedded = retriever.embedder.embed([example.question])[0]
        between = time.perf_counter()
        dense = [i for i, _ in vectors.search(embedded, retriever.candidates, store.vectors)]
        found.note("dense", dense, right, time.perf_counter() - began)
        found.seconds.setdefault("embedding", []).append(between - began)
        began = time.perf_counter()
        match = match_expression(example.question)
        rows = store.lexical(match, retriever.candidates, Filters()) if match else []
        lexical = [i for i, _ in rows]
        found.note("BM25", lexical, right, time.perf_counter() - began)
        found.note("RRF", reciprocal_ranks([dense, lexical]), right, 0.0)
        began = time.perf_counter()
        fused = [item.passage.id for item in retriever.search(example.question, max(AT)).passages]
        found.note("fused", fused, right, time.perf_counter() - began)
    return found


def chosen(
    sets: Mapping[str, Sequence[Example]], tenths: Iterable[str], count: int | None, seed: int
) -> dict[str, list[Example]]:
    """The questions that are asked, by set: answerable ones, no more than ``count``."""
    asked = {}
    for name, examples in sets.items():
        answerable = [example for example in examples if example.answers]
        if name in set(tenths):
            answerable = sorted(answerable, key=lambda example: example.id)
            random.Random(seed).shuffle(answerable)
            answerable = answerable[: len(answerable) // 10]
        asked[name] = sampled(answerable, count, seed)
    return asked


def recalls(found: Mapping[str, Found]) -> Table:
    made = table("set", "questions", "search", *(f"@{most}" for most in AT))
    for name, one in found.items():
        for number, search in enumerate(one.places):
            about = ("", "") if number else (name, f"{len(one.places[search]):,}")
            made.add_row(*about, search, *(f"{value:.1f}" for value in one.recall(search)))
        made.add_row("", "", "lead", *(f"{value:+.1f}" for value in one.lead()))
        made.add_section()
    for search in next(iter(found.values())).places:
        mean = np.mean([one.recall(search) for one in found.values()], axis=0)
        made.add_row("mean of the sets", "", search, *(f"{value:.1f}" for value in mean))
    least = np.min([one.lead() for one in found.values()], axis=0)
    made.add_row("least lead", "", "", *(f"{value:+.1f}" for value in least))
    return made


def times(found: Mapping[str, Found]) -> Table:
    shown = ("embedding", "dense", "BM25", "fused")
    made = table("ms per question", *shown)
    for name, one in found.items():
        made.add_row(name, *(f"{one.milliseconds(search):.1f}" for search in shown))
    return made


@click.command(help=__doc__)
@files_argument
@click.option(
    "--tenth",
    "tenths",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A further FILE, of which every tenth question is asked.",
)
@contexts_option
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="See above.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@sample_option
@seed_option
def main(
    files: tuple[Path, ...],
    tenths: tuple[Path, ...],
    contexts: tuple[Path, ...],
    keep: Path | None,
    as_json: bool,
    sample: int | None,
    seed: int,
) -> None:
    sets = load_sets([*files, *tenths])
    asked = chosen(sets, load_sets(tenths), sample, seed)
    with library_of(sets, contexts, keep, None) as library:
        found = {name: search_set(library, name, some) for name, some in asked.items() if some}
        size = (library.documents, library.passages)
    if not found:
        raise click.UsageError("None of the files has an answerable question.")
    if as_json:
        click.echo(json.dumps(report(found, size), indent=1))
        return
    output().print(recalls(found), times(found), f"{size[0]:,} documents, {size[1]:,} passages")


def report(found: Mapping[str, Found], size: tuple[int, int]) -> dict[str, object]:
    return {
        "documents": size[0],
        "passages": size[1],
        "at": AT,
        "sets": {
            name: {
                "questions": len(one.places["fused"]),
                "recall": {search: one.recall(search) for search in one.places},
                "milliseconds": {search: one.milliseconds(search) for search in one.seconds},
            }
            for name, one in found.items()
        },
    }


if __name__ == "__main__":
    main()
