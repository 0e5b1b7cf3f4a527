"""The library as tools, over standard input and output, used by the SDK's own client."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types import CallToolResult

from index.store import Store
from qa.version import VERSION
from tests.conftest import ROOT

DENIED = "Who called the reports about the volunteers fake?"
SECONDS = 60


@pytest.fixture(scope="module")
def library(seed_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The five texts."""
    return Path(shutil.copytree(seed_library, tmp_path_factory.mktemp("mcp") / "data"))


def using(data: Path, work: Callable[[Client], Awaitable[None]]) -> None:
    """Start a server of its own process, and work with it."""
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "qa", "--data", str(data), "mcp"], cwd=ROOT
    )

    async def run() -> None:
        with anyio.fail_after(SECONDS):
            async with Client(stdio_client(server)) as client:
                await work(client)

    # In a thread of its own: the browser's tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(anyio.run, run).result()


def value(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


def said(result: CallToolResult) -> str:
    [content] = result.content
    return str(content.text)  # type: ignore[union-attr]


@pytest.mark.models
def test_the_tools_answer_from_the_five_texts(library: Path) -> None:
    store = Store(library)

    async def work(client: Client) -> None:
        assert client.server_info is not None
        assert (client.server_info.name, client.server_info.version) == ("verbatim", VERSION)
        await check_ask(client, store)
        await check_declined(client)
        await check_positions(client)
        await check_follow_up(client)
        await check_search(client, store)
        await check_reading(client, store)
        await check_listing(client, store)
        await check_errors(client)

    using(library, work)
    store.close()


async def check_ask(client: Client, store: Store) -> None:
    result = await client.call_tool("ask", {"question": DENIED})
    told = value(result)
    assert told["answered"] is True
    assert any("Nechaev" in answer["text"] for answer in told["answers"])
    assert told["citations"]
    for number, citation in enumerate(told["citations"], start=1):
        assert citation["number"] == number
        text = store.document(citation["document_id"]).text
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        assert citation["quote"] in citation["sentence"] and citation["sentence"] in text
        assert f"[{number}] document_id {citation['document_id']}" in said(result)
    for answer in told["answers"]:
        quotes = {told["citations"][number - 1]["quote"] for number in answer["citations"]}
        assert answer["text"] in quotes
        assert answer["text"] in told["in_words"]


async def check_declined(client: Client) -> None:
    told = value(await client.call_tool("ask", {"question": "Who is the king of Spain?"}))
    assert (told["answered"], told["answers"], told["citations"]) == (False, [], [])
    assert told["reason"].startswith("These documents do not say.")
    assert told["closest"]


async def check_positions(client: Client) -> None:
    question = "Is it true that North Korea will send 100,000 volunteers?"
    told = value(await client.call_tool("ask", {"question": question}))
    assert told["relation"] == "positions"
    assert "denies" in {position["stance"] for position in told["positions"]}
    for position in told["positions"]:
        assert told["citations"][position["citation"] - 1]["sentence"]


async def check_follow_up(client: Client) -> None:
    history = [{"question": DENIED, "answer": "Ivan Nechaev"}]
    asked = {"question": "What did he deny?", "history": history}
    assert "Nechaev" in value(await client.call_tool("ask", asked))["searched_for"]


async def check_search(client: Client, store: Store) -> None:
    found = value(await client.call_tool("search", {"query": "volunteers", "limit": 4}))
    assert len(found["passages"]) == 4
    for passage in found["passages"]:
        text = store.document(passage["document_id"]).text
        assert text[passage["start"] : passage["end"]] == passage["text"]
    asked = {"query": "volunteers", "document_ids": [2]}
    only = value(await client.call_tool("search", asked))
    assert {passage["document_id"] for passage in only["passages"]} == {2}


async def check_reading(client: Client, store: Store) -> None:
    text = store.document(1).text
    whole = value(await client.call_tool("read_document", {"document_id": 1}))
    assert (whole["text"], whole["next_start"]) == (text, None)
    part = value(
        await client.call_tool("read_document", {"document_id": 1, "start": 10, "end": 40})
    )
    assert (part["text"], part["next_start"]) == (text[10:40], 40)
    behind = value(await client.call_tool("read_document", {"document_id": 1, "start": 10**9}))
    assert (behind["text"], behind["start"]) == ("", len(text))


async def check_listing(client: Client, store: Store) -> None:
    listed: list[int] = []
    after: int | None = 0
    while after is not None:
        page = value(await client.call_tool("list_documents", {"after": after, "limit": 2}))
        assert page["total"] == 5
        listed += [document["document_id"] for document in page["documents"]]
        after = page["next_after"]
    assert listed == sorted(store.document_ids())


async def check_errors(client: Client) -> None:
    for name, arguments, expected in (
        ("ask", {"question": " "}, "The question is empty"),
        ("ask", {"question": "Who?", "top_k": 1000}, "top_k is 1000"),
        ("ask", {"question": "Who?", "date_from": "soon"}, "date_from is 'soon'"),
        ("ask", {"question": "Who?", "document_ids": []}, "document_ids is empty"),
        ("search", {"query": "Who?", "sources": []}, "sources is empty"),
        ("ask", {"question": "Who?", "document_id": [1]}, "document_id"),
        ("search", {"query": "Who?", "source": "a.txt"}, "source"),
        ("list_documents", {"cursor": 2}, "cursor"),
        ("search", {"query": "x" * 1001}, "1,001 characters"),
        ("read_document", {"document_id": 99}, "no document with the id 99"),
        ("read_document", {"document_id": 1, "start": 5, "end": 2}, "end is 2"),
        ("read_document", {"document_id": -1}, "document_id"),
        ("remove_document", {"document_id": 1}, "Unknown tool"),
    ):
        result = await client.call_tool(name, arguments)
        assert result.is_error, name
        assert expected in said(result)


@pytest.mark.models
def test_what_another_process_adds_and_removes_is_seen_at_once(tmp_path: Path) -> None:
    text = tmp_path / "harbour.txt"
    text.write_text("The harbour was closed on Monday by the coast guard.")
    Store(tmp_path / "data", create=True).close()

    async def answered(client: Client) -> bool:
        asked = {"question": "When was the harbour closed?"}
        return bool(value(await client.call_tool("ask", asked))["answered"])

    async def work(client: Client) -> None:
        assert not await answered(client)
        for command, expected in (("add", True), ("remove", False)):
            done = run("--data", str(tmp_path / "data"), "index", command, str(text))
            assert done.returncode == 0, done.stderr
            assert await answered(client) is expected

    using(tmp_path / "data", work)


@pytest.mark.models
def test_all_tools_are_read_only_and_say_what_they_return(library: Path) -> None:
    async def work(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"ask", "search", "read_document", "list_documents"}
        for tool in tools.values():
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint is True
            assert tool.description
            assert tool.output_schema is not None
        assert "citations" in tools["ask"].output_schema["properties"]  # type: ignore[index]

    using(library, work)


@pytest.mark.models
def test_standard_output_holds_the_protocol_and_nothing_else(library: Path) -> None:
    """A line that is no message would end the conversation."""
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    noisy = (
        "import os, sys, qa.pipeline\n"
        "warm_up = qa.pipeline.Pipeline.warm_up\n"
        "def loud(self):\n"
        "    warm_up(self)\n"
        "    print('loaded', file=sys.stderr)\n"
        "qa.pipeline.Pipeline.warm_up = loud\n"
        "answer = qa.pipeline.Pipeline.answer\n"
        "def louder(self, *a, **k):\n"
        "    print('printed while answering', flush=True)\n"
        "    os.write(1, b'and past Python')\n"
        "    return answer(self, *a, **k)\n"
        "qa.pipeline.Pipeline.answer = louder\n"
        "from qa.cli import main\n"
        f"main(['--data', {str(library)!r}, 'mcp'])\n"
    )
    call = {
        "jsonrpc": "2.0",
        "id": 2,
        "method": "tools/call",
        "params": {"name": "ask", "arguments": {"question": DENIED}},
    }
    ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    with subprocess.Popen(
        [sys.executable, "-c", noisy],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(hello) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 1
        process.stdin.write(json.dumps(ready) + "\n" + json.dumps(call) + "\n")
        process.stdin.flush()
        answered = json.loads(process.stdout.readline())
        out, err = process.communicate(timeout=SECONDS)
    assert answered["id"] == 2
    assert answered["result"]["structuredContent"]["answered"] is True
    assert out == ""
    assert "printed while answering" in err and "and past Python" in err
    assert process.returncode == 0


def test_without_a_library_it_says_so_and_ends(tmp_path: Path) -> None:
    done = run("--data", str(tmp_path / "nowhere"), "mcp")
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no library" in done.stderr


def test_without_the_package_it_says_how_to_get_it(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "sys.modules['mcp'] = sys.modules['mcp_types'] = None\n"
        f"from qa.cli import main; main(['--data', {str(tmp_path)!r}, 'mcp'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install -r requirements-mcp.txt" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_nothing_else_loads_the_package() -> None:
    script = (
        "import sys, web.app, qa.cli.ask, qa.cli.serve, qa.cli.index\n"
        "print([name for name in ('mcp', 'mcp_types', 'openai') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "qa", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
