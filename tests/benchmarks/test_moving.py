"""The judge of moved libraries sees what is lost, doubled and changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.moving import difference, made
from tests.index.libraries import damage


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("library") / "data", 1_000)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("DELETE FROM passages WHERE id = 7", "differs at document 1"),
        ("UPDATE documents SET voice = 99 WHERE id = 3", "differs at document 3"),
        ("DELETE FROM documents WHERE id = 100", "differs at document 100"),
        ("UPDATE settings SET value = '1' WHERE name = 'voices'", "100 documents, 1,000 passages"),
    ],
)
def test_a_difference_is_found(data: Path, tmp_path: Path, sql: str, told: str) -> None:
    other = Path(shutil.copytree(data, tmp_path / "other"))
    assert difference(data, other).endswith("equal row by row")
    damage(other, sql)
    assert difference(data, other).startswith(told)
