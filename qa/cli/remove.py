"""``qa index remove``: documents, all of a file, or all of a folder."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from index.document_store import DocumentStore
from index.errors import UnknownDocument
from index.indexing import Indexer
from index.opening import open_beside, open_jobs
from index.originals import OriginalStore
from index.removed import RemovedDocuments
from index.urls import is_url
from qa.cli.bring import open_indexer
from qa.cli.paths import FilledPath, as_id
from qa.render import printable
from qa.settings import Settings


@click.command()
@click.argument("sources", nargs=-1, required=True, type=FilledPath(readable=False))
@click.option("--yes", is_flag=True, help="Remove all documents of a folder without being asked.")
@click.pass_obj
def remove(settings: Settings, sources: tuple[str, ...], yes: bool) -> None:
    """Remove documents by their source (the path they were added from, or its URL) or their id.

    A folder stands for all documents that were added from it; unless --yes is given, it is asked
    whether they are meant.

    \b
    Example:
      python -m qa index remove seeds/000_24598830d6a6aed1.txt
      python -m qa index remove 13 ~/articles/2021
    """
    indexer = open_indexer(settings)
    removed = [_remove(indexer, source, yes=yes) for source in sources]
    indexer.store.settle()
    data = settings.data
    undoable = RemovedDocuments(data, beside=open_beside(indexer.store, "deletions"))
    OriginalStore(data).sweep(indexer.store, open_jobs(indexer.store), undoable)
    if not all(removed):
        raise SystemExit(1)


def on_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def _remove(indexer: Indexer, source: str, *, yes: bool) -> bool:
    """Whether it was removed; tells it, or why not."""
    try:
        indexer.remove(source)
    except UnknownDocument:
        return _remove_id(indexer.store, source) or _remove_folder(indexer.store, source, yes=yes)
    click.echo(f"removed {printable(source)}")
    return True


def _remove_id(store: DocumentStore, name: str) -> bool:
    if (document_id := as_id(name)) is None:
        return False
    named = store.rows("SELECT source FROM documents WHERE id = ?", (document_id,))
    if not named or not store.discard([document_id]):
        return False
    click.echo(f"removed {printable(named[0][0])}")
    return True


def _remove_folder(store: DocumentStore, name: str, *, yes: bool) -> bool:
    folder = str(Path(name).resolve())
    origins = [] if is_url(name) else list(store.origins_under(folder))
    ids = [i for origin in origins for i, _ in store.of_origin(origin).values()]
    if not ids:
        click.echo(
            f"No document has the id or source {name!r}, or lies in a folder of that "
            "name. See: python -m qa index list",
            err=True,
        )
        return False
    held = f"{printable(folder)} holds {len(ids):,} documents of the library"
    if not yes and not on_terminal():
        click.echo(f"{held}; to remove them add --yes", err=True)
        return False
    if not yes and not click.confirm(f"{held}. Remove them?", err=True):
        return False
    click.echo(f"removed {len(store.discard(ids)):,} documents of {printable(folder)}")
    return True
