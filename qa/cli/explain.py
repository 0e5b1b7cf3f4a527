"""``qa explain``: why a question got no answer, or not the one expected."""

from __future__ import annotations

import click
from rich.console import Console

from qa import explain as explaining
from qa import render_explanation
from qa.answers import Question
from qa.assembly import make_pipeline
from qa.cli.filtering import filter_options, filters_of
from qa.render import json_text
from qa.settings import Settings


@click.command()
@click.argument("question")
@click.option("--expect", help="Words of a document that were expected in the answer.")
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
@click.option("--top-k", type=int, help="How many passages to read.")
@filter_options
@click.pass_obj
def explain(
    settings: Settings,
    question: str,
    expect: str | None,
    as_json: bool,
    top_k: int | None,
    documents: tuple[int, ...],
    sources: tuple[str, ...],
    date_from: str | None,
    date_to: str | None,
) -> None:
    """Tell why a question got no answer, or not the one expected.

    \b
    Example:
      python -m qa explain "who denied the volunteer reports?" --expect "Ivan Nechaev"
    """
    filters = filters_of(documents, sources, date_from, date_to)
    pipeline = make_pipeline(settings)
    asked = pipeline.checked(Question(question))  # before seconds go into loading models
    pipeline.warm_up()
    found = explaining.explain(pipeline, asked, expect, top_k, filters)
    if as_json:
        click.echo(json_text(render_explanation.to_json(found), indent=2))
    else:
        Console(highlight=False).print(render_explanation.to_terminal(found))
