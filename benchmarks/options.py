"""Options that several measures share."""

from __future__ import annotations

from pathlib import Path

import click

contexts_option = click.option(
    "--contexts",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A SQuAD file whose contexts are pooled and whose questions are not asked; repeatable.",
)
predictions_option = click.option(
    "--predictions",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the official {id: text} here, and OUT.na_prob.json beside it.",
)
sample_option = click.option(
    "--sample", type=click.IntRange(1), help="Ask so many questions of each file."
)
seed_option = click.option("--seed", default=0, show_default=True, help="Of what is drawn.")
library_option = click.option(
    "--library",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the library here; another run with it embeds only what is new.",
)
reader_option = click.option(
    "--reader",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The reader's folder.",
)
files_argument = click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
