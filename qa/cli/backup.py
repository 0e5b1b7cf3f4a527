"""``qa backup``: the data folder as one file."""

from __future__ import annotations

from pathlib import Path

import click

from index.backup import back_up
from qa.cli.paths import FilledPath
from qa.settings import Settings
from qa.version import VERSION


@click.command()
@click.argument("file", type=FilledPath(dir_okay=False, path_type=Path))
@click.option("--no-vectors", is_flag=True, help="Leave out what can be made from the library.")
@click.pass_obj
def backup(settings: Settings, file: Path, no_vectors: bool) -> None:
    """Write the library, conversations, keys and waiting jobs to FILE, also while serving.

    Its name says how: .tar, or .tar.gz to have it packed. An older file of the name is replaced
    when the new one is complete.

    \b
    Example:
      python -m qa backup library.tar.gz
    """
    if not file.name.endswith((".tar", ".tar.gz", ".tgz")):
        raise click.UsageError(f"FILE is {file.name!r}; its name must end in .tar or .tar.gz.")
    if not file.absolute().parent.is_dir():
        raise click.ClickException(f"There is no folder {file.absolute().parent}.")
    if settings.database_url:
        raise click.ClickException(
            "The library is in PostgreSQL: back it up with pg_dump, and the data folder as files. "
            "See docs/postgres.md."
        )
    made = back_up(settings.data, file.absolute(), version=VERSION, vectors=not no_vectors)
    size = sum(entry.size for entry in made.files)
    click.echo(
        f"backed up generation {made.generation}: {len(made.files):,} files, {size:,} bytes, "
        f"in {file} ({file.stat().st_size:,} bytes)"
    )
