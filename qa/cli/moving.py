"""``qa index export``, ``import`` and ``migrate``: a library goes elsewhere."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
from rich.progress import Progress

from index.document_store import DocumentStore
from index.errors import EmbedderMismatch
from index.parquet.manifest import Chunking, Manifest, read
from index.taking import Taken
from qa.assembly import make_embedder, make_search, make_store
from qa.cli.paths import FilledPath
from qa.cli.progress import standard_error
from qa.cli.verify import findings_of
from qa.render import printable
from qa.settings import STORES, Settings
from qa.version import VERSION


@click.command("export")
@click.argument("folder", type=FilledPath(file_okay=False, path_type=Path))
@click.pass_obj
def export_command(settings: Settings, folder: Path) -> None:
    """Write the library to FOLDER as Parquet files, also while serving.

    An export that was broken off goes on where it was. One of an earlier state of the library
    is replaced when the new one is complete.

    \b
    Example:
      python -m qa index export /backup/library
    """
    from index.parquet.exporting import export

    with closing(make_store(settings)) as store, _progress() as bar:
        task = bar.add_task("Exporting", total=store.count()[0])
        made = export(
            store,
            folder,
            version=VERSION,
            chunking=_chunking(settings),
            on_document=lambda: bar.advance(task),
        )
    size = sum(file.size for file in made.files)
    click.echo(
        f"exported generation {made.generation}: {made.documents:,} documents, "
        f"{made.passages:,} passages, {len(made.files):,} files, {size:,} bytes, in {folder}"
    )


@click.command("import")
@click.argument("folder", type=FilledPath(exists=True, file_okay=False, path_type=Path))
@click.pass_obj
def import_command(settings: Settings, folder: Path) -> None:
    """Take the documents of an export into the library; nothing is embedded.

    A library that never had a document takes them with their ids, so that links and citations
    hold; any other gives them new ones, and keeps what it has of the same source.

    \b
    Example:
      QA_DATA=new python -m qa index import /backup/library
    """
    from index.parquet.importing import import_into

    manifest = read(folder)
    _check_embedder(settings, manifest)
    with closing(make_store(settings, create=True)) as store:
        with _progress() as bar:
            size = sum(file.size for file in manifest.files)
            comparing = bar.add_task("Comparing checksums", total=size)
            importing = bar.add_task("Importing", total=manifest.documents)
            told, kept_ids = import_into(
                store,
                folder,
                manifest,
                on_bytes=lambda count: bar.advance(comparing, count),
                on_document=lambda: bar.advance(importing),
            )
        store.settle()
        ids = "with their ids" if kept_ids else "with new ids"
        parts = [
            f"{told[taken]:,} {taken}" + (f" {ids}" if taken is Taken.ADDED else "")
            for taken in Taken
            if told[taken]
        ]
        documents, passages = store.count()
    click.echo(", ".join(parts) or "nothing to import")
    click.echo(f"the library holds {documents:,} documents, {passages:,} passages")
    if manifest.chunking != _chunking(settings):
        click.echo(_of_another_cut(manifest.chunking), err=True)


@click.command()
@click.option(
    "--to",
    type=click.Choice(STORES),
    required=True,
    help="What is to search the passages from now on.",
)
@click.option("--milvus-uri", help="Where Milvus is.  [default: $QA_MILVUS_URI]")
@click.option(
    "--database-url",
    envvar="QA_MIGRATE_DATABASE_URL",
    show_envvar=True,
    help="PostgreSQL that is to hold the documents; not given: they stay where they are.",
)
@click.option(
    "--into",
    type=FilledPath(file_okay=False, path_type=Path),
    help="With --to sqlite, from PostgreSQL: the new data folder.  [default: that of --data]",
)
@click.pass_obj
def migrate(
    settings: Settings,
    to: str,
    milvus_uri: str | None,
    database_url: str | None,
    into: Path | None,
) -> None:
    """Move the library to other engines; nothing is embedded anew, and it stays in use meanwhile.

    What was broken off goes on where it was, and what changes meanwhile is caught up with. In the
    end all of it is compared. Only then tell the servers, by the settings that this prints.

    \b
    Example:
      python -m qa index migrate --to milvus --milvus-uri http://milvus:19530
      QA_STORE=milvus QA_MILVUS_URI=http://milvus:19530 python -m qa index migrate --to sqlite
    """
    from qa.belongings import carry

    target = _target(settings, to, milvus_uri, database_url, into)
    moves_documents = (settings.database_url, settings.data) != (target.database_url, target.data)
    with closing(make_store(settings)) as source:
        if not moves_documents:
            _move_passages(target, source)
            _prove(target, source)
        else:
            with closing(make_store(target, create=True)) as store:
                _move_documents(source, store)
                _move_passages(target, store)
                _prove(target, store)
                _move_documents(source, store)  # what came while the rest was moved
                carry((settings, source), (target, store))
                _move_passages(target, store)
    click.echo("Set, for all commands and servers: " + " ".join(_changed(settings, target)))


def _target(
    settings: Settings,
    to: str,
    milvus_uri: str | None,
    database_url: str | None,
    into: Path | None,
) -> Settings:
    """The settings that the library will be used with."""
    if to == "sqlite" and (milvus_uri or database_url):
        raise click.UsageError("--milvus-uri and --database-url go with --to milvus.")
    if into is not None and to != "sqlite":
        raise click.UsageError("--into goes with --to sqlite.")
    changed: dict[str, object] = {"store": to}
    if milvus_uri:
        changed["milvus_uri"] = milvus_uri
    if to == "sqlite":
        changed["database_url"] = ""
    elif database_url:
        changed["database_url"] = database_url
    if into is not None:
        changed["data"] = into
    return dataclasses.replace(settings, **changed)  # type: ignore[arg-type]


def _move_documents(source: DocumentStore, target: DocumentStore) -> None:
    from index.mirroring import mirror

    with _progress() as bar:
        task = bar.add_task("Moving documents", total=source.count()[0])
        mirror(source, target, lambda: bar.advance(task))
    target.settle()


def _move_passages(settings: Settings, store: DocumentStore) -> None:
    """Twice, since the first time may take long: the second brings what was changed meanwhile."""
    with _progress() as bar:
        task = bar.add_task("Indexing passages", total=None)
        search = make_search(
            settings,
            store,
            make_embedder(settings),
            lambda done, of: bar.update(task, completed=done, total=of),
        )
        with closing(search):
            for _ in range(2):
                with store.snapshot():
                    search.bring_up()
            search.settle()
        bar.update(task, total=1, completed=1)


def _prove(settings: Settings, store: DocumentStore) -> None:
    found = findings_of(settings, store)
    for finding in found:
        click.echo(f"{finding.part}: {printable(finding.message)}")
    if found:
        raise click.ClickException(
            f"{len(found):,} findings: the library was not moved; go on using it where it is."
        )
    documents, passages = store.count()
    click.echo(
        f"moved generation {store.generation()}: {documents:,} documents, {passages:,} passages, "
        "all as it was written"
    )


def _changed(settings: Settings, target: Settings) -> Iterator[str]:
    """What is to be set; passwords are not printed."""
    yield f"QA_STORE={target.store}"
    if target.store == "milvus":
        yield f"QA_MILVUS_URI={_without_password(target.milvus_uri)}"
    if target.database_url:
        yield "QA_DATABASE_URL=(the URL that you gave)"
    elif settings.database_url:
        yield "QA_DATABASE_URL= (empty)"
    if target.data != settings.data:
        yield f"QA_DATA={printable(str(target.data))}"


def _without_password(uri: str) -> str:
    return "(the address that you gave)" if "@" in uri else printable(uri)


def _check_embedder(settings: Settings, manifest: Manifest) -> None:
    """By name alone: nothing is embedded, so no model is loaded."""
    name = make_embedder(settings).name
    if manifest.embedder and manifest.embedder != name:
        raise EmbedderMismatch(
            f"The export was embedded with {printable(manifest.embedder)} "
            f"({manifest.dimension} numbers); the settings say {name}. Set QA_EMBEDDER="
            f"{printable(manifest.embedder)}, or add the documents' files anew."
        )


def _chunking(settings: Settings) -> Chunking:
    return Chunking(settings.passage_tokens, settings.overlap_tokens, settings.mark_furniture)


def _of_another_cut(chunking: Chunking) -> str:
    return (
        f"Note: the export was cut with passage_tokens = {chunking.passage_tokens}, overlap_tokens "
        f"= {chunking.overlap_tokens}, mark_furniture = {chunking.mark_furniture}, which are not "
        "the settings here: what is added from now on is cut otherwise. To cut all alike: "
        "python -m qa index rebuild"
    )


@contextmanager
def _progress() -> Iterator[Progress]:
    with Progress(console=standard_error(), disable=not sys.stderr.isatty()) as progress:
        yield progress
