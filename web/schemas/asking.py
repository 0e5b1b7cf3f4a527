"""What can be asked."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qa.answers import Question
from qa.requests import TELLING, AskRequest, Id, Narrowed, Text


class Ask(AskRequest):
    """A question; it may belong to a kept conversation."""

    conversation: Text | None = Field(
        None,
        description="Id of the conversation that is to keep the question and its answer. Earlier "
        "turns are taken from there where “history” is not given.",
    )


class BatchQuestion(AskRequest):
    """A question with an id of the caller's choice."""

    id: Id | None = Field(None, description="Comes back with the answer.")


class AskBatch(Narrowed):
    """Several questions; what is said beside them holds for those that do not say it themselves."""

    questions: Annotated[list[BatchQuestion], Field(min_length=1)] = Field(
        description="They are answered one after the other.",
        json_schema_extra={"x-maxItems": "max_batch"},
    )


class Search(Narrowed):
    """What to look for."""

    query: Text = Field(
        description="In plain words.",
        examples=["volunteer reports"],
        json_schema_extra=TELLING,
    )

    def to_question(self) -> Question:
        return Question(self.query, self.to_turns())
