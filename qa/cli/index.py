"""``qa index``: what is in the library."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table
from rich.text import Text

from index.errors import UnknownDocument
from index.indexing import Indexer, Outcome, files_under
from index.store import Store
from qa.assembly import make_embedder, make_indexer, make_retriever
from qa.cli.progress import standard_error
from qa.render import printable
from qa.settings import Settings


@click.group()
def index() -> None:
    """Add, remove and list documents.

    \b
    Example:
      python -m qa index add seeds/ notes.md
    """


@index.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_obj
def add(settings: Settings, paths: tuple[Path, ...]) -> None:
    """Add files, and folders of files; what changed is updated, the rest is left alone.

    \b
    Example:
      python -m qa index add seeds/ notes.md
    """
    files = files_under(paths)
    if not files:
        raise click.ClickException(f"No files of a known format in {', '.join(map(str, paths))}.")
    indexer = _indexer(settings, create=True)
    counts: Counter[Outcome] = Counter()
    for done in track(
        indexer.add(files),
        "Indexing",
        total=len(files),
        console=standard_error(),
        disable=not sys.stderr.isatty(),
    ):
        counts[done.outcome] += 1
        if done.outcome is Outcome.FAILED:
            click.echo(f"failed: {printable(done.reason)}", err=True)
    _save_vectors(settings, indexer)
    click.echo(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    if counts[Outcome.FAILED]:
        raise SystemExit(1)


@index.command()
@click.argument("sources", nargs=-1, required=True)
@click.pass_obj
def remove(settings: Settings, sources: tuple[str, ...]) -> None:
    """Remove documents by their source: the path they were added from, or its URL.

    \b
    Example:
      python -m qa index remove seeds/000_24598830d6a6aed1.txt
    """
    indexer = _indexer(settings)
    missing = 0
    for source in sources:
        try:
            indexer.remove(source)
            click.echo(f"removed {printable(source)}")
        except UnknownDocument as error:
            missing += 1
            click.echo(str(error), err=True)
    if missing:
        raise SystemExit(1)


@index.command("list")
@click.pass_obj
def list_documents(settings: Settings) -> None:
    """List the documents: id, date, title, passages, source.

    \b
    Example:
      python -m qa index list
    """
    documents = Store(settings.data).documents()
    if not documents:
        click.echo("The library is empty. Add documents with: python -m qa index add PATH")
        return
    rows = [
        [printable(str(value)) for value in (d.id, d.date or "", d.title, d.passages, d.source)]
        for d in documents
    ]
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(row))
        return
    table = Table("Id", "Date", "Title", "Passages", "Source")
    for row in rows:
        table.add_row(*(Text(value) for value in row))  # a str would be read as markup
    Console().print(table)


@index.command()
@click.pass_obj
def status(settings: Settings) -> None:
    """Tell how much the library holds, and of which generation and embedder it is.

    \b
    Example:
      python -m qa index status
    """
    store = Store(settings.data)
    documents, passages = store.count()
    embedder = store.embedder()
    click.echo(f"folder      {settings.data.resolve()}")
    click.echo(f"documents   {documents:,}")
    click.echo(f"passages    {passages:,}")
    click.echo(f"generation  {store.generation()}")
    click.echo(f"embedder    {f'{embedder[0]} ({embedder[1]})' if embedder else 'none yet'}")


@index.command()
@click.pass_obj
def rebuild(settings: Settings) -> None:
    """Cut and embed all stored documents anew, with the settings of now.

    Questions are answered from the old index until the new one is complete.

    \b
    Example:
      QA_PASSAGE_TOKENS=200 python -m qa index rebuild
    """
    indexer = _indexer(settings)
    documents, _ = indexer.store.count()
    with Progress(console=standard_error(), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Rebuilding", total=documents)
        indexer.rebuild(lambda _: progress.advance(task))
    _save_vectors(settings, indexer)
    click.echo(f"rebuilt {documents:,} documents, generation {indexer.store.generation()}")


def _indexer(settings: Settings, *, create: bool = False) -> Indexer:
    return make_indexer(settings, Store(settings.data, create=create), make_embedder(settings))


def _save_vectors(settings: Settings, indexer: Indexer) -> None:
    """Leave a current FAISS cache behind, so that the next start has nothing to catch up on."""
    make_retriever(settings, indexer.store, indexer.embedder).warm_up()
