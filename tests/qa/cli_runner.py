"""Runs commands as a user does, but with the doubles in place of the models."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from index.store import Store
from qa.cli import main
from qa.pipeline import Pipeline
from qa.settings import Settings
from tests.doubles import HashingEmbedder
from tests.qa.parts import double_pipeline

ASK, BRING, EXPLAIN, INDEX, VERIFY = (
    importlib.import_module(f"qa.cli.{name}")
    for name in ("ask", "bring", "explain", "index", "verify")
)


class Run:
    """``run("index", "list")`` is ``qa --data DATA index list``."""

    def __init__(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.data = data
        self.embedder = HashingEmbedder()
        # By the modules' names in sys.modules: in `qa.cli` the commands hide their modules.
        for module in (BRING, VERIFY):
            monkeypatch.setattr(module, "make_embedder", lambda _: self.embedder)
        for module in (ASK, EXPLAIN):
            monkeypatch.setattr(module, "make_pipeline", self._pipeline)

    def __call__(self, *arguments: object, stdin: str | bytes | None = None) -> Result:
        command = ["--data", str(self.data), *map(str, arguments)]
        return CliRunner().invoke(main, command, input=stdin)

    def _pipeline(self, settings: Settings) -> Pipeline:
        return double_pipeline(settings, Store(settings.data), self.embedder)
