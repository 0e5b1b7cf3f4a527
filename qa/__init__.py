"""Answers questions from a library, in its documents' exact words."""

from index import sqlite_memory as sqlite_memory  # before anything imports `sqlite3`
