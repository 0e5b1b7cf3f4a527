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
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from index.anchors import Anchor
from index.documents import Filters
from index.errors import InvalidFilter
from qa.answers import Question, Turn
from qa.errors import InvalidQuestion
from qa.names import name_of
from qa.question_words import named_around

_LABEL_AT_MOST = 1_000  # characters; shown in every list
_QUOTE_AT_MOST = 10_000  # characters; searched for in all of a text
_CITATIONS_HEEDED = 5  # of a turn; each may hold many names
_URL_SCHEMES = ("http://", "https://")
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
Label = Annotated[Text, Field(max_length=_LABEL_AT_MOST)]
Offset = Annotated[StrictInt, Field(ge=0)]
DocumentId = Annotated[StrictInt, Field(ge=0, lt=2**63)]  # what SQLite can compare


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
        turns = self.history or ()
        return Question(self.question, tuple(turn.to_turn() for turn in turns))

    def to_filters(self) -> Filters:
        """Raises `InvalidFilter`."""
        return Filters(
            tuple(self.document_ids or ()), tuple(self.sources or ()), self.date_from, self.date_to
        )


class ExplainRequest(AskRequest):
    """A question, and words of a document that were expected in its answer."""

    expect: Text | None = None


class AddRequest(BaseModel):
    """A text or a URL to be added.

    Attributes:
        title, date: go before what the text itself says.
        source: what the text is to be listed and updated under; by default its title.
    """

    model_config = ConfigDict(extra="forbid")

    text: Text | None = None
    url: Text | None = None
    title: Label | None = None
    date: Text | None = None
    source: Label | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> AddRequest:
        if (self.text is None) == (self.url is None):
            raise PydanticCustomError("content", "Give either a text or a url")
        if self.text is not None and not self.text.strip():
            raise PydanticCustomError("content", "The text is empty")
        if self.url is not None and not self.url.lower().startswith(_URL_SCHEMES):
            raise PydanticCustomError("url", "A url begins with http:// or https://")
        if self.url is not None and self.source is not None:
            raise PydanticCustomError("content", "A url is its own source; give no other")
        return self

    @field_validator("date")
    @classmethod
    def _date(cls, value: str | None) -> str | None:
        try:
            return Filters(date_from=value).date_from
        except InvalidFilter as error:
            raise PydanticCustomError("date", "A date looks like 2022-08-31") from error


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
