"""The commands that manage a library, and what all commands have in common."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner, Result
from pytest_socket import enable_socket

from index.database import FILE_NAME
from index.store import Store
from qa.cli import main
from tests.conftest import ROOT
from tests.doubles import HashingEmbedder
from tests.qa.cli_runner import INDEX, Run
from tests.qa.parts import BRIDGE, MILL


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


COMMANDS = list(commands(main))


def one_line(result: Result) -> str:
    """What went wrong, which has to be told in one line and without a traceback."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


def test_files_are_added_updated_and_left_alone(run: Run, texts: Path) -> None:
    assert run("index", "add", texts).stdout == "2 added\n"
    assert run("index", "add", texts).stdout == "2 unchanged\n"
    (texts / "mill.txt").write_text(MILL + " It was rebuilt.")
    assert run("index", "add", texts).stdout == "1 updated, 1 unchanged\n"


def test_a_file_that_cannot_be_read_does_not_stop_the_others(run: Run, texts: Path) -> None:
    (texts / "empty.txt").write_text("")
    result = run("index", "add", texts)
    assert result.exit_code == 1
    assert "2 added" in result.stdout and "1 failed" in result.stdout
    assert "empty.txt: it is empty" in result.stderr


def test_files_of_a_folder_whose_type_is_unknown_are_told(run: Run, texts: Path) -> None:
    for name in ("noext", "sub/strange\x1b.xyz", ".hidden", "linked.exe"):
        (texts / name).parent.mkdir(exist_ok=True)
        (texts / name).write_text("Text.")
    (texts / "linked.exe").unlink()
    (texts / "linked.exe").symlink_to(texts / "noext")
    result = run("index", "add", texts)
    assert (result.exit_code, result.stdout) == (0, "2 added\n")
    assert result.stderr == "2 passed over: noext, strange\N{REPLACEMENT CHARACTER}.xyz\n"
    for number in range(1_000):
        (texts / f"{number}.xyz").touch()
    told = run("index", "add", texts).stderr
    assert told == "1,002 passed over: 0.xyz, 1.xyz, 10.xyz, 100.xyz, 101.xyz and 997 more\n"
    assert run("index", "add", texts / "mill.txt").stderr == ""


def test_a_path_that_does_not_exist_is_named(run: Run, tmp_path: Path) -> None:
    assert "nowhere does not exist" in one_line(run("index", "add", tmp_path / "nowhere"))


def test_a_folder_without_known_files_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    line = one_line(run("index", "add", tmp_path / "empty"))
    assert "No files of a known format" in line and "empty" in line
    assert not run.data.exists()


def test_documents_are_listed_one_a_line(run: Run, texts: Path) -> None:
    run("index", "add", texts)
    rows = [line.split("\t") for line in run("index", "list").stdout.splitlines()]
    assert [(row[0], row[3], row[4]) for row in rows] == [
        ("1", "1", str(texts / "bridge.txt")),
        ("2", "1", str(texts / "mill.txt")),
    ]


def test_a_title_with_markup_is_listed_as_it_is(
    run: Run, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (texts / "odd.md").write_text("# [red]Odd[/nonsense] :bell:\n\nOtto slept.\n")
    run("index", "add", texts)
    terminal = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr(INDEX, "sys", SimpleNamespace(stdout=terminal, stderr=terminal))
    monkeypatch.setenv("COLUMNS", "300")
    result = run("index", "list")
    assert result.exit_code == 0, result.exception
    assert "[red]Odd[/nonsense] :bell:" in result.stdout


def test_an_empty_library_says_how_to_fill_it(run: Run) -> None:
    Store(run.data, create=True).close()
    assert "index add PATH" in run("index", "list").stdout


def test_status_tells_what_the_library_holds(run: Run, texts: Path) -> None:
    Store(run.data, create=True).close()
    assert re.search(r"embedder +none yet", run("index", "status").stdout)
    run("index", "add", texts)
    shown = run("index", "status").stdout
    for name, value in (("documents", "2"), ("passages", "2"), ("generation", "1")):
        assert re.search(rf"^{name} +{value}$", shown, re.MULTILINE)
    assert re.search(r"^embedder +hashing \(64\)$", shown, re.MULTILINE)
    assert str(run.data) in shown


def test_a_document_is_removed_by_its_path(run: Run, texts: Path) -> None:
    run("index", "add", texts)
    assert run("index", "remove", texts / "mill.txt").stdout == f"removed {texts / 'mill.txt'}\n"
    assert "mill.txt" not in run("index", "list").stdout


def test_an_unknown_source_is_named_and_the_others_are_removed(run: Run, texts: Path) -> None:
    run("index", "add", texts)
    result = run("index", "remove", "nowhere.txt", texts / "mill.txt")
    assert result.exit_code == 1
    assert "'nowhere.txt'" in result.stderr and "index list" in result.stderr
    assert "removed" in result.stdout
    assert "mill.txt" not in run("index", "list").stdout


def test_a_library_is_rebuilt_with_the_settings_of_now(
    run: Run, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (texts / "bridge.txt").write_text(" ".join([BRIDGE, MILL] * 3))
    run("index", "add", texts)
    monkeypatch.setenv("QA_PASSAGE_TOKENS", "12")
    monkeypatch.setenv("QA_OVERLAP_TOKENS", "0")
    assert run("index", "rebuild").stdout == "rebuilt 2 documents, generation 2\n"
    store = Store(run.data)
    assert store.count() == (2, 7)
    store.close()


def test_another_embedder_is_refused_until_the_library_is_rebuilt(run: Run, texts: Path) -> None:
    run("index", "add", texts)
    run.embedder = HashingEmbedder("other", 32)
    (texts / "mill.txt").write_text(MILL * 2)
    for command in (("index", "add", texts), ("ask", "who?")):
        line = one_line(run(*command))
        assert "hashing (64" in line and "other (32)" in line and "index rebuild" in line
    assert run("index", "rebuild").exit_code == 0
    assert run("index", "add", texts).exit_code == 0
    assert "other (32)" in run("index", "status").stdout


WITHOUT_LIBRARY = [
    ("index", "list"),
    ("index", "status"),
    ("index", "rebuild"),
    ("index", "remove", "x.txt"),
    ("index", "show", "1"),
    ("index", "verify"),
    ("ask", "who?"),
    ("serve",),
]


@pytest.mark.parametrize("command", WITHOUT_LIBRARY, ids=" ".join)
def test_without_a_library_it_is_said_how_to_make_one(run: Run, command: tuple[str, ...]) -> None:
    line = one_line(run(*command))
    assert str(run.data) in line and "index add PATH" in line
    assert not run.data.exists()


@pytest.mark.parametrize("command", WITHOUT_LIBRARY, ids=" ".join)
def test_a_library_of_a_newer_version_is_refused(run: Run, command: tuple[str, ...]) -> None:
    Store(run.data, create=True).close()
    connection = sqlite3.connect(run.data / FILE_NAME)
    connection.execute("INSERT INTO migrations VALUES (99, 'later.sql', '2030-01-01')")
    connection.commit()
    connection.close()
    assert "schema 99" in one_line(run(*command))


@pytest.mark.parametrize("command", WITHOUT_LIBRARY, ids=" ".join)
def test_a_file_that_is_no_library_is_refused(run: Run, command: tuple[str, ...]) -> None:
    run.data.mkdir()
    (run.data / FILE_NAME).write_bytes(b"This is no database at all. " * 50)
    assert FILE_NAME in one_line(run(*command))


def test_a_data_folder_that_is_a_file_is_named(
    texts: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_DATA", str(texts / "mill.txt"))
    result = CliRunner().invoke(main, ["index", "add", str(texts)])
    assert str(texts / "mill.txt") in one_line(result)


def test_a_wrong_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_PORT", "http")
    assert "QA_PORT is 'http'" in one_line(run("index", "list"))


def test_a_port_in_use_is_named(run: Run) -> None:
    enable_socket()
    Store(run.data, create=True).close()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = one_line(run("serve", "--port", port))
    assert f"127.0.0.1:{port}" in line and "--port" in line


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_port_that_cannot_be_is_not_understood(run: Run, port: str) -> None:
    Store(run.data, create=True).close()
    result = run("serve", "--port", port)
    assert result.exit_code == 2
    assert f"{port} is not in the range" in result.stderr


@pytest.mark.parametrize("path", [(), ("index",), *COMMANDS], ids=" ".join)
def test_help_shows_an_example(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    assert re.search(rf"Example:\n +(QA_\w+=\S+ )?python -m qa {' '.join(path)}", result.output)


def test_all_commands_are_found() -> None:
    assert {("ask",), ("serve",), ("index", "add"), ("index", "rebuild")} <= set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_is_documented(path: tuple[str, ...]) -> None:
    assert " ".join(path) in (ROOT / "docs" / "cli.md").read_text("utf-8")


EMPTY = [
    ("index", "add", ""),
    ("index", "add", "texts", ""),
    ("index", "sync", ""),
    ("index", "sync", "", "--watch"),
    ("index", "remove", ""),
    ("index", "remove", "1", ""),
    ("index", "export", ""),
    ("index", "import", ""),
    ("index", "migrate", "--to", "sqlite", "--into", ""),
    ("backup", ""),
    ("restore", ""),
    ("restore", "library.tar", "--data", ""),
    ("serve", "--watch", ""),
    ("--data", "", "index", "list"),
]


@pytest.mark.parametrize("command", EMPTY, ids=" ".join)
def test_an_empty_path_is_not_the_folder_one_stands_in(
    run: Run, texts: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """A shell makes one of a variable that is not set."""
    monkeypatch.chdir(texts)
    run("index", "add", "mill.txt")
    (texts / "library.tar").touch()
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("a server was started"))
    result = run(*command)
    assert result.exit_code == 2, result.output
    assert "is empty" in result.stderr
    assert run("index", "list").stdout.count("\n") == 1
    assert sorted(path.name for path in texts.iterdir()) == [
        "bridge.txt",
        "library.tar",
        "mill.txt",
    ]


def test_what_is_not_understood_exits_with_2(run: Run) -> None:
    for arguments in (("nonsense",), ("ask",), ("ask", "--nonsense"), ("index", "add")):
        assert run(*arguments).exit_code == 2
