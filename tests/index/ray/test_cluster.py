"""Loading by a real Ray cluster: two raylets on this machine, one killed, then the other.

The tests go in this order, on one cluster: it takes seconds to start, and loses a part in each.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import RayUnavailable
from index.outcomes import Indexed, Outcome
from index.ray_loading import session
from index.ray_loading.bringing import RayIndexer, file_source
from index.ray_loading.session import Session
from index.store import Store
from index.verify import content_findings
from tests.conftest import ROOT
from tests.doubles import HashingEmbedder
from tests.index.ray import corpus
from tests.index.ray.conftest import RECIPE, plain_rows, rows
from tests.index.ray.doubles import Here

DOCUMENTS = 150
SECONDS_PER_FILE = 0.03
_PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def cluster() -> Iterator[dict]:
    folder = tempfile.mkdtemp(prefix="qa-", dir="/tmp")  # a socket's path is short
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.index.ray.cluster", folder],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
            process.stdout.close()
            process.wait(_PATIENCE_SECONDS)
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return corpus.write(tmp_path_factory.mktemp("many"), DOCUMENTS)


@pytest.fixture(scope="module")
def expected(many: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict:
    return plain_rows(many, tmp_path_factory.mktemp("expected"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "library", create=True)
    yield store
    store.close()


def indexer_of(store: Store, address: str, marks: Path) -> RayIndexer:
    marks.mkdir()
    recipe = replace(
        RECIPE,
        embedder="tests.index.ray.doubles:SlowEmbedder",
        options={"folder": str(marks), "seconds": SECONDS_PER_FILE},
    )
    return RayIndexer(
        store,
        HashingEmbedder(),
        recipe,
        lambda: Session(address, recipe, object_store_bytes=80_000_000),
    )


def kill_once_at_work(raylet: int, marks: Path, also: list[int], done: threading.Event) -> None:
    """Kill a raylet as soon as a worker of its has begun with a file."""
    for _ in range(_PATIENCE_SECONDS * 100):
        if (marks / str(raylet)).exists():
            for process in [*also, raylet]:
                os.kill(process, signal.SIGKILL)
            done.set()
            return
        done.wait(0.01)


def test_a_raylet_that_is_killed_loses_and_doubles_nothing(
    cluster: dict, many: list[Path], expected: dict, store: Store, tmp_path: Path
) -> None:
    marks, killed = tmp_path / "marks", threading.Event()
    indexer = indexer_of(store, cluster["address"], marks)
    killer = threading.Thread(target=kill_once_at_work, args=(cluster["other"], marks, [], killed))
    killer.start()
    outcomes = list(indexer.bring_raw(file_source(file, RECIPE.limits) for file in many))
    killer.join()
    assert killed.is_set(), "the second raylet never had work"
    assert {path.name for path in marks.iterdir()} == {
        str(cluster["other"]),
        str(cluster["head"][1]),
    }
    assert Counter(indexed.outcome for indexed in outcomes) == {
        Outcome.ADDED: len(many) - 3,
        Outcome.FAILED: 3,
    }
    assert rows(store.folder) == expected
    assert not list(content_findings(store))


def test_a_cluster_that_loses_its_head_is_an_error_and_the_same_command_goes_on(
    cluster: dict,
    many: list[Path],
    expected: dict,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "_HEAD_SECONDS", 8.0)
    marks, killed = tmp_path / "marks", threading.Event()
    indexer = indexer_of(store, cluster["address"], marks)
    gcs, raylet = cluster["head"]
    stored: list[Indexed] = []

    def run() -> None:
        for indexed in indexer.bring_raw(file_source(file, RECIPE.limits) for file in many):
            stored.append(indexed)
            if indexed.outcome is Outcome.ADDED and not killed.is_set():
                kill_once_at_work(raylet, marks, [gcs], killed)

    with pytest.raises(RayUnavailable, match="goes on where it stopped"):
        run()
    acknowledged = {indexed.name for indexed in stored if indexed.outcome is Outcome.ADDED}
    assert acknowledged
    assert acknowledged <= {row[9] for row in rows(store.folder)["documents"]}
    rest = Here(RECIPE)
    again = RayIndexer(store, HashingEmbedder(), RECIPE, lambda: rest)
    list(again.bring_raw(file_source(file, RECIPE.limits) for file in many))
    assert not acknowledged & set(rest.sent)
    assert rows(store.folder) == expected
