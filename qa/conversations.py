"""Conversations as they are kept: questions with the answer sets that they got.

What is kept is what was answered at the time. A document may be changed or deleted since: the
stored quote stays readable, and whoever shows it marks it; see `mark_gone`.
"""

from __future__ import annotations

import json
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from index.document_store import DocumentStore
from index.errors import LibraryError
from index.library import Connection
from qa.answers import Turn
from qa.conversation_database import ConversationDatabase, Database
from qa.requests import TurnRequest

UNDO_SECONDS = 600
TITLE_AT_MOST = 200  # characters
_SEARCHED_WORDS = 10
_CITED_TURNS = 10  # the last ones, whose citations tell whom a follow-up may mean
_IDS_AT_ONCE = 500  # in one statement
_ALL = 2**63 - 1  # greater than any number, and no limit


class UnknownConversation(LibraryError):
    """No conversation has the id that was asked for."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A row of the list; times are ISO, in UTC.

    Attributes:
        title: the first question, until it is renamed; empty before both.
        turns: how many questions were asked.
    """

    id: str
    title: str
    turns: int
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A question and the answer set it got, as `qa.render.to_json` gave it."""

    number: int
    question: str
    asked_at: str
    answer_set: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list; ``next`` asks for the following one, None at the end."""

    conversations: tuple[Summary, ...]
    next: int | None


class ConversationStore:
    """The conversations of one library; any number of threads and processes may use it.

    Args:
        kept: the data folder that they are kept in, or another place.
    """

    def __init__(self, kept: Path | Database) -> None:
        self.database = ConversationDatabase(kept) if isinstance(kept, Path) else kept

    def create(self, title: str = "") -> Summary:
        title = plain_title(title)
        now = _now()
        summary = Summary(secrets.token_hex(8), title, 0, now, now)
        with self._purging() as connection:
            connection.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?, ?, ?, NULL)",
                (summary.id, title, folded(title), now, now, _next_change(connection)),
            )
        return summary

    def find(self, search: str = "", *, cursor: int | None = None, limit: int = 50) -> Page:
        """The latest first; with ``search`` those that hold all of its words, in any turn."""
        condition, values = _holding(search)
        with self.database.reading() as connection:
            rows = connection.execute(
                f"{_SUMMARIES} AND c.changed < ?1 {condition} ORDER BY c.changed DESC LIMIT ?2",
                (_ALL if cursor is None else cursor, limit + 1, *values),
            ).fetchall()
        shown = rows[:limit]
        return Page(
            tuple(Summary(*row[:5]) for row in shown), shown[-1][5] if len(rows) > limit else None
        )

    def get(self, conversation_id: str) -> Summary:
        with self.database.reading() as connection:
            return _summary(connection, conversation_id)

    def turns(
        self, conversation_id: str, *, before: int | None = None, limit: int | None = None
    ) -> tuple[StoredTurn, ...]:
        """Oldest first; the last ``limit`` of those whose number is less than ``before``."""
        with self.database.reading() as connection:
            _summary(connection, conversation_id)
            rows = connection.execute(
                "SELECT number, question, asked_at, answer_set FROM turns "
                "WHERE conversation_id = ?1 AND number < ?2 "
                "ORDER BY number DESC LIMIT ?3",
                (
                    conversation_id,
                    _ALL if before is None else before,
                    _ALL if limit is None else limit,
                ),
            ).fetchall()
        return tuple(
            StoredTurn(number, question, asked_at, json.loads(answer_set))
            for number, question, asked_at, answer_set in reversed(rows)
        )

    def history(self, conversation_id: str, limit: int) -> tuple[Turn, ...]:
        """What a follow-up may lean on: the last ``limit`` turns, oldest first."""
        with self.database.reading() as connection:
            _summary(connection, conversation_id)
            rows = connection.execute(
                "SELECT question, answer, CASE WHEN row_number() OVER (ORDER BY number DESC) <= ? "
                "THEN answer_set END FROM turns "
                "WHERE conversation_id = ? ORDER BY number DESC LIMIT ?",
                (_CITED_TURNS, conversation_id, limit),
            ).fetchall()
        return tuple(_turn(*row) for row in reversed(rows))

    def append(self, conversation_id: str, question: str, answer_set: dict[str, Any]) -> int:
        """Keep a question with its answer set; returns the turn's number."""
        now = _now()
        answers = answer_set.get("answers") or []
        best = str(answers[0]["text"]) if answers else ""
        title = plain_title(question)
        with self._purging() as connection:
            _summary(connection, conversation_id)
            number = connection.execute(
                "SELECT coalesce(max(number), 0) + 1 FROM turns WHERE conversation_id = ?",
                (conversation_id,),
            ).fetchone()[0]
            connection.execute(
                "INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    conversation_id,
                    number,
                    question,
                    best,
                    json.dumps(answer_set, ensure_ascii=False),
                    folded(" ".join(_telling(question, answer_set))),
                    now,
                ),
            )
            connection.execute(
                "UPDATE conversations SET updated_at = ?2, changed = ?3, "
                "title = CASE WHEN title = '' THEN ?4 ELSE title END, "
                "words = CASE WHEN title = '' THEN ?5 ELSE words END "
                "WHERE id = ?1",
                (conversation_id, now, _next_change(connection), title, folded(title)),
            )
        return int(number)

    def rename(self, conversation_id: str, title: str) -> Summary:
        """Its place in the list stays: renaming is not talking."""
        title = plain_title(title)
        with self._purging() as connection:
            _summary(connection, conversation_id)
            connection.execute(
                "UPDATE conversations SET title = ?, words = ? WHERE id = ?",
                (title, folded(title), conversation_id),
            )
            return _summary(connection, conversation_id)

    def delete(self, conversation_id: str) -> None:
        """For `UNDO_SECONDS` `restore` undoes it; then the next change of any wipes it off."""
        with self._purging() as connection:
            _summary(connection, conversation_id)
            connection.execute(
                "UPDATE conversations SET deleted_at = ? WHERE id = ?", (_now(), conversation_id)
            )

    def restore(self, conversation_id: str) -> Summary:
        """Undo `delete`; raises `UnknownConversation` where it is too late."""
        with self._purging() as connection:
            connection.execute(
                "UPDATE conversations SET deleted_at = NULL WHERE id = ?", (conversation_id,)
            )
            return _summary(connection, conversation_id)

    @contextmanager
    def _purging(self) -> Iterator[Connection]:
        """A transaction that also wipes what can no longer be restored."""
        with self.database.writing() as connection:
            purged = _purge(connection)
            yield connection
        if purged:
            self.database.empty_log()


_SUMMARIES = (
    "SELECT c.id, c.title, (SELECT count(*) FROM turns t WHERE t.conversation_id = c.id), "
    "c.created_at, c.updated_at, c.changed FROM conversations c WHERE c.deleted_at IS NULL"
)


def mark_gone(turns: Iterable[StoredTurn], store: DocumentStore) -> tuple[StoredTurn, ...]:
    """The turns, each of their citations with ``gone``: whether its document left the library.

    Quotes stay, since somebody was answered with them; passages that were only looked at go with
    their documents.
    """
    turns = tuple(turns)
    citations = [citation for turn in turns for citation in citations_of(turn.answer_set)]
    passages = [passage for turn in turns for passage in turn.answer_set.get("passages") or []]
    with store.snapshot():
        present = _present(store, {place["document_id"] for place in (*citations, *passages)})
        for citation in citations:
            citation["gone"] = not (
                citation["document_id"] in present
                or store.find_version(str(citation.get("version", ""))) is not None
                or store.find(str(citation["source"])) is not None
            )
    for turn in turns:
        turn.answer_set["passages"] = [
            passage
            for passage in turn.answer_set.get("passages") or []
            if passage["document_id"] in present
        ]
    return turns


def citations_of(answer_set: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Those of the answers and those of the positions."""
    for answer in answer_set.get("answers") or []:
        yield from answer["citations"]
    for position in answer_set.get("positions") or []:
        yield position["citation"]


def plain_title(title: str) -> str:
    """In one line of single spaces, not too long, without what steers a terminal or a reader."""
    kept = "".join(c for c in title if c.isspace() or unicodedata.category(c)[0] != "C")
    words = " ".join(kept.split())
    return words if len(words) <= TITLE_AT_MOST else words[: TITLE_AT_MOST - 1].rstrip() + "…"


def folded(text: str) -> str:
    """As searches compare it: case, accents and width of letters do not count."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def _turn(question: str, answer: str, answer_set: str | None) -> Turn:
    answers = (json.loads(answer_set).get("answers") if answer_set else None) or [{}]
    cited = answers[0].get("citations")
    earlier = {"question": question, "answer": answer, "citations": cited}
    return TurnRequest.model_validate(earlier).to_turn()


def _telling(question: str, answer_set: dict[str, Any]) -> Iterator[str]:
    yield question
    for answer in answer_set.get("answers") or []:
        yield str(answer["text"])
    yield from {str(citation["title"]) for citation in citations_of(answer_set)}


def _holding(search: str) -> tuple[str, tuple[str, ...]]:
    """A condition on ``c``, and its values, which are the third parameter and those after it."""
    words = tuple(folded(search).split()[:_SEARCHED_WORDS])
    conditions = "".join(
        f"AND (instr(c.words, ?{number}) > 0 OR EXISTS (SELECT 1 FROM turns t "
        f"WHERE t.conversation_id = c.id AND instr(t.words, ?{number}) > 0)) "
        for number in range(3, 3 + len(words))
    )
    return conditions, words


def _summary(connection: Connection, conversation_id: str) -> Summary:
    row = connection.execute(f"{_SUMMARIES} AND c.id = ?", (conversation_id,)).fetchone()
    if row is None:
        raise UnknownConversation(f"No conversation has the id {conversation_id[:80]!r}.")
    return Summary(*row[:5])


def _next_change(connection: Connection) -> int:
    row = connection.execute("SELECT coalesce(max(changed), 0) + 1 FROM conversations").fetchone()
    return int(row[0])


def _purge(connection: Connection) -> int:
    """Delete what can no longer be restored, judgements included; returns how many."""
    until = (datetime.now(UTC) - timedelta(seconds=UNDO_SECONDS)).isoformat(timespec="seconds")
    connection.execute(
        "DELETE FROM feedback WHERE key ->> 0 IN "
        "(SELECT id FROM conversations WHERE deleted_at < ?)",
        (until,),
    )
    return connection.execute("DELETE FROM conversations WHERE deleted_at < ?", (until,)).rowcount


def _present(store: DocumentStore, ids: set[int]) -> set[int]:
    ordered = sorted(ids)
    found: set[int] = set()
    for at in range(0, len(ordered), _IDS_AT_ONCE):
        some = ordered[at : at + _IDS_AT_ONCE]
        marks = ", ".join("?" * len(some))
        found |= {
            row[0] for row in store.rows(f"SELECT id FROM documents WHERE id IN ({marks})", some)
        }
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
