"""``qa mcp``: the library as tools for an assistant."""

from __future__ import annotations

import click

from qa.assembly import make_pipeline
from qa.settings import Settings

_MISSING = (
    "The package of the Model Context Protocol is not installed; it is not needed otherwise. "
    "Install it: python -m pip install -r requirements-mcp.txt -c constraints.txt"
)


@click.command()
@click.pass_obj
def mcp(settings: Settings) -> None:
    """Serve the library to an assistant, by the Model Context Protocol.

    Speaks it over standard input and output, which is how assistants start their servers; logs go
    to standard error. Nothing in the library can be changed.

    \b
    Example:
      python -m qa mcp

    \b
    In an assistant's configuration:
      {"mcpServers": {"verbatim": {"command": "python",
        "args": ["-m", "qa", "--data", "/path/to/data", "mcp"]}}}
    """
    try:
        from qa.mcp.server import make_server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"mcp", "mcp_types"}:
            raise
        raise click.ClickException(_MISSING) from error
    pipeline = make_pipeline(settings)
    pipeline.warm_up()
    make_server(pipeline).run("stdio")
