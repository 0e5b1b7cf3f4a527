"""What no module of the product does, read from its source.

Nothing is unpickled, nothing that is data is run as code, no shell is started, and one module
alone, besides the client of our own server, opens connections to other machines.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("index", "qa", "web")
MODULES = [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]

UNPICKLING = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
UNPICKLING_CALLS = {"read_pickle", "allow_pickle", "load_npz", "torch.load", "joblib.load"}
RUNNING = {"eval", "exec", "compile", "__import__", "execfile"}
RUNNING_MODULES = {"code", "codeop", "runpy", "pty", "commands", "imp"}
SHELLS = {"system", "popen", "getoutput", "getstatusoutput", "create_subprocess_shell"}
LOADING_SQL = {"load_extension", "enable_load_extension"}
CONNECTING = {
    "socket",
    "ssl",
    "http.client",
    "urllib.request",
    "urllib3",
    "requests",
    "httpx",
    "aiohttp",
    "ftplib",
    "smtplib",
    "telnetlib",
    "xmlrpc.client",
    "websockets",
    "asyncio.streams",
    "huggingface_hub",
}
MAY_CONNECT = {
    "index/fetch.py": "the URL loader",
    "index/addresses.py": "resolves names for it",
    "qa/cli/serve.py": "sees whether its port is free",
    "web/guard.py": "this machine's own name",
    "web/arriving.py": "reads what clients send",
    "index/postgres/server.py": "this machine's own name",
    "index/ray_loading/driver.py": "sees whether a cluster listens",
}
MAY_CONNECT_UNDER = {"qa/client/": "asks a server of ours"}
MAY_START = {
    "index/loaders/child.py": "the process that reads strangers' files",
    "index/ray_loading/session.py": "the process that alone speaks to Ray",
}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(tree: ast.AST) -> Iterator[str]:
    """Full names of all modules that are imported, anywhere in the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call with its dotted name, as far as it has one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def complaints(source: str, where: str) -> list[str]:
    """What the module does that it may not."""
    tree = ast.parse(source)
    modules = set(imported(tree))
    roots = {module.split(".")[0] for module in modules}
    found = [f"imports {module}" for module in sorted(roots & (UNPICKLING | RUNNING_MODULES))]
    may_connect = where in MAY_CONNECT or where.startswith(tuple(MAY_CONNECT_UNDER))
    if not may_connect:
        found += [f"imports {module}" for module in sorted((modules | roots) & CONNECTING)]
    if "subprocess" in roots and where not in MAY_START:
        found.append("imports subprocess")
    for called, call in calls(tree):
        last = called.rpartition(".")[2]
        options = {keyword.arg: keyword.value for keyword in call.keywords}
        if called in RUNNING or called.removeprefix("builtins.") in RUNNING:
            found.append(f"{call.lineno}: calls {called}")
        if last in SHELLS | LOADING_SQL or last in UNPICKLING_CALLS:
            found.append(f"{call.lineno}: calls {called}")
        for option in ("shell", "allow_pickle"):
            value = options.get(option)
            if value is not None and not (isinstance(value, ast.Constant) and not value.value):
                found.append(f"{call.lineno}: {option}={ast.unparse(value)}")
        if called in {"torch.load"} or (last == "load" and called.startswith(("torch", "numpy"))):
            found.append(f"{call.lineno}: calls {called}")
        if last == "from_pretrained" and "local_files_only" not in options:
            found.append(f"{call.lineno}: {called} may download")
        if called.startswith("os.spawn") or (
            called.startswith("os.exec") and where != "qa/cli/serve.py"
        ):
            found.append(f"{call.lineno}: calls {called}")
        if called == "yaml.load" or last in {"unsafe_load", "full_load"}:
            found.append(f"{call.lineno}: calls {called}")
    return found


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_does_nothing_that_it_may_not(path: Path) -> None:
    assert complaints(path.read_text("utf-8"), name(path)) == []


def test_all_modules_are_looked_at_and_each_exception_is_needed() -> None:
    assert {name(path).split("/")[0] for path in MODULES} == set(PACKAGES)
    known = {name(path): path for path in MODULES}
    for where in (*MAY_CONNECT, *MAY_START):
        assert complaints(known[where].read_text("utf-8"), "elsewhere.py"), where


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "import marshal",
        "import joblib",
        "import dill as d",
        "import numpy as np\nnp.load('x', allow_pickle=True)",
        "import numpy\nnumpy.load('x')",
        "import torch\ntorch.load('x')",
        "import torch\ntorch.load('x', weights_only=False)",
        "eval('1')",
        "exec('1')",
        "__import__('os')",
        "import builtins\nbuiltins.eval('1')",
        "compile('1', '', 'eval')",
        "import runpy",
        "import os\nos.system('id')",
        "import os\nos.popen('id')",
        "import subprocess\nsubprocess.run('id', shell=True)",
        "import subprocess\nsubprocess.run(['id'])",
        "import asyncio\nasyncio.create_subprocess_shell('id')",
        "import os\nos.execv('/bin/sh', [])",
        "import os\nos.spawnl(0, '/bin/sh')",
        "import socket",
        "from socket import create_connection",
        "import http.client",
        "from http import client",
        "import urllib.request",
        "from urllib.request import urlopen",
        "from urllib import request",
        "import requests",
        "def f():\n    import httpx",
        "import smtplib",
        "from transformers import AutoModel\nAutoModel.from_pretrained('x')",
        "connection.enable_load_extension(True)",
        "import yaml\nyaml.load('x')",
    ],
)
def test_the_check_itself_finds_each(source: str) -> None:
    assert complaints(source, "index/other.py")
