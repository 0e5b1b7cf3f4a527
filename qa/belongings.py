"""What stands beside a library as it moves: conversations, judgements and API keys.

It can be done again: what is there stays, what came since is added, and what was revoked is
revoked there, too. What was deleted stays behind.
"""

from __future__ import annotations

from typing import Any

from index.document_store import DocumentStore
from index.library import Connection
from index.opening import open_beside
from qa.conversation_database import FILE_NAME, ConversationDatabase, Database
from qa.keys import open_keys
from qa.settings import Settings

_JUDGEMENT = "key, question, answer, correct, details, given_at"
_TURN = "conversation_id, number, question, answer, answer_set, words, asked_at"
_AT_ONCE = 100


def carry(source: tuple[Settings, DocumentStore], target: tuple[Settings, DocumentStore]) -> None:
    """Copy what belongs to the source's library to the target's place.

    Each is the settings of a library with its store.
    """
    open_keys(*source).copy_to(open_keys(*target))
    if not open_beside(source[1], "conversations") and not (source[0].data / FILE_NAME).is_file():
        return  # nobody has talked yet
    ours, theirs = (_database(*place) for place in (source, target))
    _carry_conversations(ours, theirs)
    _carry_judgements(ours, theirs)


def _database(settings: Settings, store: DocumentStore) -> Database:
    return open_beside(store, "conversations") or ConversationDatabase(settings.data)


def _carry_conversations(source: Database, target: Database) -> None:
    """In the order of their last turns, each in a transaction."""
    last = 0
    while True:
        with source.reading() as reading:
            rows = reading.execute(
                "SELECT id, title, words, created_at, updated_at, changed FROM conversations"
                " WHERE changed > ? AND deleted_at IS NULL ORDER BY changed LIMIT ?",
                (last, _AT_ONCE),
            ).fetchall()
            turns = {row[0]: _turns(reading, row[0]) for row in rows}
        if not rows:
            return
        for row in rows:
            with target.writing() as writing:
                _put(writing, row[:5], turns[row[0]])
        last = rows[-1][5]


def _turns(connection: Connection, conversation_id: str) -> list[Any]:
    return connection.execute(
        f"SELECT {_TURN} FROM turns WHERE conversation_id = ? ORDER BY number", (conversation_id,)
    ).fetchall()


def _put(connection: Connection, conversation: tuple[Any, ...], turns: list[Any]) -> None:
    known = connection.execute(
        "SELECT (SELECT count(*) FROM turns WHERE conversation_id = id) FROM conversations"
        " WHERE id = ?",
        (conversation[0],),
    ).fetchone()
    if known is not None and known[0] >= len(turns):
        return
    [latest] = connection.execute(
        "SELECT coalesce(max(changed), 0) + 1 FROM conversations"
    ).fetchone()
    if known is None:
        connection.execute(
            "INSERT INTO conversations (id, title, words, created_at, updated_at, changed)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (*conversation, latest),
        )
    else:
        connection.execute(
            "UPDATE conversations SET updated_at = ?, changed = ? WHERE id = ?",
            (conversation[4], latest, conversation[0]),
        )
    connection.executemany(
        f"INSERT INTO turns ({_TURN}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [tuple(turn) for turn in turns],
    )


def _carry_judgements(source: Database, target: Database) -> None:
    last = 0
    while True:
        with source.reading() as reading:
            rows = reading.execute(
                f"SELECT id, {_JUDGEMENT} FROM feedback WHERE id > ? ORDER BY id LIMIT ?",
                (last, _AT_ONCE),
            ).fetchall()
        if not rows:
            return
        with target.writing() as writing:
            for _, key, *values in rows:
                if not writing.execute("SELECT 1 FROM feedback WHERE key = ?", (key,)).fetchone():
                    writing.execute(
                        f"INSERT INTO feedback ({_JUDGEMENT}) VALUES (?, ?, ?, ?, ?, ?)",
                        (key, *values),
                    )
        last = rows[-1][0]
