"""What is shown of a database's URL, and what is said of one that is wrong."""

from __future__ import annotations

import logging
import sys

import pytest

from index.errors import DatabaseUnavailable, LibraryError
from index.opening import open_store
from index.postgres.address import WrongDatabase, named
from index.postgres.schema import MIGRATIONS
from index.postgres.store import PostgresStore
from tests.postgres import Cluster

SECRET = "Pa55w0rd"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"postgresql://ann:{SECRET}@db.example:5433/lib", "postgresql://ann@db.example:5433/lib"),
        (f"postgres://ann:a%40{SECRET}@db/lib?sslmode=require", "postgresql://ann@db/lib"),
        (f"postgresql:///lib?host=/run/pg&password={SECRET}", "postgresql:///lib"),
        (f"postgresql://ann:{SECRET}@a:1,b:2/lib", "postgresql://ann@a,b:1,2/lib"),
    ],
)
def test_a_name_holds_no_password(url, shown):
    assert named(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://ann:{SECRET}@db/lib",
        f"host=db password={SECRET}",
        f"postgresql://ann:{SECRET}/x@db/lib",
        f"postgresql://ann:12/{SECRET}@db/lib",
        f"postgresql://ann:x@{SECRET}@db/lib",
        f"postgresql://ann:%zz{SECRET}@db/lib",
        f"postgresql://db/lib?passwort={SECRET}",
        f"postgresql://[::{SECRET}/lib",
    ],
)
def test_an_address_that_is_wrong_is_not_repeated(url, tmp_path):
    with pytest.raises(WrongDatabase, match="postgresql://user:password@host") as caught:
        PostgresStore(tmp_path, url, statement_seconds=1)
    error: BaseException | None = caught.value
    while error is not None:
        assert SECRET not in str(error)
        error = None if error.__suppress_context__ else error.__cause__ or error.__context__


def test_an_error_of_a_connection_holds_no_password(tmp_path, caplog):
    url = f"postgresql://ann:{SECRET}@/lib?host={tmp_path}&connect_timeout=1"
    with caplog.at_level(logging.DEBUG), pytest.raises(DatabaseUnavailable) as caught:
        PostgresStore(tmp_path, url, statement_seconds=1)
    assert "postgresql://ann@/lib" in str(caught.value)
    assert "No such file" in str(caught.value)
    assert SECRET not in f"{caught.value!r} {caught.value.__cause__!r} {caplog.text}"


def test_a_database_that_is_something_elses_is_left_alone(postgres: Cluster, tmp_path):
    import psycopg

    url = postgres.new_schema()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE documents (name text)")
        connection.execute("CREATE TABLE migrations (id integer)")
    connection.close()
    with pytest.raises(LibraryError, match=r"holds a table \w+ that is no library's"):
        PostgresStore(tmp_path, url, statement_seconds=5, create=True)


def test_a_newer_schema_is_left_alone(postgres_url, tmp_path):
    import psycopg

    PostgresStore(tmp_path, postgres_url, statement_seconds=5, create=True).close()
    with psycopg.connect(postgres_url) as connection:
        connection.execute("INSERT INTO migrations (number, name) VALUES (77, 'later.sql')")
    connection.close()
    with pytest.raises(LibraryError, match=r"has schema 77.*schemas up to \d"):
        PostgresStore(tmp_path, postgres_url, statement_seconds=5, create=True)


def test_an_encoding_that_cannot_hold_texts_is_refused(postgres: Cluster, tmp_path):
    import psycopg

    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    connection.close()
    with pytest.raises(WrongDatabase, match="encoding LATIN1; texts need UTF8"):
        PostgresStore(tmp_path, postgres.url("latin"), statement_seconds=5, create=True)


def test_both_engines_have_the_same_tables(store, postgres_url, tmp_path):
    """Each of SQLite's columns is one of PostgreSQL's, and is required where it is there."""
    other = PostgresStore(tmp_path, postgres_url, statement_seconds=5, create=True)
    columns = other.rows(
        "SELECT table_name::text, column_name::text, is_nullable::text"
        " FROM information_schema.columns WHERE table_schema = current_schema()"
    )
    tables = [
        *("settings", "documents", "passages", "removed_passages", "history", "copy_bands"),
        "blocks",
    ]
    for table in tables:
        ours = {
            (row[1], bool(row[3] or row[5])) for row in store.rows(f"PRAGMA table_info({table})")
        }
        theirs = {(name, null == "NO") for where, name, null in columns if where == table}
        assert ours == theirs, table
    other.close()


def test_each_migration_is_one_of_both_engines():
    from index.database import MIGRATIONS as OF_SQLITE

    assert list(MIGRATIONS) == list(range(3, len(OF_SQLITE) + 1))


def test_without_psycopg_it_is_said_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "index.postgres.store", None)
    with pytest.raises(DatabaseUnavailable, match=r'pip install "psycopg\[binary\]"'):
        open_store(tmp_path, database_url="postgresql://h/d", database_seconds=1)
