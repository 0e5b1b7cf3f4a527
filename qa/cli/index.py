"""``qa index``: what is in the library."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from index.document_store import DocumentStore
from index.documents import DocumentSummary, Filters, StoredDocument
from index.errors import UnknownDocument
from qa.assembly import make_store
from qa.cli.bring import add, rebuild, sync
from qa.cli.moving import export_command, import_command, migrate
from qa.cli.paths import as_id
from qa.cli.remove import remove
from qa.cli.verify import verify
from qa.render import printable
from qa.settings import Settings


@click.group()
def index() -> None:
    """Add, remove, sync, list and check documents.

    \b
    Example:
      python -m qa index add seeds/ notes.md
    """


for command in (add, sync, rebuild, verify, export_command, import_command, migrate, remove):
    index.add_command(command)


@index.command()
@click.pass_obj
def create(settings: Settings) -> None:
    """Make an empty library, unless there is one; for a server that is filled over its API.

    \b
    Example:
      python -m qa index create
    """
    store = make_store(settings, create=True)
    documents, _ = store.count()
    store.close()
    click.echo(f"{settings.data} is a library of {documents:,} documents")


@index.command("list")
@click.pass_obj
def list_documents(settings: Settings) -> None:
    """List the documents: id, date, title, passages, source.

    \b
    Example:
      python -m qa index list
    """
    documents = make_store(settings).documents()
    if not documents:
        click.echo("The library is empty. Add documents with: python -m qa index add PATH")
        return
    _print_list(documents)


def _print_list(documents: Sequence[DocumentSummary]) -> None:
    rows = [
        [_cell(value) for value in (d.id, d.date or "", d.title, d.passages, d.source)]
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
@click.argument("document")
@click.pass_obj
def show(settings: Settings, document: str) -> None:
    """Show a document's text, with what is not searched greyed: its page furniture.

    DOCUMENT is an id or a source; of a file that holds several documents they are listed. Where
    the output is no terminal, furniture is put between ⟦ and ⟧.

    \b
    Example:
      python -m qa index show 3
    """
    store = make_store(settings)
    stored = _stored(store, document)
    if stored is None:
        _print_list(_held(store, document))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(Text(_heading(stored), style="bold"))
    console.print(_greyed(stored, brackets=not console.is_terminal))


@index.command()
@click.pass_obj
def status(settings: Settings) -> None:
    """Tell how much the library holds, and of which generation and embedder it is.

    \b
    Example:
      python -m qa index status
    """
    store = make_store(settings)
    documents, passages = store.count()
    embedder = store.embedder()
    click.echo(f"folder      {settings.data.resolve()}")
    if settings.database_url:
        click.echo(f"database    {store.name}")
    click.echo(f"documents   {documents:,}")
    click.echo(f"passages    {passages:,}")
    click.echo(f"generation  {store.generation()}")
    click.echo(f"embedder    {f'{embedder[0]} ({embedder[1]})' if embedder else 'none yet'}")


def _cell(value: object) -> str:
    """On one line: a file's name may hold line ends, and must not add rows."""
    return printable(str(value)).replace("\n", " ").replace("\t", " ")


def _stored(store: DocumentStore, document: str) -> StoredDocument | None:
    if (document_id := as_id(document)) is not None:
        return store.document(document_id)
    known = store.find(document) or store.find(str(Path(document).resolve()))
    return None if known is None else store.document(known[0])


def _held(store: DocumentStore, name: str) -> list[DocumentSummary]:
    """The documents of a file that holds several."""
    meant = Filters(sources=(name, str(Path(name).resolve())))
    found = [document for document in store.documents() if meant.has_source(document.source)]
    if not found:
        raise UnknownDocument(
            f"No document has the id or source {name!r}. See: python -m qa index list"
        )
    return found


def _heading(stored: StoredDocument) -> str:
    facts = [stored.title, stored.author, stored.date, stored.source]
    marked = sum(mark.end - mark.start for mark in stored.furniture)
    parts = [printable(fact) for fact in facts if fact]
    return " · ".join(
        [
            *parts,
            f"{stored.passages} passages, {marked:,} of {len(stored.text):,} characters greyed",
        ]
    )


def _greyed(stored: StoredDocument, *, brackets: bool) -> Text:
    shown, position = Text(), 0
    for mark in stored.furniture:
        shown.append(printable(stored.text[position : mark.start]))
        words = printable(stored.text[mark.start : mark.end])
        shown.append(f"⟦{words}⟧" if brackets else words, style="dim")
        position = mark.end
    return shown.append(printable(stored.text[position:]))
