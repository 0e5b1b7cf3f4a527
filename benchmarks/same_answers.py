"""Whether Milvus gives the answers of the embedded engine.

    python -m benchmarks.same_answers FILE... [--milvus-uri URI] [--sample N] [--passages-only]

Asks both engines the questions of SQuAD files, each file's contexts pooled into one library, and
those of the texts in seeds/, and prints how many passages and first answers are the same. Two
first answers are the same if they are the same slice of the same document, or if both engines
answer nothing. Without --milvus-uri, Milvus Lite runs in this process, in a temporary folder.
With --estimate, words are weighed as over PostgreSQL: by what Milvus' scores tell of them.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import click
from rich.progress import track

from benchmarks.pooled import ReadOnce, build, sampled
from benchmarks.seed_questions import QUESTIONS, ROOT
from benchmarks.squad import load
from benchmarks.tables import progress_output
from index.folders import files_under
from index.milvus.search import MilvusSearch
from qa.answers import AnswerSet, Question
from qa.assembly import make_indexer, make_pipeline, make_retriever, make_store
from qa.errors import InvalidQuestion
from qa.pipeline import Pipeline
from qa.reader import Reader
from qa.settings import Settings

TOP = 10


@dataclass(slots=True)
class Compared:
    """Counts of one set of questions; ``differences`` are told one a line."""

    name: str
    passages: int
    questions: int = 0
    same_first_passage: int = 0
    same_passages: int = 0  # the first ten, in the same order
    same_given: int = 0
    same_forced: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: {"embedded": 0.0, "milvus": 0.0})
    differences: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Engines:
    """Pipelines over one library, alike but for what searches: as set, and never declining."""

    given: tuple[Pipeline, Pipeline]
    forced: tuple[Pipeline, Pipeline]


@contextmanager
def engines(settings: Settings, uri: str, *, estimate: bool) -> Iterator[tuple[Pipeline, Engines]]:
    """The embedded pipeline to fill, and both engines over its library."""
    embedded = make_pipeline(settings)
    reader = cast(Reader, ReadOnce(embedded.reader))
    milvus = replace(settings, store="milvus", milvus_uri=uri, milvus_seconds=60.0)
    retrievers = (
        embedded.retriever,
        make_retriever(milvus, embedded.store, embedded.retriever.embedder),
    )
    search = retrievers[1].passage_search
    assert isinstance(search, MilvusSearch)
    if estimate:
        search._holding = None

    def pipelines(each: Settings) -> tuple[Pipeline, Pipeline]:
        first, second = (
            Pipeline(embedded.store, retriever, reader, embedded.calibrator, each)
            for retriever in retrievers
        )
        return first, second

    unremembered = replace(settings, answers_kept=0)
    try:
        yield (
            embedded,
            Engines(pipelines(unremembered), pipelines(replace(unremembered, min_confidence=0.0))),
        )
    finally:
        retrievers[1].passage_search.close()
        embedded.store.close()


def compare(name: str, questions: Sequence[str], both: Engines, *, passages_only: bool) -> Compared:
    compared = Compared(name, both.given[0].store.passage_count())
    for pipeline in both.given:
        pipeline.warm_up()
    for question in track(questions, f"Asking {name}", console=progress_output()):
        if not question.strip():
            continue
        compared.questions += 1
        _compare_passages(question, both, compared)
        if not passages_only:
            _compare_answers(question, both, compared)
    return compared


def _compare_passages(question: str, both: Engines, compared: Compared) -> None:
    found = []
    for engine, pipeline in zip(compared.seconds, both.given, strict=True):
        began = time.perf_counter()
        retrieval = pipeline.retriever.search(question, TOP)
        compared.seconds[engine] += time.perf_counter() - began
        if retrieval.degraded:
            raise click.ClickException(retrieval.degraded)
        found.append([item.passage.id for item in retrieval.passages])
    compared.same_passages += found[0] == found[1]
    compared.same_first_passage += found[0][:1] == found[1][:1]
    if found[0][:1] != found[1][:1]:
        compared.differences.append(
            f"{compared.name}\tfirst passage\t{question}\t{found[0][:1]}\t{found[1][:1]}"
        )


def _compare_answers(question: str, both: Engines, compared: Compared) -> None:
    for kind, pipelines in (("given", both.given), ("forced", both.forced)):
        first, second = (_first(pipeline, question) for pipeline in pipelines)
        if first == second:
            compared.same_given += kind == "given"
            compared.same_forced += kind == "forced"
        else:
            compared.differences.append(
                f"{compared.name}\t{kind} answer\t{question}\t{first}\t{second}"
            )


def _first(pipeline: Pipeline, question: str) -> tuple[str, int, int, str] | None:
    """Source, place and text of the first answer; None if there is none."""
    try:
        found: AnswerSet = pipeline.answer(Question(question))
    except InvalidQuestion:
        return None
    if not found.answers:
        return None
    best = found.answers[0]
    place = best.citations[0]
    return place.source, place.document_start, place.document_end, best.text


def report(all_compared: Sequence[Compared], *, passages_only: bool) -> Iterator[str]:
    for one in all_compared:
        n = max(one.questions, 1)
        yield (
            f"{one.name}: {one.questions} questions, {one.passages:,} passages: "
            f"first passage the same {one.same_first_passage / n:.2%}, "
            f"first {TOP} the same {one.same_passages / n:.2%}"
            + (
                ""
                if passages_only
                else f", first answer the same {one.same_given / n:.2%} as given, "
                f"{one.same_forced / n:.2%} if none is declined"
            )
            + "; ms per search "
            + ", ".join(f"{engine} {1e3 * s / n:.0f}" for engine, s in one.seconds.items())
        )
    if not passages_only:
        asked = sum(one.questions for one in all_compared)
        given = sum(one.same_given for one in all_compared)
        forced = sum(one.same_forced for one in all_compared)
        yield (
            f"all: {asked} questions, first answer the same in {given} as given, {forced} if none "
            f"is declined: {given / max(asked, 1):.2%} and {forced / max(asked, 1):.2%}"
        )


def _seeds(uri: str, folder: Path, *, passages_only: bool, estimate: bool) -> Compared:
    settings = Settings.from_environment(data=folder)
    make_store(settings, create=True).close()
    with engines(settings, uri, estimate=estimate) as (embedded, both):
        indexer = make_indexer(settings, embedded.store, embedded.retriever.embedder)
        list(indexer.add(files_under([ROOT / "seeds"])))
        rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
        questions = [row["question"] for row in rows]
        return compare("seeds", questions, both, passages_only=passages_only)


def _pooled(
    files: Sequence[Path],
    uri: str,
    folder: Path,
    count: int | None,
    *,
    passages_only: bool,
    estimate: bool,
) -> Compared:
    settings = Settings.from_environment(data=folder)
    store = make_store(settings, create=True)
    examples = [example for file in files for example in load(file)]
    with engines(settings, uri, estimate=estimate) as (embedded, both):
        build(examples, store, embedded)
        asked = [example.question for example in sampled(examples, count, 0)]
        compared = compare("dev data", asked, both, passages_only=passages_only)
    store.close()
    return compared


@click.command(help=__doc__)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--milvus-uri", default="", help="A server; default: Milvus Lite in this process.")
@click.option("--sample", type=int, help="Ask so many questions of the files, drawn at random.")
@click.option("--passages-only", is_flag=True, help="Search only; read nothing.")
@click.option("--estimate", is_flag=True, help="Do not ask full-text search of words.")
@click.option("--differences", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="For the library.")
def main(
    files: tuple[Path, ...],
    milvus_uri: str,
    sample: int | None,
    passages_only: bool,
    estimate: bool,
    differences: Path | None,
    keep: Path | None,
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        uri = milvus_uri or str((keep or folder) / "milvus.db")
        how = {"passages_only": passages_only, "estimate": estimate}
        found = [_seeds(uri, folder / "seeds", **how)]
        if files:
            data = (keep or folder) / "pooled"
            found.append(_pooled(files, uri, data, sample, **how))
    lines = [line for one in found for line in one.differences]
    if differences is not None:
        differences.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    else:
        for line in lines:
            click.echo(line)
    for line in report(found, passages_only=passages_only):
        click.echo(line)


if __name__ == "__main__":
    main()
