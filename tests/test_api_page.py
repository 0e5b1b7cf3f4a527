"""docs/api.md: each command is run as it stands and prints what the page shows."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import ROOT
from tests.test_operations_page import BLOCK, Command, Shell
from tests.web.conftest import app
from web.problems import KINDS

__all__ = ["app"]  # a fixture

PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")
COMMANDS_AT_LEAST = 25


def commands() -> Iterator[Command]:
    """Those of the console blocks; one goes on while its lines end with a backslash or a quote
    is open."""
    for language, block in BLOCK.findall(PAGE):
        command: Command | None = None
        for line in block.splitlines() if language == "console" else ():
            if command is not None and _goes_on(command):
                command.text += f"\n{line}"
            elif line.startswith("$ "):
                if command is not None:
                    yield command
                command = Command(line[2:])
            else:
                assert command is not None, line
                command.shown.append(line)
        if command is not None:
            yield command


def _goes_on(command: Command) -> bool:
    if command.shown:
        return False
    return command.text.endswith("\\") or command.text.count("'") % 2 == 1


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    if shutil.which("jq") is None and not os.environ.get("CI"):
        pytest.skip("no jq: apt-get install jq")
    shell = Shell(tmp_path)
    yield shell
    shell.stop()


@pytest.mark.models
@pytest.mark.usefixtures("socket_enabled")
def test_each_command_of_the_page_does_what_the_page_shows(shell: Shell) -> None:
    found = list(commands())
    assert len(found) >= COMMANDS_AT_LEAST
    for command in found:
        output = shell.run(command)
        assert command.matches(output), f"{command.text}\nprinted:\n{output}"


def test_the_table_of_problems_is_complete() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `/problems/")]
    assert rows == [
        f"| `{kind.type}` | {kind.status.value} | {kind.title} |" for kind in KINDS.values()
    ]


def test_every_operation_that_the_page_names_is_there(app: Flask) -> None:
    named = re.findall(r"`(GET|POST|DELETE) (/api/v1/[^`]+)`", PAGE)
    assert len(named) > 10
    routes = app.url_map.bind("127.0.0.1")
    for method, path in named:
        routes.match(path.replace("/ID", "/1"), method)


def test_every_page_that_is_linked_is_there() -> None:
    for page in re.findall(r"\]\(([a-z]+\.md)", PAGE):
        assert (ROOT / "docs" / page).is_file(), page
