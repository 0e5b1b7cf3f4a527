"""What a question looks like in JSON: one model for the API and for batches."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from index.documents import Filters
from qa.answers import Question, Turn
from qa.errors import InvalidQuestion

Model = TypeVar("Model", bound=BaseModel)


def _turn(value: Any) -> Any:
    """A bare string is an earlier question."""
    return {"question": value} if isinstance(value, str) else value


def _characters(value: str) -> str:
    """JSON can spell half a surrogate pair, which is no character: nothing can store or send it."""
    if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        raise PydanticCustomError("surrogate", "Input should not hold half a surrogate pair")
    return value


Text = Annotated[StrictStr, AfterValidator(_characters)]
DocumentId = Annotated[StrictInt, Field(ge=0, lt=2**63)]  # what SQLite can compare


class TurnRequest(BaseModel):
    """An earlier question, and the answer it got where there was one."""

    model_config = ConfigDict(extra="ignore")

    question: Text
    answer: Text | None = None


class AskRequest(BaseModel):
    """A question as it is sent.

    Attributes:
        top_k: how many passages to read.
        history: earlier turns, oldest first.
        document_ids, sources, date_from, date_to: see `index.documents.Filters`.
    """

    model_config = ConfigDict(extra="forbid")

    question: Text
    top_k: StrictInt | None = None
    history: list[Annotated[TurnRequest, BeforeValidator(_turn)]] | None = None
    document_ids: list[DocumentId] | None = None
    sources: list[Text] | None = None
    date_from: Text | None = None
    date_to: Text | None = None

    def to_question(self) -> Question:
        turns = tuple(Turn(turn.question, turn.answer or "") for turn in self.history or ())
        return Question(self.question, turns)

    def to_filters(self) -> Filters:
        """Raises `InvalidFilter`."""
        return Filters(
            tuple(self.document_ids or ()), tuple(self.sources or ()), self.date_from, self.date_to
        )


class BatchRequest(AskRequest):
    """A line of a batch: a question with an id of the caller's choice."""

    model_config = ConfigDict(extra="ignore")

    id: Text | StrictInt | None = None


def parse(model: type[Model], value: Any) -> Model:
    """Validate; raises `InvalidQuestion` with the fields at fault and their values."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InvalidQuestion("; ".join(_complaint(item) for item in error.errors())) from error


def _complaint(item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"]) or "the request"
    got = "" if item["type"] == "missing" else f" (got {_short(item['input'])})"
    return f"{where}: {item['msg']}{got}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
