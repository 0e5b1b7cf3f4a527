"""The command line: ``python -m qa``, or ``qa`` once installed.

Exit codes: 0 done, 1 the request could not be met, 2 the command was not understood.
"""

from __future__ import annotations

import logging
import sqlite3
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from index.errors import LibraryError
from qa.cli.paths import FilledPath
from qa.settings import Settings
from qa.version import VERSION

# Each is a function of that name in a module of that name.
_COMMANDS = ("ask", "backup", "calibrate", "explain", "index", "keys", "mcp", "restore", "serve")


class _Commands(click.Group):
    """Imports a command when it is called: the server need not wait for what `ask` needs.

    What a user can mend becomes one line on standard error, without a traceback.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"qa.cli.{cmd_name}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LibraryError as error:
            raise click.ClickException(str(error)) from error
        except sqlite3.OperationalError as error:
            raise click.ClickException(
                f"The library in {ctx.obj.data} cannot be used: {error}."
            ) from error
        except BrokenPipeError:
            raise  # whoever read our output has seen enough; click ends quietly
        except OSError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data",
    type=FilledPath(file_okay=False, path_type=Path),
    help="Folder that holds the library.  [default: $QA_DATA, else data/]",
)
@click.version_option(prog_name="qa", version=VERSION)
@click.pass_context
def main(ctx: click.Context, data: Path | None) -> None:
    """Answers from your own documents, in their exact words, each with its place.

    \b
    Example:
      python -m qa index add seeds/
      python -m qa ask "who denied the volunteer reports?"
    """
    logging.basicConfig(
        level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr
    )
    ctx.obj = Settings.from_environment(data=data)
