"""A pipeline over doubles, and what the command line is run with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index.store import Store
from qa.pipeline import Pipeline
from qa.settings import Settings
from tests.doubles import HashingEmbedder
from tests.qa.cli_runner import Run
from tests.qa.parts import BRIDGE, MILL, double_pipeline


@pytest.fixture
def pipeline(settings: Settings, store: Store, embedder: HashingEmbedder) -> Pipeline:
    return double_pipeline(settings, store, embedder)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in [name for name in os.environ if name.startswith("QA_")]:
        monkeypatch.delenv(name)
    return Run(tmp_path / "library", monkeypatch)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A folder of two texts."""
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "bridge.txt").write_text(BRIDGE)
    (folder / "mill.txt").write_text(MILL)
    return folder
