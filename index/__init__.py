"""Documents, their passages and vectors, and what finds passages."""

from index import sqlite_memory as sqlite_memory  # before anything imports `sqlite3`
