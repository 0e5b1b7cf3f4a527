"""API keys: made, listed, revoked and checked; kept as hashes in a file of the data folder.

A key is ``vb_<id>_<secret>``. The secret is 256 random bits, so that nobody can try all of them,
nor look them up in a list, and a hash that is slow on purpose, as passwords need, would only slow
down every request: BLAKE2b it is. The id says which hash to compare with, in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from index.document_store import States
from index.errors import LibraryError
from index.library import Connection
from index.opening import open_beside, open_store
from qa.access import NAMES, Scope, anonymous_scope, is_exposed
from qa.conversation_database import Database
from qa.errors import InvalidSetting
from qa.settings import Settings

FILE_NAME = "keys.sqlite3"

_NAME_AT_MOST = 100
_LOCK_SECONDS = 10.0
_SECRET_BYTES = 32
_TOKEN = re.compile(r"vb_([0-9a-f]{12})_([0-9a-f]{64})")
_NO_HASH = bytes(32)  # what the secret of an unknown id is compared with
_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    hash BLOB NOT NULL,
    scope TEXT NOT NULL,
    per_minute INTEGER,   -- null: as the setting has it
    created_at TEXT NOT NULL,
    expires_at TEXT,      -- null: never
    revoked_at TEXT
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS names ON keys (name) WHERE revoked_at IS NULL;
"""
_COLUMNS = "id, name, scope, per_minute, created_at, expires_at, revoked_at"


class InvalidKeyRequest(LibraryError):
    """A key cannot be made, or there is none of that name."""


class KeysUnreadable(LibraryError):
    """The file of keys is damaged: nobody is let in by it."""


class Refusal(StrEnum):
    """Why a token opens nothing."""

    UNKNOWN = "The key is not known."
    EXPIRED = "The key has expired."
    REVOKED = "The key was revoked."


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret; times are ISO 8601 in UTC.

    Attributes:
        per_minute: requests that it may make; None as the setting has it, 0 for any number.
    """

    id: str
    name: str
    scope: Scope
    per_minute: int | None
    created_at: str
    expires_at: str | None
    revoked_at: str | None

    def refusal(self, now: datetime) -> Refusal | None:
        if self.revoked_at is not None:
            return Refusal.REVOKED
        if self.expires_at is not None and datetime.fromisoformat(self.expires_at) <= now:
            return Refusal.EXPIRED
        return None


class KeyStore:
    """The keys of one library.

    Each call reads the file: a key that is revoked opens nothing from the next request on, in
    whichever process.

    Args:
        beside: what they are kept in, if it is not a file of the data folder.
    """

    def __init__(self, folder: Path, beside: Database | None = None) -> None:
        self.folder = folder
        self._beside = beside
        self.path = folder / FILE_NAME

    def create(
        self,
        name: str,
        scope: Scope,
        *,
        expires_at: datetime | None = None,
        per_minute: int | None = None,
    ) -> tuple[Key, str]:
        """A new key, and the token that is shown this once. Raises `InvalidKeyRequest`."""
        _check_name(name)
        now = datetime.now(UTC)
        if expires_at is not None and expires_at <= now:
            raise InvalidKeyRequest(f"The key would have expired on {_written(expires_at)}.")
        key_id, secret = secrets.token_hex(6), secrets.token_hex(_SECRET_BYTES)
        expires = None if expires_at is None else _written(expires_at)
        key = Key(key_id, name, scope, per_minute, _written(now), expires, None)
        with self._writing() as connection:
            taken = "SELECT 1 FROM keys WHERE name = ? AND revoked_at IS NULL"
            if connection.execute(taken, (name,)).fetchone() is not None:
                raise InvalidKeyRequest(
                    f"There is a key named {name!r}. Revoke it first, or take another name."
                )
            connection.execute(
                "INSERT INTO keys (id, name, hash, scope, per_minute, created_at, expires_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(key_id, name, _hash(secret), scope.name.lower()),
                    *(per_minute, key.created_at, expires),
                ),
            )
        return key, f"vb_{key_id}_{secret}"

    def all(self) -> list[Key]:
        """Oldest first, revoked and expired ones included."""
        if not self._exists():
            return []
        with self._reading() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY created_at, id")
            return [_key(row) for row in rows]

    def has_valid(self) -> bool:
        now = datetime.now(UTC)
        return any(key.refusal(now) is None for key in self.all())

    def revoke(self, name: str) -> Key:
        """Revoke the key of that name or id; raises `InvalidKeyRequest`."""
        if self._exists():
            with self._writing() as connection:
                row = connection.execute(
                    "UPDATE keys SET revoked_at = ? WHERE (name = ? OR id = ?) "
                    f"AND revoked_at IS NULL RETURNING {_COLUMNS}",
                    (_written(datetime.now(UTC)), name, name),
                ).fetchone()
            if row is not None:
                return _key(row)
        raise InvalidKeyRequest(
            f"There is no key named {name!r}, or it is revoked. "
            f"See: python -m qa --data {self.folder} keys list"
        )

    def check(self, token: str) -> Key | Refusal:
        """The key that a token belongs to, or why it opens nothing.

        A wrong secret is told like an unknown id, whatever became of the key, after the same
        steps.
        """
        parts = _TOKEN.fullmatch(token)
        if parts is None or not self._exists():
            return Refusal.UNKNOWN
        with self._reading() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS}, hash FROM keys WHERE id = ?", (parts[1],)
            ).fetchone()
        kept = _NO_HASH if row is None else bytes(row[-1])
        if not hmac.compare_digest(_hash(parts[2]), kept) or row is None:
            return Refusal.UNKNOWN
        key = _key(row[:-1])
        return key.refusal(datetime.now(UTC)) or key

    def copy_to(self, other: KeyStore) -> None:
        """Let the tokens open the other library, too; what was revoked here is revoked there."""
        if not self._exists():
            return
        with self._reading() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS}, hash FROM keys").fetchall()
        with other._writing() as connection:
            for *values, kept in rows:
                connection.execute(
                    f"INSERT INTO keys ({_COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                    " ON CONFLICT DO NOTHING",
                    (*values, bytes(kept)),
                )
                if values[-1] is not None:
                    connection.execute(
                        "UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                        (values[-1], values[0]),
                    )

    def _exists(self) -> bool:
        return self._beside is not None or self.path.is_file()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._beside is not None:
            with self._beside.reading() as shared:
                yield shared
            return
        with self._opened(f"{self.path.absolute().as_uri()}?mode=ro") as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self._beside is not None:
            with self._beside.writing() as shared:
                yield shared
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        # Made before SQLite makes it, for its owner's eyes; SQLite's journal takes the same mode.
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self.path.chmod(0o600)
        with self._opened(self.path.absolute().as_uri()) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_SCHEMA)
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def _opened(self, uri: str) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(uri, uri=True, timeout=_LOCK_SECONDS, isolation_level=None)
            try:
                yield connection
            finally:
                connection.close()
        except sqlite3.DatabaseError as error:
            raise KeysUnreadable(
                f"{self.path} cannot be read ({error}). Restore it from a backup, or move it away "
                "and make new keys."
            ) from error


def open_keys(settings: Settings, store: States | None = None) -> KeyStore:
    """The keys of the library that the settings name.

    Args:
        store: the library, where it is open already.
    """
    if not settings.database_url:
        return KeyStore(settings.data)
    store = store or open_store(
        settings.data,
        database_url=settings.database_url,
        database_seconds=settings.database_seconds,
    )
    return KeyStore(settings.data, open_beside(store, "keys"))


def check_start(settings: Settings) -> None:
    """Refuse to start a server that nobody could use, or all could; raises `InvalidSetting`."""
    if anonymous_scope(settings) or open_keys(settings).has_valid():
        return
    raise InvalidSetting(
        f"The server would be reached from beyond this machine (host {settings.host}), and there "
        f"is no API key. Make one: python -m qa --data {settings.data} keys create NAME; or let "
        "everybody who reaches it ask without one: QA_ALLOW_ANONYMOUS=read."
        if is_exposed(settings)
        else "QA_ALLOW_ANONYMOUS=none asks everybody for an API key, and there is none. Make one: "
        f"python -m qa --data {settings.data} keys create NAME"
    )


def _check_name(name: str) -> None:
    odd = any(unicodedata.category(c)[0] == "C" for c in name)
    if not name.strip() or name != name.strip() or odd or len(name) > _NAME_AT_MOST:
        raise InvalidKeyRequest(
            f"A key's name has 1 to {_NAME_AT_MOST} printable characters; this is {name[:120]!r}."
        )


def _key(row: tuple[str, str, str, int | None, str, str | None, str | None]) -> Key:
    key_id, name, scope, per_minute, created_at, expires_at, revoked_at = row
    if scope not in NAMES:
        raise KeysUnreadable(f"Key {key_id} has the scope {scope!r}, which does not exist.")
    return Key(key_id, name, NAMES[scope], per_minute, created_at, expires_at, revoked_at)


def _hash(secret: str) -> bytes:
    return hashlib.blake2b(
        secret.encode("ascii"), digest_size=32, person=b"verbatim-api-key"
    ).digest()


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
