"""``qa keys``: who may use the server over the network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from qa.access import Scope
from qa.keys import open_keys
from qa.settings import Settings

_SCOPES = [scope.name.lower() for scope in Scope if scope]


@click.group()
def keys() -> None:
    """Make, list and revoke API keys.

    A key is sent as the header `Authorization: Bearer KEY`. What is kept is its hash: a key that
    was lost is revoked, and another one made. A running server heeds both at once.
    """


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice(_SCOPES),
    default="read",
    show_default=True,
    help="read: ask and read; write: change the library; admin: verify, rebuild, metrics, too.",
)
@click.option("--days", type=click.IntRange(1, 36_500), help="Expires after so many days.")
@click.option(
    "--per-minute",
    type=click.IntRange(0),
    help="Requests a minute, 0 for any number.  [default: $QA_KEY_REQUESTS_PER_MINUTE]",
)
@click.pass_obj
def create(
    settings: Settings, name: str, scope: str, days: int | None, per_minute: int | None
) -> None:
    """Make a key and print it, this once.

    \b
    Example:
      python -m qa keys create newsroom --scope write --days 90
    """
    expires = None if days is None else datetime.now(UTC) + timedelta(days=days)
    key, token = open_keys(settings).create(
        name, Scope[scope.upper()], expires_at=expires, per_minute=per_minute
    )
    until = f", until {key.expires_at}" if key.expires_at else ""
    click.echo(f"Key {key.name!r} ({scope}{until}). It is shown this once:", err=True)
    click.echo(token)


@keys.command(name="list")
@click.pass_obj
def listed(settings: Settings) -> None:
    """Print all keys, without their secrets.

    \b
    Example:
      python -m qa keys list
    """
    now = datetime.now(UTC)
    rows = [("ID", "SCOPE", "STATE", "CREATED", "EXPIRES", "NAME")]
    for key in open_keys(settings).all():
        refusal = key.refusal(now)
        state = "valid" if refusal is None else refusal.name.lower()
        expires = key.expires_at or "never"
        rows.append((key.id, key.scope.name.lower(), state, key.created_at, expires, key.name))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for *cells, name in rows:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        click.echo("  ".join((*padded, name)))


@keys.command()
@click.argument("name")
@click.pass_obj
def revoke(settings: Settings, name: str) -> None:
    """Let a key open nothing any more; NAME is its name or id.

    \b
    Example:
      python -m qa keys revoke newsroom
    """
    key = open_keys(settings).revoke(name)
    click.echo(f"Key {key.name!r} ({key.id}) opens nothing any more.")
