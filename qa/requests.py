"""What a question looks like in JSON: one model for the API and for batches."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictInt,
    StrictStr,
    ValidationError,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from index.anchors import Anchor
from index.documents import LARGEST_ID, Filters
from index.errors import InvalidFilter
from qa.answers import Question, Turn
from qa.errors import InvalidRequest
from qa.faults import fault_of
from qa.names import name_of
from qa.question_words import named_around

_LABEL_AT_MOST = 1_000  # characters; shown in every list
_QUOTE_AT_MOST = 10_000  # characters; searched for in all of a text
_CITATIONS_HEEDED = 5  # of a turn; each may hold many names
# What a model cannot say in its types is said in its schema.
# ``x-maximum`` and the like name the setting that has the limit.
DATE: JsonDict = {"examples": ["2022-08-31"], "format": "date"}
TELLING: JsonDict = {"pattern": r"\S", "x-maxLength": "max_question_characters"}
_TOP_K: JsonDict = {"minimum": 1, "x-maximum": "max_top_k"}
_HISTORY: JsonDict = {"x-maxItems": "max_history"}
Model = TypeVar("Model", bound=BaseModel)


def _turn(value: Any) -> Any:
    """A bare string is an earlier question."""
    if isinstance(value, str):
        return {"question": value}
    if not isinstance(value, dict):
        raise PydanticCustomError("turn", "Must be a question, or an object that holds one")
    return value


def _characters(value: str) -> str:
    """JSON can spell half a surrogate pair, which is no character: nothing can store or send it."""
    if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        raise PydanticCustomError("surrogate", "Must not hold half a surrogate pair")
    return value


def _integral(value: Any) -> Any:
    """JSON knows one sort of numbers: 5.0 is as whole as 5."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Text = Annotated[StrictStr, AfterValidator(_characters)]


def _id(value: Any) -> Any:
    """One check for both types: of a union pydantic tells what each of its members is not."""
    if isinstance(value, str):
        return _characters(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise PydanticCustomError("id", "Must be a text or a whole number")
    return value


def _date(value: str) -> str:
    try:
        return Filters(date_from=value).date_from or ""
    except InvalidFilter as error:
        raise PydanticCustomError("date", "Must be a day, such as 2022-08-31") from error


def _some(value: Any) -> Any:
    """Of a filter that came out empty all documents would be searched, and no one would notice."""
    if value == []:
        raise PydanticCustomError("empty", "Is empty; leave it out to search all documents")
    return value


INTEGRAL = BeforeValidator(_integral)
Whole = Annotated[StrictInt, INTEGRAL]
Id = Annotated[str | int, PlainValidator(_id, json_schema_input_type=str | int)]
Date = Annotated[Text, AfterValidator(_date)]
Label = Annotated[Text, Field(max_length=_LABEL_AT_MOST)]
Offset = Annotated[StrictInt, Field(ge=0), INTEGRAL]
DocumentId = Annotated[StrictInt, Field(ge=0, le=LARGEST_ID), INTEGRAL]  # what SQLite can compare
Documents = Annotated[list[DocumentId], Field(min_length=1), BeforeValidator(_some)]
Sources = Annotated[list[Text], Field(min_length=1), BeforeValidator(_some)]


class SliceRequest(BaseModel):
    model_config = ConfigDict(extra="ignore")

    start: Offset = 0
    text: Text


class SaidByRequest(BaseModel):
    model_config = ConfigDict(extra="ignore")

    speaker: SliceRequest | None = None


class CitedRequest(BaseModel):
    """What a later question may lean on: who spoke, and who is named around the quote.

    It is taken as it was given, whatever has become of the document.
    """

    model_config = ConfigDict(extra="ignore")

    start: Offset = 0
    sentence: SliceRequest | None = None
    attribution: SaidByRequest | None = None

    def names(self) -> list[str]:
        """The speaker's, then those in the sentence, the nearest to the quote first."""
        speaker = self.attribution.speaker if self.attribution else None
        spoke = [speaker.text] if speaker and name_of(speaker.text[:_LABEL_AT_MOST]) else []
        if self.sentence is None:
            return spoke
        text, at = self.sentence.text[:_QUOTE_AT_MOST], self.start - self.sentence.start
        return [*spoke, *named_around(text, at)]


class TurnRequest(BaseModel):
    """An earlier question, the answer it got where there was one, and what that cited."""

    model_config = ConfigDict(extra="ignore")

    question: Text
    answer: Text | None = None
    citations: list[CitedRequest] | None = None

    def to_turn(self) -> Turn:
        cited = (self.citations or [])[:_CITATIONS_HEEDED]
        names = dict.fromkeys(name for citation in cited for name in citation.names())
        return Turn(self.question, self.answer or "", tuple(names))


History = list[
    Annotated[TurnRequest, BeforeValidator(_turn, json_schema_input_type=TurnRequest | str)]
]


class Narrowed(BaseModel):
    """What narrows a search, and what it leans on; see `index.documents.Filters`."""

    model_config = ConfigDict(extra="forbid")

    top_k: Whole | None = Field(
        None, description="How many passages to read; by default 12.", json_schema_extra=_TOP_K
    )
    history: History | None = Field(
        None,
        description="Earlier turns, oldest first; each a turn, or just its question.",
        json_schema_extra=_HISTORY,
    )
    document_ids: Documents | None = Field(None, description="Only these documents.")
    sources: Sources | None = Field(
        None,
        description="Only documents from these sources; an archive's name stands for all in it.",
    )
    date_from: Date | None = Field(
        None,
        description="Only documents of this day or later, such as 2022-08-31.",
        json_schema_extra=DATE,
    )
    date_to: Date | None = Field(
        None, description="Only documents of this day or earlier.", json_schema_extra=DATE
    )

    def to_turns(self) -> tuple[Turn, ...]:
        return tuple(turn.to_turn() for turn in self.history or ())

    def to_filters(self) -> Filters:
        """Raises `InvalidFilter`."""
        return Filters(
            tuple(self.document_ids or ()), tuple(self.sources or ()), self.date_from, self.date_to
        )


class AskRequest(Narrowed):
    """A question as it is sent."""

    question: Text = Field(
        description="In plain words.",
        json_schema_extra=TELLING,
        examples=["who denied the volunteer reports?"],
    )

    def to_question(self) -> Question:
        return Question(self.question, self.to_turns())


class ExplainRequest(AskRequest):
    """A question, and words of a document that were expected in its answer."""

    expect: Text | None = Field(
        None,
        description="Words of the documents.",
        examples=["fake"],
        json_schema_extra={"maxLength": 1_000},
    )


class CitationRequest(BaseModel):
    """A citation as it was once given."""

    model_config = ConfigDict(extra="ignore")

    document_id: DocumentId
    version: Text
    start: Offset
    end: Offset
    quote: Annotated[Text, Field(min_length=1, max_length=_QUOTE_AT_MOST)]
    source: Text | None = None
    before: Annotated[Text, Field(max_length=_QUOTE_AT_MOST)] = ""
    after: Annotated[Text, Field(max_length=_QUOTE_AT_MOST)] = ""

    def to_anchor(self) -> Anchor:
        return Anchor(
            self.document_id,
            self.version,
            self.start,
            self.end,
            self.quote,
            self.before,
            self.after,
            self.source,
        )


class BatchRequest(AskRequest):
    """A line of a batch: a question with an id of the caller's choice."""

    model_config = ConfigDict(extra="ignore")

    id: Id | None = None


def parse(model: type[Model], value: Any) -> Model:
    """Validate; raises `InvalidRequest` with the fields at fault and their values."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InvalidRequest([fault_of(item) for item in error.errors()]) from error
