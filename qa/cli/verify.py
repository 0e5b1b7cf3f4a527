"""``qa index verify``."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import suppress

import click
from rich.progress import Progress

from index.document_store import DocumentStore
from index.embedding import Embedder
from index.rebuilding import is_due
from index.repair import repair
from index.verify import Finding, findings
from qa.assembly import make_embedder, make_indexer, make_retriever, make_store
from qa.cli.progress import standard_error
from qa.render import printable
from qa.settings import Settings


@click.command()
@click.option("--repair", "mend", is_flag=True, help="Mend what is found.")
@click.pass_obj
def verify(settings: Settings, mend: bool) -> None:
    """Prove the whole index: texts, passages, full-text search, vectors, files.

    Exits with 0 if all is as it was written, or was mended; else with 1.

    \b
    Example:
      python -m qa index verify
      python -m qa index verify --repair
    """
    store = make_store(settings)
    indexer = make_indexer(settings, store, make_embedder(settings))
    found = _findings(settings, store, indexer.embedder)
    for finding in found:
        click.echo(f"{finding.part}: {printable(finding.message)}")
    if found and mend:
        for done in [*store.mend_file(), *repair(indexer, found)]:
            click.echo(f"repair: {printable(done)}")
        make_retriever(settings, store, indexer.embedder).build_anew()
        store.settle()
        found = _findings(settings, store, indexer.embedder)
        for finding in found:
            click.echo(f"still {finding.part}: {printable(finding.message)}")
    if found:
        click.echo(f"{len(found):,} findings")
        raise SystemExit(1)
    documents, passages = store.count()
    click.echo(f"checked {documents:,} documents, {passages:,} passages: all as it was written")
    if is_due(indexer):
        click.echo(
            "Other settings or an earlier version cut some of its passages. "
            "To cut and embed them as it is done now: python -m qa index rebuild"
        )


def findings_of(settings: Settings, store: DocumentStore) -> list[Finding]:
    """All that is wrong with a library, with a progress bar."""
    return _findings(settings, store, make_embedder(settings))


def _findings(settings: Settings, store: DocumentStore, embedder: Embedder) -> list[Finding]:
    retriever = make_retriever(settings, store, embedder)
    with Progress(console=standard_error(), disable=not sys.stderr.isatty()) as progress:
        total = None
        with suppress(sqlite3.DatabaseError):  # which will be a finding
            total = len(store.document_ids())
        task = progress.add_task("Checking", total=total)
        return list(findings(store, retriever.check, lambda: progress.advance(task)))
