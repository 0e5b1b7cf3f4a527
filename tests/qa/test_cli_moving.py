"""``qa index export``, ``import`` and ``migrate``, as a user calls them."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from index.parquet import manifest
from qa.settings import Settings
from tests.doubles import HashingEmbedder
from tests.index.libraries import damage
from tests.index.parquet.libraries import rows
from tests.qa.cli_runner import Run

MOVING = importlib.import_module("qa.cli.moving")  # in `qa.cli.index` the commands hide it


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    run = Run(tmp_path / "data", monkeypatch)
    monkeypatch.setattr(MOVING, "make_embedder", lambda _: run.embedder)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "mill.txt").write_text("The old mill burned down while Otto slept.")
    (tmp_path / "texts" / "wheel.txt").write_text("The wheel of the mill is lost for good.")
    assert run("index", "add", tmp_path / "texts").exit_code == 0
    return run


def test_a_library_goes_into_a_folder_and_comes_out_of_it(run: Run, tmp_path: Path) -> None:
    done = run("index", "export", tmp_path / "x")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("exported generation 1: 2 documents, 2 passages, 2 files, ")
    run.embedder.embedded.clear()
    done = run("--data", tmp_path / "new", "index", "import", tmp_path / "x")
    assert done.exit_code == 0, done.output
    assert done.stdout == ("2 added with their ids\nthe library holds 2 documents, 2 passages\n")
    assert not run.embedder.embedded
    assert rows(tmp_path / "new") == rows(run.data)
    done = run("--data", tmp_path / "new", "index", "verify")
    assert "checked 2 documents, 2 passages: all as it was written" in done.stdout
    done = run("--data", tmp_path / "new", "index", "import", tmp_path / "x")
    assert done.stdout.startswith("2 unchanged\n")
    assert "Otto" in run("--data", tmp_path / "new", "ask", "who slept?").output


def test_the_export_of_another_embedder_is_refused(run: Run, tmp_path: Path) -> None:
    run("index", "export", tmp_path / "x")
    run.embedder = HashingEmbedder("other")
    done = run("--data", tmp_path / "new", "index", "import", tmp_path / "x")
    assert done.exit_code == 1
    assert "Set QA_EMBEDDER=hashing" in done.output
    assert not (tmp_path / "new").exists()


def test_another_cut_is_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("index", "export", tmp_path / "x")
    monkeypatch.setenv("QA_PASSAGE_TOKENS", "200")
    done = run("--data", tmp_path / "new", "index", "import", tmp_path / "x")
    assert "the export was cut with passage_tokens = 250" in done.stderr


def test_a_damaged_export_is_one_line(run: Run, tmp_path: Path) -> None:
    run("index", "export", tmp_path / "x")
    (tmp_path / "x" / manifest.NAME).write_text("{}")
    done = run("--data", tmp_path / "new", "index", "import", tmp_path / "x")
    assert done.exit_code == 1
    assert done.output.startswith(f"Error: {tmp_path / 'x' / manifest.NAME} is damaged")


def test_migrating_to_milvus_embeds_nothing_and_can_be_repeated(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.embedder.embedded.clear()
    uri = tmp_path / "milvus.db"
    for _ in range(2):
        done = run("index", "migrate", "--to", "milvus", "--milvus-uri", uri)
        assert done.exit_code == 0, done.output
        assert "moved generation 1: 2 documents, 2 passages, all as it was" in done.stdout
        assert f"QA_STORE=milvus QA_MILVUS_URI={uri}" in done.stdout
    assert not run.embedder.embedded
    monkeypatch.setenv("QA_STORE", "milvus")
    monkeypatch.setenv("QA_MILVUS_URI", str(uri))
    done = run("index", "migrate", "--to", "sqlite")
    assert done.exit_code == 0, done.output
    assert done.stdout.endswith("QA_STORE=sqlite\n")


def test_migrating_to_postgresql_and_milvus_and_back(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    uri = str(tmp_path / "milvus.db")
    monkeypatch.setenv("QA_MIGRATE_DATABASE_URL", postgres_url)
    done = run("index", "migrate", "--to", "milvus", "--milvus-uri", uri)
    assert done.exit_code == 0, done.output
    assert "2 documents, 2 passages, all as it was" in done.stdout
    assert postgres_url not in done.output
    monkeypatch.delenv("QA_MIGRATE_DATABASE_URL")
    monkeypatch.setenv("QA_STORE", "milvus")
    monkeypatch.setenv("QA_MILVUS_URI", uri)
    monkeypatch.setenv("QA_DATABASE_URL", postgres_url)
    done = run("index", "migrate", "--to", "sqlite", "--into", tmp_path / "back")
    assert done.exit_code == 0, done.output
    assert f"QA_DATA={tmp_path / 'back'}" in done.stdout
    assert rows(tmp_path / "back") == rows(run.data)


def test_what_does_not_go_together_is_refused(run: Run, tmp_path: Path) -> None:
    done = run("index", "migrate", "--to", "sqlite", "--milvus-uri", "x.db")
    assert done.exit_code == 2
    done = run("index", "migrate", "--to", "milvus")
    assert done.exit_code == 1
    assert "milvus_uri is empty" in done.output
    done = run("index", "migrate", "--to", "milvus", "--into", tmp_path)
    assert done.exit_code == 2


def test_a_damaged_library_is_not_said_to_be_moved(run: Run, tmp_path: Path) -> None:
    damage(run.data, "UPDATE passages SET text = 'forged' WHERE id = 1")
    done = run("index", "migrate", "--to", "milvus", "--milvus-uri", tmp_path / "milvus.db")
    assert done.exit_code == 1
    assert "moved generation" not in done.output


def test_the_settings_of_the_target_are_the_present_ones_but_for_the_engines() -> None:
    settings = Settings(passage_tokens=200)
    target = MOVING._target(settings, "milvus", "http://m:19530", "postgresql://u@h/d", None)
    assert (target.store, target.milvus_uri) == ("milvus", "http://m:19530")
    assert (target.database_url, target.passage_tokens) == ("postgresql://u@h/d", 200)
    assert MOVING._without_password("http://u:secret@m") == "(the address that you gave)"
