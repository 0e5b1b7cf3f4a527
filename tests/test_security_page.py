"""docs/security.md: each command is run as it stands, and what the page names is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.access import Scope
from qa.settings import table
from tests.conftest import ROOT
from tests.test_operations_page import Command, Shell
from web.problems import KINDS

PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands() -> list[Command]:
    found: list[Command] = []
    for line in "".join(CONSOLE.findall(PAGE)).splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:]))
        else:
            found[-1].shown.append(line)
    return found


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path)
    yield shell
    shell.stop()


@pytest.mark.usefixtures("socket_enabled")
def test_each_command_of_the_page_does_what_the_page_shows(shell: Shell) -> None:
    assert len(commands()) >= 5
    for command in commands():
        output = shell.run(command)
        assert command.matches(output), f"{command.text}\nprinted:\n{output}"


def test_the_settings_that_are_named_exist() -> None:
    names = {name for name, _, _ in table()}
    told = re.findall(r"`(max_\w+|key_\w+|allow\w+|hosts|log_\w+)`", PAGE)
    assert {"max_concurrent", "max_pages", "hosts", "allowed_origins"} <= set(told)
    assert set(told) <= names
    assert {name.lower() for name in re.findall(r"QA_(\w+)=", PAGE)} <= names


def test_the_kinds_of_problem_that_are_named_exist() -> None:
    told = re.findall(r"^\| 4\d\d, (.*?) \|", PAGE, re.MULTILINE)
    kinds = {kind for cell in told for kind in re.findall(r"`([\w-]+)`", cell)}
    assert {"key-needed", "too-many-requests"} <= kinds <= KINDS.keys()


def test_each_scope_is_told() -> None:
    told = re.findall(r"^\| `(\w+)` \| (?:also )?\S", PAGE, re.MULTILINE)
    assert {scope.name.lower() for scope in Scope if scope} <= set(told)


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target


def test_the_tests_that_are_named_exist() -> None:
    for module, test in re.findall(r"`(\w+)::(\w+)`", PAGE):
        source = (ROOT / "tests" / "security" / f"{module}.py").read_text("utf-8")
        assert f"def {test}(" in source, test
