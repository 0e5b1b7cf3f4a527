"""``qa ask``: one question, or a file of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import IO, Any

import click
from rich.console import Console
from rich.progress import track

from index.documents import Filters
from index.errors import InvalidFilter
from qa.answers import AnswerSet, Question
from qa.assembly import make_pipeline
from qa.cli.filtering import filter_options, filters_of
from qa.cli.progress import standard_error
from qa.errors import InvalidQuestion
from qa.pipeline import Pipeline
from qa.render import json_text, to_json, to_terminal
from qa.requests import BatchRequest, parse
from qa.settings import Settings


@click.command()
@click.argument("question", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the answer set as JSON.")
@click.option("--top-k", type=int, help="How many passages to read.")
@click.option(
    "--batch",
    type=click.File("r", encoding="utf-8-sig", errors="surrogateescape"),
    help='Questions, one JSON object a line: {"id", "question", "history"?}. "-" reads them '
    "from standard input. Prints one answer set a line. Needs --json.",
)
@filter_options
@click.pass_obj
def ask(
    settings: Settings,
    question: str | None,
    as_json: bool,
    top_k: int | None,
    batch: IO[str] | None,
    documents: tuple[int, ...],
    sources: tuple[str, ...],
    date_from: str | None,
    date_to: str | None,
) -> None:
    """Ask a question; or many, with --batch.

    Exits with 0 also when the documents do not say: that is an answer too.

    \b
    Example:
      python -m qa ask "who denied the volunteer reports?"
      python -m qa ask --batch questions.jsonl --json > answers.jsonl
    """
    if (question is None) == (batch is None):
        raise click.UsageError("Give either a QUESTION or --batch FILE.")
    if batch is not None and not as_json:
        raise click.UsageError("--batch prints JSON lines: add --json.")
    filters = filters_of(documents, sources, date_from, date_to)
    pipeline = make_pipeline(settings)
    if batch is not None:
        _ask_all(pipeline, list(_lines(batch)), top_k, filters)
        return
    asked = pipeline.checked(Question(question or ""))  # before seconds go into loading models
    pipeline.warm_up()
    result = pipeline.answer(asked, top_k, filters)
    if as_json:
        click.echo(json_text(to_json(result), indent=2))
    else:
        Console(highlight=False).print(to_terminal(result))


def _ask_all(
    pipeline: Pipeline,
    lines: list[tuple[Any, BatchRequest | str]],
    top_k: int | None,
    filters: Filters,
) -> None:
    """One line out for every line in; a bad one gets an error and the others their answers."""
    pipeline.warm_up()
    failed = 0
    for identifier, request in track(
        lines, "Answering", console=standard_error(), disable=not sys.stderr.isatty()
    ):
        try:
            if isinstance(request, str):
                raise InvalidQuestion(request)
            answered = to_json(_answer(pipeline, request, top_k, filters))
        except (InvalidQuestion, InvalidFilter) as error:
            failed += 1
            answered = {"error": str(error)}
        row = json_text({"id": identifier} | answered)
        click.echo(row.encode("utf-8", "backslashreplace"))  # an id may hold half a surrogate pair
    click.echo(f"{len(lines) - failed} answered or declined, {failed} failed.", err=True)
    if failed:
        raise SystemExit(1)


def _answer(
    pipeline: Pipeline, request: BatchRequest, top_k: int | None, filters: Filters
) -> AnswerSet:
    """What a line says goes before what the command line says."""
    limit = top_k if request.top_k is None else request.top_k
    return pipeline.answer(request.to_question(), limit, request.to_filters() or filters)


def _lines(batch: Iterable[str]) -> Iterator[tuple[Any, BatchRequest | str]]:
    """Each line's id, and its request or what is wrong with it."""
    for number, line in enumerate(batch, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, f"Line {number} is not JSON: {error}."
            continue
        identifier = row.get("id", number) if isinstance(row, dict) else number
        try:
            yield identifier, parse(BatchRequest, row)
        except InvalidQuestion as error:
            yield identifier, f"Line {number}: {error}"
