"""Opening the database: numbered migrations that record themselves, each for either engine.

Number n is the nth file of `index.database.MIGRATIONS`. A library of PostgreSQL begins with the
number that its first script says; from there on each number has a file here, too.
"""

from __future__ import annotations

from importlib.resources import files

from index.database import MIGRATIONS as OF_SQLITE
from index.errors import LibraryMissing, SchemaTooNew
from index.postgres.address import WrongDatabase
from index.postgres.server import Link, Server

MIGRATIONS = {3: "schema.sql"}  # a published one never changes
_VERSION_AT_LEAST = 13
_TABLES = (
    *("settings", "documents", "passages", "removed_passages", "history", "copy_bands", "blocks"),
    *("conversations", "turns", "feedback", "keys", "removed", "jobs", "job_uploads"),
)


def prepare(server: Server, *, create: bool) -> None:
    """Make sure that the database holds a library in the newest schema.

    Raises:
        LibraryMissing: there is none and ``create`` is false.
        SchemaTooNew: a newer version of this program wrote it.
        WrongDatabase: it cannot hold a library, or holds something else.
    """
    with server.telling():
        link = server.take(tried=True)
        try:
            _check_server(server, link)
            done = _applied(link)
            if done is None and not create:
                raise LibraryMissing(
                    f"There is no library in {server.name}. "
                    "Make one with: python -m qa index add PATH"
                )
            if done != len(OF_SQLITE):
                _migrate(server, link)
        finally:
            server.give_back(link)


def _migrate(server: Server, link: Link) -> None:
    """All of it happens, or nothing; one process does it, and the others find it done."""
    with link.transaction():
        link.execute("SET LOCAL statement_timeout = 0")
        link.execute(
            "SELECT pg_advisory_xact_lock("
            "hashtextextended('verbatim ' || current_schema() || ' upgrade', 0))"
        )
        done = _applied(link)
        if done is None:
            _check_empty(server, link)
            link.execute(
                "CREATE TABLE migrations (number integer PRIMARY KEY,"
                " name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
            )
        elif done > len(OF_SQLITE):
            raise SchemaTooNew(
                f"{server.name} has schema {done}, this program knows schemas up to "
                f"{len(OF_SQLITE)}. Use the newer version that wrote it."
            )
        for number, name in MIGRATIONS.items():
            if number > (done or 0):
                link.execute(files("index.postgres").joinpath(name).read_bytes())
                link.execute(
                    "INSERT INTO migrations (number, name) VALUES (%s, %s)", (number, name)
                )


def _applied(link: Link) -> int | None:
    """The last migration's number; None where there is no library."""
    columns = link.execute(
        "SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND table_name = 'migrations' AND column_name IN ('number', 'name', 'applied_at')"
    ).fetchone()
    if columns != (3,):
        return None
    row = link.execute("SELECT max(number) FROM migrations").fetchone()
    return None if row is None or row[0] is None else int(row[0])


def _check_server(server: Server, link: Link) -> None:
    if link.info.server_version < _VERSION_AT_LEAST * 10_000:
        raise WrongDatabase(
            f"{server.name} is PostgreSQL {link.info.server_version // 10_000}; "
            f"{_VERSION_AT_LEAST} or newer is needed."
        )
    encoding = link.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise WrongDatabase(
            f"{server.name} has the encoding {encoding}; texts need UTF8. Make a database with: "
            "createdb --encoding UTF8 --template template0 NAME"
        )


def _check_empty(server: Server, link: Link) -> None:
    found = link.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        " AND table_name = ANY(%s)",
        ([*_TABLES, "migrations"],),
    ).fetchone()
    if found is not None:
        raise WrongDatabase(
            f"{server.name} holds a table {found[0]} that is no library's. "
            "Give the library a database of its own."
        )
