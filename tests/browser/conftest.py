"""Real servers with the real models, and a real browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from index.store import Store
from tests.browser import big_library
from tests.browser.find_chromium import find
from tests.browser.library import Library
from tests.browser.one_context import OneContext
from tests.conftest import ROOT

_ANSWER_SECONDS = 30

expect.set_options(timeout=20_000)  # milliseconds: a machine that does other things too is slow


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test; in CI one that cannot run is a failure."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.models)
            if find() is None and not os.environ.get("CI"):
                item.add_marker(pytest.mark.skip("no Chromium: apt-get install chromium"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return launch_arguments(browser_type_launch_args)


def launch_arguments(others: dict[str, Any]) -> dict[str, Any]:
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**others, "executable_path": find(), "args": [*sandbox, *quiet]}


@pytest.fixture(scope="session")
def _one_context(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[OneContext]:
    one = OneContext(browser, browser_context_args)
    yield one
    one.context.close()


@pytest.fixture
def context(request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """One for all tests, emptied after each, but for those that are marked ``first_visit``."""
    if request.node.get_closest_marker("first_visit"):
        yield request.getfixturevalue("new_context")()
        return
    one: OneContext = request.getfixturevalue("_one_context")
    yield one.context
    one.renew()


@pytest.fixture(scope="session")
def server(seed_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of ``qa serve`` over a fresh library of seeds/, which no test changes."""
    data = tmp_path_factory.mktemp("library") / "data"
    shutil.copytree(seed_library, data)
    with serve(data) as address:
        yield address


@pytest.fixture(scope="session")
def _changing_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("changing")
    Store(data, create=True).close()
    with serve(data) as address:
        yield address


@pytest.fixture
def library(_changing_server: str) -> Library:
    """A server's library, empty, for tests that change it."""
    library = Library(_changing_server)
    library.clear()
    return library


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """5,000 documents, the last of which has 5 MB."""
    data = tmp_path_factory.mktemp("many")
    big_library.make(data)
    with serve(data) as address:
        yield Library(address)


def qa(data: Path) -> list[str]:
    return [sys.executable, "-m", "qa", "--data", str(data)]


@contextmanager
def serve(data: Path, *, port: int = 0, **settings: str) -> Iterator[str]:
    """The address of ``qa serve`` over a data folder, with these variables set."""
    port = port or free_port()
    command = [*qa(data), "serve", "--port", str(port)]
    environment = os.environ | {"QA_LOG_LEVEL": "warning"} | settings
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert ready.startswith("Ready."), f"the server said {ready!r}"
            address = f"http://127.0.0.1:{port}/"
            with urllib.request.urlopen(address + "healthz", timeout=_ANSWER_SECONDS) as answer:
                assert answer.status == 200
            yield address
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
