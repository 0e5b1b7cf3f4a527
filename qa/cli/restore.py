"""``qa restore``: a data folder from a backup."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from index.backup_manifest import Manifest
from index.database import MIGRATIONS
from index.restoring import restore as unpack
from index.store import Store
from qa.cli.paths import FilledPath
from qa.cli.verify import findings_of
from qa.render import printable
from qa.settings import Settings


@click.command()
@click.argument("file", type=FilledPath(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--data",
    type=FilledPath(path_type=Path),
    help="The new folder, which must be empty or not there.  [default: as of every command]",
)
@click.pass_obj
def restore(settings: Settings, file: Path, data: Path | None) -> None:
    """Make a data folder of a backup, and prove it whole.

    \b
    Example:
      python -m qa restore library.tar.gz --data restored
    """
    settings = dataclasses.replace(
        settings, data=data or settings.data, store="sqlite", database_url=""
    )  # as a backup holds it
    made = unpack(file, settings.data)
    click.echo(
        f"restored generation {made.generation}, backed up at {made.created_at}, "
        f"to {settings.data}: {len(made.files):,} files, each as it was"
    )
    if made.schema != len(MIGRATIONS):
        click.echo(_of_another_schema(made))
        return
    store = Store(settings.data)
    found = findings_of(settings, store)
    for finding in found:
        click.echo(f"{finding.part}: {printable(finding.message)}")
    if found:
        click.echo(f"{len(found):,} findings; see: python -m qa index verify --repair")
        raise SystemExit(1)
    store.settle()
    documents, passages = store.count()
    click.echo(f"checked {documents:,} documents, {passages:,} passages: all as it was written")


def _of_another_schema(made: Manifest) -> str:
    if made.schema > len(MIGRATIONS):
        return (
            f"Its schema is {made.schema}, and this program knows schemas up to "
            f"{len(MIGRATIONS)}: open it with version {made.version} or newer."
        )
    return (
        f"Its schema is {made.schema}: the version that wrote it can open it as it is. "
        f"This program brings it to schema {len(MIGRATIONS)} as soon as it opens it."
    )
