"""The URL of a PostgreSQL database, and what of it may be shown."""

from __future__ import annotations

from psycopg import Error
from psycopg.conninfo import conninfo_to_dict

from index.errors import LibraryError

SCHEMES = ("postgresql://", "postgres://")


class WrongDatabase(LibraryError):
    """The database that the settings name cannot hold a library; it is the settings' to change."""


def named(url: str) -> str:
    """The database in words that hold no password: ``postgresql://user@host:port/name``.

    Raises `WrongDatabase`, in words that hold none of the URL either: where a password was not
    encoded, any part of it may be in the wrong place.
    """
    values = _parsed(url)
    host, port = values.get("host", ""), str(values.get("port", ""))
    if not all(part.isdecimal() for part in port.split(",") if part) or any(
        "@" in str(values.get(name, "")) for name in ("host", "dbname", "user")
    ):
        raise WrongDatabase(_unreadable())
    user = f"{values['user']}@" if "user" in values else ""
    where = "" if host.startswith("/") else host + (f":{port}" if port else "")
    return f"postgresql://{user}{where}/{values.get('dbname', '')}"


def _parsed(url: str) -> dict[str, str]:
    if not url.startswith(SCHEMES):
        raise WrongDatabase(_unreadable())
    try:
        found = conninfo_to_dict(url)
    except (Error, ValueError):
        raise WrongDatabase(_unreadable()) from None  # its words may hold the password
    return {name: str(value) for name, value in found.items() if value is not None}


def _unreadable() -> str:
    return (
        "database_url is no URL of a PostgreSQL database. It looks like "
        "postgresql://user:password@host:5432/name, and in a user or password such characters as "
        "@ : / % are written %40 %3A %2F %25."
    )
