"""The library as tools of the Model Context Protocol: ask, search, read, list. Nothing is written.

An assistant that is given these tools can quote the documents with their places instead of
telling them from memory. Serves one client over standard input and output; the SDK keeps the
latter for itself, so that whatever is printed meanwhile goes to standard error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field, create_model

from index.documents import LARGEST_ID, Filters
from index.errors import InvalidFilter, LibraryError
from qa.answers import Question, Turn
from qa.mcp.results import (
    AskResult,
    ListResult,
    ReadResult,
    SearchResult,
    ask_result,
    found_passage,
    in_text,
    listed,
    read_result,
)
from qa.pipeline import Pipeline
from qa.version import VERSION

_READ_AT_MOST = 20_000  # characters of a document at once
_LIST_AT_MOST = 500
_READ_ONLY = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_INSTRUCTIONS = """\
Answers questions from the user's own documents, in their exact words. Every answer is a quote with
the place it stands at; where the documents do not say, that is what you are told, and nothing is
made up. Use `ask` for a question, `search` for places, `read_document` to read around a place.
Quote the answers as they are, with their titles; say so when sources differ."""

Top = Annotated[int | None, Field(description="How many passages to read.", ge=1)]
Documents = Annotated[
    list[Annotated[int, Field(ge=0, le=LARGEST_ID)]] | None,
    Field(description="Search the documents of these ids only."),
]
Sources = Annotated[list[str] | None, Field(description="Search these sources only, as listed.")]
From = Annotated[str | None, Field(description="Only documents of this date or later: 2022-08-01.")]
To = Annotated[str | None, Field(description="Only documents up to this date: 2022-08-31.")]


class EarlierTurn(BaseModel):
    """A question that was asked before, and the words of the answer that it got."""

    question: str
    answer: str = ""


def make_server(pipeline: Pipeline) -> MCPServer[None]:
    """A server over a library; its models are the caller's to load."""
    tools = Tools(pipeline)
    functions = (tools.ask, tools.search, tools.read_document, tools.list_documents)
    return MCPServer(
        "verbatim",
        title="Verbatim",
        version=VERSION,
        instructions=_INSTRUCTIONS,
        log_level="WARNING",
        tools=[_tool(function) for function in functions],
    )


class Tools:
    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def ask(
        self,
        question: Annotated[str, Field(description="In plain words, as one would ask a person.")],
        history: Annotated[
            list[EarlierTurn] | None,
            Field(description="Earlier questions and answers that this one leans on, in order."),
        ] = None,
        top_k: Top = None,
        document_ids: Documents = None,
        sources: Sources = None,
        date_from: From = None,
        date_to: To = None,
    ) -> Annotated[CallToolResult, AskResult]:
        """Answer a question in the documents' exact words, each answer with its places.

        Where the documents do not say, it says so. Where sources differ, all are given.
        """
        with _telling():
            turns = tuple(Turn(turn.question, turn.answer) for turn in history or ())
            filters = _filters(document_ids, sources, date_from, date_to)
            result = ask_result(self.pipeline.answer(Question(question, turns), top_k, filters))
        return _told(in_text(result), result)

    def search(
        self,
        query: Annotated[str, Field(description="A question, or words to look for.")],
        limit: Annotated[int, Field(description="How many passages.", ge=1, le=100)] = 10,
        document_ids: Documents = None,
        sources: Sources = None,
        date_from: From = None,
        date_to: To = None,
    ) -> SearchResult:
        """Find passages that have to do with a question, without answering it."""
        with _telling():
            asked = self.pipeline.checked(Question(query)).text
            filters = _filters(document_ids, sources, date_from, date_to)
            found = self.pipeline.retriever.search(asked, limit, filters)
        return SearchResult(passages=[found_passage(item) for item in found.passages])

    def read_document(
        self,
        document_id: Annotated[int, Field(ge=0, le=LARGEST_ID)],
        start: Annotated[int, Field(description="Offset of the first character.", ge=0)] = 0,
        end: Annotated[
            int | None,
            Field(description=f"Offset behind the last; at most {_READ_AT_MOST:,} further on."),
        ] = None,
    ) -> ReadResult:
        """Read a document's text, or a range of it.

        Longer ones come in parts: go on at `next_start`.
        """
        most = start + _READ_AT_MOST
        if end is not None and end < start:
            raise ToolError(f"end is {end}; it must not be less than start, which is {start}.")
        with _telling():
            document = self.pipeline.store.document(document_id)
        return read_result(document, start, most if end is None else min(end, most))

    def list_documents(
        self,
        after: Annotated[
            int, Field(description="`next_after` of the page before.", ge=0, le=LARGEST_ID)
        ] = 0,
        limit: Annotated[int, Field(ge=1, le=_LIST_AT_MOST)] = 100,
    ) -> ListResult:
        """List the documents of the library, in the order in which they were added."""
        store = self.pipeline.store
        with _telling(), store.snapshot():
            rows = store.documents(after=after, limit=limit + 1)
            total, _ = store.count()
        page = rows[:limit]
        return ListResult(
            documents=[listed(one) for one in page],
            total=total,
            next_after=page[-1].id if len(rows) > len(page) else None,
        )


def _tool(function: Callable[..., Any]) -> Tool:
    """What it does not know it refuses: without a filter that is misspelt all would be searched."""
    tool = Tool.from_function(
        function, description=_described(function.__doc__), annotations=_READ_ONLY
    )
    taken = tool.fn_metadata.arg_model
    tool.fn_metadata.arg_model = create_model(taken.__name__, __base__=(_Known, taken))
    tool.parameters = tool.fn_metadata.arg_model.model_json_schema(by_alias=True)
    return tool


class _Known(ArgModelBase):
    model_config = ConfigDict(extra="forbid")


def _told(text: str, result: BaseModel) -> CallToolResult:
    """What a model reads, and the same for programs."""
    return CallToolResult(
        content=[TextContent(type="text", text=text)],
        structured_content=result.model_dump(mode="json"),
    )


def _filters(
    ids: list[int] | None, sources: list[str] | None, date_from: str | None, date_to: str | None
) -> Filters:
    for name, values in (("document_ids", ids), ("sources", sources)):
        if values == []:
            raise InvalidFilter(f"{name} is empty; leave it out to search all documents.")
    return Filters(tuple(ids or ()), tuple(sources or ()), date_from, date_to)


@contextmanager
def _telling() -> Iterator[None]:
    """What the caller can mend is told to them in its own words; all else is ours, and logged."""
    try:
        yield
    except LibraryError as error:
        raise ToolError(str(error)) from error


def _described(docstring: str | None) -> str:
    return " ".join((docstring or "").split())
