"""``qa serve``: the web server."""

from __future__ import annotations

import dataclasses
import os
import socket
import sys
from pathlib import Path

import click

from qa.assembly import make_store
from qa.cli.paths import FilledPath
from qa.keys import check_start
from qa.settings import Settings


@click.command()
@click.option("--host", help="Address to listen on.  [default: $QA_HOST, else 127.0.0.1]")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    help="Port to listen on.  [default: $QA_PORT, else 8000]",
)
@click.option(
    "--watch",
    type=FilledPath(exists=True, file_okay=False, path_type=Path),
    help="Keep the library equal to this folder while serving.",
)
@click.pass_obj
def serve(settings: Settings, host: str | None, port: int | None, watch: Path | None) -> None:
    """Serve the chat page and the REST API.

    \b
    Example:
      python -m qa serve --port 8080
      python -m qa serve --watch ~/articles
    """
    host = settings.host if host is None else host
    port = settings.port if port is None else port
    check_start(dataclasses.replace(settings, host=host))
    # Say now, in one line, if there is no library; a watched folder will fill a new one.
    make_store(settings, create=bool(watch or settings.watch)).close()
    _check_free(host, port)
    os.environ |= {
        "QA_DATA": str(settings.data.resolve()),
        "QA_HOST": host,
        "QA_PORT": str(port),
        "QA_WATCH": str(watch.resolve()) if watch else settings.watch,
    }
    # web imports qa, never the other way round: the server is started by its module's name.
    command = [sys.executable, "-m", "gunicorn", "-c", "python:web.gunicorn_conf", "web.wsgi:app"]
    os.execv(sys.executable, command)


def _check_free(host: str, port: int) -> None:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise click.ClickException(
            f"Cannot listen on {host}:{port}: {error.strerror or error}. "
            "Choose another with --port or --host."
        ) from error
