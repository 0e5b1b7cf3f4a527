"""``index add --ray`` where there is no cluster; with one, see ``tests/index/ray``."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from index.ray_loading import recipe, session
from qa.assembly import make_recipe
from qa.cli import main
from qa.settings import Settings
from tests.conftest import ROOT

NOBODY = "127.0.0.1:1"  # tcpmux: nothing has listened there for decades


def add(tmp_path: Path, address: str) -> Result:
    (tmp_path / "a.txt").write_text("The ferry was late. The harbour was closed.", "utf-8")
    arguments = ["--data", str(tmp_path / "data"), "index", "add", str(tmp_path / "a.txt")]
    return CliRunner().invoke(main, [*arguments, "--ray", address])


@pytest.mark.parametrize("address", [NOBODY, "127.0.0.1:none"])
def test_an_address_where_nothing_answers_is_an_error_that_names_it(
    tmp_path: Path, address: str
) -> None:
    result = add(tmp_path, address)
    assert result.exit_code == 1
    assert f"Ray at {address!r} cannot be used: nothing answers there" in result.output
    assert "Traceback" not in result.output


def test_an_address_of_rays_client_protocol_is_refused_with_the_remedy(tmp_path: Path) -> None:
    result = add(tmp_path, "ray://127.0.0.1:10001")
    assert result.exit_code == 1
    assert "Give the head's own address, as in HOST:6379" in result.output


def test_where_ray_is_not_installed_the_command_for_pip_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        session.importlib.util, "find_spec", lambda name: None if name == "ray" else found(name)
    )
    result = add(tmp_path, "local")
    assert result.exit_code == 1
    assert "pip install -r requirements-scale.txt" in result.output


def test_a_driver_that_falls_silent_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_SILENT_SECONDS", 0.001)
    result = add(tmp_path, NOBODY)
    assert result.exit_code == 1
    assert "nothing was heard of it for 0.001 seconds" in result.output


def test_the_driver_is_not_told_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_DATABASE_URL", "postgresql://me:secret@host/library")
    assert "secret" not in str(session._environment("auto"))
    assert session._environment("auto")["RAY_USAGE_STATS_ENABLED"] == "0"


def test_a_cluster_of_our_own_is_open_to_nobody_else() -> None:
    first, second = (session._environment("local")["RAY_AUTH_TOKEN"] for _ in range(2))
    assert len(first) == 64
    assert first != second


def test_without_the_option_ray_is_not_imported() -> None:
    script = (
        "import sys, index.ray_loading.bringing, index.ray_loading.driver, qa.cli.bring, web.app\n"
        "print([m for m in ('ray', 'pyarrow', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_workers_are_told_every_limit_and_survive_the_way() -> None:
    told = make_recipe(Settings(max_pages=7, passage_tokens=99, mark_furniture=False))
    assert recipe.Recipe.from_json(told.to_json()) == told
    assert (told.limits.max_pages, told.passage_tokens, told.mark_furniture) == (7, 99, False)
    assert told.options == {"threads": 1}


def test_another_version_of_the_program_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    here = recipe.fingerprint()
    recipe.fingerprint.cache_clear()
    assert recipe.fingerprint() == here
    recipe.fingerprint.cache_clear()
    monkeypatch.setattr(recipe, "_version", lambda name: f"9.9 of {name}")
    assert recipe.fingerprint() != here
    recipe.fingerprint.cache_clear()
