"""Everything that docs/clients.md shows is run as it stands, and prints what the page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_socket import _remove_restrictions, enable_socket, socket_allow_hosts

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "clients.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 120
ADDRESS = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Block:
    line: int
    language: str
    code: str
    prints: str | None = None  # the text block after it


def blocks() -> list[Block]:
    found: list[Block] = []
    for match in BLOCK.finditer(PAGE):
        language, code = match[1], match[2]
        if language == "text":
            last = found.pop()
            found.append(Block(last.line, last.language, last.code, code))
        else:
            found.append(Block(PAGE.count("\n", 0, match.start()) + 1, language, code))
    return found


BLOCKS = blocks()
PYTHON = [block for block in BLOCKS if block.language == "python"]
CONSOLE = [block for block in BLOCKS if block.language == "console"]


@pytest.fixture(scope="module")
def data(seed_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of the five texts, as `make serve` makes it."""
    return Path(shutil.copytree(seed_library, tmp_path_factory.mktemp("clients") / "data"))


@pytest.fixture(scope="module")
def address(data: Path) -> Iterator[str]:
    """Of a real server over it."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1"])
    from tests.web.servers import free_port

    port = free_port()
    _remove_restrictions()
    command = [sys.executable, "-m", "qa", "--data", str(data), "serve", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("Ready.")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def run(command: list[str], data: Path) -> str:
    """What it prints; ``python`` is the one that runs the tests."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PATH": path, "QA_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_has_examples_of_every_kind() -> None:
    assert len(PYTHON) >= 6
    assert all(block.prints for block in PYTHON)
    for name in ("openai", "mcp.client", "qa.client"):
        assert any(name in block.code for block in PYTHON)
    assert {block.language for block in BLOCKS} == {"python", "console", "json"}


@pytest.mark.models
@pytest.mark.parametrize("block", PYTHON, ids=lambda block: f"line {block.line}")
def test_an_example_prints_what_the_page_says(block: Block, address: str, data: Path) -> None:
    # The SDK hands a server the bare environment: it is told where the library is.
    own = f'"-m", "qa", "--data", {str(data)!r}, "mcp"'
    code = block.code.replace(ADDRESS, address).replace('"-m", "qa", "mcp"', own)
    printed = run([sys.executable, "-c", code], data).replace(address, ADDRESS)
    assert block.prints is not None
    assert alike(printed) == alike(block.prints)


@pytest.mark.models
@pytest.mark.parametrize("block", CONSOLE, ids=lambda block: f"line {block.line}")
def test_a_command_does_what_the_page_says(block: Block, address: str, data: Path) -> None:
    command, _, prints = block.code.removeprefix("$ ").partition("\n")
    if command.startswith("python -m pip install "):
        # It is installed, or these tests would not run; pip is asked whether it would agree.
        command = command.replace("install ", "install --dry-run --no-index --quiet ")
    printed = run(["bash", "-c", command.replace(ADDRESS, address)], data)
    assert printed.strip() == prints.strip()


def alike(text: str) -> str:
    """How sure an answer is, and who is found to say it, changes; what it says does not."""
    text = re.sub(r"\d+% confident", "% confident", text)
    return re.sub(r"\(who says it: .*?\)", "(who says it)", text).strip()
