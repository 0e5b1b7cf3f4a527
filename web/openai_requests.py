"""What a request for a chat completion may hold, and the question that it comes to.

The answers are words of documents, found by a reader that takes no instructions. So what shapes a
generated text (``temperature``, ``max_tokens``, a system message …) is ignored, and what promises
the caller another kind of answer (``tools``, ``n`` above 1, a JSON schema …) is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

from index.documents import Filters
from qa.answers import Question, Turn
from qa.errors import InvalidRequest
from qa.faults import as_json
from qa.plain_text import answer_in
from qa.requests import CitedRequest, Date, Documents, Sources, Text, TurnRequest

_NEITHER: tuple[Any, ...] = (None, False, [], {}, "")
_TOOLS = "This server calls no tools: its answers are the documents' own words"


class Unsupported(InvalidRequest):
    """A parameter asks for what this server does not do; ignoring it would deceive the caller."""

    def __init__(self, parameter: str, why: str) -> None:
        super().__init__([{"at": parameter, "detail": why}])


def _joined(value: Any) -> Any:
    """A list of parts as one text; anything else is left for pydantic to judge."""
    if not isinstance(value, list):
        return value
    return "\n".join(_text_of(part) for part in value)


def _text_of(part: Any) -> str:
    text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
    if not isinstance(text, str):
        raise PydanticCustomError("part", "Only parts of the type text are supported")
    return text


class KeptAnswer(BaseModel):
    """The field ``verbatim`` of an answer of ours, where the caller sends it back."""

    model_config = ConfigDict(extra="ignore")

    citations: list[CitedRequest] = []


class Message(BaseModel):
    model_config = ConfigDict(extra="ignore")

    role: Literal["user", "assistant", "system", "developer"]
    content: Annotated[Text | None, BeforeValidator(_joined)] = None
    verbatim: KeptAnswer | None = None


class Narrowed(BaseModel):
    """How a question is searched for, in a field of our own; as in `qa.requests.AskRequest`."""

    model_config = ConfigDict(extra="forbid")

    top_k: StrictInt | None = None
    document_ids: Documents | None = None
    sources: Sources | None = None
    date_from: Date | None = None
    date_to: Date | None = None

    def to_filters(self) -> Filters:
        """Raises `InvalidFilter`."""
        ids, sources = tuple(self.document_ids or ()), tuple(self.sources or ())
        return Filters(ids, sources, self.date_from, self.date_to)


class StreamOptions(BaseModel):
    model_config = ConfigDict(extra="ignore")

    include_usage: StrictBool | None = None


class ChatRequest(BaseModel):
    """Fields that are not named here are ignored."""

    model_config = ConfigDict(extra="ignore")

    model: Text
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: StrictBool | None = None
    stream_options: StreamOptions | None = None
    verbatim: Narrowed = Narrowed()
    n: Any = None
    tools: Any = None
    tool_choice: Any = None
    functions: Any = None
    function_call: Any = None
    response_format: Any = None
    logprobs: Any = None
    top_logprobs: Any = None
    stop: Any = None
    audio: Any = None
    modalities: Any = None

    @property
    def with_usage(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)

    def to_question(self, max_history: int) -> Question:
        """The last message, which is the user's, and the last turns before it.

        Raises:
            InvalidRequest: the last message is somebody else's, or empty.
        """
        self._check()
        *earlier, last = self.messages
        if last.role != "user":
            at = f"messages.{len(earlier)}.role"
            detail = f"The last message is the question; its role is user, not {last.role}"
            raise InvalidRequest([{"at": at, "detail": detail}])
        if not (last.content or "").strip():
            at = f"messages.{len(earlier)}.content"
            raise InvalidRequest([{"at": at, "detail": "The question is empty"}])
        turns = tuple(_turns(earlier))
        return Question(last.content or "", turns[-max_history:] if max_history else ())

    def _check(self) -> None:
        if self.n not in (None, 1):
            raise Unsupported(
                "n", f"A question has one answer here; leave it out (got {as_json(self.n)})"
            )
        for name in ("tools", "functions"):
            if getattr(self, name) not in _NEITHER:
                raise Unsupported(name, _TOOLS)
        for name in ("tool_choice", "function_call"):
            if getattr(self, name) not in (*_NEITHER, "none", "auto"):
                raise Unsupported(name, _TOOLS)
        if _type_of(self.response_format) not in (None, "text"):
            raise Unsupported(
                "response_format", "The content is plain text; only text is supported"
            )
        for name in ("logprobs", "top_logprobs"):
            if getattr(self, name) not in (*_NEITHER, 0):
                raise Unsupported(name, "No text is generated here, so that no token has a chance")
        if self.stop not in _NEITHER:
            raise Unsupported("stop", "Answers are exact words of documents and are not cut short")
        if self.audio is not None or self.modalities not in (*_NEITHER, ["text"]):
            raise Unsupported("modalities", "Only text is supported")


def _type_of(value: Any) -> Any:
    return value.get("type") if isinstance(value, dict) else value


def _turns(messages: list[Message]) -> Iterator[Turn]:
    """Each of the user's messages with the answer after it, where there is one."""
    question: str | None = None
    for message in messages:
        if message.role == "user":
            if question is not None:
                yield Turn(question)
            question = message.content or ""
        elif message.role == "assistant" and question is not None:
            yield _turn(question, message)
            question = None
    if question is not None:
        yield Turn(question)


def _turn(question: str, answered: Message) -> Turn:
    citations = answered.verbatim.citations if answered.verbatim else None
    answer = answer_in(answered.content or "")
    return TurnRequest(question=question, answer=answer, citations=citations).to_turn()
