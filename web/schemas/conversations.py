"""What is kept of asking: conversations, and judgements on answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

from qa.feedback import Judgement
from qa.requests import INTEGRAL, Label, Text
from web.schemas.base import WHOLE, FromOne, Query, Request, Value

_LISTED_AT_MOST = 200
_DETAIL_AT_MOST = 10_000  # characters of what a judgement holds
_NUMBER_AT_MOST = 2**53  # what JSON carries everywhere
_Number = Annotated[StrictInt, Field(ge=0, le=_NUMBER_AT_MOST), INTEGRAL]
_Detail = Annotated[Text, Field(max_length=_DETAIL_AT_MOST)]


def _telling(value: str) -> str:
    """A title of spaces would be none: the conversation would seem to hold no question yet."""
    if not value.strip():
        raise PydanticCustomError("blank", "Must not be empty")
    return value


class FindQuery(Query):
    """Which conversations."""

    search: Annotated[Text, Field(max_length=1_000)] = Field(
        "", description="Those that hold all of these words, in any turn."
    )
    cursor: FromOne | None = Field(None, description="“next” of the page before.")
    limit: Annotated[int, Field(ge=1, le=_LISTED_AT_MOST), WHOLE] = Field(
        50, description="How many at most."
    )


class TurnsQuery(Query):
    """Which turns."""

    before: FromOne | None = Field(None, description="Only turns with a lower number.")
    limit: Annotated[int, Field(ge=1, le=_LISTED_AT_MOST), WHOLE] = Field(
        _LISTED_AT_MOST, description="The last so many."
    )


class ExportQuery(Query):
    """As what."""

    format: Literal["markdown", "json"] = Field("markdown", description="What to read it with.")


class Begin(Request):
    """A new conversation."""

    title: Label = Field("", description="By default the first question.", examples=["Volunteers"])


class Rename(Request):
    """A new title."""

    title: Annotated[Label, AfterValidator(_telling)] = Field(
        examples=["The volunteer reports"], json_schema_extra={"pattern": r"\S"}
    )


class Judge(Request):
    """A judgement on an answer."""

    question: Annotated[_Detail, Field(min_length=1)] = Field(
        examples=["who denied the volunteer reports?"]
    )
    answer: _Detail | None = Field(
        description="The answer's text; null where the question was declined.",
        examples=["Ministry of Foreign Affairs"],
    )
    right: StrictBool | None = Field(
        description="Whether it is right; null takes an earlier judgement back.", examples=[True]
    )
    conversation: Label | None = None
    turn: _Number | None = None
    searched: _Detail | None = None
    confidence: Annotated[float, Field(ge=0, le=1, strict=True)] | None = None
    generation: _Number | None = None
    source: Label | None = None
    version: Label | None = None
    start: _Number | None = None
    end: _Number | None = None

    def to_judgement(self) -> Judgement:
        details = self.model_dump(
            exclude={"question", "answer", "right", "conversation", "turn"}, exclude_none=True
        )
        return Judgement(
            self.question, self.answer, self.right, self.conversation, self.turn, details
        )


class ConversationRow(Value):
    """A conversation without its turns; times are ISO, in UTC."""

    id: str
    title: str = Field(description="The first question, until it is renamed; empty before both.")
    turns: int = Field(description="How many questions were asked.", ge=0)
    created_at: str
    updated_at: str


class ConversationList(Value):
    """The latest first."""

    conversations: list[ConversationRow]
    next: int | None = Field(description="Send it as “cursor” for the next page; null at the end.")


class Turn(Value):
    """A question and what it got."""

    number: int = Field(ge=1)
    question: str
    asked_at: str
    answer_set: dict[str, Any] = Field(
        description="The AnswerSet as it was given at the time, of this or an earlier version; "
        "each citation with “gone”: whether its document has left the library since."
    )


class Judged(Value):
    """A judgement on an answer of a turn."""

    turn: int
    answer: str | None
    right: bool


class Conversation(Value):
    """A conversation with its last turns, oldest first."""

    id: str
    title: str
    created_at: str
    updated_at: str
    questions: int = Field(description="How many were asked.", ge=0)
    turns: list[Turn]
    earlier: bool = Field(description="Whether there are turns before these.")
    feedback: list[Judged]


class Deleted(Value):
    """It can be restored for a while."""

    deleted: str
    restorable_seconds: int


class Judgment(Value):
    """What is kept now; null: nothing."""

    right: bool | None


class JudgementsForgotten(Value):
    """How many there were."""

    forgotten: int
