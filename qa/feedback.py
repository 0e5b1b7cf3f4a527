"""Judgements on answers, kept to fit the confidence to a user's own questions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from qa.conversation_database import Database


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether an answer was right.

    Attributes:
        answer: its text; None where it was judged that nothing was answered.
        right: None takes an earlier judgement back.
        details: what else is known of the answer: confidence, citation, generation.
    """

    question: str
    answer: str | None
    right: bool | None
    conversation: str | None = None
    turn: int | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return json.dumps([self.conversation, self.turn, self.question, self.answer])


class FeedbackStore:
    """The judgements of one library. Those of a conversation are deleted with it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def give(self, judgement: Judgement) -> None:
        """Keep it in place of an earlier one on the same answer of the same turn."""
        with self.database.writing() as connection:
            connection.execute("DELETE FROM feedback WHERE key = ?", (judgement.key,))
            if judgement.right is None:
                return
            connection.execute(
                "INSERT INTO feedback (key, question, answer, correct, details, given_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    judgement.key,
                    judgement.question,
                    judgement.answer,
                    int(judgement.right),
                    json.dumps(judgement.details, ensure_ascii=False),
                    datetime.now(UTC).isoformat(timespec="seconds"),
                ),
            )

    def of_conversation(self, conversation_id: str) -> list[tuple[int, str | None, bool]]:
        """Turn, answer and judgement of all that was judged in it."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT key ->> 1, answer, correct FROM feedback WHERE key ->> 0 = ? ORDER BY id",
                (conversation_id,),
            ).fetchall()
        return [
            (int(turn), answer, bool(right)) for turn, answer, right in rows if turn is not None
        ]

    def lines(self) -> Iterator[dict[str, Any]]:
        """The judgements, oldest first, each as an object of a JSON Lines file.

        They are what `qa.calibration.examples` reads: the question is one that stands alone (a
        follow-up as it was understood; ``asked`` is what was typed), and the answer is empty
        where that nothing was answered was judged.
        """
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT question, answer, correct, details, given_at FROM feedback "
                "WHERE NOT EXISTS (SELECT 1 FROM conversations c "
                "WHERE c.id = key ->> 0 AND c.deleted_at IS NOT NULL) ORDER BY id"
            ).fetchall()
        for question, answer, right, details, given_at in rows:
            known = json.loads(details)
            alone = known.pop("searched", None) or question
            asked = {} if alone == question else {"asked": question}
            judged = {"question": alone, "answer": answer or "", "right": bool(right)}
            yield {**judged, **asked, **known, "given_at": given_at}

    def clear(self) -> int:
        """Forget all; returns how many there were."""
        with self.database.writing() as connection:
            return connection.execute("DELETE FROM feedback").rowcount
